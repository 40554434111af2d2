"""The way in and out, and how a person wants the pages to look."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from units import accounts
from units.access import SignedIn, for_everyone, for_signed_in
from units.forms import LoginForm, PasswordForm
from units.models import TextSize, User
from units.places import places_of

_A_YEAR = 365 * 24 * 3600


class _Login(LoginView):
    """Django's own form; success and failure leave a line in the audit."""

    redirect_authenticated_user = True
    authentication_form = LoginForm

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Signed in under a new session id."""
        user = form.get_user()
        response = super().form_valid(form)
        if isinstance(user, User):
            self.request.session["signed_in_at"] = timezone.now().timestamp()
            accounts.note_access(user, "登录")
        return response

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """The same words whether the account exists or not."""
        locked = bool(getattr(self.request, "axes_locked_out", False))
        # PostgreSQL compares nothing with a NUL
        name = str(form.data.get("username", "")).replace("\x00", "")[:150]
        accounts.note_refused(name, locked=locked)
        return super().form_invalid(form)


login = for_everyone(_Login.as_view())


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
    sentence = f"连续 {settings.AXES_FAILURE_LIMIT} 次密码错误，这个账号已锁定，{minutes} 分钟后再试。"
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
        update_session_auth_hash(request, request.user)
        messages.success(request, "密码已修改，其他地方的登录已退出。")
        return redirect("home")
    return render(request, "registration/password_change.html", {"form": form})


def _safe_next(request: HttpRequest) -> str:
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return target
    return reverse("home")
