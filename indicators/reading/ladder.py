"""How deep a row stands where its serial tells it (1 over 1.1, 一、 over （一） over 1.); builds no tree."""

import re
from collections.abc import Mapping, Sequence

from indicators.reading.columns import Header
from indicators.reading.formats.grid import Grid
from indicators.reading.rows import Line
from indicators.reading.text import narrow, squeeze

_NUMERAL = "[一二三四五六七八九十]{1,3}"
_MARKS = (
    re.compile(rf"(?:第?{_NUMERAL}[、.．部章]|{_NUMERAL}$)"),
    re.compile(rf"[(（]{_NUMERAL}[)）]"),
    re.compile(r"\d{1,3}(?:[.．、](?!\d)|$)"),
    re.compile(r"[(（]\d{1,3}[)）]"),
    re.compile(r"[①-⑳]"),
)
_DOTTED = re.compile(r"(\d{1,3}(?:\.\d{1,3}){0,3})\.?(?![\d%分])")
DEEPEST = 4


def rungs(grid: Grid, header: Header, lines: Sequence[Line]) -> Mapping[int, int]:
    """Row → its depth from 1; empty where the serials of the only level column tell none.

    Rows that open chapters are left out; a row without a serial stands as deep as the one before it.
    """
    levels = header.levels
    if len(levels) != 1:
        return {}
    rows = [line.row for line in lines if line.section is None]
    if any(grid.block(row, levels[0].index).bottom > grid.block(row, levels[0].index).top for row in rows):
        return {}
    serials = {row: _serial(grid, header, row) for row in rows}
    return _by_dots(serials) or _by_marks(serials)


def _serial(grid: Grid, header: Header, row: int) -> str:
    """What stands in the serial column, or at the start of the name where there is none."""
    for column in header.of("number")[:1]:
        text = squeeze(grid.text(row, column.index))
        if text:
            return text
    return squeeze(grid.text(row, header.levels[0].index))


def _by_dots(serials: Mapping[int, str]) -> dict[int, int]:
    """Depths by 1, 1.1, 1.1.1, where what stands above is printed too."""
    found = {row: _DOTTED.match(narrow(text)) for row, text in serials.items()}
    numbers = {row: tuple(match[1].split(".")) for row, match in found.items() if match}
    known = set(numbers.values())
    parted = [number for number in numbers.values() if len(number) > 1]
    if not parted or len(numbers) * 10 < _printed(serials) * 9 or not all(number[:-1] in known for number in parted):
        return {}
    return _filled(serials, {row: len(number) for row, number in numbers.items()})


def _by_marks(serials: Mapping[int, str]) -> dict[int, int]:
    """Depths by the kinds of marks, in the order in which a document counts; the highest kind comes first."""
    kinds = {row: kind for row, text in serials.items() if (kind := kind_of(text)) is not None}
    ranks = sorted(set(kinds.values()))
    first = next(iter(serials), None)
    if (
        len(ranks) < 2
        or len(ranks) > DEEPEST
        or len(kinds) * 10 < _printed(serials) * 9
        or kinds.get(first or 0) != ranks[0]
    ):
        return {}
    return _filled(serials, {row: ranks.index(kind) + 1 for row, kind in kinds.items()})


def _printed(serials: Mapping[int, str]) -> int:
    """How many rows print a serial or a name; a row without either tells nothing."""
    return sum(map(bool, serials.values()))


def kind_of(text: str) -> int | None:
    """The kind of mark a text begins with, from 0 for `一、`; None where it has none."""
    return next((number for number, mark in enumerate(_MARKS) if mark.match(text)), None)


def _filled(serials: Mapping[int, str], depths: Mapping[int, int]) -> dict[int, int]:
    found: dict[int, int] = {}
    last = 1
    for row in serials:
        last = depths.get(row, last)
        found[row] = last
    return found
