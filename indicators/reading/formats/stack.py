"""Tables and paragraphs of a document put under one another as one grid; gives no word a meaning."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from indicators.reading.formats.grid import Block, Grid, Merges, letters
from indicators.reading.text import alike, clean, fold, ordinal

_HEADS = re.compile(
    r"附\s*[件表]|第?[一二三四五六七八九十]{1,3}[、.．部章].{1,40}$|[（(][一二三四五六七八九十]{1,3}[)）].{1,40}$"
)


@dataclass(frozen=True, slots=True)
class Spread:
    """A cell of a table: its words, the edges it reaches from and to, and whether it goes on from above or the left."""

    text: str
    left: int
    right: int
    from_above: bool = False
    from_left: bool = False

    def moved(self, left: int, right: int) -> "Spread":
        return replace(self, left=left, right=right)


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one table as its document holds it."""

    rows: Sequence[Sequence[Spread]]

    @property
    def width(self) -> int:
        return max((cell.right for row in self.rows for cell in row), default=0)

    @property
    def first(self) -> tuple[str, ...]:
        """The words of the first row, which a table prints again on its next page."""
        return tuple(fold(cell.text) for cell in self.rows[0]) if self.rows else ()


@dataclass(slots=True)
class Run:
    """Tables that continue one another, with the paragraphs before, between and behind them."""

    pieces: list[str | Table] = field(default_factory=list)
    last: Table | None = None
    chapter: int | None = None


def runs(pieces: Sequence[str | Table]) -> list[Run]:
    """Each table with what belongs to it.

    A table continues the one before when it prints the same first row, or when only blank lines stand
    between and it has as many columns; also where it is the next chapter under nearly the same headings.
    Paragraphs behind the last table of a run stand in it, and before the first of the next run too, because
    they may be notes of the one and title of the other.
    """
    found: list[Run] = []
    between: list[str] = []
    for piece in pieces:
        if isinstance(piece, str):
            between.append(piece)
            continue
        before = found[-1] if found else None
        chapter = next((ordinal(text) for text in reversed(between) if text.strip()), None)
        if (
            before is not None
            and before.last is not None
            and (_continues(before.last, piece, between) or _is_next(before, piece, chapter))
        ):
            before.pieces.extend(between)
        else:
            if before is not None:
                before.pieces.extend(between[: _heading(between)])
            found.append(Run(list(between)))
        found[-1].pieces.append(piece)
        found[-1].last = piece
        found[-1].chapter = chapter
        between = []
    if found:
        found[-1].pieces.extend(between)
    return found


def _heading(between: Sequence[str]) -> int:
    """Where the lines begin that head the next table and say nothing of the one before."""
    return next((at for at, text in enumerate(between) if _HEADS.match(text.strip())), len(between))


def _continues(before: Table, table: Table, between: Iterable[str]) -> bool:
    if len(before.first) > 1 and any(before.first) and before.first == table.first:
        return True
    return before.width == table.width and not any(text.strip() for text in between)


def _is_next(run: Run, table: Table, chapter: int | None) -> bool:
    """Whether a table is the chapter behind the last one of the run, under nearly its headings (一、… 二、…)."""
    if run.last is None or run.chapter is None or chapter != run.chapter + 1:
        return False
    return alike(run.last.first, table.first)


def stacked(sheet: str, run: Run) -> Grid:
    """The run as one grid; a paragraph is a row merged over the whole width."""
    width = max((piece.width for piece in run.pieces if isinstance(piece, Table)), default=1)
    laid = _Laid(sheet, width)
    for piece in run.pieces:
        if isinstance(piece, Table):
            laid.table(piece)
        else:
            laid.paragraph(piece)
    return Grid(sheet, laid.rows, Merges.of(laid.blocks), tuple(laid.shorn))


class _Laid:
    """A grid while it grows."""

    def __init__(self, sheet: str, width: int) -> None:
        self.sheet = sheet
        self.width = width
        self.rows: list[list[str]] = []
        self.blocks: list[Block] = []
        self.shorn: list[str] = []

    def write(self, column: int, text: str) -> None:
        words, cut = clean(text)
        self.rows[-1][column] = words
        if cut:
            self.shorn.append(f"{self.sheet}!{letters(column)}{len(self.rows)}")

    def paragraph(self, text: str) -> None:
        if not text.strip():
            return
        self.rows.append([""] * self.width)
        self.write(0, text)
        self.blocks.append(Block(len(self.rows) - 1, 0, len(self.rows) - 1, self.width - 1))

    def table(self, table: Table) -> None:
        open_: dict[int, int] = {}
        for row in table.rows:
            self.rows.append([""] * self.width)
            going: dict[int, int] = {}
            left_neighbour: int | None = None
            for cell in row:
                left_neighbour = self._cell(cell, open_, going, left_neighbour)
            open_ = going

    def _cell(self, cell: Spread, open_: dict[int, int], going: dict[int, int], neighbour: int | None) -> int:
        """Put one cell down; the number of its block. open_: left edge → block of the row above."""
        at = len(self.rows) - 1
        if cell.from_left and neighbour is not None:
            self.blocks[neighbour] = self.blocks[neighbour]._replace(right=cell.right - 1)
            return neighbour
        if cell.from_above and cell.left in open_:
            number = open_[cell.left]
            self.blocks[number] = self.blocks[number]._replace(bottom=at)
        else:
            number = len(self.blocks)
            self.blocks.append(Block(at, cell.left, at, cell.right - 1))
            self.write(cell.left, cell.text)
        going[cell.left] = number
        return number
