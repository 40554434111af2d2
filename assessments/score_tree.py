"""One score sheet as its page shows it (评分表): the tree with sums, adjustments, how the total came about."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from assessments import amended, figures, outlines, rollup
from assessments.amended import Correction
from assessments.models import Entry, RoundAdjustment, ScoreSheet
from assessments.outlines import Node
from assessments.scoring.amounts import ZERO, display_points
from assessments.scoring.rollup import Total
from assessments.scoring.trace import Step
from assessments.sheet_sums import SheetSums
from assessments.standing import standing
from assessments.tables import Column, Table
from indicators.models.rules import AdjustmentKind

STATES = {
    "unscored": "未评分",
    "partial": "部分评分",
    "scored": "已评分",
    "not_applicable": "不涉及",
    "shared": "合并计分",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator of the tree. entry_id: of an item. unit: who leads it, where that is not the assessed unit.
    differs: what the ledger declares is not the sum below. amended: what it earns after corrections (更正);
    correction: the item's own.
    """

    node: Node
    entry_id: int | None
    unit: str
    declared: str
    strict: str
    differs: bool
    earned: str
    possible: str
    rate: str
    lost: str
    pending: int
    state: str
    tone: str
    amended: str = ""
    correction: Correction | None = None


@dataclass(frozen=True, slots=True)
class Befallen:
    """An adjustment of the ledger and how often it befell this sheet."""

    adjustment_id: int
    text: str
    kind: str
    points: str
    times: int
    reason: str


@dataclass(frozen=True, slots=True)
class Stepped:
    """One step of the reckoning: what was done, and the number afterwards."""

    label: str
    result: str


@dataclass(frozen=True, slots=True)
class ScoreTree:
    """Everything the sheet's page shows."""

    sheet: ScoreSheet
    lines: tuple[Line, ...]
    total: str
    earned: str
    possible: str
    strict: str
    blank: str
    so_far_rate: str
    total_rate: str
    band: str
    band_note: str
    rank: int | None
    pending: int
    steps: tuple[Stepped, ...]
    so_far_steps: tuple[Stepped, ...]
    adjustments: tuple[Befallen, ...]
    amended: "After | None" = None


@dataclass(frozen=True, slots=True)
class After:
    """The sheet after corrections (更正), beside what was published."""

    total: str
    strict: str
    total_rate: str
    band: str
    rank: int | None
    count: int
    steps: tuple[Stepped, ...]


def score_tree(sheet: ScoreSheet) -> ScoreTree:
    """The sheet's page, from its entries as they are now. A constant number of queries."""
    sums = rollup.sums(sheet)
    tree = outlines.outline(sheet.round.ledger_id)
    entries = {entry.indicator_id: entry for entry in sheet.entries.select_related("unit")}
    totals = {**sums.nodes, **sums.items}
    ranks = {one.sheet_id: one.rank for one in rollup.current(sheet.round, nodes=False)}
    scored = [node for node in tree.nodes.values() if node.id in totals]
    outcome = sums.outcome
    said = standing(sums, sheet.round)
    corrected = rollup.amended(sheet.round) if sheet.round.is_sealed else {}
    after = corrected.get(sheet.pk, sums)
    later = {**after.nodes, **after.items}
    own = amended.in_sheet(sheet.pk) if corrected else {}
    return ScoreTree(
        sheet=sheet,
        lines=tuple(
            replace(
                _line(node, totals[node.id], entries.get(node.id), sheet.unit_id),
                amended=_amended(totals[node.id], later.get(node.id)),
                correction=own.get(entries[node.id].pk) if node.id in entries else None,
            )
            for node in scored
        ),
        total=figures.total(sums.total),
        earned=figures.total(sums.earned),
        possible=figures.total(sums.possible),
        strict=figures.total(sums.strict_possible),
        blank=figures.total(sums.strict_possible - sums.possible),
        so_far_rate=figures.rate(sums.so_far_rate),
        total_rate=figures.rate(sums.total_rate),
        band=said.band,
        band_note=said.note,
        rank=ranks.get(sheet.pk) if len(ranks) > 1 else None,
        pending=sums.pending,
        steps=_stepped(outcome.trace if outcome else ()),
        so_far_steps=_stepped(outcome.so_far_trace if outcome else ()),
        adjustments=befallen(sheet),
        amended=_after(after, len(corrected), len(own)) if own else None,
    )


def _amended(sealed: Total, later: Total | None) -> str:
    """What is written beside the sealed score; nothing where the corrections do not touch it."""
    if later is None or (later.earned, later.possible, later.state) == (sealed.earned, sealed.possible, sealed.state):
        return ""
    return STATES[later.state] if later.state == "not_applicable" else figures.points(later.earned)


def _after(after: SheetSums, sheets: int, count: int) -> After:
    """The totals after corrections, `count` of them on this sheet."""
    return After(
        total=figures.total(after.total),
        strict=figures.total(after.strict_possible),
        total_rate=figures.rate(after.total_rate),
        band=after.band,
        rank=after.rank if sheets > 1 else None,
        count=count,
        steps=_stepped(after.outcome.trace if after.outcome else ()),
    )


def _line(node: Node, total: Total, entry: Entry | None, unit_id: int) -> Line:
    shared = entry is not None and entry.shared_home_id is not None
    lost = total.possible - total.earned
    return Line(
        node=node,
        entry_id=entry.pk if entry else None,
        unit=str(entry.unit or "未定牵头单位") if entry and entry.unit_id != unit_id else "",
        declared=figures.points(node.points),
        strict=figures.points(total.strict_possible),
        differs=entry is None and node.points is not None and node.points != total.strict_possible,
        earned="" if total.state in {"unscored", "not_applicable", "shared"} else figures.points(total.earned),
        possible=figures.points(total.possible),
        rate=figures.rate(figures.share(total.earned, total.possible)),
        lost=figures.lost(lost) if lost > ZERO else "",
        pending=total.pending,
        state="合并计分" if shared else STATES[total.state],
        tone={"scored": "done", "partial": "now"}.get(total.state, "quiet"),
    )


def _stepped(steps: Sequence[Step]) -> tuple[Stepped, ...]:
    return tuple(Stepped(step.label, display_points(step.result)) for step in steps)


def befallen(sheet: ScoreSheet) -> tuple[Befallen, ...]:
    """Every adjustment the ledger knows, with what befell this sheet. Two queries."""
    happened: dict[int, RoundAdjustment] = {one.adjustment_id: one for one in sheet.adjustments.all()}
    found = []
    for rule in sheet.round.ledger.adjustments.all():
        one = happened.get(rule.pk)
        points = "" if rule.points is None else f"{figures.total(rule.points)} 分"
        found.append(
            Befallen(
                adjustment_id=rule.pk,
                text=rule.text,
                kind=str(AdjustmentKind(rule.kind).label),
                points=points,
                times=one.times if one else 0,
                reason=one.reason if one else "",
            )
        )
    return tuple(found)


def table(tree: ScoreTree) -> Table:
    """The tree for a file: one row an indicator, the total last."""
    names = ("级次", "指标", "责任单位", "标注分值", "满分", "得分", "失分", "状态")
    corrected = tree.amended
    columns = [Column(name, points=name in {"标注分值", "满分", "得分", "失分"}) for name in names]
    columns += [Column("更正后得分", points=True), Column("更正类别"), Column("更正原因")] if corrected else []
    rows: list[list[str | int | Decimal | None]] = []
    for line in tree.lines:
        numbers = map(_number, (line.declared, line.strict, line.earned, line.lost))
        after = [_corrected(line.amended), *_why(line.correction)] if corrected else []
        rows.append([line.node.level, line.node.name, line.unit, *numbers, line.state, *after])
    total = [_number(corrected.total), None, None] if corrected else []
    rows.append([None, "总分", "", None, _number(tree.strict), _number(tree.total), None, tree.band, *total])
    return Table(tuple(columns), rows)


def _why(one: Correction | None) -> tuple[str | None, str | None]:
    return (None, None) if one is None else (one.code, one.reason)


def _corrected(written: str) -> Decimal | str | None:
    return written if written == STATES["not_applicable"] else _number(written)


def _number(written: str) -> Decimal | None:
    return Decimal(written.replace("−", "")) if written else None
