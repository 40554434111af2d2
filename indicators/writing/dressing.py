"""A sheet that is written gets the looks of the sheet it came from; new rows look like their neighbours."""

import math
import re
from copy import copy
from decimal import Decimal
from typing import Any

from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.worksheet.dimensions import ColumnDimension
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from indicators.writing.looks import Looks, Number
from indicators.writing.page import Page

_STANDARD_WIDTH = 8.43
_STANDARD_SIZE = 11
_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_PLAIN_FORMAT = re.compile(r"[#0?, ]*(?:\.([#0?]+))?[ )]*")


class Dresser:
    """One page, the looks of its source, and the sheet that is filled."""

    def __init__(self, page: Page, looks: Looks, sheet: Worksheet) -> None:
        self.page, self.looks, self.sheet = page, looks, sheet
        self.known: Any = looks.styled
        self.width = len(looks.words[0]) if looks.words else 0
        self.below = {(one.top, one.left): one for one in page.merged}

    def dress(self, cell: Any, row: int, column: int) -> None:
        """The style of the cell that stood here; a column behind the source's last looks like that one."""
        style = self.looks.style(self.page.models[row].row, min(column, self.width - 1))
        cell._style = self.known[style if style < len(self.known) else 0]

    def kept(self, row: int, column: int, text: str) -> str | Number | None:
        """What the source's cell held, number or text, where it says the same still; None where it does not."""
        model = self.page.models[row]
        if not model.itself or column >= self.width or self.looks.words[model.row][column] != text:
            return None
        return self.looks.numbers.get((model.row, column), text)

    def fit(self, cell: Any, number: Decimal) -> None:
        """A format that would show the cell's new number as another one gives way."""
        if not shows(cell.number_format, number):
            # a style is shared by all cells that wear it
            cell._style = copy(cell._style)
            cell.number_format = "General"

    def finish(self, title_rows: str | None) -> None:
        """Widths, heights and the page set-up. title_rows: printed on every page where the source says nothing."""
        self._columns()
        self._rows()
        self._set_up()
        self._print(title_rows)

    def _columns(self) -> None:
        for column in range(self.width):
            self.sheet.column_dimensions.pop(get_column_letter(column + 1), None)
        for attributes in self.looks.columns:
            letter = get_column_letter(int(attributes["min"]))
            plain = {key: value for key, value in attributes.items() if key != "style"}
            self.sheet.column_dimensions[letter] = ColumnDimension(self.sheet, **plain | {"index": letter})

    def _rows(self) -> None:
        for row, model in enumerate(self.page.models):
            height = self.looks.heights.get(model.row)
            if height is not None and not (self._changed(row) and self._needed(row) > height):
                self.sheet.row_dimensions[row + 1].height = height
            if model.itself and model.row in self.looks.hidden:
                self.sheet.row_dimensions[row + 1].hidden = True
            if model.itself and model.row + 1 in self.looks.breaks:
                self.sheet.row_breaks.append(Break(id=row + 1))

    def _changed(self, row: int) -> bool:
        """Whether a row says anything else than it did."""
        model = self.page.models[row]
        then = tuple(self.looks.words[model.row])
        return not model.itself or self.page.rows[row][: self.width] != then

    def _needed(self, row: int) -> float:
        """About how many points high the words of a row stand, those of blocks over several rows left out."""
        return max((self._height(row, column) for column in range(self.page.width)), default=0.0)

    def _height(self, row: int, column: int) -> float:
        text = self.page.rows[row][column]
        block = self.below.get((row, column))
        if not text or (block is not None and block.bottom > row):
            return 0.0
        columns = range(column, (block.right if block else column) + 1)
        size = float(self.sheet.cell(row + 1, column + 1).font.sz or _STANDARD_SIZE)
        room = sum(self._width(one) for one in columns) * _STANDARD_SIZE / size
        lines = sum(max(1, math.ceil(_breadth(line) / room)) for line in text.split("\n"))
        return lines * size * 1.3

    def _width(self, column: int) -> float:
        for attributes in self.looks.columns:
            if int(attributes["min"]) <= column + 1 <= int(attributes["max"]) and "width" in attributes:
                return max(1.0, float(attributes["width"]))
        form = self.looks.parts.get("sheet_format")
        return float((form and form.defaultColWidth) or _STANDARD_WIDTH)

    def _set_up(self) -> None:
        """What of the page set-up the source has, in place of ours."""
        parts = dict(self.looks.parts)
        properties = parts.pop("sheet_properties", None)
        if properties is not None and properties.tabColor is not None:
            self.sheet.sheet_properties.tabColor = properties.tabColor
        if "page_setup" in parts:
            fits = properties is not None and properties.pageSetUpPr is not None and properties.pageSetUpPr.fitToPage
            self.sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=bool(fits))
            parts["page_setup"]._parent = self.sheet
        views = parts.pop("views", None)
        for name, part in parts.items():
            setattr(self.sheet, name, part)
        if views is not None and views.sheetView:
            self._view(views)

    def _view(self, views: Any) -> None:
        """Zoom, grid lines and frozen panes as they were; our frozen header where nothing was frozen."""
        frozen = self.sheet.freeze_panes
        view = views.sheetView[0]
        view.workbookViewId, view.tabSelected = 0, True
        views.sheetView = [view]
        self.sheet.views = views
        if view.pane is None:
            self.sheet.freeze_panes = frozen

    def _print(self, title_rows: str | None) -> None:
        titles = self.looks.titles
        # rows above the first item are never moved
        if titles is not None and titles[1] <= self.page.header[-1]:
            title_rows = f"{titles[0] + 1}:{titles[1] + 1}"
        if title_rows is not None:
            self.sheet.print_title_rows = title_rows
        if self.looks.area is not None:
            left, top, right, bottom = self.looks.area
            last = max((at for at, model in enumerate(self.page.models) if model.row <= bottom), default=bottom)
            if column_index_from_string(right) >= self.width:
                right = get_column_letter(self.page.width)
            self.sheet.print_area = f"{left}{top + 1}:{right}{last + 1}"


def shows(form: str, number: Decimal) -> bool:
    """Whether a number format shows all of a number's digits and nothing else.

    >>> [shows(form, Decimal("0.25")) for form in ("General", "@", "0.00", "0.00_ ", "#,##0", "0%", "yyyy-mm-dd")]
    [True, True, True, True, False, False, False]
    """
    if form in {"General", "@"}:
        return True
    found = _PLAIN_FORMAT.fullmatch(_QUOTED.sub("", form.partition(";")[0]))
    exponent = number.normalize().as_tuple().exponent
    return found is not None and isinstance(exponent, int) and len(found[1] or "") >= -exponent


def _breadth(line: str) -> int:
    """How many digits wide a line is; a Chinese character takes two."""
    return sum(2 if ord(one) > 0x2E7F else 1 for one in line)
