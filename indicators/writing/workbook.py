"""A page → a workbook that prints as offices expect: header on every page, landscape, one page wide."""

import re
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from indicators.reading.report import plain
from indicators.writing.dressing import Dresser
from indicators.writing.looks import Looks
from indicators.writing.page import Page

_LINE = Side(style="thin", color="FF8A94A3")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_HEAD = PatternFill("solid", fgColor="FFE8EFF8")
_NUMBER = re.compile(r"\d{1,12}(?:\.\d{1,4})?")
_BAD_TITLE = re.compile(r"[\\/*?:\[\]]")
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NUMERIC = frozenset({"points", "score", "number"})
_WIDTHS = {"points": 8.0, "score": 8.0, "number": 6.0, "method": 13.0, "content": 46.0, "criteria": 46.0}
_LONGEST = 32767


def xlsx(page: Page, looks: Looks | None = None) -> bytes:
    """The workbook's bytes; every cell is a number or text, never a formula.

    looks: of the sheet that the page was laid out on, used up by this; without them the workbook looks as all of
    ours do.
    """
    looks = looks if page.own and page.models else None
    book = looks.book if looks else Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # noqa: S101  (a new workbook has one)
    sheet.title = (_BAD_TITLE.sub(" ", page.sheet).strip("' ") or "台账")[:31]
    if looks is None:
        _fill(sheet, page)
        _set_up(sheet, page)
    else:
        _fill_as_before(sheet, page, looks)
    for block in page.merged:
        # not merge_cells, which takes the covered cells' borders away
        sheet.merged_cells.add(CellRange(None, block.left + 1, block.top + 1, block.right + 1, block.bottom + 1))
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _fill(sheet: Worksheet, page: Page) -> None:
    looks = _Looks()
    for at, row in enumerate(page.rows):
        for column, text in enumerate(row):
            place = _place(page, at, column)
            cell = sheet.cell(at + 1, column + 1)
            looks.dress(cell, place)
            _write(cell, text, place)


def _fill_as_before(sheet: Worksheet, page: Page, looks: Looks) -> None:
    """Each cell in the style it had; a number stays the number it was."""
    dresser = Dresser(page, looks, sheet)
    for at, row in enumerate(page.rows):
        for column, text in enumerate(row):
            cell = sheet.cell(at + 1, column + 1)
            dresser.dress(cell, at, column)
            kept = dresser.kept(at, column, text)
            if kept is not None and not isinstance(kept, str):
                cell.value = kept
                continue
            place = _Place() if kept is not None else _place(page, at, column)
            _write(cell, text, place)
            if isinstance(cell.value, Decimal):
                dresser.fit(cell, cell.value)
    _set_up(sheet, page)
    dresser.finish(sheet.print_title_rows)


def _write(cell: Any, text: str, place: "_Place") -> None:
    text = _UNSTORABLE.sub("", text)[:_LONGEST]
    if text and place.numeric and _is_plain(text):
        cell.value = Decimal(text)
    elif text:
        cell.value = text
        # what begins with = stays text, and so does #N/A
        cell.data_type = "s"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a cell stands, as far as its looks depend on it."""

    head: bool = False
    above: bool = False
    title: bool = False
    boxed: bool = False
    level: bool = False
    numeric: bool = False


def _place(page: Page, row: int, column: int) -> _Place:
    first = page.header[0] if page.header else 0
    role = page.roles.get(column, "")
    head, above = row in page.header, row < first
    return _Place(
        head=head,
        above=above,
        title=above and row + 1 == first,
        boxed=not above and row <= page.last,
        level=role.startswith("level-"),
        numeric=role in _NUMERIC and not head and not above,
    )


class _Looks:
    """Styles made once each: openpyxl hashes what is set on every cell."""

    def __init__(self) -> None:
        self.known: dict[_Place, Any] = {}

    def dress(self, cell: Any, place: _Place) -> None:
        if place not in self.known:
            _dress(cell, place)
            self.known[place] = copy(cell._style)
        else:
            cell._style = copy(self.known[place])


def _dress(cell: Any, place: _Place) -> None:
    if place.boxed:
        cell.border = _BOX
    if place.head:
        cell.fill = _HEAD
    centred = place.head or place.numeric or place.title
    middle = centred or place.above or place.level
    cell.alignment = Alignment(
        horizontal="center" if centred else "left", vertical="center" if middle else "top", wrap_text=True
    )
    cell.font = Font(name="宋体", size=16 if place.title else 10, bold=place.head or place.title)


def _is_plain(text: str) -> bool:
    """Whether a number reads back as it was written."""
    return bool(_NUMBER.fullmatch(text)) and plain(Decimal(text)) == text


def _set_up(sheet: Worksheet, page: Page) -> None:
    for column in range(page.width):
        sheet.column_dimensions[get_column_letter(column + 1)].width = _width(page, column)
    if page.header:
        first, last = page.header[0] + 1, page.header[-1] + 1
        sheet.print_title_rows = f"{first}:{last}"
        sheet.freeze_panes = f"A{last + 1}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 8 if page.width > 8 else 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.oddFooter = HeaderFooterItem(center=_HeaderFooterPart("第 &P 页，共 &N 页"))


def _width(page: Page, column: int) -> float:
    role = page.roles.get(column, "")
    if role in _WIDTHS:
        return _WIDTHS[role]
    below = page.rows[page.header[-1] + 1 if page.header else 0 :]
    longest = max((len(line) for row in below for line in row[column].split("\n")), default=0)
    return float(min(max(10, longest * 2 + 2), 42 if role == "level-5" else 26))
