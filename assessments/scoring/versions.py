"""Published numbers beside those another version of the scoring program gives (计分程序版本)."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Standing:
    """What is published of one sheet, to the digit: total and rate as exact strings."""

    total: str
    rate: str | None
    band: str
    rank: int | None


@dataclass(frozen=True, slots=True)
class Changed:
    """One sheet whose published standing the present program would give otherwise; `now` is None for one it has not."""

    sheet: int
    sealed: Standing
    now: Standing | None


def compare(sealed: Mapping[int, Standing], now: Mapping[int, Standing]) -> tuple[Changed, ...]:
    """The sheets that differ, in the sealed order; empty where every published number stays.

    >>> one = Standing("63.5", "63.5", "合格", 1)
    >>> compare({1: one, 2: one}, {1: one, 2: Standing("64", "64", "合格", 1)})[0].sheet
    2
    """
    pairs = ((sheet, before, now.get(sheet)) for sheet, before in sealed.items())
    return tuple(Changed(sheet, before, after) for sheet, before, after in pairs if before != after)
