"""The list behind a number: a round's entries by unit, sheet, indicator and state, as they add up to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, Q, QuerySet

from assessments import figures, outlines
from assessments.amended import NOT_APPLICABLE, Correction
from assessments.models import HANDED_IN, Entry, EntryStage, EntryState, Round
from assessments.outlines import Outline
from assessments.scoring.amounts import ZERO
from assessments.tables import Column, Table
from assessments.worklist import FILLED
from units.models import Unit

POINTS = ("满分", "自评得分", "审核得分", "现得分", "失分")
CORRECTED = ("更正后得分", "更正类别", "更正原因")
HEADINGS = ("指标", "上级指标", "责任单位", *POINTS, "进度", "扣分原因", "审核意见")

SHOW: Mapping[str, tuple[str, Q]] = {
    "": ("全部", Q()),
    "lost": ("有失分", Q(state=EntryState.SCORED, earned__lt=F("maximum"))),
    "unscored": ("未评分", Q(state=EntryState.UNSCORED)),
    "scored": ("已评分", Q(state=EntryState.SCORED)),
    "unfilled": ("未填", ~FILLED),
    "open": ("未提交", ~Q(stage__in=HANDED_IN)),
    "handed-in": ("已提交", Q(stage__in=HANDED_IN)),
    "waiting": ("待审核", Q(stage=EntryStage.SUBMITTED)),
    "accepted": ("已审核", Q(stage=EntryStage.ACCEPTED)),
    "returned": ("已退回", Q(stage=EntryStage.RETURNED)),
    "not-applicable": ("不涉及", Q(claims_not_applicable=True) | Q(state=EntryState.NOT_APPLICABLE)),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A list's filter as its address says it; what makes no sense is left out."""

    show: str = ""
    unit: int | None = None
    sheet: int | None = None
    node: int | None = None

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> "Wanted":
        """From query parameters."""
        show = asked.get("show", "")
        return cls(show if show in SHOW else "", *(_number(asked.get(name)) for name in ("unit", "sheet", "node")))


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 16 else None


@dataclass(frozen=True, slots=True)
class Line:
    """One entry in the list."""

    entry_id: int
    name: str
    path: str
    unit: str
    points: str
    self_score: str
    reviewed: str
    earned: str
    lost: str
    stage: str
    reason: str
    review_reason: str
    amended: Correction | None = None


@dataclass(frozen=True, slots=True)
class Sums:
    """What the whole list adds up to, however many pages it has."""

    total: int
    scored: int
    possible: str
    earned: str
    lost: str


def select(round_: Round, wanted: Wanted, tree: Outline) -> QuerySet[Entry]:
    """The entries of the filter: those that lost most first where losses are asked for, else as in the ledger."""
    found = Entry.objects.filter(SHOW[wanted.show][1], sheet__round=round_, shared_home__isnull=True)
    if wanted.unit is not None:
        found = found.filter(unit=wanted.unit) if wanted.unit else found.filter(unit__isnull=True)
    if wanted.sheet is not None:
        found = found.filter(sheet=wanted.sheet)
    if wanted.node is not None:
        found = found.filter(indicator__in=tree.below(wanted.node))
    order = [F("earned") - F("maximum")] if wanted.show == "lost" else []
    return found.select_related("unit", "sheet__unit").order_by(*order, "indicator__lft", "sheet_id")


def sums(found: QuerySet[Entry]) -> Sums:
    """The list's footer. One query."""
    rows = list(found.order_by().values_list("maximum", "earned"))
    scored = [(maximum, earned) for maximum, earned in rows if earned is not None]
    possible = sum((maximum for maximum, _ in scored), ZERO)
    earned = sum((earned for _, earned in scored), ZERO)
    return Sums(
        len(rows), len(scored), figures.points(possible), figures.points(earned), figures.points(possible - earned)
    )


def line(entry: Entry, tree: Outline, corrected: Mapping[int, Correction]) -> Line:
    """One entry written; `entry` from `select`. corrected: `amended.in_round`."""
    return Line(
        entry_id=entry.pk,
        name=tree.nodes[entry.indicator_id].name,
        path=outlines.words(tree.above(entry.indicator_id)),
        unit=str(entry.unit or "未定牵头单位"),
        points=figures.points(entry.maximum),
        self_score="不涉及" if entry.claims_not_applicable else figures.points(entry.self_score),
        reviewed=figures.points(entry.reviewed_score),
        earned=figures.points(entry.earned),
        lost=figures.lost(_lost(entry)) if entry.earned is not None else "",
        stage=entry.get_stage_display(),
        reason=entry.self_reason,
        review_reason=entry.review_reason,
        amended=corrected.get(entry.pk),
    )


def _lost(entry: Entry) -> Decimal:
    return entry.maximum - (entry.earned or ZERO)


def table(found: QuerySet[Entry], tree: Outline, corrected: Mapping[int, Correction]) -> Table:
    """The whole list for a file; points stay numbers. Where the round was corrected, with three columns more."""
    headings = (*HEADINGS, *CORRECTED) if corrected else HEADINGS
    columns = tuple(Column(title, points=title in (*POINTS, CORRECTED[0])) for title in headings)
    return Table(columns, [_cells(entry, line(entry, tree, corrected), bool(corrected)) for entry in found])


def _cells(entry: Entry, said: Line, corrected: bool) -> list[str | Decimal | None]:
    lost = _lost(entry) if entry.earned is not None else None
    numbers = [entry.maximum, entry.self_score, entry.reviewed_score, entry.earned, lost]
    more = _beside(said.amended) if corrected else []
    return [said.name, said.path, said.unit, *numbers, said.stage, said.reason, said.review_reason, *more]


def _beside(one: Correction | None) -> list[str | Decimal | None]:
    if one is None:
        return [None] * len(CORRECTED)
    return [one.score if one.score == NOT_APPLICABLE else Decimal(one.score), one.code, one.reason]


def title(round_: Round, wanted: Wanted, tree: Outline) -> str:
    """What the list is, in words: 政策法规处 · 重点领域信息公开 · 有失分. One query where a unit is asked for."""
    parts: list[str] = []
    if wanted.unit:
        # the number comes from the address: another organisation's unit has no name here
        ours = Unit.objects.filter(organisation=round_.organisation_id)
        parts += ours.filter(pk=wanted.unit).values_list("name", flat=True)
    if wanted.node in tree.nodes:
        parts.append(tree.nodes[wanted.node].name)
    return " · ".join([*parts, f"{SHOW[wanted.show][0]}的项" if wanted.show else "全部评估点"])
