"""Accounts: who gets one, which role it has, and how its sessions end."""

import secrets
import string
from collections.abc import Iterable, Mapping
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Sum
from django.utils import timezone

from units import audit, passwords
from units.models import UNIT_ROLES, Membership, Organisation, Role, Unit, User

_TAKEN = "用户名“{}”已经有人用了，换一个。"


class AccountRefused(Exception):
    """The account cannot be made or changed that way; the words are for the administrator."""


def membership_of(user: User) -> Membership | None:
    """The account's one role, with its organisation and unit; one query."""
    return Membership.objects.select_related("organisation", "unit", "user").filter(user=user).first()


def initial_password() -> str:
    """Fourteen random characters of three kinds, none that is easily misread."""
    letters = "".join(set(string.ascii_letters + string.digits) - set("Il1O0o"))
    while True:
        word = "".join(secrets.choice(letters) for _ in range(14))
        if any(c.islower() for c in word) and any(c.isupper() for c in word) and any(c.isdigit() for c in word):
            return word


@transaction.atomic
def add_account(
    organisation: Organisation,
    username: str,
    *,
    role: str,
    unit: Unit | None = None,
    display_name: str = "",
    password: str | None = None,
    by: User | None,
) -> tuple[User, str]:
    """The account and its first password; a random one has to be changed at first login.

    Raises AccountRefused when the name is taken, or role and unit do not go together.
    """
    _check_role(role, unit)
    if User.objects.filter(username=username).exists():
        raise AccountRefused(_TAKEN.format(username))
    word = password or initial_password()
    user = User(username=username, display_name=display_name, must_change_password=password is None)
    user.set_password(word)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as twice:  # the other click of a double click was faster
        raise AccountRefused(_TAKEN.format(username)) from twice
    Membership.objects.create(user=user, organisation=organisation, role=role, unit=unit)
    audit.record(
        organisation=organisation,
        actor=by,
        action="新增账号",
        target=username,
        detail={"角色": Role(role).label} | ({"单位": unit.name} if unit else {}),
    )
    return user, word


@transaction.atomic
def set_active(membership: Membership, active: bool, *, by: User) -> None:
    """Disabling ends the account's sessions at once. Nobody disables the account they are using."""
    if membership.user_id == by.pk:
        raise AccountRefused("不能停用自己正在使用的账号。")
    User.objects.filter(pk=membership.user_id).update(is_active=active)
    if not active:
        end_sessions(membership.user)
    action = "启用账号" if active else "停用账号"
    audit.record(organisation=membership.organisation, actor=by, action=action, target=membership.user.username)


@transaction.atomic
def reset_password(membership: Membership, *, by: User | None) -> str:
    """A new random password, to be changed at first login; the old one and its sessions end."""
    word = initial_password()
    user = membership.user
    _give_password(user, word, first=True)
    end_sessions(user)
    AccessAttempt.objects.filter(username=user.username).delete()
    audit.record(organisation=membership.organisation, actor=by, action="重置密码", target=user.username)
    return word


@transaction.atomic
def change_role(membership: Membership, *, role: str, unit: Unit | None, by: User) -> None:
    """Another role or unit; the account's sessions end. Nobody changes their own."""
    if membership.user_id == by.pk:
        raise AccountRefused("不能修改自己的角色，由另一名系统管理员修改。")
    _check_role(role, unit)
    old = membership.get_role_display()
    Membership.objects.filter(pk=membership.pk).update(role=role, unit=unit)
    end_sessions(membership.user)
    audit.record(
        organisation=membership.organisation,
        actor=by,
        action="修改角色",
        target=membership.user.username,
        detail={"原角色": old, "新角色": Role(role).label} | ({"单位": unit.name} if unit else {}),
    )


@transaction.atomic
def change_password(user: User, password: str) -> None:
    """The account's own new password; its other sessions end, because the password is part of what they carry."""
    _give_password(user, password, first=False)
    note_access(user, "修改密码")


def note_access(user: User, action: str, detail: Mapping[str, Any] | None = None) -> None:
    """A line of the audit about the account's own coming and going."""
    membership = membership_of(user)
    organisation = membership.organisation if membership else None
    audit.record(organisation=organisation, actor=user, action=action, detail=detail)


def note_refused(username: str, *, locked: bool, action: str = "登录", reason: str = "") -> None:
    """A line about a login or another proof that failed, in the trail of the account's organisation or the only one."""
    membership = Membership.objects.select_related("organisation").filter(user__username=username).first()
    first = list(Organisation.objects.order_by("pk")[:2])
    organisation = membership.organisation if membership else first[0] if len(first) == 1 else None
    result = audit.LOCKED if locked else audit.FAILED
    detail = {"原因": reason} if reason else {}
    audit.record(
        organisation=organisation, actor=None, actor_name=username, action=action, result=result, detail=detail
    )


def locked_usernames(usernames: Iterable[str]) -> set[str]:
    """Those of the names that wrong passwords have locked just now; one query."""
    since = timezone.now() - settings.AXES_COOLOFF_TIME
    attempts = AccessAttempt.objects.filter(username__in=list(usernames), attempt_time__gt=since)
    sums = attempts.values("username").annotate(failures=Sum("failures_since_start"))
    over = sums.filter(failures__gte=settings.AXES_FAILURE_LIMIT)
    return {name for name in over.values_list("username", flat=True) if name}


@transaction.atomic
def unlock(membership: Membership, *, by: User) -> None:
    """The account may try again at once; the password stays."""
    AccessAttempt.objects.filter(username=membership.user.username).delete()
    audit.record(organisation=membership.organisation, actor=by, action="解除锁定", target=membership.user.username)


def keep_look(user: User, chosen: dict[str, Any]) -> None:
    """Text size and contrast, kept with the account."""
    User.objects.filter(pk=user.pk).update(**chosen)


def end_sessions(user: User) -> None:
    """Every session of the account ends with this transaction: what they carry no longer fits."""
    User.objects.filter(pk=user.pk).update(sessions_ended=F("sessions_ended") + 1)


def _give_password(user: User, word: str, *, first: bool) -> None:
    """first: somebody else knows it, so it opens the account for a short time and only to be changed."""
    passwords.keep_former(user)
    user.set_password(word)
    user.must_change_password = first
    user.password_set_at = timezone.now()
    user.save(update_fields=["password", "must_change_password", "password_set_at"])


def _check_role(role: str, unit: Unit | None) -> None:
    if role not in Role.values:
        raise AccountRefused("没有这个角色。")
    if role in UNIT_ROLES and unit is None:
        raise AccountRefused("填报员和单位负责人要选一个单位。")
    if role not in UNIT_ROLES and unit is not None:
        raise AccountRefused(f"“{Role(role).label}”不属于某个单位，不要选单位。")
