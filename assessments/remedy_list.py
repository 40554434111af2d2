"""Orders to put lost points right as pages list and count them (问题清单、整改清单). Nothing is written here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, When

from assessments import amended, figures, outlines
from assessments.amended import Correction
from assessments.deadlines import deadline
from assessments.models import Entry, EntryStage, Rectification, RectificationState, Round, ScoreAmendment
from assessments.models.remedies import OPEN_ORDERS
from assessments.outlines import Outline
from assessments.scoring.amounts import ZERO
from assessments.tables import Column, Table
from units.models import Organisation, Unit

TONES = {
    RectificationState.ORDERED: "attention",
    RectificationState.ANSWERED: "now",
    RectificationState.CLOSED: "done",
    RectificationState.REOPENED: "wrong",
}
SHOW = {"": "全部整改", "open": "待整改", "overdue": "已逾期", "answered": "待复查", "closed": "已销号"}
POINTS = ("满分", "得分", "失分", "整改后得分", "更正后得分")
HEADINGS = ("指标", "上级指标", "责任单位", *POINTS[:3], "问题", "整改措施", "整改期限", "状态")
MORE_HEADINGS = ("整改情况", "整改网址", "报送时间", "复查意见", POINTS[3], "销号时间", POINTS[4], "更正类别")
# how many lost points one page offers to order
OFFERED = 200


def shown(show: str, today: date) -> Q:
    """The question behind each word of SHOW; counts and lists ask the same."""
    return {
        "open": Q(state__in=OPEN_ORDERS),
        "overdue": Q(state__in=OPEN_ORDERS, due__lt=today),
        "answered": Q(state=RectificationState.ANSWERED),
        "closed": Q(state=RectificationState.CLOSED),
    }.get(show, Q())


@dataclass(frozen=True, slots=True)
class Line:
    """One order, written. light: overdue · soon · later · none; said: its day in words while it is owed.

    correction: what stands beside the published score.
    """

    id: int
    entry_id: int
    round: str
    name: str
    place: str
    unit: str
    maximum: str
    earned: str
    lost: str
    problem: str
    measure: str
    due: date | None
    words: str
    tone: str
    light: str
    said: str
    answer: str
    url: str
    answered_at: datetime | None
    remark: str
    restored: str
    closed_at: datetime | None
    correction: Correction | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many orders stand where; overdue ones are among the open."""

    total: int
    open: int
    overdue: int
    answered: int
    closed: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """The list's filter as its address says it."""

    show: str = ""
    unit: int | None = None

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> "Wanted":
        """From query parameters."""
        show, unit = asked.get("show", ""), asked.get("unit", "")
        number = int(unit) if unit.isascii() and unit.isdecimal() and len(unit) < 16 else None
        return cls(show if show in SHOW else "", number)


@dataclass(frozen=True, slots=True)
class Lost:
    """A lost point that can be ordered, as it counts now. problem: what the review said, to begin with."""

    entry_id: int
    name: str
    place: str
    unit: str
    maximum: str
    earned: str
    lost: str
    problem: str


@dataclass(frozen=True, slots=True)
class OfRound:
    """A round with orders that wait for somebody."""

    round_id: int
    round: str
    open: int
    overdue: int
    answered: int


def counts(orders: QuerySet[Rectification], today: date) -> Counts:
    """The orders counted. One query."""
    found = orders.aggregate(
        total=Count("pk"),
        **{show: Count("pk", filter=shown(show, today)) for show in SHOW if show},
    )
    return Counts(**found)


def lines(orders: QuerySet[Rectification], wanted: Wanted, today: date) -> list[Line]:
    """The orders of the filter: those with the earliest day first, closed ones last. Two queries, one a ledger."""
    found = orders.filter(shown(wanted.show, today))
    if wanted.unit is not None:
        found = found.filter(entry__unit=wanted.unit)
    rows = list(found.select_related("entry__unit", "entry__sheet__round").order_by("due", "pk"))
    rows.sort(key=lambda one: one.state == RectificationState.CLOSED)
    trees = {pk: outlines.outline(pk) for pk in {one.entry.sheet.round.ledger_id for one in rows}}
    corrected = amended.by_entry({one.entry_id for one in rows})
    return [line(one, trees[one.entry.sheet.round.ledger_id], today, corrected.get(one.entry_id)) for one in rows]


def line(one: Rectification, tree: Outline, today: date, corrected: ScoreAmendment | None) -> Line:
    """One order; `one` comes with its entry, unit and round. corrected: from `amended.by_entry`."""
    entry, owed = one.entry, one.state in OPEN_ORDERS
    seen = deadline(one.due, today)
    return Line(
        id=one.pk,
        entry_id=entry.pk,
        round=str(entry.sheet.round),
        name=tree.nodes[entry.indicator_id].name,
        place=outlines.words(tree.above(entry.indicator_id)),
        unit=str(entry.unit or ""),
        maximum=figures.points(entry.maximum),
        earned=figures.points(entry.earned),
        lost=figures.lost(entry.maximum - (entry.earned or ZERO)),
        problem=one.problem,
        measure=one.measure,
        due=one.due,
        words=one.get_state_display(),
        tone=TONES[RectificationState(one.state)],
        light=seen.urgency if owed else "none",
        said=seen.words if owed and one.due else "",
        answer=one.answer,
        url=one.url,
        answered_at=one.answered_at,
        remark=one.remark,
        restored=figures.points(one.restored),
        closed_at=one.closed_at,
        correction=amended.correction(corrected) if corrected else None,
    )


def candidates(mine: QuerySet[Entry], round_: Round, unit: int | None, chosen: Iterable[int] = ()) -> list[Lost]:
    """Lost points that can be ordered: those chosen, else all of the round, most lost first. Two queries.

    mine: the round's entries that the person sees.
    """
    tree = outlines.outline(round_.ledger_id)
    found = _losing(Entry.objects.filter(pk__in=mine.values("pk")).select_related("unit"))
    picked = list(chosen)
    if picked:
        found = found.filter(pk__in=picked)
    if unit is not None:
        found = found.filter(unit=unit)
    rows = sorted(found.order_by("indicator__lft", "pk"), key=lambda entry: entry.counted - entry.maximum)
    return [_lost(entry, tree, entry.counted) for entry in rows[:OFFERED]]


def _losing(entries: QuerySet[Entry]) -> QuerySet[Any]:
    """Reviewed entries of a unit that are short of their points and not being put right now.

    counted: with each, the score that counts: of its correction (更正) where there is one, else its own.
    """
    corrected = ScoreAmendment.objects.in_force().filter(entry=OuterRef("pk"))
    counted = Case(When(Exists(corrected), then=Subquery(corrected.values("score"))), default=F("earned"))
    reviewed = entries.filter(stage=EntryStage.ACCEPTED, shared_home__isnull=True, unit__isnull=False)
    being = Rectification.objects.filter(state__in=OPEN_ORDERS, entry=OuterRef("pk"))
    return reviewed.annotate(counted=counted).filter(~Exists(being), counted__lt=F("maximum"))


def _lost(entry: Entry, tree: Outline, counted: Decimal) -> Lost:
    return Lost(
        entry_id=entry.pk,
        name=tree.nodes[entry.indicator_id].name,
        place=outlines.words(tree.above(entry.indicator_id)),
        unit=str(entry.unit),
        maximum=figures.points(entry.maximum),
        earned=figures.points(counted),
        lost=figures.lost(entry.maximum - counted),
        problem=entry.review_reason or entry.self_reason,
    )


def of_rounds(organisation: Organisation, today: date) -> tuple[OfRound, ...]:
    """The rounds in which orders are open or wait to be rechecked. One query."""
    mine = Rectification.objects.filter(entry__sheet__round__organisation=organisation).order_by()
    rows = mine.values_list("entry__sheet__round", "entry__sheet__round__name").annotate(
        open=Count("pk", filter=shown("open", today)),
        overdue=Count("pk", filter=shown("overdue", today)),
        answered=Count("pk", filter=shown("answered", today)),
    )
    return tuple(OfRound(*row) for row in rows.order_by("entry__sheet__round") if row[2] or row[4])


def units_of(orders: QuerySet[Rectification]) -> list[Unit]:
    """The units that have orders, in the order of the unit tree. One query."""
    return list(Unit.objects.filter(pk__in=orders.order_by().values("entry__unit")).order_by("lft"))


def table(of: Iterable[Line]) -> Table:
    """The list as a file; points stay numbers."""
    titles = (*HEADINGS, *MORE_HEADINGS)
    return Table(tuple(Column(title, points=title in POINTS) for title in titles), [_cells(one) for one in of])


def _beside(one: Correction | None) -> tuple[str | Decimal | None, str | None]:
    if one is None:
        return None, None
    return (one.score if one.score == amended.NOT_APPLICABLE else Decimal(one.score)), one.code


def _cells(one: Line) -> list[str | Decimal | None]:
    lost = Decimal(one.maximum) - Decimal(one.earned or 0)
    numbers = [Decimal(one.maximum), Decimal(one.earned) if one.earned else None, lost]
    said = [one.problem, one.measure, f"{one.due:%Y-%m-%d}" if one.due else "", one.words]
    answered, closed = (f"{at:%Y-%m-%d %H:%M}" if at else "" for at in (one.answered_at, one.closed_at))
    restored = Decimal(one.restored) if one.restored else None
    more = [one.answer, one.url, answered, one.remark, restored, closed, *_beside(one.correction)]
    return [one.name, one.place, one.unit, *numbers, *said, *more]
