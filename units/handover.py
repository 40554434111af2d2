"""交接: everything a leaving person holds goes to a colleague in one step, and the old account is closed."""

from django.db import transaction

from units import accounts
from units.accounts import AccountRefused
from units.audit import record
from units.models import Membership, Role, User


@transaction.atomic
def hand_over(leaving: Membership, *, username: str, display_name: str, by: User) -> tuple[User, str]:
    """The successor's new account, with role and unit of the one who leaves, and its first password.

    Unread notices go along; the old account is disabled and signed out, what it did keeps its name.
    Raises AccountRefused for one's own account, a disabled one, and a taken user name.
    """
    held = (
        Membership.objects.select_for_update(of=("self",))
        .select_related("organisation", "unit", "user")
        .get(pk=leaving.pk)
    )
    if held.user_id == by.pk:
        raise AccountRefused("不能交接自己正在使用的账号，由另一名系统管理员办理。")
    if not held.user.is_active:
        raise AccountRefused("这个账号已停用，没有可交接的工作；直接新增账号。")
    user, word = accounts.add_account(
        held.organisation, username, role=held.role, unit=held.unit, display_name=display_name, by=by
    )
    notices = held.user.notices.of(held).unread().update(person=user)
    accounts.set_active(held, False, by=by)
    record(
        organisation=held.organisation,
        actor=by,
        action="工作交接",
        target=f"{held.user.username} 交给 {username}",
        detail={"角色": Role(held.role).label, "未读通知": notices} | ({"单位": held.unit.name} if held.unit else {}),
    )
    return user, word
