"""Puts the role, the organisation and the unit of the signed-in person on the request, and nothing else."""

from collections.abc import Callable
from typing import cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import add_never_cache_headers

from units.access import SignedIn
from units.models import Membership


class SignedInMiddleware:
    """An account without a role is refused everywhere but at the login pages; nothing signed in is cached."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return self.get_response(request)
        membership = Membership.objects.select_related("organisation", "unit", "user").filter(user=request.user).first()
        if membership is not None:
            known = cast(SignedIn, request)
            known.membership = membership
            known.organisation = membership.organisation
            if membership.unit is not None:
                known.unit = membership.unit
        response = self.get_response(request)
        add_never_cache_headers(response)
        return response

    def process_view(self, request: HttpRequest, view: Callable[..., HttpResponseBase], *_: object) -> None:
        if request.user.is_authenticated and not hasattr(request, "membership"):
            if getattr(view, "rule", None) == "everyone":
                return
            raise PermissionDenied("这个账号还没有分配角色，请联系系统管理员。")
