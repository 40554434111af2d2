"""A ledger as the cells of one sheet, merged blocks included, before it becomes a file of any kind."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from indicators.reading.formats.grid import Block, Grid, Merges


class Model(NamedTuple):
    """The row of the source sheet that a line is, or that a new line looks like."""

    row: int
    itself: bool = True


@dataclass(frozen=True, slots=True)
class Page:
    """rows: all of one width; a merged block's words stand in its first cell. header: rows from 0, none without one.

    last: the last row of the table; below it stand notes. roles: column → what it is for. own: laid out as the file
    the ledger came from; models: one a row then, else none.
    """

    sheet: str
    rows: tuple[tuple[str, ...], ...]
    merged: tuple[Block, ...]
    header: tuple[int, ...]
    last: int
    roles: Mapping[int, str]
    own: bool = False
    models: tuple[Model, ...] = ()

    @property
    def width(self) -> int:
        return len(self.rows[0]) if self.rows else 0

    @property
    def grid(self) -> Grid:
        """The page as the reader sees a sheet."""
        return Grid(self.sheet, self.rows, Merges.of(self.merged))


@dataclass(frozen=True, slots=True)
class Slot:
    """One place of a line. Neighbours with the same key are one cell."""

    key: Hashable
    text: str


@dataclass(slots=True)
class Canvas:
    """Lines of slots while a page is laid out. once: columns whose words are never said a second time."""

    width: int
    lines: list[list[Slot]] = field(default_factory=list)
    once: frozenset[int] = frozenset()
    models: list[Model] = field(default_factory=list)

    def add(self, slots: Mapping[int, Slot], model: Model | None = None) -> int:
        """One more line, blank where nothing is told; its number from 0."""
        number = len(self.lines)
        self.models.append(model or Model(number))
        self.lines.append([slots.get(column) or Slot((number, column), "") for column in range(self.width)])
        return number

    def cells(self) -> tuple[tuple[tuple[str, ...], ...], tuple[Block, ...]]:
        """The words row by row, and the merged blocks."""
        open_: dict[tuple[Hashable, int, int], Block] = {}
        done: list[Block] = []
        for number, line in enumerate(self.lines):
            here: dict[tuple[Hashable, int, int], Block] = {}
            for key, left, right in _spans(line):
                above = open_.pop((key, left, right), None)
                here[key, left, right] = Block(above.top if above else number, left, number, right)
            done.extend(open_.values())
            open_ = here
        done.extend(open_.values())
        rows = [[""] * self.width for _ in self.lines]
        said: set[Hashable] = set()
        for block in sorted(done):
            slot = self.lines[block.top][block.left]
            rows[block.top][block.left] = "" if block.left in self.once and slot.key in said else slot.text
            said.add(slot.key)
        merged = tuple(sorted(one for one in done if (one.top, one.left) != (one.bottom, one.right)))
        return tuple(tuple(row) for row in rows), merged


def _spans(line: list[Slot]) -> list[tuple[Hashable, int, int]]:
    """Key, first and last column of each cell of a line."""
    found: list[tuple[Hashable, int, int]] = []
    for column, slot in enumerate(line):
        if found and found[-1][0] == slot.key:
            found[-1] = (slot.key, found[-1][1], column)
        else:
            found.append((slot.key, column, column))
    return found
