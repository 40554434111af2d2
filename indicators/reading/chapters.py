"""Chapters that stand above a header (一、共性指标（60分）) and may each have one of their own; reads no row below."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from indicators.reading.columns import Header
from indicators.reading.formats.grid import Grid, Merges
from indicators.reading.text import alike, ordinal


def lead(grid: Grid, row: int) -> int | None:
    """The row of the chapter that stands just above a header, or None."""
    above = row - 1
    while above > 0 and not any(grid.rows[above]):
        above -= 1
    words = [text for text in grid.rows[above] if text] if above >= 0 else []
    return above if len(words) == 1 and ordinal(words[0]) is not None else None


def opens(grid: Grid, row: int, sections: Sequence[str]) -> bool:
    """Whether the chapter above the first header heads the rows below it, and is no second title.

    It does where another one follows, and where it says that what follows it are vetoes.
    """
    return any(map(ordinal, sections)) or "否决" in next(text for text in grid.rows[row] if text)


def follows(grid: Grid, before: int, row: int) -> bool:
    """Whether a header below another one only heads the next chapter of the same table, under nearly its headings.

    before, row: where the two headers stand, each with a chapter just above it.
    """
    first, second = lead(grid, before), lead(grid, row)
    if first is None or second is None:
        return False
    places = [ordinal(next(text for text in grid.rows[at] if text)) or 0 for at in (first, second)]
    return places[1] == places[0] + 1 and alike(grid.rows[before], grid.rows[row])


def parted(grid: Grid, header: Header, is_header: Callable[[Grid, int], bool]) -> list[Grid]:
    """The chapters of a table whose headers differ, each as a grid of its own rows at their places."""
    if lead(grid, header.rows[0]) is None:
        return [grid]
    starts = list(_starts(grid, header, is_header))
    bounds = [0, *starts, grid.height]
    return [cut(grid, *bounds[number : number + 2]) for number in range(len(bounds) - 1)] if starts else [grid]


def _starts(grid: Grid, header: Header, is_header: Callable[[Grid, int], bool]) -> Iterator[int]:
    last = header.rows[0]
    for row in range(header.rows[-1] + 1, grid.height):
        if any(grid.rows[row]) and is_header(grid, row) and follows(grid, last, row):
            yield lead(grid, row) or row
            last = row


def cut(grid: Grid, start: int, end: int) -> Grid:
    """The rows from start up to end, at their places; those before are blank."""
    blank = [""] * grid.width
    rows = [list(row) if start <= at else blank for at, row in enumerate(grid.rows[:end])]
    merged = Merges.of(
        block._replace(bottom=min(block.bottom, end - 1)) for block in grid.merged.blocks if start <= block.top < end
    )
    return replace(
        grid,
        rows=rows,
        merged=merged,
        hidden_rows=tuple(row for row in grid.hidden_rows if start <= row < end),
        shorn=grid.shorn if not start else (),
        unreckoned=grid.unreckoned if not start else (),
    )
