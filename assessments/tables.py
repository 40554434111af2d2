"""A list as a file, CSV or Excel: numbers stay numbers, and no cell becomes a formula."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

import openpyxl
from openpyxl.cell import cell as cells
from openpyxl.styles import alignment, fonts
from openpyxl.utils.cell import get_column_letter

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# openpyxl has no types
_excel: Any = openpyxl
_WriteOnlyCell: Any = cells.WriteOnlyCell
_BOLD: Any = cast(Any, fonts.Font)(bold=True)
_WRAPPED: Any = cast(Any, alignment.Alignment)(wrap_text=True, vertical="top")

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")

Cell = str | int | Decimal | None


@dataclass(frozen=True, slots=True)
class Column:
    """A heading; points: numbers with two decimals, narrow."""

    title: str
    points: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Headings and rows, as the page shows them."""

    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Cell]]


def as_csv(table: Table) -> bytes:
    """UTF-8 with a mark, so that office programs read the Chinese words; text that looks like a formula is quoted."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_plain(column.title) for column in table.columns])
    for row in table.rows:
        writer.writerow([_plain(cell) for cell in row])
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(table: Table, title: str) -> bytes:
    """A workbook with one sheet, its heading row frozen; text is stored as text whatever it begins with."""
    book = _excel.Workbook(write_only=True)
    sheet = book.create_sheet(_sheet_name(title))
    sheet.freeze_panes = "A2"
    for number, column in enumerate(table.columns, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = 11 if column.points else 28
    sheet.append([_heading(sheet, column.title) for column in table.columns])
    for row in table.rows:
        sheet.append([_stored(sheet, cell) for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _plain(cell: Cell) -> str:
    """A cell of a CSV file; a text that a spreadsheet would run gets an apostrophe before it."""
    if cell is None:
        return ""
    if not isinstance(cell, str):
        return f"{cell:f}" if isinstance(cell, Decimal) else str(cell)
    return f"'{cell}" if cell.lstrip(" ").startswith(_STARTS_A_FORMULA) else cell


def _heading(sheet: Any, title: str) -> Any:
    cell = _stored(sheet, title)
    cell.font = _BOLD
    return cell


def _stored(sheet: Any, value: Cell) -> Any:
    text = "".join(char for char in value if char >= " " or char in "\t\n") if isinstance(value, str) else value
    cell = _WriteOnlyCell(sheet, value=text)
    if isinstance(value, str):
        cell.data_type = "s"
        cell.alignment = _WRAPPED
    elif isinstance(value, Decimal):
        cell.number_format = "0.00##"
    return cell


def _sheet_name(title: str) -> str:
    return "".join(" " if char in "[]:*?/\\'" else char for char in title)[:31].strip() or "明细"
