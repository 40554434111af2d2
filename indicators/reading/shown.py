"""A sheet as a person sees it beside its findings: cells in their own places, each with what it was taken for."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from indicators.reading import corrections
from indicators.reading.columns import Header
from indicators.reading.corrections import Layout
from indicators.reading.drafts import Finding
from indicators.reading.formats.grid import Block, Grid, letters
from indicators.reading.pieces import Piece, pieces

ROW_WORDS = {
    "title": "标题",
    "header": "表头",
    "again": "表头重复",
    "note": "说明",
    "total": "合计",
    "skipped": "不导入",
}
INFERRED = frozenset({"unit-inferred", "method-inferred", "value-inferred"})
_KINDS = {
    "content": "content",
    "criteria": "content",
    "points": "points",
    "score": "score",
    "deduction": "score",
    "method": "method",
    "number": "number",
    "ignored": "skipped",
}
_START = re.compile(r"!([A-Z]+)(\d+)(?::[A-Z]+\d+)?$")


@dataclass(frozen=True, slots=True)
class ShownCell:
    """kind: what the cell was taken for. mark: inferred, doubtful, noted or nothing. findings: their numbers from 0."""

    text: str
    address: str
    rows: int
    columns: int
    kind: str
    mark: str
    inferred: str
    findings: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row with its number as printed. word: what the row was taken for, empty for data."""

    number: int
    kind: str
    word: str
    told: str
    hidden: bool
    cells: tuple[ShownCell, ...]


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """role: empty without a header. may_fill, fills: whether blanks can mean, and do mean, the words above."""

    index: int
    letters: str
    heading: str
    role: str
    kind: str
    may_fill: bool
    fills: bool
    told: bool


@dataclass(frozen=True, slots=True)
class ShownSheet:
    """first: the row it begins with, from 0. height: of the whole sheet. header_rows: as printed."""

    sheet: str
    columns: tuple[ShownColumn, ...]
    rows: tuple[ShownRow, ...]
    header_rows: tuple[int, ...]
    first: int
    height: int
    prose: bool


@dataclass(frozen=True, slots=True)
class _Looked:
    """What is known of a sheet before its cells are written down. roles: first row → column → role, top to bottom."""

    grid: Grid
    width: int
    roles: dict[int, Mapping[int, str]]
    kinds: Mapping[int, str]
    homes: Mapping[tuple[int, int], Sequence[int]]
    findings: Sequence[Finding]


def show(grid: Grid, layout: Layout, findings: Sequence[Finding], *, first: int = 0, most: int = 400) -> ShownSheet:
    """The rows from `first` on, at most so many, with merged cells cut to them."""
    header = None if grid.prose else corrections.header(grid, layout)
    guess = None if grid.prose else corrections.guessed(grid, layout)
    roles = {one.index: one.role for one in guess.columns} if guess else {}
    roles |= layout.roles
    width = _width(grid)
    homes = _homes(grid, findings)
    found = pieces(grid, header, told=not layout.says_nothing) if header else []
    later = {one.header.rows[0]: {column.index: column.role for column in one.header.columns} for one in found[1:]}
    kinds = _kinds(found, layout)
    looked = _Looked(grid, width, {0: roles if header else {}, **later}, kinds, homes, findings)
    last = min(first + most, grid.height)
    return ShownSheet(
        sheet=grid.sheet,
        columns=tuple(_columns(width, guess, roles, layout)),
        rows=tuple(_row(looked, layout, at, first, last) for at in range(first, last)),
        header_rows=tuple(row + 1 for row in guess.rows) if guess else (),
        first=first,
        height=grid.height,
        prose=grid.prose,
    )


def place_of(finding: Finding) -> tuple[str, int] | None:
    """The address a finding begins at, with its row as printed; None where it speaks of a whole sheet."""
    found = _START.search(finding.cells)
    return (found[1] + found[2], int(found[2])) if found else None


def _columns(width: int, guess: Header | None, roles: Mapping[int, str], layout: Layout) -> Iterator[ShownColumn]:
    headings = {one.index: one.heading for one in guess.columns} if guess else {}
    for index in range(width):
        role = roles.get(index, "") if index in headings else ""
        yield ShownColumn(
            index=index,
            letters=letters(index),
            heading=headings.get(index, ""),
            role=role,
            kind=_kind(role),
            may_fill=corrections.may_fill(role),
            fills=layout.fill.get(index, corrections.fills(role)),
            told=index in layout.roles or index in layout.fill,
        )


def _width(grid: Grid) -> int:
    """Columns up to the last one that holds words or a merged cell."""
    filled = (at for row in grid.rows for at, text in enumerate(row) if text)
    return max((*filled, *(block.right for block in grid.merged.blocks)), default=0) + 1


def _kind(role: str) -> str:
    if role.startswith("level-"):
        return "level"
    if role.startswith("unit") or role == "assessor":
        return "unit"
    return _KINDS.get(role, "extra" if role else "")


def _kinds(found: Sequence[Piece], layout: Layout) -> dict[int, str]:
    """Row from 0 → what it was taken for; data rows and blank ones are absent."""
    if not found:
        return dict.fromkeys((row - 1 for row in layout.skipped), "skipped")
    first = {line.row for line in found[0].body.lines}
    kinds = {row: "title" for row in range(found[0].header.rows[0]) if row not in first}
    for one in found:
        kinds |= _of_piece(one)
    return kinds


def _of_piece(piece: Piece) -> dict[int, str]:
    grid, header, body = piece.grid, piece.header, piece.body
    data = {line.row for line in body.lines}
    above = [row for row in range(header.rows[0]) if any(grid.rows[row]) and row not in data]
    kinds = dict.fromkeys(above, "title") | dict.fromkeys(header.rows, "header")
    for row in range(header.rows[-1] + 1, grid.height):
        if row not in data and any(grid.rows[row]):
            kinds[row] = "again"
    kinds |= dict.fromkeys((note.row for note in body.notes), "note")
    kinds |= dict.fromkeys(body.totals, "total")
    kinds |= dict.fromkeys((note.row for note in body.skipped), "skipped")
    return kinds | dict.fromkeys(header.skipped, "skipped")


def _homes(grid: Grid, findings: Sequence[Finding]) -> dict[tuple[int, int], list[int]]:
    """The first cell of the block a finding begins in → numbers of the findings there."""
    homes: dict[tuple[int, int], list[int]] = {}
    for number, one in enumerate(findings):
        place = _START.search(one.cells)
        if place is None or not one.cells.startswith(f"{grid.sheet}!"):
            continue
        block = grid.block(int(place[2]) - 1, _index(place[1]))
        homes.setdefault((block.top, block.left), []).append(number)
    return homes


def _index(name: str) -> int:
    number = 0
    for letter in name:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _row(looked: _Looked, layout: Layout, at: int, first: int, last: int) -> ShownRow:
    kind = looked.kinds.get(at, "data")
    if at + 1 in layout.skipped:
        told = "skip"
    elif at + 1 in layout.kept:
        told = "keep"
    else:
        told = "header" if at + 1 in layout.header_rows else ""
    return ShownRow(
        number=at + 1,
        kind=kind,
        word=ROW_WORDS.get(kind, ""),
        told=told,
        hidden=at in looked.grid.hidden_rows,
        cells=tuple(_cells(looked, kind, at, first, last)),
    )


def _cells(looked: _Looked, kind: str, at: int, first: int, last: int) -> Iterator[ShownCell]:
    grid = looked.grid
    for column in range(looked.width):
        block = grid.block(at, column)
        if (max(block.top, first), block.left) == (at, column):
            yield _cell(looked, kind, block, at, last)


def _cell(looked: _Looked, row_kind: str, block: Block, at: int, last: int) -> ShownCell:
    numbers = tuple(looked.homes.get((block.top, block.left), ()))
    found = [looked.findings[number] for number in numbers]
    kind = row_kind if row_kind != "data" else _kind(_role(looked, block))
    return ShownCell(
        text=looked.grid.rows[block.top][block.left],
        address=f"{letters(block.left)}{block.top + 1}",
        rows=min(block.bottom + 1, last) - at,
        columns=min(block.right + 1, looked.width) - block.left,
        kind=kind,
        mark=_mark(found),
        inferred=next((str(one.data.get("value", "")) for one in found if one.code in INFERRED), ""),
        findings=numbers,
    )


def _role(looked: _Looked, block: Block) -> str:
    roles = next(roles for row, roles in reversed(looked.roles.items()) if row <= block.top)
    return roles.get(block.left, "")


def _mark(found: Sequence[Finding]) -> str:
    if any(one.severity in {"error", "warning"} and one.code not in INFERRED for one in found):
        return "doubtful"
    if any(one.code in INFERRED for one in found):
        return "inferred"
    return "noted" if found else ""
