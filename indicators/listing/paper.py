"""A page as a table for the printer: real merges, cut so that no cell spans more rows than a sheet of paper holds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from indicators.reading.formats.grid import Block
from indicators.writing import Page

SIZES = {"a4": "A4 横向", "a3": "A3 横向"}
MOST = 4
_WIDE = 8
_KINDS = {"points": "number", "score": "number", "number": "number", "content": "text", "criteria": "text"}


@dataclass(frozen=True, slots=True)
class PaperCell:
    """again: the cell goes on from the rows above, and says so."""

    text: str
    rows: int
    columns: int
    kind: str
    again: bool = False


@dataclass(frozen=True, slots=True)
class Paper:
    """titles: lines above the table. columns: what each is, the one with most words `wide`. size: what it fits on."""

    titles: tuple[str, ...]
    columns: tuple[str, ...]
    head: tuple[tuple[PaperCell, ...], ...]
    body: tuple[tuple[PaperCell, ...], ...]
    notes: tuple[str, ...]
    size: str


def paper(page: Page) -> Paper:
    """The page's table with its header apart; a merged cell of more than four rows is said again every four rows."""
    first = page.header[0] if page.header else 0
    start = page.header[-1] + 1 if page.header else 0
    homes: dict[tuple[int, int], Block] = {}
    for block in page.merged:
        for row in range(block.top, block.bottom + 1):
            homes.update({(row, column): block for column in range(block.left, block.right + 1)})
    return Paper(
        titles=tuple(text for row in page.rows[:first] if (text := "  ".join(filter(None, row)))),
        columns=tuple(_columns(page, start)),
        head=tuple(tuple(_cells(page, homes, row, first, start, whole=True)) for row in range(first, start)),
        body=tuple(tuple(_cells(page, homes, row, start, page.last + 1)) for row in range(start, page.last + 1)),
        notes=tuple(text for row in page.rows[page.last + 1 :] if (text := "  ".join(filter(None, row)))),
        size="a3" if page.width > _WIDE else "a4",
    )


def _columns(page: Page, start: int) -> Iterator[str]:
    words = [sum(len(row[column]) for row in page.rows[start : page.last + 1]) for column in range(page.width)]
    wide = words.index(max(words)) if words else 0
    for column in range(page.width):
        yield "wide" if column == wide else _kind(page.roles, column)


def _kind(roles: Mapping[int, str], column: int) -> str:
    role = roles.get(column, "")
    return "level" if role.startswith("level-") else _KINDS.get(role, "other")


def _cells(
    page: Page, homes: Mapping[tuple[int, int], Block], row: int, start: int, end: int, *, whole: bool = False
) -> Iterator[PaperCell]:
    for column in range(page.width):
        block = homes.get((row, column), Block(row, column, row, column))
        if block.left != column:
            continue
        top = max(block.top, start)
        bottom = min(block.bottom, end - 1)
        into = row - top
        if into and (whole or into % MOST):
            continue
        rows = bottom - row + 1 if whole else min(MOST, bottom - row + 1)
        columns = block.right - block.left + 1
        text = page.rows[block.top][block.left]
        again = into > 0
        # a shared score is said once
        shown = "" if again and _kind(page.roles, column) == "number" else text
        yield PaperCell(shown, rows, columns, _kind(page.roles, column), again and bool(shown))
