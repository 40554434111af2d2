"""A file opened once and read as often as wanted, with or without a person's corrections; stores nothing."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import islice
from pathlib import PurePath

from indicators.reading import corrections as corrections_
from indicators.reading import findings, guard
from indicators.reading.corrections import Corrections, Layout
from indicators.reading.drafts import Finding, LedgerDraft, Reading, Source
from indicators.reading.formats import READERS
from indicators.reading.formats.delimited import SHEET
from indicators.reading.formats.grid import Grid
from indicators.reading.guard import Limits
from indicators.reading.ledger import read_sheet
from indicators.reading.pause import uncollected
from indicators.reading.prose import read_prose
from indicators.reading.refusal import Refused
from indicators.reading.tables import apart
from indicators.reading.text import fold
from indicators.reading.titles import year_of
from units.personal import may_hold, named, personal

NO_WORD = Layout()
# Sheets and tables that only a program has named; their numbers tell them apart.
_UNNAMED = re.compile(rf"(?:{SHEET}|正文|表|工作表|[Ss]heet|Table)\s*(\d*)(?=（|$)")
MOST_PERSONAL = 50


@dataclass(frozen=True, slots=True)
class Book:
    """An opened file: its sheets as grids, before any of them is understood."""

    name: str
    sha256: str
    format: str
    grids: tuple[Grid, ...]


@uncollected()
def open_book(filename: str, content: bytes, limits: Limits, *, checked: str = "") -> Book:
    """The file's sheets. Raises Refused when it is hostile, damaged or of a kind that is not read.

    checked: SHA-256 of the bytes that the guard let pass when they came in; the same bytes are not guarded again.
    """
    digest = hashlib.sha256(content).hexdigest()
    same = digest == checked
    kind = guard.kind_of(content, limits) if same else guard.check(filename, BytesIO(content), limits)
    return Book(
        filename,
        digest,
        kind,
        tuple(part for grid in READERS[kind](content, limits) for part in apart(grid)),
    )


@uncollected()
def read_book(book: Book, corrections: Corrections | None = None) -> Reading:
    """Every ledger of the book. Raises Refused where it holds none."""
    ledgers = tuple(_titled(book, ledger) for ledger in _ledgers(book.grids, corrections or {}))
    read_ = {ledger.sheet for ledger in ledgers}
    sheets = tuple(grid.sheet for grid in book.grids if grid.sheet in read_ or not grid.prose)
    return Reading(Source(book.name, book.sha256, book.format, sheets), ledgers)


def _titled(book: Book, ledger: LedgerDraft) -> LedgerDraft:
    """The ledger, called as its file where nothing is printed above it and nobody named its sheet."""
    name = PurePath(book.name).stem
    unnamed = _UNNAMED.match(ledger.sheet)
    if unnamed is None or ledger.title != ledger.sheet or not name:
        return ledger
    number = unnamed[1] or ""
    title = f"{name}{f'（{number}）' if number not in {'', '1'} else ''}{ledger.sheet[unnamed.end() :]}"
    return replace(ledger, title=title, year=ledger.year or year_of(name))


def _ledgers(grids: Sequence[Grid], corrections: Mapping[str, Layout]) -> tuple[LedgerDraft, ...]:
    read_ = _once([(grid, _ledger(grid, corrections.get(grid.sheet, NO_WORD))) for grid in grids])
    ledgers = [ledger for _, ledger in read_ if ledger is not None]
    if not ledgers:
        raise Refused(
            "no-ledger",
            "没有找到指标表：表头要有“一级指标”或“评估点”等列名，以及“分值”“责任单位”等列；改好表头后再上传",
        )
    missed = [
        _missed(grid.sheet, corrections)
        for grid, ledger in read_
        if ledger is None and (not grid.prose or grid.sheet in corrections)
    ]
    ledgers[0] = replace(ledgers[0], findings=(*ledgers[0].findings, *missed))
    return tuple(ledgers)


def _once(read_: list[tuple[Grid, LedgerDraft | None]]) -> list[tuple[Grid, LedgerDraft | None]]:
    """What was read, without prose whose every heading is a chapter of a table already."""
    known = {fold(node.name) for grid, one in read_ if one is not None and not grid.prose for node in one.nodes}
    return [
        (grid, None if one and grid.prose and {fold(node.name) for node in one.nodes} <= known else one)
        for grid, one in read_
    ]


def _missed(sheet: str, corrections: Mapping[str, Layout]) -> Finding:
    if corrections.get(sheet, NO_WORD).ledger is False:
        return findings.corrected(sheet, f"工作表“{sheet}”按更正不作为台账，未导入")
    return findings.sheet_skipped(sheet)


def _ledger(grid: Grid, layout: Layout) -> LedgerDraft | None:
    ledger = _guessed(grid) if layout.says_nothing else _corrected(grid, layout)
    if ledger is None or not ledger.nodes:
        return None
    return replace(ledger, findings=(*ledger.findings, *islice(_personal(grid), MOST_PERSONAL)))


def _personal(grid: Grid) -> Iterator[Finding]:
    """The cells with what nobody should publish; a quick look at all words first, for most ledgers have none."""
    if not may_hold("\n".join(text for row in grid.rows for text in row)):
        return
    for at, row in enumerate(grid.rows):
        for column, text in enumerate(row):
            if found := personal(text):
                yield findings.personal(grid.place(at, column), named(found))


def _guessed(grid: Grid) -> LedgerDraft | None:
    if grid.prose:
        return read_prose(grid)
    ledger = read_sheet(grid)
    if ledger is None and grid.height and not any(any(row[1:]) for row in grid.rows):
        # A notice pasted into the first column, a paragraph a row.
        return read_prose(grid)
    return ledger


def _corrected(grid: Grid, layout: Layout) -> LedgerDraft | None:
    if layout.ledger is False:
        return None
    if grid.prose:
        gone = {row - 1 for row in layout.skipped}
        lines = [[""] if at in gone else list(line) for at, line in enumerate(grid.rows)]
        ledger = read_prose(replace(grid, rows=lines))
    else:
        header = corrections_.header(grid, layout)
        ledger = read_sheet(grid, header) if header is not None and header.columns else None
    if ledger is None:
        return None
    return replace(ledger, findings=(*corrections_.used(grid, layout), *ledger.findings))
