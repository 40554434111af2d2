"""A file → grids of cells; which reader takes it is decided by its content, never by its suffix."""

from collections.abc import Callable

from indicators.reading.formats import delimited, docx, workbook
from indicators.reading.formats.grid import Grid

READERS: dict[str, Callable[[bytes], list[Grid]]] = {
    "xlsx": workbook.xlsx,
    "xls": workbook.xls,
    "docx": docx.grids,
    "csv": delimited.grids,
}
