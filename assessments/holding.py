"""What waits on an account's role and unit, and what was filled in on items: said before either is changed."""

from collections.abc import Sequence

from django.db.models import Count, Q, QuerySet

from assessments.models import Entry, EntryStage, Objection, Phase, Rectification
from indicators.models import Indicator
from units.models import UNIT_ROLES, Membership, Organisation, Role

_CLOSED = (Phase.PUBLISHED, Phase.ARCHIVED)
_OWED = (EntryStage.FILLING, EntryStage.RETURNED, EntryStage.SIGNING)
_REVIEWING = (Role.OFFICE, Role.REVIEWER)


def held(membership: Membership) -> list[str]:
    """A sentence for each open round, then one for rectifications and objections; at most three queries."""
    rounds = Entry.objects.filter(sheet__round__organisation=membership.organisation_id).in_opened_rounds()
    entries = rounds.exclude(sheet__round__phase__in=_CLOSED).filter(shared_home__isnull=True)
    if membership.role in UNIT_ROLES:
        owed = Rectification.objects.owed().filter(entry__unit=membership.unit_id).count()
        found = _by_round(entries.filter(unit=membership.unit_id, stage__in=_OWED))
        return [*found, f"待整改 {owed} 项"] if owed else found
    if membership.role not in _REVIEWING:
        return []
    waiting = Objection.objects.waiting().filter(entry__sheet__round__organisation=membership.organisation_id)
    found = _by_round(entries.filter(stage=EntryStage.SUBMITTED))
    objections = waiting.count() if membership.role == Role.OFFICE else 0
    return [*found, f"待答复的申诉 {objections} 件"] if objections else found


def filled(organisation: Organisation, items: Sequence[Indicator]) -> list[str]:
    """A sentence for each round that is not published and has scores on these indicators, in whatever version."""
    scored = Q(self_score__isnull=False) | Q(reviewed_score__isnull=False)
    entries = Entry.objects.filter(
        scored, sheet__round__organisation=organisation, indicator__identity__in=[one.identity for one in items]
    ).exclude(sheet__round__phase__in=_CLOSED)
    found = entries.order_by().values_list("sheet__round__name").annotate(count=Count("pk")).order_by("-sheet__round")
    return [f"“{name}”里已有 {count} 处得分" for name, count in found]


def _by_round(entries: QuerySet[Entry]) -> list[str]:
    counted = entries.order_by().values_list("sheet__round__name", "stage").annotate(count=Count("pk"))
    words: dict[str, list[str]] = {}
    for name, stage, count in counted.order_by("-sheet__round", "stage"):
        words.setdefault(name, []).append(f"{_SAID[stage]} {count} 项")
    return [f"“{name}”：{'，'.join(said)}" for name, said in words.items()]


_SAID = {
    EntryStage.FILLING: "填报中",
    EntryStage.RETURNED: "已退回",
    EntryStage.SIGNING: "待签审",
    EntryStage.SUBMITTED: "待审核",
}
