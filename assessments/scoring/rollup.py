"""Scores of items summed into every node above them (逐级汇总); what a total means is said in `totals`.

Three things are easily got wrong here, and decided once:

A blank is not a zero. `earned` and `possible` are of scored items only, so that their quotient is the rate so
far (已评得分率); the strict total (全量得分率) has the same `earned` over `strict_possible`, where blanks stand
with their full points.

A shared score (several items under one merged score cell) counts once. It belongs to the lowest node that has
all its items below it, and to the nodes above that; nobody knows how it falls on the items, so between that
node and the items neither the score nor the points appear, on either side. In the county sheet 5.4 for three
items of 4, 1 and 2 points adds 5.4 of 7 to the node over the three.

Items that are not applicable follow the policy; exempt ones are out of both sides whatever the policy.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from assessments.scoring.amounts import TEN_THOUSANDTHS, divide
from assessments.scoring.marks import Block, Mark, MarkState, Sheet, read_sheet
from assessments.scoring.outline import Item, Outline, prepare
from assessments.scoring.policy import Policy
from assessments.scoring.shares import Weights, weigh

__all__ = ["Exact", "Item", "Mark", "MarkState", "Outline", "State", "Total", "prepare", "roll_up"]

State = Literal["unscored", "partial", "scored", "not_applicable", "shared"]


@dataclass(frozen=True, slots=True)
class Exact:
    """A total's three amounts where decimals cannot hold them (thirds)."""

    earned: Fraction
    possible: Fraction
    strict_possible: Fraction


@dataclass(frozen=True, slots=True)
class Total:
    """A node's sums.

    earned, possible: of what has been scored. strict_possible: of all that applies, blanks included.
    pending: how many items that apply have no score yet.
    state: `scored` when nothing is pending and something below has a score; `shared` when what is below
        is covered by a score that stands higher up; `not_applicable` when nothing below applies, exempt
        items and a node without items included.
    exact: only at the root, and only where the policy spread points and made fractions of them.
    """

    earned: Decimal
    possible: Decimal
    pending: int
    strict_possible: Decimal
    state: State
    exact: Exact | None = None


@dataclass(slots=True)
class Sums:
    """The sums by position, in ten-thousandths of points times `over`; `own` counts before adding upward."""

    earned: list[int]
    possible: list[int]
    strict: list[int]
    pending: list[int]
    scored: list[int]
    shared: list[int]
    over: int


def roll_up(
    items: Outline | Iterable[Item], marks: Mapping[int, Mark], policy: Policy, only: Collection[int] | None = None
) -> dict[int, Total]:
    """Sum marks from the items into every indicator above them (逐级汇总); the whole sheet is at the root's id.

    items: parents before children, as the tree is stored; or their outline, prepared once for many sheets.
    marks: item id → what it earned; an item without a mark is unscored, which is not zero.
    only: the nodes whose sums are wanted, in the outline's order and with the root; all, where it is not given.
    An item without points counts as worth 0: it can be pending or scored 0 (completion of a tracked round).
    Raises ValueError when a mark is for something that is not an item, has a score without being scored or the
    reverse, is negative, finer than four places or above the points it is for, or when an item that a shared
    score covers has a mark of its own or is covered twice.
    """
    outline = items if isinstance(items, Outline) else prepare(items)
    sheet = read_sheet(outline, marks)
    sums = add_up(outline, sheet, weigh(outline, sheet, policy), policy)
    written = _Written(Decimal(sums.over * TEN_THOUSANDTHS))
    totals = {}
    for place, node in enumerate(outline.ids):
        if only is None or node in only:
            earned, possible, strict = written[sums.earned[place]], written[sums.possible[place]], sums.strict[place]
            totals[node] = Total(earned, possible, sums.pending[place], written[strict], state_at(sums, place))
    if sums.over != 1:
        totals[outline.ids[0]] = _exact_root(totals[outline.ids[0]], sums)
    return totals


class _Written(dict[int, Decimal]):
    """Amounts as decimals, each divided once: the sums of a sheet repeat themselves."""

    def __init__(self, over: Decimal) -> None:
        super().__init__()
        self.over = over

    def __missing__(self, amount: int) -> Decimal:
        found = self[amount] = divide(amount, self.over)
        return found


def add_up(outline: Outline, sheet: Sheet, weights: Weights, policy: Policy) -> Sums:
    """The sums of every node and all below it."""
    sums = own_sums(outline, sheet, weights, policy)
    columns = (sums.earned, sums.possible, sums.strict, sums.pending, sums.scored, sums.shared)
    parents = outline.parents
    for column in filter(any, columns):
        for place in range(len(column) - 1, 0, -1):
            amount = column[place]
            if amount:
                column[parents[place]] += amount
    return sums


def own_sums(outline: Outline, sheet: Sheet, weights: Weights, policy: Policy) -> Sums:
    """What stands at each node itself, before anything is added upward."""
    zeros = [0] * len(outline.ids)
    sums = Sums(zeros, zeros[:], zeros[:], zeros[:], zeros[:], zeros[:], weights.over)
    for place, score in sheet.single:
        weight = weights.of[place]
        points = outline.points[place] * weight
        sums.earned[place] += score * weight
        sums.possible[place] += points
        sums.strict[place] += points
        sums.scored[place] += 1
    for block in sheet.shared:
        earned, possible = shared_amounts(outline, block, weights)
        _put(sums, block.place, earned, possible)
        sums.scored[block.place] += 1
        for place in block.covers:
            sums.shared[place] += 1
    for place in sheet.pending:
        sums.strict[place] += outline.points[place] * weights.of[place]
        sums.pending[place] += 1
    if policy.not_applicable == "full_marks":
        for place in sheet.not_applicable:
            _put(sums, place, outline.points[place], outline.points[place])
    return sums


def shared_amounts(outline: Outline, block: Block, weights: Weights) -> tuple[int, int]:
    """Earned and possible of a shared score: it grows in the measure of all its items' points together."""
    possible = sum(outline.points[place] * weights.of[place] for place in block.covers)
    return (block.score * possible // block.points if block.points else 0), possible


def _put(sums: Sums, place: int, earned: int, possible: int) -> None:
    sums.earned[place] += earned
    sums.possible[place] += possible
    sums.strict[place] += possible


def state_at(sums: Sums, place: int) -> State:
    """The state of the node at one position."""
    return _state(sums.pending[place], sums.scored[place], sums.shared[place])


def _state(pending: int, scored: int, shared: int) -> State:
    if pending:
        return "partial" if scored else "unscored"
    if scored:
        return "scored"
    return "shared" if shared else "not_applicable"


def _exact_root(total: Total, sums: Sums) -> Total:
    over = sums.over * TEN_THOUSANDTHS
    earned, possible, strict = (Fraction(column[0], over) for column in (sums.earned, sums.possible, sums.strict))
    return replace(total, exact=Exact(earned, possible, strict))
