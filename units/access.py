"""The permission table and the decorators by which every view names its rule. No query for a page stands here."""

from collections.abc import Callable, Mapping
from enum import Enum
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from units.models import Membership, Organisation, Role, Unit, User

P = ParamSpec("P")


class Permission(Enum):
    """What can be allowed; the value is what the permission page calls it."""

    IMPORT = "导入台账"
    VIEW_LEDGERS = "查看台账"
    EDIT_LEDGERS = "编辑台账"
    MANAGE_ROUNDS = "组织考核轮次"
    FILL = "填报自评"
    REVIEW = "审核评分"
    PUBLISH = "公布结果"
    VIEW_BOARD = "查看看板"
    VIEW_ROUNDS = "查看考核轮次"
    VIEW_UNITS = "查看单位"
    MANAGE_UNITS = "维护单位"
    MANAGE_ACCOUNTS = "维护账号"
    VIEW_AUDIT = "查看审计"


_P = Permission

# 角色 × 权限. Administrators cannot write a score; a unit's people see nothing but their unit's rows.
TABLE: Mapping[str, frozenset[Permission]] = {
    Role.ADMIN: frozenset({_P.IMPORT, _P.VIEW_LEDGERS, _P.VIEW_UNITS, _P.MANAGE_UNITS, _P.MANAGE_ACCOUNTS}),
    Role.OFFICE: frozenset(
        {
            _P.IMPORT,
            _P.VIEW_LEDGERS,
            _P.EDIT_LEDGERS,
            _P.MANAGE_ROUNDS,
            _P.VIEW_ROUNDS,
            _P.REVIEW,
            _P.PUBLISH,
            _P.VIEW_BOARD,
            _P.VIEW_UNITS,
            _P.MANAGE_UNITS,
        }
    ),
    Role.REVIEWER: frozenset({_P.VIEW_LEDGERS, _P.VIEW_ROUNDS, _P.REVIEW, _P.VIEW_BOARD}),
    Role.LEADER: frozenset({_P.VIEW_LEDGERS, _P.VIEW_ROUNDS, _P.VIEW_BOARD}),
    Role.AUDITOR: frozenset({_P.VIEW_AUDIT}),
    Role.FILLER: frozenset({_P.FILL}),
    Role.SIGNER: frozenset({_P.FILL}),
}


class SignedIn(HttpRequest):
    """A request whose account has a role; `unit` is set for a unit's people and only for them."""

    user: User
    membership: Membership
    organisation: Organisation
    unit: Unit


View = Callable[Concatenate[SignedIn, P], HttpResponseBase]
PlainView = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def allows(membership: Membership | None, permission: Permission) -> bool:
    """Whether the table grants `permission`; no membership, no permission."""
    return membership is not None and permission in TABLE[membership.role]


def requires(*permissions: Permission) -> Callable[[View[P]], View[P]]:
    """Only accounts whose role has one of the permissions; others get 403.

    The rule is kept on the view as `rule`, where a test finds it.
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def checked(request: SignedIn, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not any(allows(getattr(request, "membership", None), one) for one in permissions):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        cast(Any, checked).rule = permissions
        return cast(View[P], checked)

    return decorate


def for_everyone(view: PlainView[P]) -> PlainView[P]:
    """A page that needs no account: login, health."""
    cast(Any, view).rule = "everyone"
    return login_not_required(view)


def for_signed_in(view: View[P]) -> View[P]:
    """A page for every account that has a role."""
    cast(Any, view).rule = "signed-in"
    return view
