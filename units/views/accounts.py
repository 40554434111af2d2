"""Pages about accounts: the list, a new one, one account, and the table of what each role may do."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from units import accounts as verbs
from units import handover, second_factor, tables
from units.access import TABLE, Permission, SignedIn, requires
from units.forms import AccountFilter, AccountForm, HandoverForm, RoleForm, role_form
from units.models import Membership, Role

_MANAGE = Permission.MANAGE_ACCOUNTS


@requires(_MANAGE)
def accounts(request: SignedIn) -> HttpResponse:
    """账号: who may sign in, as what, and when they last did."""
    chosen = AccountFilter(request.GET)
    rows = tables.account_rows(request.organisation, chosen.cleaned_data if chosen.is_valid() else {})
    page = Paginator(rows, tables.ACCOUNTS_A_PAGE).get_page(request.GET.get("page"))
    locked = verbs.locked_usernames(row.user.username for row in page)
    everybody = request.organisation.memberships.count()
    context = {"filter": chosen, "page": page, "locked": locked, "all": everybody}
    return render(request, "units/accounts.html", context)


@requires(_MANAGE)
def account_add(request: SignedIn) -> HttpResponse:
    """A new account; its first password is shown once, in the answer to this form."""
    start = {"role": request.GET.get("role", Role.FILLER), "unit": request.GET.get("unit")}
    form = AccountForm(request.organisation, request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        chosen: dict[str, Any] = form.cleaned_data
        username = chosen.pop("username")
        try:
            user, password = verbs.add_account(request.organisation, username, **chosen, by=request.user)
        except verbs.AccountRefused as refusal:
            form.add_error("username", str(refusal))
        else:
            return _show_password(request, user.membership, password, "已开通")
    return render(request, "units/account_add.html", {"form": form})


@requires(_MANAGE)
def account_hand_over(request: SignedIn, pk: int) -> HttpResponse:
    """交接: a colleague or a new account takes over; what goes over is said before, a first password shown once."""
    found = get_object_or_404(tables.account_rows(request.organisation, {}), pk=pk)
    form = HandoverForm(found, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user, password = handover.hand_over(found, by=request.user, **form.cleaned_data)
        except verbs.AccountRefused as refusal:
            form.add_error("to" if form.cleaned_data["to"] else "username", str(refusal))
        else:
            if password:
                return _show_password(request, user.membership, password, "已交接")
            messages.success(request, f"{found.user} 的工作已交给 {user}")
            return redirect("account", user.membership.pk)
    context = {"account": found, "form": form, "held": handover.held(found), "others": handover.others(found)}
    return render(request, "units/account_hand_over.html", context, status=422 if form.errors else 200)


@requires(_MANAGE)
def account(request: SignedIn, pk: int) -> HttpResponse:
    """One account."""
    found = get_object_or_404(tables.account_rows(request.organisation, {}), pk=pk)
    return _page(request, found, role_form(found))


@requires(_MANAGE)
@require_POST
def account_role(request: SignedIn, pk: int) -> HttpResponse:
    """Another role or unit; the account signs in anew."""
    found = get_object_or_404(tables.account_rows(request.organisation, {}), pk=pk)
    form = role_form(found, request.POST)
    if form.is_valid():
        try:
            verbs.change_role(found, **form.cleaned_data, by=request.user)
        except verbs.AccountRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "已修改角色，这个账号要重新登录。")
            return redirect("account", found.pk)
    return _page(request, found, form, status=422)


@requires(_MANAGE)
@require_POST
def account_disable(request: SignedIn, pk: int) -> HttpResponse:
    """No further sign-in, and what is open ends."""
    return _act(request, pk, lambda found: verbs.set_active(found, False, by=request.user), "已停用")


@requires(_MANAGE)
@require_POST
def account_enable(request: SignedIn, pk: int) -> HttpResponse:
    """Sign-in allowed again."""
    return _act(request, pk, lambda found: verbs.set_active(found, True, by=request.user), "已启用")


@requires(_MANAGE)
@require_POST
def account_unlock(request: SignedIn, pk: int) -> HttpResponse:
    """Wrong passwords are forgotten."""
    return _act(request, pk, lambda found: verbs.unlock(found, by=request.user), "已解除锁定")


@requires(_MANAGE)
@require_POST
def account_reset(request: SignedIn, pk: int) -> HttpResponse:
    """A new first password, shown once."""
    found = get_object_or_404(tables.account_rows(request.organisation, {}), pk=pk)
    return _show_password(request, found, verbs.reset_password(found, by=request.user), "已重置密码")


@requires(_MANAGE)
@require_POST
def account_factor_reset(request: SignedIn, pk: int) -> HttpResponse:
    """The second factor taken away from somebody who lost phone and codes."""
    return _act(request, pk, lambda found: second_factor.reset(found, by=request.user), "已重置二次验证")


@requires(_MANAGE, Permission.VIEW_AUDIT)
def permissions(request: SignedIn) -> HttpResponse:
    """权限表: role × permission, from the table the decorators read."""
    rows = [(one.value, [one in TABLE[role] for role in Role]) for one in Permission]
    return render(request, "units/permissions.html", {"roles": Role.labels, "rows": rows})


def _act(request: SignedIn, pk: int, verb: Callable[[Membership], None], done: str) -> HttpResponse:
    found = get_object_or_404(tables.account_rows(request.organisation, {}), pk=pk)
    try:
        verb(found)
        messages.success(request, f"{done}：{found.user.username}")
    except verbs.AccountRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("account", found.pk)


def _page(request: SignedIn, found: Membership, form: RoleForm, status: int = 200) -> HttpResponse:
    locked = verbs.locked_usernames([found.user.username])
    context = {"account": found, "person": found.user, "form": form, "locked": bool(locked)}
    context["factor"] = second_factor.of(found.user)
    return render(request, "units/account.html", context, status=status)


def _show_password(request: SignedIn, found: Membership, password: str, done: str) -> HttpResponse:
    """The one time a first password is seen; it is stored only as its hash."""
    hours = settings.PASSWORD_FIRST_HOURS
    advice = f"这个密码只显示这一次，{hours} 小时内有效。当面或用可靠的方式交给本人，首次登录时必须修改。"
    context = {"account": found, "person": found.user, "password": password, "done": done, "advice": advice}
    return render(request, "units/account_password.html", context)
