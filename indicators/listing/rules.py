"""What waits to be decided about a ledger's scoring: proposed rules and proposed points. Nothing is written here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Q, QuerySet

from indicators import terms
from indicators.listing.outline import from_ledger
from indicators.listing.sheet import fixed
from indicators.models import Indicator, Ledger, ScoringRule
from indicators.reading import points as points_
from indicators.reading.notes import is_bonus
from indicators.reading.report import plain

SHOW = {"waiting": "待确认", "changed": "原文已改", "accepted": "已确认", "refused": "不采用"}


@dataclass(frozen=True, slots=True)
class Line:
    """One rule as pages show it. fault: why it cannot be accepted as it stands; doubts: what to look at.

    source_gone: accepted, and the item says something else since.
    """

    id: int
    item_id: int
    item: str
    place: str
    points: str
    source: str
    words: str
    state: str
    fault: str
    doubts: tuple[str, ...]
    by: str
    at: datetime | None
    source_gone: bool = False


@dataclass(frozen=True, slots=True)
class Proposed:
    """Points proposed for an item that has none."""

    item_id: int
    item: str
    place: str
    points: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How many there are of each."""

    waiting: int
    changed: int
    accepted: int
    refused: int
    points: int


@dataclass(frozen=True, slots=True)
class Undecided:
    """How many rules wait for a person's word: proposals, and accepted ones whose words are gone."""

    waiting: int
    changed: int

    @property
    def sentences(self) -> list[str]:
        """One for each that is there."""
        changed = f"{self.changed} 条已确认的评分细则原文已改，仍按原来的话算分"
        waiting = f"{self.waiting} 条评分细则待确认，没有确认的不算分"
        return [words for words, some in ((changed, self.changed), (waiting, self.waiting)) if some]


def chosen(ledger: Ledger, show: str) -> QuerySet[ScoringRule]:
    """The rules of one kind of SHOW, in the ledger's order."""
    living = ScoringRule.objects.of_living().filter(indicator__ledger=ledger)
    if show == "changed":
        return living.outdated()
    if show == "accepted":
        return living.accepted()
    return living.filter(refused_at__isnull=False) if show == "refused" else living.proposed()


def lines(rules: Iterable[ScoringRule]) -> list[Line]:
    """The rules in words; `rules` come with their indicator and who decided."""
    return [_line(rule) for rule in rules]


def of_item(item: Indicator) -> list[Line]:
    """All rules of one item. One query."""
    found = item.rules.select_related("accepted_by", "refused_by", "indicator")
    return lines(found)


def _line(rule: ScoringRule) -> Line:
    item = rule.indicator
    fault = terms.faults(rule.kind, rule.parameters)
    return Line(
        id=rule.pk,
        item_id=item.pk,
        item=str(item),
        place=item.cells,
        points=fixed(item.points),
        source=rule.source,
        words=str(rule) if fault else rule.words,
        state="accepted" if rule.accepted_at else "refused" if rule.refused_at else "waiting",
        fault=fault,
        doubts=() if fault else terms.doubts(rule.kind, rule.parameters, item.points),
        by=str(rule.accepted_by or rule.refused_by or ""),
        at=rule.accepted_at or rule.refused_at,
        source_gone=rule.source_gone and rule.accepted_at is not None,
    )


def counts(ledger: Ledger, proposed: Sequence[Proposed]) -> Counts:
    """Four queries."""
    waiting, changed, accepted, refused = (chosen(ledger, show).count() for show in SHOW)
    return Counts(waiting, changed, accepted, refused, len(proposed))


def undecided(ledger: Ledger) -> Undecided:
    """What a person has still to say before the ledger is closed. One query."""
    living = ScoringRule.objects.of_living().filter(indicator__ledger=ledger).order_by()
    found = living.aggregate(
        waiting=Count("pk", filter=Q(accepted_at__isnull=True, refused_at__isnull=True)),
        changed=Count("pk", filter=Q(accepted_at__isnull=False, source_gone=True)),
    )
    return Undecided(found["waiting"], found["changed"])


def proposed_points(ledger: Ledger) -> dict[int, Decimal]:
    """Item → the even share of what its siblings leave, for items without points. Three queries."""
    outline = from_ledger(ledger)
    bonus: dict[int | None, bool] = {None: False}
    for node in outline.nodes:
        bonus[node.id] = bonus[node.parent] or is_bonus(node.name)
    return points_.propose([node.tally() for node in outline.nodes if not bonus[node.id]])


def proposals(ledger: Ledger, found: Mapping[int, Decimal]) -> list[Proposed]:
    """Proposed points in words, in the ledger's order. One query."""
    items = Indicator.objects.filter(ledger=ledger, pk__in=found).in_order()
    return [Proposed(one.pk, str(one), one.cells, plain(found[one.pk])) for one in items]
