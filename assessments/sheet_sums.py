"""A sheet's rows made into its sums; the arithmetic is `scoring`'s, storing and ranking are `rollup`'s.

Whatever a policy divides is rounded here and nowhere else: points to four places, rates to ten. So a page, the stored
copy and a report show the same digits; band and gate have used the unrounded numbers before.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cached_property
from typing import cast

from assessments.models import Entry, EntryState, Round, RoundAdjustment, ScoreSheet
from assessments.scoring.amounts import FOUR_PLACES, as_decimal
from assessments.scoring.marks import Mark, MarkState
from assessments.scoring.outline import Item, Outline, prepare
from assessments.scoring.policy import Policy
from assessments.scoring.rollup import Total, roll_up
from assessments.scoring.totals import Occurred, Outcome, settle
from assessments.scoring.trace import Step, explain_all
from indicators.models import Indicator
from units.models import Unit

TEN_PLACES = Decimal("0.0000000001")


@dataclass(frozen=True, slots=True)
class SheetSums:
    """One sheet's sums, to the digit as they are stored.

    so_far_rate, strict_rate: of the items alone, per hundred; None where there is nothing to divide by.
    total, total_rate, band: after adjustments, blanks counting 0. rank: within the unit's class.
    nodes: indicator id → its sums, for the root, all of level 1 and what stands above items. items: the same for items.
    items and outcome (the steps to the total) are empty and None where the sums were read from their stored copy.
    """

    sheet_id: int
    unit_id: int
    unit: str
    unit_class_id: int | None
    earned: Decimal
    possible: Decimal
    strict_possible: Decimal
    pending: int
    total: Decimal
    so_far_rate: Decimal | None
    strict_rate: Decimal | None
    total_rate: Decimal | None
    band: str
    rank: int | None
    nodes: dict[int, Total]
    items: dict[int, Total] = field(default_factory=dict)
    outcome: Outcome | None = None


# sheet → item → the score that counts in the place of the sealed one; None where the item does not apply
Corrections = Mapping[int, Mapping[int, Decimal | None]]


def compute(
    round_: Round, sheets: Sequence[ScoreSheet], corrections: Corrections | None = None, *, items: bool = True
) -> list[SheetSums]:
    """The sums of these sheets of one round, from their entries; unranked. Three queries, two where the tree is known.

    corrections: the sums as they are after amendments; without them as the entries say. items: the items' own too.
    """
    if not sheets:
        return []
    policy = Policy.from_json(round_.policy)
    tree = _tree(round_)
    ids = [sheet.pk for sheet in sheets]
    marks = _marks(ids)
    for sheet_id, corrected in (corrections or {}).items():
        _correct(marks[sheet_id].marks, corrected)
    occurred = _occurred(ids)
    return [
        _sum(sheet.pk, sheet.unit, tree, marks[sheet.pk], occurred[sheet.pk], policy, items=items) for sheet in sheets
    ]


def shares(round_: Round, sheet: ScoreSheet, corrections: Corrections | None = None) -> list[SheetSums]:
    """What each unit has earned of the items it leads on the one sheet of an allocated round (分工制); unranked.

    As if those items were a sheet of its own: a blank counts 0 in the total, and the points of what is not applicable
    go by the round's policy to the unit's other items. A score shared by several items is, with all of them, the unit's
    that leads the item it stands on. What befell the whole sheet (加扣分) befell no unit. Four queries.
    """
    tree, policy, marks = _tree(round_), Policy.from_json(round_.policy), _by_lead(sheet, corrections)
    units = Unit.objects.in_bulk(marks)
    return [_sum(sheet.pk, units[pk], tree, marks[pk], (), policy, items=False) for pk in sorted(marks)]


def share_steps(sheet: ScoreSheet, unit_id: int, corrections: Corrections | None = None) -> tuple[Step, ...]:
    """How the earned points of one of `shares` add up, by what stands below the root; empty for who leads nothing."""
    marks = _by_lead(sheet, corrections).get(unit_id)
    if marks is None:
        return ()
    tree = _tree(sheet.round)
    policy = Policy.from_json(sheet.round.policy)
    return explain_all(tree.form(marks).outline, marks.marks, policy, [tree.root])[tree.root]


def explained(
    sheet: ScoreSheet, nodes: Iterable[int] | None = None, corrected: Mapping[int, Decimal | None] | None = None
) -> dict[int, tuple[Step, ...]]:
    """Indicator → how its earned points add up; without `nodes`, all of the sheet. Nodes it has not are left out.

    corrected: item → the score that counts after its amendment; without, the sealed ones count. Two queries.
    """
    marks = _marks([sheet.pk])[sheet.pk]
    _correct(marks.marks, corrected or {})
    outline = _tree(sheet.round).form(marks).outline
    known = outline.ids if nodes is None else [node for node in nodes if node in outline.position]
    return explain_all(outline, marks.marks, Policy.from_json(sheet.round.policy), known)


@dataclass(slots=True)
class _Marks:
    """One sheet's items with their points, and their marks."""

    points: dict[int, Decimal] = field(default_factory=dict)
    marks: dict[int, Mark] = field(default_factory=dict)
    # a task that each unit of a group answers (督办): minus the entry → the item it stands below
    tasks: dict[int, int] = field(default_factory=dict)

    def only(self, items: Collection[int]) -> "_Marks":
        """Those of some items alone."""
        points = {item: points for item, points in self.points.items() if item in items}
        return _Marks(points, {item: mark for item, mark in self.marks.items() if item in items})


@dataclass(frozen=True, slots=True)
class _Form:
    """What sheets with the same items have in common. stored: the nodes whose sums are kept, not the items' own."""

    points: Mapping[int, Decimal]
    outline: Outline
    stored: frozenset[int]


@dataclass(frozen=True)
class _Tree:
    """A ledger's nodes as (id, parent), parents first; sheets with the same items share one outline."""

    nodes: tuple[tuple[int, int | None], ...]
    made: list[_Form] = field(default_factory=list)

    def form(self, marks: _Marks) -> _Form:
        """Of a sheet with these items; its outline is they and what stands above them."""
        points, tasks = marks.points, marks.tasks
        for known in reversed(self.made):
            if known.points == points:
                return known
        needed = {*points, *tasks.values(), self.root}
        for node, parent in reversed(self.nodes):
            if node in needed and parent is not None:
                needed.add(parent)
        nodes = (*(node for node in self.nodes if node[0] in needed), *tasks.items())
        outline = prepare(Item(node, parent, points.get(node), node in points) for node, parent in nodes)
        items = {node for node in points if not outline.children[outline.position[node]]}
        made = _Form(points, outline, frozenset(outline.ids) - (items - self.tops))
        del self.made[:-KEPT_OUTLINES]
        self.made.append(made)
        return made

    @property
    def root(self) -> int:
        """The node that stands for the whole sheet."""
        return self.nodes[0][0]

    @cached_property
    def tops(self) -> frozenset[int]:
        """Level 1: a board has a bar for each, items or not."""
        return frozenset(node for node, parent in self.nodes if parent == self.root)


def _tree(round_: Round) -> _Tree:
    """The round's tree, read once: a published ledger does not change any more. A draft's is read anew."""
    ledger = round_.ledger
    if ledger.published_at is None:
        return _Tree(_nodes(ledger.pk))
    key = (ledger.pk, ledger.published_at)
    if key not in _TREES:
        while len(_TREES) >= KEPT_TREES:
            _TREES.pop(next(iter(_TREES)), None)
        _TREES[key] = _Tree(_nodes(ledger.pk))
    return _TREES[key]


# a save's sums need the tree of its round; the rounds of an office at work are few
KEPT_TREES = 4
# units whose sheets have other items have outlines of their own
KEPT_OUTLINES = 8
_TREES: dict[tuple[int, datetime], _Tree] = {}


def _nodes(ledger_id: int) -> tuple[tuple[int, int | None], ...]:
    return tuple(Indicator.objects.filter(ledger_id=ledger_id).in_order().values_list("pk", "parent_id"))


def _marks(sheet_ids: Sequence[int]) -> defaultdict[int, _Marks]:
    """The marks by sheet. A shared score is one mark on its home, and names the items it covers.

    Equal marks are one object: a round has a hundred thousand, and Python's collector looks at each that is kept.
    """
    found: defaultdict[int, _Marks] = defaultdict(_Marks)
    known: dict[tuple[str, Decimal | None], Mark] = {}
    shares: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    item_of: dict[int, int] = {}
    rows = Entry.objects.filter(sheet_id__in=sheet_ids).order_by()
    for pk, sheet_id, indicator, state, points, earned, home, member in rows.values_list(
        "pk", "sheet_id", "indicator_id", "state", "points", "earned", "shared_home_id", "member_id"
    ):
        sheet, item = found[sheet_id], indicator
        if member is not None:
            item = -pk
            sheet.tasks[item] = indicator
        sheet.points[item] = points
        item_of[pk] = item
        if state == EntryState.SCORED and home is not None:
            shares[sheet_id, home].append(item)
        elif state != EntryState.UNSCORED:
            mark = known.get((state, earned))
            if mark is None:
                mark = known[state, earned] = Mark(cast(MarkState, state), earned)
            sheet.marks[item] = mark
    for (sheet_id, home), covered in shares.items():
        marks, item = found[sheet_id].marks, item_of[home]
        marks[item] = replace(marks[item], shared_with=tuple(covered))
    return found


def _by_lead(sheet: ScoreSheet, corrections: Corrections | None) -> dict[int, _Marks]:
    """Unit → the marks of the items it leads; those of a shared score go with the item it stands on."""
    whole = _marks([sheet.pk])[sheet.pk]
    _correct(whole.marks, (corrections or {}).get(sheet.pk, {}))
    led: defaultdict[int, set[int]] = defaultdict(set)
    fields = ("indicator_id", "unit_id", "shared_home_id", "shared_home__unit_id")
    for item, unit, home, home_unit in Entry.objects.filter(sheet=sheet).order_by().values_list(*fields):
        lead = unit if home is None else home_unit
        if lead is not None:
            led[lead].add(item)
    return {unit: whole.only(items) for unit, items in led.items()}


def _correct(marks: dict[int, Mark], corrected: Mapping[int, Decimal | None]) -> None:
    """Puts corrected scores in the place of the sealed ones; a score shared by several items stays shared."""
    for item, score in corrected.items():
        shared = marks[item].shared_with if item in marks else ()
        marks[item] = Mark("not_applicable") if score is None else Mark("scored", score, shared)


def _occurred(sheet_ids: Sequence[int]) -> defaultdict[int, list[Occurred]]:
    found: defaultdict[int, list[Occurred]] = defaultdict(list)
    happened = RoundAdjustment.objects.filter(sheet_id__in=sheet_ids, times__gt=0).select_related("adjustment")
    for one in happened.order_by("adjustment_id"):
        rule = one.adjustment
        found[one.sheet_id].append(Occurred(rule.text, rule.points, rule.kind, one.times, rule.cap))  # type: ignore[arg-type]
    return found


def _sum(
    sheet_id: int,
    unit: Unit,
    tree: _Tree,
    marks: _Marks,
    occurred: Sequence[Occurred],
    policy: Policy,
    *,
    items: bool,
) -> SheetSums:
    form = tree.form(marks)
    exact = roll_up(form.outline, marks.marks, policy, None if items else form.stored)
    outcome = settle(exact[tree.root], occurred, policy)
    totals = exact if exact[tree.root].exact is None else {node: _rounded(total) for node, total in exact.items()}
    whole = totals[tree.root]
    so_far_rate, strict_rate = _rates(exact[tree.root])
    return SheetSums(
        sheet_id=sheet_id,
        unit_id=unit.pk,
        unit=unit.name,
        unit_class_id=unit.unit_class_id,
        earned=whole.earned,
        possible=whole.possible,
        strict_possible=whole.strict_possible,
        pending=whole.pending,
        total=_four(outcome.total),
        so_far_rate=so_far_rate,
        strict_rate=strict_rate,
        total_rate=None if outcome.strict_rate is None else _ten(outcome.strict_rate),
        band=outcome.band or "",
        rank=None,
        nodes={node: total for node, total in totals.items() if node in form.stored},
        items={node: totals[node] for node in marks.points if node not in marks.tasks} if items else {},
        outcome=outcome,
    )


def _rounded(total: Total) -> Total:
    return replace(
        total,
        earned=_four(total.earned),
        possible=_four(total.possible),
        strict_possible=_four(total.strict_possible),
        exact=None,
    )


def _four(points: Decimal) -> Decimal:
    return points.quantize(FOUR_PLACES, rounding=ROUND_HALF_UP)


def _ten(rate: Decimal) -> Decimal:
    return rate.quantize(TEN_PLACES, rounding=ROUND_HALF_UP)


def _rates(root: Total) -> tuple[Decimal | None, Decimal | None]:
    """The rates so far and strict of what the items earned, from the unrounded amounts."""
    exact = root.exact
    earned = exact.earned if exact else Fraction(root.earned)
    possible = exact.possible if exact else Fraction(root.possible)
    strict = exact.strict_possible if exact else Fraction(root.strict_possible)
    return _rate(earned, possible), _rate(earned, strict)


def _rate(earned: Fraction, possible: Fraction) -> Decimal | None:
    return _ten(as_decimal(100 * earned / possible)) if possible else None
