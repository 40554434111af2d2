"""What a round has decided about its totals (考核办法), as data; nothing is computed here.

What adds or takes is said in points (the caps); what judges a total is said per hundred of the sheet's
full points (gate, ceiling, bands), so it means the same on a sheet of 60, 95.5 or 100 points.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Literal, get_args

from assessments.scoring.amounts import ZERO, from_text, plain

Rectified = Literal["none", "restore"]
NotApplicable = Literal["drop", "proportional", "equal_share", "full_marks"]

_AMOUNTS = ("deduction_cap", "bonus_cap", "bonus_gate", "ceiling")


@dataclass(frozen=True, slots=True)
class Band:
    """A grade (等次) and the least rate, of a hundred, that earns it."""

    name: str
    least: Decimal


DEFAULT_BANDS = (
    Band("优秀", Decimal(90)),
    Band("良好", Decimal(80)),
    Band("合格", Decimal(60)),
    Band("不合格", ZERO),
)


@dataclass(frozen=True, slots=True)
class Policy:
    """How one round counts (考核轮次的计分办法); without arguments, the plainest way.

    not_applicable: what becomes of an item that does not concern the body (不涉及).
        `drop` takes it out of both sides; `proportional` multiplies all others by full / remaining, over
        the whole sheet; `equal_share` gives its points in equal parts to its siblings (see `shares`);
        `full_marks` counts it as fully earned.
    deduction_cap, bonus_cap: the most points all deductions take, all bonuses give.
    bonus_gate: bonuses count only *above* this rate after deductions; exactly at the gate they do not.
    ceiling: the highest rate a total may reach.
    rectification: whether the recheck of a lost point that was put right (整改) may restore points: `none` never,
        `restore` to the score the office gives.
    bands: highest first; a rate equal to `least` belongs to the band. They judge the unrounded rate.
    Raises ValueError for a policy that contradicts itself.
    """

    not_applicable: NotApplicable = "drop"
    deduction_cap: Decimal | None = None
    bonus_cap: Decimal | None = None
    bonus_gate: Decimal | None = None
    ceiling: Decimal | None = None
    bands: tuple[Band, ...] = DEFAULT_BANDS
    rectification: Rectified = "none"

    def __post_init__(self) -> None:
        if self.not_applicable not in get_args(NotApplicable):
            raise ValueError(f"unknown policy for not applicable: {self.not_applicable}")
        if self.rectification not in get_args(Rectified):
            raise ValueError(f"unknown policy for rectification: {self.rectification}")
        for name in _AMOUNTS:
            amount: Decimal | None = getattr(self, name)
            if amount is not None and not (amount.is_finite() and amount >= 0):
                raise ValueError(f"{name} is not an amount: {amount}")
        leasts = [band.least for band in self.bands]
        if not all(least.is_finite() and least >= 0 for least in leasts):
            raise ValueError("a band begins at an amount")
        if leasts != sorted(set(leasts), reverse=True):
            raise ValueError("bands stand highest first, each with a bound of its own")

    def as_json(self) -> dict[str, object]:
        """The policy as JSON values, amounts as strings; `from_json` gives the same policy back."""
        amounts = {name: getattr(self, name) for name in _AMOUNTS}
        return {
            "not_applicable": self.not_applicable,
            **{name: None if amount is None else plain(amount) for name, amount in amounts.items()},
            "bands": [{"name": band.name, "least": plain(band.least)} for band in self.bands],
            "rectification": self.rectification,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> "Policy":
        """The policy that was stored; what is absent takes its default.

        Raises ValueError for an unknown key (a misspelt rule would silently not count) or a number that is
        not a string.
        """
        unknown = stored.keys() - {field.name for field in fields(cls)}
        if unknown:
            raise ValueError(f"unknown in a policy: {', '.join(sorted(unknown))}")
        amounts = {name: from_text(stored[name]) for name in _AMOUNTS if stored.get(name) is not None}
        bands = _bands(stored["bands"]) if "bands" in stored else DEFAULT_BANDS
        chosen = _choice(stored.get("not_applicable", "drop"))
        return cls(not_applicable=chosen, bands=bands, rectification=_rectified(stored), **amounts)


def band_of(rate: Decimal, policy: Policy) -> str | None:
    """The name of the highest band the unrounded rate reaches; None when it reaches none."""
    return next((band.name for band in policy.bands if rate >= band.least), None)


def _choice(value: object) -> NotApplicable:
    for choice in get_args(NotApplicable):
        if value == choice:
            return choice  # type: ignore[no-any-return]
    raise ValueError(f"unknown policy for not applicable: {value!r}")


def _rectified(stored: Mapping[str, object]) -> Rectified:
    chosen = stored.get("rectification", "none")
    for choice in get_args(Rectified):
        if chosen == choice:
            return choice  # type: ignore[no-any-return]
    raise ValueError(f"unknown policy for rectification: {chosen!r}")


def _bands(stored: object) -> tuple[Band, ...]:
    if not isinstance(stored, list) or not all(isinstance(band, dict) for band in stored):
        raise ValueError("bands are a list of objects")
    return tuple(Band(str(band.get("name", "")), from_text(band.get("least"))) for band in stored)
