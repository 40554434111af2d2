"""A sheet as cells that know their merged home; says nothing about what a cell means."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple


class Block(NamedTuple):
    """A rectangle of cells, bounds included, counted from 0; a merged block or a single cell.

    A tuple and no dataclass: tens of thousands of them are made and compared in one reading.
    """

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Merges:
    """The merged blocks of a sheet, top to bottom, and the block over each cell they cover.

    by_column: column → row → block. By column, because a block is mostly one column wide: then its rows are put in
    at once, and a column that merges nothing costs one look.
    """

    blocks: tuple[Block, ...]
    by_column: Mapping[int, Mapping[int, Block]] = field(compare=False, repr=False)

    @classmethod
    def of(cls, blocks: Iterable[Block]) -> "Merges":
        """Blocks of more than one cell; of two that share a cell the first counts."""
        kept: list[Block] = []
        by_column: dict[int, dict[int, Block]] = {}
        for block in blocks:
            top, left, bottom, right = block
            if top > bottom or left > right or (top == bottom and left == right):
                continue
            rows = range(top, bottom + 1)
            columns = [by_column.setdefault(column, {}) for column in range(left, right + 1)]
            if all(column.keys().isdisjoint(rows) for column in columns):
                kept.append(block)
                for column in columns:
                    column.update(dict.fromkeys(rows, block))
        return cls(tuple(sorted(kept)), by_column)

    def over(self, row: int, column: int) -> Block | None:
        """The block over a cell, None where it is not merged."""
        cells = self.by_column.get(column)
        return None if cells is None else cells.get(row)


UNMERGED = Merges((), {})


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's words, its address, and the address of the merged block it is part of.

    `home == address` unless the cell lies inside a merged block; `text` is then the block's.
    """

    text: str
    address: str
    home: str
    block: Block


@lru_cache(maxsize=256)
def letters(column: int) -> str:
    """The spreadsheet's name of a column counted from 0.

    >>> letters(0), letters(25), letters(26), letters(63)
    ('A', 'Z', 'AA', 'BL')
    """
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet: rows of cleaned words, all of one width, and the merged blocks over them.

    shorn: addresses whose control characters were removed. hidden: the sheet as a whole is not shown;
    hidden_rows, hidden_columns: those not shown, from 0. unreckoned: addresses of formulas whose value the
    file does not hold. prose: one paragraph a row, no table.
    """

    sheet: str
    rows: Sequence[Sequence[str]]
    merged: Merges
    shorn: tuple[str, ...] = ()
    hidden: bool = False
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()
    unreckoned: tuple[str, ...] = ()
    prose: bool = False

    @property
    def height(self) -> int:
        return len(self.rows)

    @property
    def width(self) -> int:
        return len(self.rows[0]) if self.rows else 0

    def text(self, row: int, column: int) -> str:
        """The words that hold here: the cell's own, or those of the merged block around it."""
        block = self.merged.over(row, column)
        return self.rows[block.top][block.left] if block else self.rows[row][column]

    def block(self, row: int, column: int) -> Block:
        return self.merged.over(row, column) or Block(row, column, row, column)

    def look(self, row: int, column: int) -> tuple[str, Block]:
        """`text` and `block` at once."""
        block = self.merged.over(row, column)
        if block is None:
            return self.rows[row][column], Block(row, column, row, column)
        return self.rows[block.top][block.left], block

    def begins(self, row: int, column: int) -> bool:
        """Whether what holds here is the column's own, and not merged from its left."""
        block = self.merged.over(row, column)
        return block is None or block.left == column

    def cell(self, row: int, column: int) -> Cell:
        block = self.block(row, column)
        return Cell(
            self.rows[block.top][block.left],
            self.place(row, column),
            self.place(block.top, block.left),
            block,
        )

    def cells(self, row: int) -> Iterator[Cell]:
        """The different cells that a row shows, left to right; a merged block once."""
        seen: set[Block] = set()
        for column in range(self.width):
            cell = self.cell(row, column)
            if cell.block not in seen:
                seen.add(cell.block)
                yield cell

    def place(self, row: int, column: int) -> str:
        """`台账!E12`"""
        return f"{self.sheet}!{letters(column)}{row + 1}"

    def span(self, block: Block) -> str:
        """`台账!A4:A34`, or a single address where the block is one cell."""
        top, left, bottom, right = block
        start = f"{self.sheet}!{letters(left)}{top + 1}"
        if top == bottom and left == right:
            return start
        return f"{start}:{letters(right)}{bottom + 1}"
