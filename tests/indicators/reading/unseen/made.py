"""Ledgers typed as small tables, written as office files, and what a clerk sees on them; reads none itself."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO, StringIO
from typing import Any

from docx import Document
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

UP, LEFT, BREAK = "^", "<", "⏎"
Cells = list[list[str]]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a clerk sees on one ledger by eye; None and empty for what is not looked at.

    tops: `名称 分值` of the first level. items: how many rows are scored. points, units, methods, under: by the first
    words of an indicator's name or criteria. says: codes of findings that have to be there.
    """

    title: str | None = None
    issuer: str | None = None
    year: int | None = None
    depth: int | None = None
    items: int | None = None
    tops: str = ""
    declared: str | None = None
    listed: str | None = None
    stated: str | None = None
    points: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    methods: dict[str, str] = field(default_factory=dict)
    under: dict[str, str] = field(default_factory=dict)
    adjustments: str | None = None
    says: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """A file: its name, its sheets as typed, and what is seen on each of its ledgers.

    In a table `|` parts cells, `^` is merged with the cell above, `<` with the one to the left, `⏎` breaks the line.
    Lines of a document that hold no `|` are paragraphs.
    """

    name: str
    sheets: dict[str, str]
    seen: tuple[Seen, ...]
    encoding: str = "utf-8"

    @property
    def content(self) -> bytes:
        kind = self.name.rpartition(".")[2]
        if kind == "xlsx":
            return _workbook(self.sheets)
        typed = "\n".join(self.sheets.values())
        return _document(typed) if kind == "docx" else _delimited(typed, self.encoding, "\t" if kind == "tsv" else ",")


def _cells(typed: str) -> Cells:
    lines = typed.strip("\n").split("\n")
    rows = [[cell.strip().replace(BREAK, "\n") for cell in line.split("|")] for line in lines]
    width = max(map(len, rows))
    # A line of one cell is a title over the whole width.
    return [row + ([LEFT] if len(row) == 1 and row[0] else [""]) * (width - len(row)) for row in rows]


def _merges(cells: Cells) -> Iterator[tuple[int, int, int, int]]:
    """Top, left, bottom, right of each merged block, from 0."""
    for top, row in enumerate(cells):
        for left, text in enumerate(row):
            if text in {UP, LEFT}:
                continue
            right = left
            while right + 1 < len(row) and row[right + 1] == LEFT:
                right += 1
            bottom = top
            while bottom + 1 < len(cells) and cells[bottom + 1][left] == UP:
                bottom += 1
            if (bottom, right) != (top, left):
                yield top, left, bottom, right


def _workbook(sheets: dict[str, str]) -> bytes:
    book = Workbook()
    for number, (name, typed) in enumerate(sheets.items()):
        page: Any = book.active if number == 0 else book.create_sheet()
        page.title = name
        _fill(page, _cells(typed))
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(page: Worksheet, cells: Cells) -> None:
    for row, line in enumerate(cells, 1):
        for column, text in enumerate(line, 1):
            if text not in {"", UP, LEFT}:
                page.cell(row, column, _value(text))
    for top, left, bottom, right in _merges(cells):
        page.merge_cells(start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1)


def _value(text: str) -> str | int | float:
    """Numbers as numbers, as people type them; `'1.10` stays text."""
    if text.startswith("'"):
        return text[1:]
    try:
        return int(text) if text.isascii() and text.isdigit() else float(text) if text.isascii() else text
    except ValueError:
        return text


def _document(typed: str) -> bytes:
    word = Document()
    lines: list[str] = []
    for line in [*typed.strip("\n").split("\n"), ""]:
        if "|" in line:
            lines.append(line)
            continue
        if lines:
            _table(word, _cells("\n".join(lines)))
            lines = []
        word.add_paragraph(line)
    out = BytesIO()
    word.save(out)
    return out.getvalue()


def _table(word: Any, cells: Cells) -> None:
    table = word.add_table(len(cells), len(cells[0]))
    for into, row in zip((row.cells for row in table.rows), cells, strict=True):
        for cell, text in zip(into, row, strict=True):
            cell.text = "" if text in {UP, LEFT} else text.removeprefix("'")
    for top, left, bottom, right in _merges(cells):
        text = table.cell(top, left).text
        table.cell(top, left).merge(table.cell(bottom, right)).text = text


def _delimited(typed: str, encoding: str, separator: str) -> bytes:
    out = StringIO()
    rows: Sequence[Sequence[str]] = _cells(typed)
    csv.writer(out, delimiter=separator).writerows(
        [["" if text in {UP, LEFT} else text for text in row] for row in rows]
    )
    return out.getvalue().encode(encoding)
