"""Several sources weighed into one result (综合成绩): 70 % routine assessment, 30 % special assessment.

Each source brings its rate of a hundred; the result is the sum of rate × weight, exact, with a line for each.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from assessments.scoring.amounts import ZERO, as_decimal, display, plain
from assessments.scoring.trace import Step, move

WHOLE = Decimal(100)
# what becomes of a body that one source did not assess
Missing = Literal["none", "rescale", "zero"]


@dataclass(frozen=True, slots=True)
class Source:
    """One source of one body's result. rate: of a hundred, None where the source has none; weight: of a hundred."""

    name: str
    weight: Decimal
    rate: Decimal | None


@dataclass(frozen=True, slots=True)
class Weighed:
    """The unrounded result of a hundred and the steps to it. total: None where it cannot be given."""

    total: Decimal | None
    trace: tuple[Step, ...]


def check_weights(weights: Sequence[Decimal]) -> None:
    """Raises ValueError, with a sentence, unless there are two or more, each above 0, that add up to 100 exactly."""
    if len(weights) < 2:
        raise ValueError("综合成绩至少要有两个来源")
    if any(not weight.is_finite() or weight <= 0 for weight in weights):
        raise ValueError("每个来源的权重要大于 0")
    whole = sum(weights, ZERO)
    if whole != WHOLE:
        raise ValueError(f"权重合计要正好是 100，现在是 {plain(whole)}")


def compose(sources: Sequence[Source], missing: Missing = "none") -> Weighed:
    """What the sources come to together.

    missing: a source without a rate leaves no result (`none`), hands its weight to the others in their measure
    (`rescale`), or counts 0 (`zero`). Raises ValueError as `check_weights`.

    >>> plain(compose([Source("日常", Decimal(70), Decimal("81.5")), Source("专项", Decimal(30), Decimal(90))]).total)
    '84.05'
    """
    check_weights([source.weight for source in sources])
    steps: list[Step] = []
    running, present = Fraction(0), Fraction(0)
    for source in sources:
        said, inputs = _line(source, missing)
        running = move(running, "add", inputs)
        present += Fraction(source.weight) if source.rate is not None else 0
        steps.append(Step(said, "add", inputs, running))
    absent = present < WHOLE
    if absent and (missing == "none" or (not present and missing == "rescale")):
        return Weighed(None, tuple(steps))
    if absent and missing == "rescale":
        inputs = (Fraction(WHOLE), present)
        running = move(running, "scale", inputs)
        steps.append(Step(f"按参加的来源折算：除以 {plain(as_decimal(present))}%", "scale", inputs, running))
    return Weighed(as_decimal(running), tuple(steps))


def _line(source: Source, missing: Missing) -> tuple[str, tuple[Fraction, ...]]:
    if source.rate is None:
        told = {
            "none": "没有成绩，不计综合成绩",
            "rescale": "没有成绩，权重折算到其余来源",
            "zero": "没有成绩，计 0 分",
        }
        return f"{source.name}：{told[missing]}", ()
    amount = Fraction(source.rate) * Fraction(source.weight) / 100
    said = f"得分率 {display(source.rate)}% × 权重 {plain(source.weight)}% ＝ {display(as_decimal(amount))}"
    return f"{source.name}：{said}", (amount,)
