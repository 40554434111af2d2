"""What the pages of 申诉 show: what a unit may object to, what was objected and answered. Nothing is written here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Count, Q, QuerySet

from assessments import figures, outlines, windows, worksheet
from assessments.deadlines import Deadline, deadline
from assessments.models import Entry, Objection, ObjectionState, Phase, Round
from assessments.outlines import Outline
from assessments.tables import Column, Table
from units.models import Unit

TONES = {ObjectionState.FILED: "now", ObjectionState.UPHELD: "done", ObjectionState.REFUSED: "quiet"}
SHOW: Mapping[str, tuple[str, Q]] = {
    "": ("全部申诉", Q()),
    "waiting": ("待答复", Q(state=ObjectionState.FILED)),
    "upheld": ("同意", Q(state=ObjectionState.UPHELD)),
    "refused": ("不同意", Q(state=ObjectionState.REFUSED)),
}
POINTS = ("满分", "自评得分", "审核得分", "申诉前得分", "复核得分")
WORDS = ("申诉理由", "申诉人", "申诉时间", "状态", "答复", "答复人", "答复时间")


@dataclass(frozen=True, slots=True)
class Said:
    """One objection with its answer. words, tone: its state."""

    id: int
    entry_id: int
    name: str
    place: str
    unit: str
    maximum: str
    self_score: str
    reviewed: str
    before: str
    reason: str
    filed_by: str
    filed_at: datetime
    words: str
    tone: str
    score: str
    answer: str
    answered_by: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A reviewed entry its unit may object to."""

    entry_id: int
    name: str
    place: str
    maximum: str
    self_score: str
    score: str
    lost: str
    review_reason: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How many items a unit may object to now, how many objections it filed, and how many wait for their answer."""

    open: int
    filed: int
    waiting: int


@dataclass(frozen=True, slots=True)
class UnitSide:
    """A unit's objections of one round. candidates: empty while nothing can be filed; closed says why."""

    round: Round
    deadline: Deadline
    closed: str
    said: tuple[Said, ...]
    candidates: tuple[Candidate, ...]
    waiting: int


@dataclass(frozen=True, slots=True)
class OfficeSide:
    """A round's objections, those without an answer first. counts: by SHOW."""

    round: Round
    said: tuple[Said, ...]
    counts: Mapping[str, int]
    units: tuple[Unit, ...]


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


def unit_side(round_: Round, unit: Unit, today: date) -> UnitSide:
    """The unit's own objections, newest first, and what it may still object to. A constant number of queries."""
    tree = outlines.outline(round_.ledger_id)
    mine = _fetched(Objection.objects.filter(entry__sheet__round=round_, entry__unit=unit)).order_by("-pk")
    said = [write(one, tree) for one in mine]
    closed = _closed(round_, unit)
    open_ = Entry.objects.filter(sheet__round=round_, unit=unit).disputable().order_by("indicator__lft", "pk")
    open_ = open_.exclude(objections__state=ObjectionState.FILED)
    limit = windows.last_day(round_, unit.pk) if round_.phase == Phase.OBJECTION else None
    return UnitSide(
        round=round_,
        deadline=deadline(limit, today),
        closed=closed,
        said=tuple(said),
        candidates=() if closed else tuple(_candidate(entry, tree) for entry in open_),
        waiting=sum(one.answered_at is None for one in said),
    )


def _closed(round_: Round, unit: Unit) -> str:
    if round_.is_sealed:
        return "结果已公布，不再受理申诉。"
    if round_.phase != Phase.OBJECTION:
        return f"现在是{round_.get_phase_display()}阶段，转入申诉阶段后可以对审核得分提出申诉。"
    day = windows.last_day(round_, unit.pk)
    return windows.closed(day, "申诉") if day is not None and windows.is_over(day) else ""


def counts(round_: Round, unit: Unit) -> Counts:
    """The unit's objections of a round in figures. At most three queries."""
    mine = Objection.objects.filter(entry__sheet__round=round_, entry__unit=unit)
    told = mine.aggregate(filed=Count("pk"), waiting=Count("pk", filter=Q(state=ObjectionState.FILED)))
    if _closed(round_, unit):
        return Counts(0, **told)
    open_ = Entry.objects.filter(sheet__round=round_, unit=unit).disputable()
    return Counts(open_.exclude(objections__state=ObjectionState.FILED).count(), **told)


def office_side(round_: Round, every: QuerySet[Objection], wanted: Wanted) -> OfficeSide:
    """The round's objections as the filter leaves them; every: those the person sees. A constant number of queries."""
    every = every.filter(entry__sheet__round=round_)
    mine = every.filter(entry__unit=wanted.unit) if wanted.unit else every
    found = mine.aggregate(**{f"n_{at}": Count("pk", filter=one) for at, (_, one) in enumerate(SHOW.values()) if one})
    units = round_.organisation.units.filter(pk__in=every.order_by().values("entry__unit")).order_by("lft")
    return OfficeSide(
        round=round_,
        said=tuple(_in_order(mine.filter(SHOW[wanted.show][1]), outlines.outline(round_.ledger_id))),
        counts={"": sum(found.values())} | {name: found[f"n_{at}"] for at, name in enumerate(SHOW) if name},
        units=tuple(units),
    )


def _in_order(objections: QuerySet[Objection], tree: Outline) -> Iterable[Said]:
    """Those without an answer first, the oldest of them first; then the latest answers."""
    rows = list(_fetched(objections).order_by("pk"))
    yield from (write(one, tree) for one in rows if one.state == ObjectionState.FILED)
    yield from (write(one, tree) for one in reversed(rows) if one.state != ObjectionState.FILED)


def of_entry(entry: Entry, tree: Outline) -> tuple[Said, ...]:
    """The whole exchange about one entry, as it went. One query."""
    return tuple(write(one, tree) for one in _fetched(entry.objections.all()).order_by("pk"))


def table(side: OfficeSide) -> Table:
    """The list as a file; points stay numbers."""
    titles = ("指标", "上级指标", "责任单位", *POINTS, *WORDS)
    return Table(tuple(Column(title, points=title in POINTS) for title in titles), [_cells(one) for one in side.said])


def _cells(one: Said) -> list[str | Decimal | None]:
    numbers = [_number(text) for text in (one.maximum, one.self_score, one.reviewed, one.before, one.score)]
    filed, answered = (f"{at:%Y-%m-%d %H:%M}" if at else "" for at in (one.filed_at, one.answered_at))
    said = [one.reason, one.filed_by, filed, one.words, one.answer, one.answered_by, answered]
    return [one.name, one.place, one.unit, *numbers, *said]


def _number(text: str) -> Decimal | str | None:
    return text if text == worksheet.NOT_APPLICABLE else Decimal(text) if text else None


def _fetched(objections: QuerySet[Objection]) -> QuerySet[Objection]:
    return objections.select_related("entry__unit", "filed_by", "answered_by")


def write(one: Objection, tree: Outline) -> Said:
    """One objection, written; `one` comes with its entry and people."""
    entry = one.entry
    return Said(
        id=one.pk,
        entry_id=entry.pk,
        name=tree.nodes[entry.indicator_id].name,
        place=outlines.words(tree.above(entry.indicator_id)),
        unit=str(entry.unit or "未定牵头单位"),
        maximum=figures.points(entry.maximum),
        self_score=worksheet.cells(entry)[0],
        reviewed=figures.points(entry.reviewed_score),
        before=figures.points(one.score_before),
        reason=one.reason,
        filed_by=str(one.filed_by),
        filed_at=one.filed_at,
        words=one.get_state_display(),
        tone=TONES[ObjectionState(one.state)],
        score=figures.points(one.score),
        answer=one.answer,
        answered_by=str(one.answered_by or ""),
        answered_at=one.answered_at,
    )


def _candidate(entry: Entry, tree: Outline) -> Candidate:
    lost = entry.maximum - (entry.earned or Decimal(0))
    return Candidate(
        entry_id=entry.pk,
        name=tree.nodes[entry.indicator_id].name,
        place=outlines.words(tree.above(entry.indicator_id)),
        maximum=figures.points(entry.maximum),
        self_score=worksheet.cells(entry)[0],
        score=figures.points(entry.earned),
        lost=figures.lost(lost),
        review_reason=entry.review_reason,
    )
