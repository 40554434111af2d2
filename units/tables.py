"""What the lists of units, accounts and audit lines show: reads only, the same few queries for any number of rows."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils import timezone

from units.models import AuditEvent, Membership, Notice, Organisation, Succession, Unit, UnitGroup

UNITS_A_PAGE, ACCOUNTS_A_PAGE, EVENTS_A_PAGE = 100, 50, 50


def unit_rows(organisation: Organisation, chosen: Mapping[str, Any]) -> QuerySet[Unit]:
    """Units in tree order with class, aliases, groups and the number of accounts in use."""
    rows = organisation.units.offices() if chosen.get("abolished") else organisation.units.offices().active()
    if words := chosen.get("q", "").strip():
        rows = rows.filter(
            Q(name__icontains=words)
            | Q(pinyin__contains=words.lower())
            | Q(pk__in=organisation.aliases.filter(name__icontains=words).values("unit_id"))
        )
    if unit_class := chosen.get("unit_class"):
        rows = rows.filter(unit_class=unit_class)
    if group := chosen.get("group"):
        rows = rows.filter(groups=group)
    accounts = Count("memberships", filter=Q(memberships__user__is_active=True))
    return rows.select_related("unit_class").prefetch_related("aliases", "groups").annotate(accounts=accounts)


def history(unit: Unit) -> QuerySet[Succession]:
    """机构沿革: what the unit came from and went over into, newest first."""
    return unit.organisation.successions.filter(Q(old=unit) | Q(new=unit)).select_related("old", "new")


def group_rows(organisation: Organisation) -> QuerySet[UnitGroup]:
    """Groups with their members in use."""
    members = Prefetch("members", organisation.units.offices().active())
    return organisation.groups.prefetch_related(members)


def account_rows(organisation: Organisation, chosen: Mapping[str, Any]) -> QuerySet[Membership]:
    """Accounts by user name, with person and unit."""
    rows = organisation.memberships.select_related("user", "unit").order_by("user__username")
    if words := chosen.get("q", "").strip():
        rows = rows.filter(
            Q(user__username__icontains=words) | Q(user__display_name__icontains=words) | Q(unit__name__icontains=words)
        )
    if role := chosen.get("role"):
        rows = rows.filter(role=role)
    states = {
        "active": Q(user__is_active=True),
        "disabled": Q(user__is_active=False),
        "first": Q(user__must_change_password=True),
    }
    return rows.filter(states.get(chosen.get("state", ""), Q()))


def notice_rows(membership: Membership, *, only_unread: bool = False) -> QuerySet[Notice]:
    """The person's notices, newest first."""
    rows = Notice.objects.of(membership)
    return (rows.unread() if only_unread else rows).order_by("-pk")


def audit_rows(organisation: Organisation, chosen: Mapping[str, Any]) -> QuerySet[AuditEvent]:
    """Lines of the audit, newest first; both days are whole days here."""
    rows = organisation.audit_events.select_related("actor").order_by("-id")
    if words := chosen.get("q", "").strip():
        rows = rows.filter(Q(actor_name__icontains=words) | Q(target__icontains=words))
    if action := chosen.get("action", "").strip():
        rows = rows.filter(action__icontains=action)
    if since := chosen.get("since"):
        rows = rows.filter(at__gte=midnight(since))
    if until := chosen.get("until"):
        rows = rows.filter(at__lt=midnight(until + timedelta(days=1)))
    return rows


def audit_lines(rows: QuerySet[AuditEvent]) -> Iterator[list[str]]:
    """The audit as lines of plain words, the heading first."""
    yield ["时间", "账号", "来源地址", "动作", "对象", "结果", "详情"]
    for event in rows.iterator(chunk_size=2000):
        at = timezone.localtime(event.at).strftime("%Y-%m-%d %H:%M:%S")
        detail = "；".join(f"{key}：{told(value)}" for key, value in event.detail.items())
        yield [at, event.actor_name, event.address or "", event.action, event.target, event.result, detail]


def told(value: Any) -> str:
    """A value of an audit line's detail in words."""
    return "、".join(str(one) for one in value) if isinstance(value, list) else str(value)


def safe_cell(words: str) -> str:
    """The words so that no spreadsheet takes them for a formula.

    >>> safe_cell("=1+1")
    "'=1+1"
    >>> safe_cell("办公室")
    '办公室'
    """
    return (
        f"'{words}"
        if words.lstrip()[:1] in {"=", "+", "-", "@", "＝", "＋", "－", "＠"} or words[:1] in "\t\r\n"
        else words
    )


def midnight(day: date) -> datetime:
    """When the day begins here."""
    return timezone.make_aware(datetime.combine(day, time.min))
