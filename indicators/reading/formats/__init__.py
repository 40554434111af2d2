"""A file → grids of cells; which reader takes it is decided by its content, never by its suffix.

Text is held to its limits here, where its rows and columns are told; the guard has counted the other kinds.
"""

from collections.abc import Callable

from indicators.reading.formats import delimited, docx, workbook
from indicators.reading.formats.grid import Grid
from indicators.reading.guard.limits import Limits

READERS: dict[str, Callable[[bytes, Limits], list[Grid]]] = {
    "xlsx": workbook.xlsx,
    "xls": workbook.xls,
    "docx": docx.grids,
    "csv": delimited.grids,
}
