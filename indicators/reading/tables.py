"""One sheet that holds several tables under one another → a grid for each; reads none of them."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import takewhile

from indicators.reading.chapters import cut, follows
from indicators.reading.columns import Header, anchor, find, repeats, role_of
from indicators.reading.formats.grid import Grid
from indicators.reading.text import fold

_TITLE = re.compile(
    r"^\s*附[件表]\s*\d|(指标|标准|细则|台账|分解表|分工表|考核表|测评表|评分表|清单|一览表)(?:[（(].*[)）])?\s*$"
)
_CHAPTER = re.compile(r"\s*(?:第?[一二三四五六七八九十]{1,3}[、.．部章]|[（(][一二三四五六七八九十]{1,3}[)）])")
LONGEST = 24
FEWEST = 3
SEARCHED = 5


def apart(grid: Grid) -> list[Grid]:
    """The tables of a sheet, each at its own rows, so that every cell keeps its address.

    A row of nothing but known headings that differ from the header's begins another table, with the lines of
    one cell just above it; so does the same header below a title of its own. The second table's grid is called
    `台账（2）`.
    """
    header = None if grid.prose else find(grid)
    starts = list(_starts(grid, header)) if header is not None else []
    if not starts:
        return [grid]
    bounds = [0, *starts, grid.height]
    return [_cut(grid, number, *bounds[number : number + 2]) for number in range(len(bounds) - 1)]


def _starts(grid: Grid, header: Header) -> Iterator[int]:
    row = header.rows[-1] + 1
    column, word = anchor(grid, header)
    known = {fold(text) for line in grid.rows[: header.rows[0]] for text in line if text}
    while row < grid.height:
        again = repeats(grid, header, row) if fold(grid.text(row, column)) == word else None
        new = again is not None or is_header(grid, row)
        start = row
        while new and start - 1 > header.rows[-1] and _is_line(grid, start - 1):
            start -= 1
        if new and again is None and follows(grid, header.rows[0], row):
            # The next chapter of the same table, under headings of its own.
            header = _header_at(grid, row) or header
            column, word = anchor(grid, header)
            row = header.rows[-1]
        elif (new and again is None) or _is_titled(grid, start, row, known):
            yield start
            again = None
            known.update(fold(text) for line in grid.rows[start:row] for text in line if text)
            header = _header_at(grid, row) or header
            column, word = anchor(grid, header)
            row = max(row, header.rows[-1])
        row = again.rows[-1] + 1 if again else row + 1


def _header_at(grid: Grid, row: int) -> Header | None:
    rows = [[""] * grid.width] * row + list(grid.rows[row : row + SEARCHED])
    return find(replace(grid, rows=rows), row)


def is_header(grid: Grid, row: int) -> bool:
    """Whether a row holds nothing but known headings, what is assessed among them."""
    words = [text for text in grid.rows[row] if text]
    if len(words) < FEWEST or max(map(len, words)) > LONGEST:
        return False
    roles = list(takewhile(bool, map(role_of, words)))
    named = any(role in {"name", "content"} or role.startswith("level-") for role in roles if role)
    return named and len(roles) == len(words)


def _is_titled(grid: Grid, start: int, row: int, known: set[str]) -> bool:
    """Whether the lines above a header hold a title that was not printed before; a chapter is none."""
    lines = [text for line in grid.rows[start:row] for text in line if text]
    return any(_TITLE.search(text) and not _CHAPTER.match(text) and fold(text) not in known for text in lines)


def _is_line(grid: Grid, row: int) -> bool:
    """Whether a row holds one cell of words at most, as titles do."""
    return sum(bool(text) for text in grid.rows[row]) <= 1


def _cut(grid: Grid, number: int, start: int, end: int) -> Grid:
    part = cut(grid, start, end)
    return replace(part, sheet=f"{grid.sheet}（{number + 1}）") if number else part
