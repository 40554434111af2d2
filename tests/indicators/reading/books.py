"""Workbooks for the tests of the reader: the office's real ones, and small ones written on the spot."""

import json
import zipfile
from collections.abc import Iterable, Sequence
from functools import cache
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

from django.core.management import call_command
from docx import Document
from openpyxl import Workbook

from indicators.reading import Reading, read
from indicators.reading.drafts import LedgerDraft

LEDGERS = Path(__file__).resolve().parents[3] / "fixtures" / "ledgers"
SHANDONG = "shandong-hrss-2019-ledger.xlsx"
COUNTY = "county-department-2022-selfcheck.xlsx"
LANGAO = "langao-2023-breakdown.xlsx"
HEBEI = "hebei-statistics-2018.xlsx"
RIVER = "shicheng-river-chief.xlsx"
LANGAO_WORD = "langao-2023-breakdown.docx"
WORK_POINTS = "shandong-hrss-2019-work-points.docx"
EPIDEMIC = "epidemic-spending.xls"
ALL = (SHANDONG, COUNTY, LANGAO, HEBEI, RIVER, LANGAO_WORD, WORK_POINTS, EPIDEMIC)

Json = dict[str, Any]


def content(name: str) -> bytes:
    return (LEDGERS / name).read_bytes()


@cache
def reading(name: str) -> Reading:
    return read(name, content(name))


@cache
def report(name: str) -> Json:
    """What the command prints of a real ledger; the facts are asserted of this."""
    return printed(LEDGERS / name)


def printed(path: Path) -> Json:
    """What `import_ledger --dry-run --json` prints of a file."""
    out = StringIO()
    call_command("import_ledger", str(path), "--dry-run", "--json", stdout=out)
    told: Json = json.loads(out.getvalue())
    return told


def ledger(name: str, index: int = 0) -> Json:
    found: Json = report(name)["ledgers"][index]
    return found


def items(ledger_: Json) -> list[Json]:
    return [node for node in ledger_["nodes"] if node["is_item"]]


def findings(ledger_: Json, code: str) -> list[Json]:
    return [finding for finding in ledger_["findings"] if finding["code"] == code]


def workbook(rows: Sequence[Any], merges: Iterable[str] = (), sheet: str = "台账") -> bytes:
    """One sheet with these rows and merged ranges, as bytes."""
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for row in rows:
        page.append(list(row))
    for merge in merges:
        page.merge_cells(merge)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def document(*pieces: str | Sequence[Sequence[str]], merges: Iterable[tuple[int, int, int, int]] = ()) -> bytes:
    """A document of paragraphs and tables; merges of its first table as top, left, bottom, right from 0."""
    word = Document()
    for piece in pieces:
        if isinstance(piece, str):
            word.add_paragraph(piece)
            continue
        table = word.add_table(len(piece), max(map(len, piece)))
        for cells, row in zip((row.cells for row in table.rows), piece, strict=True):
            for cell, text in zip(cells, row, strict=False):
                cell.text = text
    for top, left, bottom, right in merges:
        first = word.tables[0]
        words = first.cell(top, left).text
        first.cell(top, left).merge(first.cell(bottom, right)).text = words
    out = BytesIO()
    word.save(out)
    return out.getvalue()


def with_page(page: str) -> bytes:
    """A workbook that the usual library wrote, its one sheet replaced by this markup."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(workbook([]))) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, page if entry.filename == "xl/worksheets/sheet1.xml" else old.read(entry))
    return out.getvalue()


def hiding(content_: bytes, *merges: str) -> bytes:
    """The same workbook with merges put over cells that keep their values, as some programs write them."""
    out = BytesIO()
    marks = "".join(f'<mergeCell ref="{merge}"/>' for merge in merges)
    with zipfile.ZipFile(BytesIO(content_)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            text = old.read(entry)
            if entry.filename == "xl/worksheets/sheet1.xml":
                text = text.replace(b"</sheetData>", f"</sheetData><mergeCells>{marks}</mergeCells>".encode())
            new.writestr(entry.filename, text)
    return out.getvalue()


def sheet(rows: Sequence[Any], merges: Iterable[str] = ()) -> LedgerDraft:
    """The only ledger in a sheet of these rows."""
    (found,) = read("表.xlsx", workbook(rows, merges)).ledgers
    return found
