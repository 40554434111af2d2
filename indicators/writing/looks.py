"""How the sheet of a workbook looks: styles, widths, heights, page set-up; of its words it keeps only the numbers."""

import logging
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from defusedxml import ElementTree
from openpyxl import Workbook
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._reader import WorkSheetParser
from openpyxl.xml.constants import ARC_STYLE, ARC_THEME

from indicators.reading.formats.grid import Grid
from indicators.reading.formats.marks import part_names, sheet_parts

log = logging.getLogger(__name__)

Number = int | float
_ROWS = re.compile(r"\$(\d{1,7}):\$(\d{1,7})$")
_AREA = re.compile(r"\$([A-Z]{1,3})\$(\d{1,7}):\$([A-Z]{1,3})\$(\d{1,7})$")
# What the library raises on styles that other programs write and it does not know.
_FAULTS = (ValueError, TypeError, KeyError, IndexError, AttributeError, OSError, InvalidFileException)
_DAMAGE = (zipfile.BadZipFile, zlib.error, struct.error, SyntaxError, NotImplementedError)


class _NoTexts:
    """Stands where the workbook's shared texts are asked for: they are known already."""

    def __getitem__(self, _: int) -> str:
        return ""


@dataclass(slots=True)
class Looks:
    """Rows and columns from 0; styles are numbers in the book's own list.

    book: empty but for the source's styles and theme, to be written into once. words: the source's texts.
    numbers: cells that hold a number. parts: print options, margins and the like, by the library's names.
    titles: first and last row printed on every page. area: last printed column and row, and the first ones.
    """

    book: Workbook
    words: Sequence[Sequence[str]]
    styles: dict[tuple[int, int], int] = field(default_factory=dict)
    row_styles: dict[int, int] = field(default_factory=dict)
    columns: list[dict[str, Any]] = field(default_factory=list)
    numbers: dict[tuple[int, int], Number] = field(default_factory=dict)
    heights: dict[int, float] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)
    breaks: set[int] = field(default_factory=set)
    parts: dict[str, Any] = field(default_factory=dict)
    titles: tuple[int, int] | None = None
    area: tuple[str, int, str, int] | None = None

    @property
    def styled(self) -> Any:
        """The book's styles by their numbers, which the library's stubs do not know."""
        return vars(self.book)["_cell_styles"]

    def style(self, row: int, column: int) -> int:
        """The cell's style, else its row's, else its column's."""
        found = self.styles.get((row, column), self.row_styles.get(row))
        if found is not None:
            return found
        here = (one for one in self.columns if int(one["min"]) <= column + 1 <= int(one["max"]))
        return int(next(here, {}).get("style", 0))


def looks_of(content: bytes, grid: Grid) -> Looks | None:
    """The looks of one sheet of an .xlsx; None for another kind of file, and where they cannot be read.

    grid: the same sheet as the reader sees it; what lies outside of it is not looked at. The guard has counted the
    file when it came.
    """
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return _read(archive, grid)
    except (*_FAULTS, *_DAMAGE):
        log.warning("the looks of %s cannot be read; it goes out in plain ones", grid.sheet, exc_info=True)
        return None


def _read(archive: zipfile.ZipFile, grid: Grid) -> Looks | None:
    names = part_names(archive)
    sheets = sheet_parts(archive, names)
    if grid.sheet not in sheets or ARC_STYLE not in archive.namelist():
        return None
    found = Looks(Workbook(), grid.rows)
    apply_stylesheet(archive, found.book)
    if ARC_THEME in archive.namelist() and b"embed=" not in (theme := archive.read(ARC_THEME)):
        found.book.loaded_theme = theme
    with archive.open(sheets[grid.sheet]) as part:
        sheet = WorkSheetParser(part, _NoTexts(), data_only=True)
        seen = _cells(sheet, grid, found)
    if not seen:
        return None
    _measure(sheet, grid, found)
    _printed(archive.read(names["xl/workbook.xml"]), list(sheets).index(grid.sheet), found)
    return found


def _cells(sheet: Any, grid: Grid, found: Looks) -> bool:
    """Whether there was a row at all."""
    seen = False
    for number, cells in sheet.parse():
        seen = True
        if number > grid.height:
            continue
        for cell in cells:
            place = (number - 1, cell["column"] - 1)
            if place[1] < grid.width:
                found.styles[place] = int(cell["style_id"])
                if cell["data_type"] == "n" and cell["value"] is not None:
                    found.numbers[place] = cell["value"]
    return seen


def _measure(sheet: Any, grid: Grid, found: Looks) -> None:
    for attributes in sheet.column_dimensions.values():
        if int(attributes["min"]) <= grid.width:
            found.columns.append(attributes | {"max": str(min(int(attributes["max"]), grid.width))})
    for number, attributes in sheet.row_dimensions.items():
        row = int(number) - 1
        if "ht" in attributes:
            found.heights[row] = float(attributes["ht"])
        if attributes.get("hidden") in {"1", "true"}:
            found.hidden.add(row)
        if "s" in attributes:
            found.row_styles[row] = int(attributes["s"])
    found.breaks = {one.id for one in sheet.row_breaks.brk}
    names = ("print_options", "page_margins", "page_setup", "HeaderFooter", "sheet_format", "views", "sheet_properties")
    found.parts = {name: getattr(sheet, name) for name in names if getattr(sheet, name, None) is not None}


def _printed(workbook: bytes, position: int, found: Looks) -> None:
    """Print titles and area of the sheet at this position."""
    names: Mapping[str, str] = {
        one.get("name", ""): (one.text or "").rpartition("!")[2]
        for one in ElementTree.fromstring(workbook).iter()
        if one.tag.rpartition("}")[2] == "definedName" and one.get("localSheetId") == str(position)
    }
    if rows := _ROWS.fullmatch(names.get("_xlnm.Print_Titles", "")):
        found.titles = (int(rows[1]) - 1, int(rows[2]) - 1)
    if area := _AREA.fullmatch(names.get("_xlnm.Print_Area", "")):
        found.area = (area[1], int(area[2]) - 1, area[3], int(area[4]) - 1)
