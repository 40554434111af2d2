"""二次验证: a person sets their own second factor up, renews its recovery codes, or gives it up."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from units import cipher, entering
from units import second_factor as verbs
from units.access import SignedIn, for_signed_in
from units.accounts import AccountRefused
from units.forms import CodeForm

_WRONG = "动态码不对或已经用过。等手机上换出下一个 6 位数字再填；一直不对的，核对手机时间是否自动校准。"


@for_signed_in
def second_factor(request: SignedIn) -> HttpResponse:
    """Whether it is on; where it is not, the secret to enrol and the field for the first code."""
    if not verbs.is_offered(request.membership):
        raise PermissionDenied("本系统没有为这个角色开放二次验证。")
    if verbs.of(request.user) is not None:
        return _status(request)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            codes = verbs.enable(request.user, entering.enrolling(request.session), form.cleaned_data["code"])
        except verbs.CodeRefused:
            form.add_error("code", _WRONG)
        except AccountRefused as refusal:
            messages.info(request, str(refusal))
            return redirect("second_factor")
        else:
            entering.no_longer_enrolling(request.session)
            entering.done(request.session, entering.FACTOR_PAGE)
            _stay(request)
            return _show_codes(request, codes, "已开启二次验证")
    return _enrol(request, form)


@for_signed_in
@require_POST
def second_factor_codes(request: SignedIn) -> HttpResponse:
    """Ten new recovery codes, shown once."""
    if _proved(request, "重新生成恢复码"):
        return _show_codes(request, verbs.renew_codes(request.user), "已重新生成恢复码")
    messages.error(request, f"没有重新生成。{_WRONG}")
    return redirect("second_factor")


@for_signed_in
@require_POST
def second_factor_off(request: SignedIn) -> HttpResponse:
    """From now on the password alone opens the account."""
    if not _proved(request, "关闭二次验证"):
        messages.error(request, f"没有关闭。{_WRONG}")
        return redirect("second_factor")
    try:
        verbs.disable(request.user)
    except AccountRefused as refusal:
        messages.error(request, str(refusal))
    else:
        _stay(request)
        messages.success(request, "已关闭二次验证，其他地方的登录已退出。")
    return redirect("second_factor")


def _proved(request: SignedIn, action: str) -> bool:
    """Whether the code is right; who found a session open, or the paper with the codes, does not get further."""
    form = CodeForm(request.POST)
    if not form.is_valid():
        return False
    return bool(entering.try_code(request, request.user, form.cleaned_data["code"], action=action, recovery=False))


def _enrol(request: SignedIn, form: CodeForm) -> HttpResponse:
    try:
        shown = verbs.enrolment(request.user, entering.enrolling(request.session))
    except cipher.Unreadable:  # the secret key was changed meanwhile
        entering.no_longer_enrolling(request.session)
        shown = verbs.enrolment(request.user, entering.enrolling(request.session))
    required = verbs.is_required(request.membership)
    context = {"form": form, "shown": shown, "issuer": verbs.ISSUER, "required": required}
    return render(request, "units/second_factor.html", context)


def _status(request: SignedIn) -> HttpResponse:
    factor = verbs.of(request.user)
    if factor is None:
        return redirect("second_factor")
    context = {
        "factor": factor,
        "left": verbs.codes_left(factor),
        "required": verbs.is_required(request.membership),
        "form": CodeForm(auto_id="codes_%s"),
        "off_form": CodeForm(auto_id="off_%s"),
    }
    return render(request, "units/second_factor_on.html", context)


def _stay(request: SignedIn) -> None:
    """The account's other sessions ended; this one goes on."""
    request.user.refresh_from_db(fields=["sessions_ended"])
    update_session_auth_hash(request, request.user)


def _show_codes(request: SignedIn, codes: list[str], done: str) -> HttpResponse:
    """The one time they are seen; only digests of them are kept."""
    return render(request, "units/second_factor_codes.html", {"codes": codes, "done": done})
