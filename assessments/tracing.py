"""计算过程: how one number of a sheet came about, as a person would write it. Nothing is written or reckoned here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from assessments import figures, outlines, rollup, sheet_sums
from assessments.models import Entry, ScoreSheet
from assessments.outlines import Node, Outline
from assessments.scoring.amounts import as_decimal, display_points
from assessments.scoring.trace import Step, replay

SUMMANDS = 12
WORDS = {"add": "＋", "subtract": "－"}


@dataclass(frozen=True, slots=True)
class Line:
    """One step. node_id: what has steps of its own; entry_id: the item behind it; name, label: what it is about."""

    node_id: int | None
    entry_id: int | None
    name: str
    label: str
    sign: str
    amount: str
    possible: str
    running: str


@dataclass(frozen=True, slots=True)
class Reckoning:
    """One node's steps, or the total's. sum: the same in one line, `3.5 ＋ 3 ＝ 6.5`, where it has few summands."""

    node_id: int | None
    title: str
    level: int
    path: tuple[Node, ...]
    earned: str
    possible: str
    lines: tuple[Line, ...]
    sum: str


@dataclass(frozen=True, slots=True)
class Traced:
    """What a page shows: the total, then indicators in their order. so_far: the steps to the rate so far."""

    sheet: ScoreSheet
    parts: tuple[Reckoning, ...]
    total: str
    total_rate: str
    so_far_rate: str
    so_far: tuple[Line, ...]
    engine: str


def of_total(sheet: ScoreSheet, *, whole: bool = False) -> Traced:
    """From the items to the total; `whole`: with every indicator above items, for print. Constant queries."""
    sums = rollup.sums(sheet)
    seen = _Seen(sheet)
    tops = [node.id for node in seen.tree.tops]
    wanted = [node.id for node in seen.tree.nodes.values() if not node.is_item] if whole else []
    steps = sheet_sums.explained(sheet, [seen.root, *wanted])
    outcome = sums.outcome
    parts = [seen.part(steps.get(seen.root, ()), "各一级指标" if tops else "评估点", None)]
    parts += [seen.part(steps[node], seen.tree.nodes[node].name, node) for node in wanted if node in steps]
    settled = seen.settled(outcome.trace if outcome else ())
    last = Reckoning(None, "总分", 0, (), figures.total(sums.total), figures.total(sums.strict_possible), settled, "")
    return Traced(
        sheet=sheet,
        parts=(last, *parts),
        total=figures.total(sums.total),
        total_rate=figures.rate(sums.total_rate),
        so_far_rate=figures.rate(sums.so_far_rate),
        so_far=seen.settled(outcome.so_far_trace if outcome else ()),
        engine=sheet.round.engine,
    )


def of_node(sheet: ScoreSheet, node_id: int) -> Reckoning | None:
    """One indicator's steps; None for what is not on the sheet. Constant queries."""
    steps = sheet_sums.explained(sheet, [node_id]).get(node_id)
    seen = _Seen(sheet)
    if steps is None or node_id not in seen.tree.nodes:
        return None
    return seen.part(steps, seen.tree.nodes[node_id].name, node_id)


class _Seen:
    """One sheet's names and entries, read once."""

    def __init__(self, sheet: ScoreSheet) -> None:
        self.tree: Outline = outlines.outline(sheet.round.ledger_id)
        self.root: int = sheet.round.ledger.indicators.get(parent__isnull=True).pk
        rows = list(Entry.objects.filter(sheet=sheet).values_list("indicator_id", "pk", "unit__name", "member_id"))
        # a task that several units answer has a line for each: `sheet_sums` counts them by minus the entry
        self.entries: Mapping[int, int] = {item if one is None else -pk: pk for item, pk, _, one in rows}
        self.members: Mapping[int, str] = {-pk: name for _, pk, name, one in rows if one is not None}

    def part(self, steps: Sequence[Step], title: str, node_id: int | None) -> Reckoning:
        node = self.tree.nodes.get(node_id or 0)
        possible = sum((step.possible or Fraction(0) for step in steps), Fraction(0))
        return Reckoning(
            node_id=node_id,
            title=title,
            level=node.level if node else 0,
            path=self.tree.above(node_id) if node_id is not None else (),
            earned=_written(replay(steps)),
            possible=_written(possible),
            lines=tuple(self._line(step, node_id) for step in steps),
            sum=_sum(steps),
        )

    def settled(self, steps: Sequence[Step]) -> tuple[Line, ...]:
        return tuple(self._line(step, None) for step in steps)

    def _line(self, step: Step, here: int | None) -> Line:
        node = self.tree.nodes.get(step.subject or 0)
        amount = _written(sum(step.inputs, Fraction(0))) if step.inputs and step.move in {"add", "subtract"} else ""
        return Line(
            node_id=node.id if node and node.id != here else None,
            entry_id=self.entries.get(step.subject or 0),
            name=node.name if node else self.members.get(step.subject or 0, ""),
            label=step.label,
            sign=WORDS.get(step.move, ""),
            amount=amount,
            possible="" if step.possible is None else _written(step.possible),
            running=_written(step.result),
        )


def _written(amount: Fraction) -> str:
    return figures.points(as_decimal(amount)) if amount.denominator in _SHORT else display_points(amount)


# amounts with at most two places are written with both
_SHORT = frozenset(one for one in range(1, 101) if 100 % one == 0)


def _sum(steps: Sequence[Step]) -> str:
    """`3.5 ＋ 3 ＝ 6.5`; empty for one summand, and for so many that nobody reads them."""
    amounts = [step.inputs[0] for step in steps if step.inputs and step.inputs[0]]
    if not 1 < len(amounts) <= SUMMANDS:
        return ""
    return f"{' ＋ '.join(map(display_points, amounts))} ＝ {display_points(replay(steps))}"
