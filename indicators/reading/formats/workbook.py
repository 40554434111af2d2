"""Workbook bytes → grids, old and new ones alike; relies on the guard having counted the workbook first."""

import datetime
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import lru_cache
from io import BytesIO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from indicators.reading.formats import marks
from indicators.reading.formats.grid import Block, Grid, Merges, letters
from indicators.reading.formats.marks import Marks
from indicators.reading.guard.limits import Limits
from indicators.reading.refusal import Refused
from indicators.reading.report import plain
from indicators.reading.text import clean, is_plain

Value = int | float | str | bool | datetime.time | datetime.date | datetime.datetime | datetime.timedelta
Range = tuple[tuple[int, int], tuple[int, int]]

DAMAGED = Refused("damaged", "工作簿已损坏，读不出内容；用 Excel 或 WPS 打开并另存为 .xlsx 后再上传")
NO_MARKS = Marks()
_FAULTS = (
    CalamineError,
    ValueError,
    OSError,
    OverflowError,
    KeyError,
    struct.error,
    zlib.error,
    zipfile.BadZipFile,
    SyntaxError,
    NotImplementedError,
)


def xlsx(content: bytes, _: Limits) -> list[Grid]:
    """The worksheets in their order, hidden ones too, empty ones left out. Raises Refused when damaged."""
    return _safely(content, marks.of_xlsx)


def xls(content: bytes, _: Limits) -> list[Grid]:
    """The worksheets of an old workbook, as `xlsx`."""
    return _safely(content, marks.of_xls)


def _safely(content: bytes, marked: Callable[[bytes], dict[str, Marks]]) -> list[Grid]:
    try:
        return _open(content, marked)
    except _FAULTS as error:
        raise DAMAGED from error
    except BaseException as error:
        # The library is Rust: a panic inside it arrives as this class, which cannot be imported.
        if type(error).__name__ != "PanicException":
            raise
        raise DAMAGED from error


def _open(content: bytes, marked: Callable[[bytes], dict[str, Marks]]) -> list[Grid]:
    workbook = CalamineWorkbook.from_filelike(BytesIO(content))
    known = marked(content)
    found = [
        _grid(
            workbook.get_sheet_by_name(sheet.name),
            known.get(sheet.name, NO_MARKS),
            hidden=sheet.visible is not SheetVisibleEnum.Visible,
        )
        for sheet in workbook.sheets_metadata
        if sheet.typ is SheetTypeEnum.WorkSheet
    ]
    return [grid for grid in found if grid.rows]


def _grid(sheet: CalamineSheet, known: Marks, *, hidden: bool) -> Grid:
    name = sheet.name
    rows: list[list[str]] = []
    shorn: list[str] = []
    for number, values in enumerate(sheet.to_python(skip_empty_area=False), 1):
        row = [value if value.__class__ is str else _words(value) for value in values]
        if is_plain("\n".join(row)):
            rows.append([text.strip() for text in row])
            continue
        cleaned = [clean(text) for text in row]
        rows.append([text for text, _ in cleaned])
        shorn.extend(f"{name}!{letters(column)}{number}" for column, (_, cut) in enumerate(cleaned) if cut)
    width = len(rows[0]) if rows else 0
    _show(rows, known)
    merged = _merges(sheet.merged_cell_ranges or (), len(rows), width)
    for block in merged.blocks:
        _silence(rows, block)
    return Grid(
        name,
        rows,
        merged,
        tuple(shorn),
        hidden=hidden,
        hidden_rows=tuple(row for row in known.hidden_rows if row < len(rows) and any(rows[row])),
        hidden_columns=tuple(one for one in known.hidden_columns if one < width and any(row[one] for row in rows)),
        unreckoned=tuple(
            f"{name}!{letters(column)}{row + 1}"
            for row, column in known.unreckoned
            if row < len(rows) and column < width and not rows[row][column]
        ),
    )


def _show(rows: list[list[str]], known: Marks) -> None:
    """Numbers that stand as per cent, and errors, as a clerk sees them."""
    for row, column in known.percents:
        if row < len(rows) and column < len(rows[row]):
            number = rows[row][column]
            if number.replace(".", "", 1).isdecimal() and len(number) < 20:
                rows[row][column] = f"{plain(Decimal(number) * 100)}%"
    for (row, column), error in known.errors.items():
        if row < len(rows) and column < len(rows[row]) and not rows[row][column]:
            rows[row][column] = error


def _merges(ranges: Iterable[Range], height: int, width: int) -> Merges:
    """The merged blocks, cut to the cells that exist."""
    return Merges.of(
        Block(top, left, min(bottom, height - 1), min(right, width - 1))
        for (top, left), (bottom, right) in sorted(ranges)
    )


def _silence(rows: list[list[str]], block: Block) -> None:
    """What a merge hides is not shown to anybody; only its first cell speaks."""
    words = rows[block.top][block.left]
    blanks = [""] * (block.right - block.left + 1)
    for row in rows[block.top : block.bottom + 1]:
        row[block.left : block.right + 1] = blanks
    rows[block.top][block.left] = words


def _words(value: Value) -> str:
    """A cell's value as a clerk reads it; numbers without the noise of binary fractions."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, datetime.date | datetime.time) else str(value)


@lru_cache(maxsize=1024)
def _number(value: float) -> str:
    # Ten digits after the point: 0.1 + 0.2 was stored as 0.30000000000000004.
    return plain(Decimal(repr(round(value, 10))))
