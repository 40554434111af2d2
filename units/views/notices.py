"""通知: the list, opening one, marking all as read, and where e-mails go."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from units import notices, tables
from units.access import SignedIn, for_signed_in
from units.forms import AddressForm

A_PAGE = 30


@require_GET
@for_signed_in
def notices_page(request: SignedIn) -> HttpResponse:
    """The person's notices, newest first."""
    only_unread = request.GET.get("show") == "unread"
    rows = tables.notice_rows(request.membership, only_unread=only_unread)
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "only_unread": only_unread, "mail_is_on": notices.mail_is_on()}
    return render(request, "units/notices.html", context)


@require_POST
@for_signed_in
def notice_open(request: SignedIn, pk: int) -> HttpResponse:
    """Mark one as read and go where it leads."""
    return redirect(notices.open_one(get_object_or_404(tables.notice_rows(request.membership), pk=pk)))


@require_POST
@for_signed_in
def notices_read(request: SignedIn) -> HttpResponse:
    """Mark all as read."""
    done = notices.read_all(request.membership)
    messages.success(request, f"{done} 条通知已标为已读" if done else "没有未读的通知")
    return redirect("notices")


@require_http_methods(["GET", "POST"])
@for_signed_in
def notices_mail(request: SignedIn) -> HttpResponse:
    """The address e-mails go to, the person's own to set."""
    form = AddressForm(request.POST or None, initial={"email": request.user.email})
    if request.method == "POST" and form.is_valid():
        notices.set_address(request.membership, form.cleaned_data["email"])
        messages.success(request, "通知邮箱已保存" if form.cleaned_data["email"] else "不再发送邮件通知")
        return redirect("notices")
    context = {"form": form, "mail_is_on": notices.mail_is_on()}
    return render(request, "units/notices_mail.html", context, status=422 if form.errors else 200)
