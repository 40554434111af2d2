"""The way in and out, and how a person wants the pages to look."""

from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login as auth_login
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from units import accounts, entering, second_factor
from units.access import SignedIn, for_everyone, for_signed_in
from units.forms import FIRST_PASSWORD_OVER, CodeForm, LoginForm, PasswordForm
from units.models import TextSize, User
from units.places import places_of

_A_YEAR = 365 * 24 * 3600


class _Login(LoginView):
    """Django's own form; success and failure leave a line in the audit."""

    redirect_authenticated_user = True
    authentication_form = LoginForm

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Signed in under a new session id, or led to the second factor."""
        user, then = form.get_user(), self.get_success_url()
        backend = str(cast(Any, user).backend)
        if second_factor.of(user) is None:
            return _enter(self.request, user, backend, then)
        entering.wait_for_code(self.request.session, user, backend=backend, then=then)
        return redirect("login_code")

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """The same words whether the account exists or not."""
        locked = bool(getattr(self.request, "axes_locked_out", False))
        # PostgreSQL compares nothing with a NUL
        name = str(form.data.get("username", "")).replace("\x00", "")[:150]
        over = form.has_error("__all__", FIRST_PASSWORD_OVER)
        accounts.note_refused(name, locked=locked, reason="初始密码已过期" if over else "")
        return super().form_invalid(form)


def _enter(request: HttpRequest, user: User, backend: str, then: str, way: str = "") -> HttpResponse:
    """Signed in under a new session id, and led on. way: by which kind of code, where one was asked for."""
    auth_login(request, user, backend=backend)
    entering.begin(request.session, user, way=way)
    _remind(request, user)
    return HttpResponseRedirect(then)


def _remind(request: HttpRequest, user: User) -> None:
    """A sentence in the last days before the password has to be changed."""
    left = user.password_days_left
    if left and left <= settings.PASSWORD_NOTICE_DAYS and not user.must_change_password:
        words = f"密码还有 {left} 天到期，到期后登录时必须修改。现在就可以在右上角字号菜单里修改密码。"
        messages.warning(request, words)


login = for_everyone(_Login.as_view())


@for_everyone
@never_cache
def login_code(request: HttpRequest) -> HttpResponse:
    """二次验证: the code after the password; a wrong one counts like a wrong password."""
    if request.user.is_authenticated:
        return redirect("home")
    held = entering.waiting(request.session)
    if held is None:
        messages.info(request, "先填写用户名和密码；密码正确后几分钟内填写动态码。")
        return redirect("login")
    form = CodeForm(request.POST or None)
    form.fields["code"].widget.attrs["autofocus"] = True
    if request.method == "POST" and form.is_valid():
        if way := entering.try_code(request, held.user, form.cleaned_data["code"]):
            entering.no_longer_waiting(request.session)
            if way == second_factor.BY_RECOVERY:
                messages.warning(request, "用了一个恢复码，它已作废。手机找不到了的，尽快到“二次验证”页重新设置。")
            return _enter(request, held.user, held.backend, held.then, way)
        form.add_error("code", "动态码或恢复码不对，或已经用过。动态码每 30 秒换一次，等换出下一个再填。")
    return render(request, "registration/login_code.html", {"form": form, "name": held.user.username})


@method_decorator(require_POST, name="dispatch")
class _Logout(LogoutView):
    """退出 by POST only: a picture in a mail cannot sign anybody out."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Signed out, session gone."""
        if isinstance(request.user, User):
            accounts.note_access(request.user, "退出")
        return super().post(request, *args, **kwargs)


logout = for_everyone(_Logout.as_view())


def locked_out(request: HttpRequest, response: HttpResponse, credentials: dict[str, Any]) -> HttpResponse:
    """The login page with how long the account is locked and whom to call, whether the account exists or not."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    sentence = f"连续 {settings.AXES_FAILURE_LIMIT} 次密码或动态码错误，这个账号已锁定，{minutes} 分钟后再试。"
    context = {
        "form": LoginForm(request),
        "lockout": sentence + "着急使用或忘记密码，与系统管理员联系，由其解除锁定或重置密码。",
    }
    return render(request, "registration/login.html", context, status=429)


@for_signed_in
def home(request: SignedIn) -> HttpResponse:
    """The first place of the person's role."""
    return redirect(places_of(request.membership)[0].url_name)


@for_everyone
@require_POST
def text_size(request: HttpRequest) -> HttpResponse:
    """标准、大字、特大, and high contrast; kept with the account, and on the machine for the login page."""
    size, contrast = request.POST.get("size", ""), request.POST.get("contrast", "")
    # an address, never the name of a route
    response = HttpResponseRedirect(_safe_next(request))
    chosen: dict[str, Any] = {}
    if size in TextSize.values:
        chosen["text_size"] = size
        response.set_cookie("text_size", size, max_age=_A_YEAR, httponly=True, samesite="Lax")
    if contrast in {"high", "normal"}:
        chosen["high_contrast"] = contrast == "high"
        response.set_cookie("contrast", contrast, max_age=_A_YEAR, httponly=True, samesite="Lax")
    if chosen and isinstance(request.user, User):
        accounts.keep_look(request.user, chosen)
    return response


@for_signed_in
def password_change(request: SignedIn) -> HttpResponse:
    """A new password; other sessions of the account end."""
    form = PasswordForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        password = form.cleaned_data["new_password1"]
        accounts.change_password(request.user, password)
        entering.done(request.session, entering.PASSWORD_PAGE)
        update_session_auth_hash(request, request.user)
        messages.success(request, "密码已修改，其他地方的登录已退出。")
        return redirect("home")
    return render(request, "registration/password_change.html", {"form": form})


def _safe_next(request: HttpRequest) -> str:
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return target
    return reverse("home")
