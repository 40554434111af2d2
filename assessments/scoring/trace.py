"""How a number came about, in steps a person could write down and a program can repeat (计分过程)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from assessments.scoring.amounts import TEN_THOUSANDTHS, display_points
from assessments.scoring.marks import Block, Mark, Sheet, read_sheet
from assessments.scoring.outline import Item, Outline, prepare
from assessments.scoring.policy import Policy
from assessments.scoring.rollup import Sums, add_up, shared_amounts, state_at
from assessments.scoring.shares import Weights, weigh

Move = Literal["start", "add", "subtract", "scale", "at_least", "at_most"]


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the reckoning.

    label: what was done, in Chinese. result: the running number afterwards.
    move: what it does to the running number, with `inputs`: `start` sets it to their sum, `add` and `subtract`
    take their sum, `scale` multiplies by the first and divides by the second, `at_least` and `at_most` bound it.
    Adding nothing keeps it; starting with nothing makes it 0.
    subject: the node or item the line is about, so that a page can name it; possible: its points that count.
    """

    label: str
    move: Move
    inputs: tuple[Fraction, ...]
    result: Fraction
    subject: int | None = None
    possible: Fraction | None = None


def replay(steps: Iterable[Step]) -> Fraction:
    """The number the steps lead to, worked out from their moves and inputs alone."""
    running = Fraction(0)
    for step in steps:
        running = move(running, step.move, step.inputs)
    return running


def move(running: Fraction, kind: Move, inputs: tuple[Fraction, ...]) -> Fraction:
    """The running number after one move."""
    match kind:
        case "start":
            return sum(inputs, Fraction(0))
        case "add":
            return running + sum(inputs)
        case "subtract":
            return running - sum(inputs)
        case "scale":
            return running * inputs[0] / inputs[1]
        case "at_least":
            return max(running, inputs[0])
        case "at_most":
            return min(running, inputs[0])


def explain(items: Outline | Iterable[Item], marks: Mapping[int, Mark], policy: Policy, node: int) -> tuple[Step, ...]:
    """How the earned points of one node add up: a line for each child, then for what counts here itself.

    The last result is the node's `earned`; the sum of all `possible` is its `possible`. Lines of nothing scored
    stand too and add 0, with the reason.
    Raises ValueError as `roll_up`, and for a node that is not in the outline.
    """
    outline = items if isinstance(items, Outline) else prepare(items)
    if node not in outline.position:
        raise ValueError(f"no such node: {node}")
    return explain_all(outline, marks, policy, [node])[node]


def explain_all(
    items: Outline | Iterable[Item], marks: Mapping[int, Mark], policy: Policy, nodes: Iterable[int] | None = None
) -> dict[int, tuple[Step, ...]]:
    """The same for many nodes of one sheet at once, parents first; without `nodes`, for all. Raises as `roll_up`."""
    outline = items if isinstance(items, Outline) else prepare(items)
    sheet = read_sheet(outline, marks)
    weights = weigh(outline, sheet, policy)
    sums = add_up(outline, sheet, weights, policy)
    found: dict[int, tuple[Step, ...]] = {}
    for node in outline.ids if nodes is None else nodes:
        place = outline.position[node]
        lines = [_child(outline, sums, child, policy) for child in outline.children[place]]
        found[node] = _added([*lines, *_own(outline, sheet, weights, place, policy)], sums.over)
    return found


def _added(lines: Iterable["_Line"], over: int) -> tuple[Step, ...]:
    steps: list[Step] = []
    running = Fraction(0)
    for line in lines:
        earned, possible = (Fraction(amount, over * TEN_THOUSANDTHS) for amount in line.amounts)
        running += earned
        steps.append(Step(line.label, "add", (earned,), running, line.subject, possible))
    return tuple(steps)


@dataclass(frozen=True, slots=True)
class _Line:
    label: str
    amounts: tuple[int, int]
    subject: int


def _child(outline: Outline, sums: Sums, child: int, policy: Policy) -> _Line:
    amounts = (sums.earned[child], sums.possible[child])
    pending = sums.pending[child]
    label = {
        "scored": "得分",
        "partial": f"已评部分得分，另有 {pending} 项未评",
        "unscored": f"{pending} 项未评，暂不计入",
        "shared": "与其他评估点合并计分，在上级计入",
        "not_applicable": _set_aside(policy),
    }[state_at(sums, child)]
    return _Line(label, amounts, outline.ids[child])


def _set_aside(policy: Policy) -> str:
    return {
        "drop": "不涉及，得分和分值都不计入",
        "proportional": "不涉及，分值按比例折算到其余评估点",
        "equal_share": "不涉及，分值平均分给同级",
        "full_marks": "不涉及，按满分计",
    }[policy.not_applicable]


def _own(outline: Outline, sheet: Sheet, weights: Weights, place: int, policy: Policy) -> list[_Line]:
    """What counts at this node itself: its own score if it is an item, and shared scores that meet here."""
    node = outline.ids[place]
    points = outline.points[place]
    lines = [
        _Line(
            _scored(score, weights, place),
            (score * weights.of[place], points * weights.of[place]),
            node,
        )
        for scored, score in sheet.single
        if scored == place
    ]
    lines += [
        _Line(_together(outline, block), shared_amounts(outline, block, weights), outline.ids[block.item])
        for block in sheet.shared
        if block.place == place
    ]
    if place in sheet.pending:
        lines.append(_Line("未评，暂不计入", (0, 0), node))
    if place in sheet.not_applicable:
        counted = points if policy.not_applicable == "full_marks" else 0
        lines.append(_Line(_set_aside(policy), (counted, counted), node))
    if place in sheet.exempt:
        lines.append(_Line("免评，不计入", (0, 0), node))
    return lines


def _scored(score: int, weights: Weights, place: int) -> str:
    if weights.of[place] == weights.over:
        return "本项得分"
    return f"本项得分 {_written(score)} 分，按调整后的分值折算"


def _together(outline: Outline, block: Block) -> str:
    parts = "＋".join(_written(outline.points[place]) for place in block.covers)
    return f"{len(block.covers)} 项合并计分（{parts} 分）"


def _written(amount: int) -> str:
    return display_points(Fraction(amount, TEN_THOUSANDTHS))
