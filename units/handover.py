"""交接: everything a leaving person holds goes to a colleague in one step, and the old account is closed."""

from django.db import transaction
from django.db.models import QuerySet

from units import accounts, registry
from units.accounts import AccountRefused
from units.audit import record
from units.models import Membership, Role, User


def takers(leaving: Membership) -> QuerySet[Membership]:
    """Who may take over besides a new account: whoever acts for the same unit in the same role.

    An account has one role (三员分立), so nobody takes over in another.
    """
    return (
        Membership.objects.select_related("user", "unit")
        .filter(organisation=leaving.organisation_id, role=leaving.role, unit=leaving.unit_id, user__is_active=True)
        .exclude(pk=leaving.pk)
        .order_by("user__display_name", "user__username")
    )


def others(leaving: Membership) -> QuerySet[Membership]:
    """Accounts of the same unit that cannot take over, for they have another role."""
    rows = Membership.objects.select_related("user").filter(unit=leaving.unit_id, unit__isnull=False)
    return rows.filter(user__is_active=True).exclude(role=leaving.role).order_by("user__username")


def held(leaving: Membership) -> list[str]:
    """What goes over, a sentence each: the work of role and unit that is not done, then the person's own."""
    found = [line for ask in registry.of("holdings") for line in ask(leaving)]
    unread = leaving.user.notices.of(leaving).unread().count()
    return [*found, f"未读通知 {unread} 条"] if unread else found


@transaction.atomic
def hand_over(
    leaving: Membership,
    *,
    to: Membership | None = None,
    username: str = "",
    display_name: str = "",
    close: bool = True,
    by: User,
) -> tuple[User, str]:
    """Who takes over, and the first password where the account is new; empty for one that was there.

    to: one of `takers`; without, a new account with the role and unit of the one who leaves. Unread notices go along,
    one the other has too goes only once. close: the old account is disabled and signed out; what it did keeps its name.
    Raises AccountRefused for one's own account, a disabled one, a taken user name, and another role or unit.
    """
    rows = Membership.objects.select_for_update(of=("self",)).order_by("pk")
    list(rows.filter(pk__in=[leaving.pk, to.pk if to else leaving.pk]))
    leaving = Membership.objects.select_related("organisation", "unit", "user").get(pk=leaving.pk)
    if leaving.user_id == by.pk:
        raise AccountRefused("不能交接自己正在使用的账号，由另一名系统管理员办理。")
    if not leaving.user.is_active:
        raise AccountRefused("这个账号已停用，没有可交接的工作；直接新增账号。")
    user, word = _taker(leaving, to, username, display_name, by)
    notices = _give_notices(leaving, user)
    if close:
        accounts.set_active(leaving, False, by=by)
    record(
        organisation=leaving.organisation,
        actor=by,
        action="工作交接",
        target=f"{leaving.user.username} 交给 {user.username}",
        detail={
            "角色": Role(leaving.role).label,
            "未读通知": notices,
            "接手账号": "原有账号" if to else "新开通",
            "原账号": "停用" if close else "保留",
        }
        | ({"单位": leaving.unit.name} if leaving.unit else {}),
    )
    return user, word


def _taker(leaving: Membership, to: Membership | None, username: str, display_name: str, by: User) -> tuple[User, str]:
    if to is None:
        return accounts.add_account(
            leaving.organisation, username, role=leaving.role, unit=leaving.unit, display_name=display_name, by=by
        )
    found = takers(leaving).filter(pk=to.pk).first()
    if found is None:
        raise AccountRefused("接手的账号要在同一单位、担任同一角色，并且没有停用；一个账号只有一个角色。")
    return found.user, ""


def _give_notices(leaving: Membership, user: User) -> int:
    """How many unread notices are the other's now."""
    theirs = user.notices.values_list("key", flat=True)
    unread = leaving.user.notices.of(leaving).unread()
    return unread.exclude(key__in=list(theirs)).update(person=user)
