"""Puts the role, the organisation and the unit of the signed-in person on the request; ends sessions that are over."""

from collections.abc import Callable
from http import HTTPStatus
from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from units import audit
from units.access import SignedIn
from units.accounts import membership_of
from units.entering import comes_first
from units.models import ADMINISTRATORS, Membership, User

Respond = Callable[[HttpRequest], HttpResponseBase]

# how seldom the session's row is written while a person works
_SEEN_EVERY = 60


class SignedInMiddleware:
    """An account without a role is refused everywhere but at pages for everyone; nothing signed in is cached."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with audit.asked_by(request):
            return self._answer(request)

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        user = request.user
        if not isinstance(user, User):
            response = self.get_response(request)
            led_away = request.headers.get("HX-Request") and response.status_code == HTTPStatus.FOUND
            return _to_login(request) if led_away else response
        _identify(request, user)
        if _is_over(request):
            logout(request)
            messages.info(request, "太久没有操作，已退出登录。重新登录后可以继续，正在填写的内容保留在本机。")
            return _to_login(request)
        response = self.get_response(request)
        add_never_cache_headers(response)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], *_: object
    ) -> HttpResponse | None:
        """Refuse an account without a role; lead one to the page that comes before all others."""
        if not request.user.is_authenticated or getattr(view, "rule", None) == "everyone":
            return None
        membership = getattr(request, "membership", None)
        if membership is None:
            raise PermissionDenied("这个账号还没有分配角色，请联系系统管理员。")
        first, match = comes_first(request.session, membership), request.resolver_match
        if first and match is not None and match.url_name != first:
            return redirect(first)
        return None


class BodyLimitMiddleware:
    """What is announced to be larger than anything here is refused before a byte of it is read or kept."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        announced = request.META.get("CONTENT_LENGTH") or "0"
        known = hasattr(request, "membership")
        most = settings.REQUEST_MAX_BYTES if known else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if announced.isdecimal() and int(announced) > most:
            return render(request, "413.html", {"most": most // 2**20}, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return self.get_response(request)


def _identify(request: HttpRequest, user: User) -> None:
    membership = membership_of(user)
    if membership is None:
        return
    known = cast(SignedIn, request)
    known.membership = membership
    known.organisation = membership.organisation
    if membership.unit is not None:
        known.unit = membership.unit


def idle_seconds(membership: Membership | None) -> int:
    """After how long without a request the session ends; administrators have half the time."""
    strict = membership is not None and membership.role in ADMINISTRATORS
    return int(settings.SESSION_IDLE_SECONDS) // (2 if strict else 1)


def _is_over(request: HttpRequest) -> bool:
    """Idle too long, or signed in too long ago whatever was done since."""
    now = timezone.now().timestamp()
    seen = request.session.get("last_seen", now)
    began = request.session.get("signed_in_at", now)
    if now - seen > idle_seconds(getattr(request, "membership", None)) or now - began > settings.SESSION_COOKIE_AGE:
        return True
    # a page that asks by itself is nobody at work
    asks_itself = "X-Background" in request.headers
    if (now - seen > _SEEN_EVERY and not asks_itself) or "last_seen" not in request.session:
        request.session["last_seen"] = now
    return False


def _to_login(request: HttpRequest) -> HttpResponseBase:
    """To the login page and back here; a fragment's page keeps what was typed and is told so by 401."""
    if request.headers.get("HX-Request"):
        return HttpResponse("登录已失效，重新登录后继续。", status=401, content_type="text/plain; charset=utf-8")
    return redirect_to_login(request.get_full_path() if request.method == "GET" else "/")
