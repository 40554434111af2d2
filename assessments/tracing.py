"""计算过程: how one number of a sheet came about, as a person would write it. Nothing is written or reckoned here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from assessments import amended, figures, outlines, rollup, sheet_sums
from assessments.amended import Correction
from assessments.models import Entry, ScoreSheet
from assessments.outlines import Node, Outline
from assessments.scoring.amounts import as_decimal, display_points
from assessments.scoring.trace import Step, replay
from assessments.sheet_sums import SheetSums

SUMMANDS = 12
WORDS = {"add": "＋", "subtract": "－"}


@dataclass(frozen=True, slots=True)
class Line:
    """One step. node_id: what has steps of its own; entry_id: the item behind it; name, label: what it is about.

    correction: of an item whose published score was corrected, in the steps after corrections.
    """

    node_id: int | None
    entry_id: int | None
    name: str
    label: str
    sign: str
    amount: str
    possible: str
    running: str
    correction: Correction | None = None


@dataclass(frozen=True, slots=True)
class Reckoning:
    """One node's steps, or the total's. sum: the same in one line, `3.5 ＋ 3 ＝ 6.5`, where it has few summands.

    after: the same once the corrections (更正) count; None where they leave it as it was published.
    """

    node_id: int | None
    title: str
    level: int
    path: tuple[Node, ...]
    earned: str
    possible: str
    lines: tuple[Line, ...]
    sum: str
    after: "Reckoning | None" = None


@dataclass(frozen=True, slots=True)
class Traced:
    """What a page shows: the total, then indicators in their order. so_far: the steps to the rate so far.

    after: the same after corrections (更正); None where none of them is on the sheet.
    """

    sheet: ScoreSheet
    parts: tuple[Reckoning, ...]
    total: str
    total_rate: str
    so_far_rate: str
    so_far: tuple[Line, ...]
    engine: str
    after: "After | None"


@dataclass(frozen=True, slots=True)
class After:
    """Total and rates once the corrections count."""

    total: str
    total_rate: str
    so_far_rate: str
    so_far: tuple[Line, ...]


def of_total(sheet: ScoreSheet, *, whole: bool = False) -> Traced:
    """From the items to the total; `whole`: with every indicator above items, for print. Constant queries."""
    sums = rollup.sums(sheet)
    seen = _Seen(sheet)
    tops = [node.id for node in seen.tree.tops]
    wanted = [node.id for node in seen.tree.nodes.values() if not node.is_item] if whole else []
    steps, later = seen.both([seen.root, *wanted])
    outcome = sums.outcome
    first = "各一级指标" if tops else "评估点"
    parts = [seen.part(steps.get(seen.root, ()), first, None, later.get(seen.root))]
    parts += [
        seen.part(steps[node], seen.tree.nodes[node].name, node, later.get(node)) for node in wanted if node in steps
    ]
    after = rollup.amended(sheet.round).get(sheet.pk) if seen.corrections else None
    last = seen.total(sums, seen.total(after) if after else None)
    return Traced(
        sheet=sheet,
        parts=(last, *parts),
        total=figures.total(sums.total),
        total_rate=figures.rate(sums.total_rate),
        so_far_rate=figures.rate(sums.so_far_rate),
        so_far=seen.settled(outcome.so_far_trace if outcome else ()),
        engine=sheet.round.engine,
        after=seen.after(after) if after else None,
    )


def of_node(sheet: ScoreSheet, node_id: int) -> Reckoning | None:
    """One indicator's steps; None for what is not on the sheet. Constant queries."""
    seen = _Seen(sheet)
    steps, later = seen.both([node_id])
    if node_id not in steps or node_id not in seen.tree.nodes:
        return None
    return seen.part(steps[node_id], seen.tree.nodes[node_id].name, node_id, later.get(node_id))


class _Seen:
    """One sheet's names, entries and corrections, read once."""

    def __init__(self, sheet: ScoreSheet) -> None:
        self.sheet = sheet
        self.corrections = amended.in_sheet(sheet.pk) if sheet.round.is_sealed else {}
        self.tree: Outline = outlines.outline(sheet.round.ledger_id)
        self.root: int = sheet.round.ledger.indicators.get(parent__isnull=True).pk
        rows = list(Entry.objects.filter(sheet=sheet).values_list("indicator_id", "pk", "unit__name", "member_id"))
        # a task that several units answer has a line for each: `sheet_sums` counts them by minus the entry
        self.entries: Mapping[int, int] = {item if one is None else -pk: pk for item, pk, _, one in rows}
        self.members: Mapping[int, str] = {-pk: name for _, pk, name, one in rows if one is not None}

    def both(self, nodes: Iterable[int]) -> tuple[dict[int, tuple[Step, ...]], dict[int, tuple[Step, ...]]]:
        """The nodes' steps as published, and after corrections; without any, the second is empty."""
        known = list(nodes)
        later = self._corrected()
        return sheet_sums.explained(self.sheet, known), (
            sheet_sums.explained(self.sheet, known, later) if later else {}
        )

    def _corrected(self) -> Mapping[int, Decimal | None]:
        return rollup.corrected(self.sheet.round).get(self.sheet.pk, {}) if self.corrections else {}

    def total(self, sums: SheetSums, after: Reckoning | None = None) -> Reckoning:
        """From the items' sum to the total."""
        steps = self.settled(sums.outcome.trace if sums.outcome else ())
        total, strict = figures.total(sums.total), figures.total(sums.strict_possible)
        return Reckoning(None, "总分", 0, (), total, strict, steps, "", after)

    def after(self, sums: SheetSums) -> After:
        """The totals once corrections count."""
        steps = self.settled(sums.outcome.so_far_trace if sums.outcome else ())
        return After(figures.total(sums.total), figures.rate(sums.total_rate), figures.rate(sums.so_far_rate), steps)

    def part(
        self,
        steps: Sequence[Step],
        title: str,
        node_id: int | None,
        after: Sequence[Step] | None = None,
        corrections: Mapping[int, Correction] | None = None,
    ) -> Reckoning:
        """The node's steps written; after: those once corrections count."""
        touched = after is not None and tuple(after) != tuple(steps)
        node = self.tree.nodes.get(node_id or 0)
        possible = sum((step.possible or Fraction(0) for step in steps), Fraction(0))
        return Reckoning(
            node_id=node_id,
            title=title,
            level=node.level if node else 0,
            path=self.tree.above(node_id) if node_id is not None else (),
            earned=_written(replay(steps)),
            possible=_written(possible),
            lines=tuple(self._line(step, node_id, corrections or {}) for step in steps),
            sum=_sum(steps),
            after=self.part(after, title, node_id, None, self.corrections) if touched and after else None,
        )

    def settled(self, steps: Sequence[Step]) -> tuple[Line, ...]:
        return tuple(self._line(step, None, {}) for step in steps)

    def _line(self, step: Step, here: int | None, corrections: Mapping[int, Correction]) -> Line:
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
            correction=corrections.get(self.entries.get(step.subject or 0, 0)),
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
