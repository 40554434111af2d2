"""From the sums of a sheet to its total, rates and band (总分、得分率、等次); ranks are in `ranking`.

The order is fixed: items, veto (单项否决), capped deductions, the gate for bonuses, capped bonuses, floor 0,
ceiling. It is walked twice over the same adjustments: once from the strict sum, where blanks count 0, which
gives the total and the band; once from the sum so far. Bonuses are never in a denominator.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from assessments.scoring.amounts import ZERO, as_decimal, display, display_points
from assessments.scoring.policy import Policy, band_of
from assessments.scoring.rollup import Exact, Total
from assessments.scoring.trace import Move, Step, move

__all__ = ["AdjustmentKind", "Occurred", "Outcome", "display", "display_points", "rate", "settle"]

AdjustmentKind = Literal["bonus", "penalty", "veto"]

HUNDRED = Fraction(100)


@dataclass(frozen=True, slots=True)
class Occurred:
    """An adjustment of the ledger (加分项、扣分项、单项否决) and how often it happened.

    points: for once, with its sign (-1, 3); a veto needs none. cap: the most points all its times together
    give or take, without sign.
    """

    text: str
    points: Decimal | None
    kind: AdjustmentKind
    times: int
    cap: Decimal | None = None

    def __post_init__(self) -> None:
        if self.times < 0:
            raise ValueError(f"“{self.text}”的次数不能是负数")
        if self.cap is not None and self.cap < 0:
            raise ValueError(f"“{self.text}”的上限不能是负数")
        if self.kind == "veto":
            return
        if self.points is None:
            raise ValueError(f"“{self.text}”没有分值")
        if self.points and (self.points > 0) != (self.kind == "bonus"):
            raise ValueError(f"“{self.text}”的分值正负不对：加分项写正数，扣分项写负数")

    def amount(self) -> Fraction:
        """The points given or taken, without sign, after its own cap."""
        amount = abs(Fraction(self.points or 0)) * self.times
        return amount if self.cap is None else min(amount, Fraction(self.cap))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a sheet comes to, unrounded.

    total: points, of `full`. The rates are per hundred and None where there is nothing to divide by: nothing
    scored yet, or nothing that has points. band: by the strict rate; `policy.band_of` gives another's.
    trace: the steps to `total`. so_far_trace: the steps to the rate so far; empty when it is None.
    """

    total: Decimal
    so_far_rate: Decimal | None
    strict_rate: Decimal | None
    band: str | None
    trace: tuple[Step, ...]
    so_far_trace: tuple[Step, ...]


def settle(root: Total, occurrences: Sequence[Occurred], policy: Policy, full: Decimal | None = None) -> Outcome:
    """The sheet's outcome: items → veto → capped deductions → gate → capped bonuses → floor 0 → ceiling.

    root: as `roll_up` gave it; read back from four places, thirds are lost and a total of exactly 80 may not be.
    full: the points the sheet is brought to before anything is added or taken. None leaves it in its own
        points, `root.strict_possible`: with 20 of 100 points dropped, a penalty of 3 is then 3 of 80. With
        100 the sheet is first brought to 100 and the penalty is 3 of 100.
    A veto makes the total 0, and no bonus lifts it. Blanks count 0 in the total and in the strict rate.
    """
    exact = root.exact or _exact(root)
    whole = exact.strict_possible if full is None else Fraction(full)
    if not exact.strict_possible or not whole:
        return Outcome(ZERO, None, None, None, (), ())
    strict = _walk(exact.earned, exact.strict_possible, whole, occurrences, policy)
    so_far = _walk(exact.earned, exact.possible, whole, occurrences, policy) if exact.possible else ()
    strict_rate = _rate(strict, whole)
    return Outcome(
        total=as_decimal(strict[-1].result),
        so_far_rate=_rate(so_far, whole) if so_far else None,
        strict_rate=strict_rate,
        band=band_of(strict_rate, policy),
        trace=strict,
        so_far_trace=(*so_far, _per_hundred(so_far[-1].result, whole)) if so_far else (),
    )


def rate(earned: Decimal, possible: Decimal) -> Decimal | None:
    """Earned per hundred possible, unrounded; None where nothing is possible.

    >>> display(rate(Decimal("81.22") + Decimal("0.64"), Decimal(100) + Decimal("0.64")))
    '81.34'
    """
    return as_decimal(HUNDRED * Fraction(earned) / Fraction(possible)) if possible else None


class _Reckoning:
    """The steps so far and the running number."""

    __slots__ = ("running", "steps")

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.running = Fraction(0)

    def write(self, label: str, kind: Move, *inputs: Fraction) -> None:
        self.running = move(self.running, kind, inputs)
        self.steps.append(Step(label, kind, inputs, self.running))


def _walk(
    earned: Fraction, possible: Fraction, whole: Fraction, occurrences: Sequence[Occurred], policy: Policy
) -> tuple[Step, ...]:
    """The steps from the items' points to the points of the total; every rule that applied has its line."""
    book = _Reckoning()
    book.write(f"评估点得分 {display_points(earned)} 分，分值 {display_points(possible)} 分", "start", earned)
    if possible != whole:
        book.write(f"折算到满分 {display_points(whole)} 分", "scale", whole, possible)
    happened = [one for one in occurrences if one.times]
    vetoed = [one for one in happened if one.kind == "veto"]
    if vetoed:
        book.write(f"单项否决：{_texts(vetoed)}，总分记 0 分", "start")
    _deduct(book, [one for one in happened if one.kind == "penalty"], policy)
    bonuses = [one for one in happened if one.kind == "bonus"]
    if bonuses and not _barred(book, bool(vetoed), whole, policy):
        _award(book, bonuses, policy)
    if book.running < 0:
        book.write("总分不低于 0 分", "at_least", Fraction(0))
    _limit(book, whole, policy)
    return tuple(book.steps)


def _deduct(book: _Reckoning, penalties: Sequence[Occurred], policy: Policy) -> None:
    if penalties:
        taken, limited = _capped(penalties, policy.deduction_cap)
        book.write(f"扣分：{_texts(penalties)}{limited}，扣 {display_points(taken)} 分", "subtract", taken)


def _award(book: _Reckoning, bonuses: Sequence[Occurred], policy: Policy) -> None:
    given, limited = _capped(bonuses, policy.bonus_cap)
    book.write(f"加分：{_texts(bonuses)}{limited}，加 {display_points(given)} 分", "add", given)


def _barred(book: _Reckoning, vetoed: bool, whole: Fraction, policy: Policy) -> bool:
    """Whether bonuses do not count, with the line that says why."""
    if vetoed:
        book.write("已被单项否决，加分不计", "add")
        return True
    gate = policy.bonus_gate
    if gate is None or HUNDRED * book.running / whole > Fraction(gate):
        return False
    reached = display(HUNDRED * book.running / whole)
    book.write(f"扣分后得分率 {reached}%，没有超过 {display_points(gate)}%，加分不计", "add")
    return True


def _limit(book: _Reckoning, whole: Fraction, policy: Policy) -> None:
    if policy.ceiling is None:
        return
    most = Fraction(policy.ceiling) * whole / HUNDRED
    if book.running > most:
        book.write(f"总分最高 {display_points(most)} 分", "at_most", most)


def _capped(happened: Sequence[Occurred], cap: Decimal | None) -> tuple[Fraction, str]:
    """What they come to together, and the words for a cap that applied."""
    amount = sum((one.amount() for one in happened), Fraction(0))
    if cap is None or amount <= cap:
        return amount, ""
    return Fraction(cap), f"，合计 {display_points(amount)} 分，上限 {display_points(cap)} 分"


def _texts(happened: Iterable[Occurred]) -> str:
    return "；".join(_text(one) for one in happened)


def _text(one: Occurred) -> str:
    if one.kind == "veto":
        return f"“{one.text}”"
    once = display_points(abs(one.points or ZERO))
    limited = f"，最多 {display_points(one.cap)} 分" if one.cap is not None else ""
    return f"“{one.text}”每次 {once} 分，{one.times} 次{limited}"


def _exact(root: Total) -> Exact:
    return Exact(Fraction(root.earned), Fraction(root.possible), Fraction(root.strict_possible))


def _rate(steps: Sequence[Step], whole: Fraction) -> Decimal:
    return as_decimal(HUNDRED * steps[-1].result / whole)


def _per_hundred(result: Fraction, whole: Fraction) -> Step:
    return Step("折算成百分制", "scale", (HUNDRED, whole), HUNDRED * result / whole)
