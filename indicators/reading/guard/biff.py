"""The records of an old workbook (.xls) counted one by one before anybody opens it; reads no words but sheet names."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import thread_time

from indicators.reading.guard.archive import broken
from indicators.reading.guard.limits import Limits
from indicators.reading.guard.parts import macros, too_complex, too_many_sheets
from indicators.reading.refusal import Refused

BOF, EOF, BOUNDSHEET, FILEPASS, MERGES = 0x809, 0x0A, 0x85, 0x2F, 0xE5
NUMBER, LABEL, BOOLERR, FORMULA, RSTRING = 0x203, 0x204, 0x205, 0x06, 0xD6
LABELSST, MULRK, MULBLANK, RK, BLANK = 0xFD, 0xBD, 0xBE, 0x27E, 0x201
ROW, COLUMN, FORMAT, STYLE, DIMENSIONS = 0x208, 0x7D, 0x41E, 0xE0, 0x200
# all that the format can hold: the reader sets aside as much as a sheet says it has
LARGEST = 65_536 * 256
FILLED = frozenset({NUMBER, LABEL, BOOLERR, FORMULA, RSTRING, LABELSST, MULRK, RK})
_WIDE = frozenset({MULRK, MULBLANK})
_CELLS = FILLED | {MULBLANK, BLANK}
_MACRO_SHEETS = frozenset({0x01, 0x06})
_OLD = frozenset({0x009, 0x209, 0x409})
CHECKED_EVERY = 4096

Record = tuple[int, int, int]


@dataclass(slots=True)
class _Sum:
    """What was counted over the whole workbook."""

    limits: Limits
    sheet: str = ""
    cells: int = 0
    merges: int = 0
    merged_area: int = 0
    names: dict[int, str] = field(default_factory=dict)


def records(book: bytes) -> Iterator[Record]:
    """Kind, place of the body and its length of every record. Raises Refused where one reaches over the end."""
    at, end = 0, len(book)
    while at + 4 <= end:
        kind, length = struct.unpack_from("<HH", book, at)
        at += 4
        if at + length > end:
            raise broken()
        yield kind, at, length
        if kind == 0 and length == 0:
            return
        at += length


def check_book(book: bytes, limits: Limits) -> None:
    """Pass a workbook stream that is safe to parse. Raises Refused with a sentence."""
    if struct.unpack_from("<H", book)[0] in _OLD if len(book) >= 2 else False:
        raise Refused("format-unread", "这是很旧的 Excel 格式（95 版以前）；用 Excel 或 WPS 另存为 .xlsx 后再上传")
    count = _Sum(limits)
    began = thread_time()
    for number, (kind, at, length) in enumerate(records(book)):
        if number % CHECKED_EVERY == 0 and thread_time() - began > limits.cpu_seconds:
            raise too_complex()
        if kind in _CELLS:
            _cell(count, book, kind, at, length)
        elif kind == DIMENSIONS:
            _dimensions(book, at, length)
        elif kind in {BOF, BOUNDSHEET, FILEPASS, MERGES}:
            _told(count, book, kind, at, length)


def _dimensions(book: bytes, at: int, length: int) -> None:
    if length not in {10, 14}:
        raise broken()
    top, bottom, left, right = struct.unpack_from("<IIHH" if length == 14 else "<4H", book, at)
    if bottom < top or right < left or (bottom - top + 1) * (right - left + 1) > LARGEST:
        raise broken()


def _cell(count: _Sum, book: bytes, kind: int, at: int, length: int) -> None:
    if length < 6:
        raise broken()
    row, column = struct.unpack_from("<HH", book, at)
    last = max(column, struct.unpack_from("<H", book, at + length - 2)[0]) if kind in _WIDE else column
    count.cells += max(1, last - column + 1)
    if count.cells > count.limits.cells:
        raise Refused("too-many-cells", f"单元格超过 {count.limits.cells} 个；删去多余的行列和格式后再上传")
    if kind not in FILLED:
        return
    if row >= count.limits.last_row:
        raise Refused(
            "too-many-rows",
            f"工作表“{count.sheet}”用到第 {row + 1} 行，最多 {count.limits.last_row} 行；删去多余的行后再上传",
        )
    if last >= count.limits.columns:
        raise Refused(
            "too-many-columns",
            f"工作表“{count.sheet}”用到第 {last + 1} 列，最多 {count.limits.columns} 列；删去多余的列后再上传",
        )


def _told(count: _Sum, book: bytes, kind: int, at: int, length: int) -> None:
    if kind == FILEPASS:
        raise Refused("encrypted", "工作簿加了密码，读不出内容；去掉打开密码后再上传")
    if kind == BOF:
        count.sheet = count.names.get(at - 4, "")
    elif kind == MERGES:
        _merges(count, book, at, length)
    else:
        _sheet(count, book, at, length)


def _sheet(count: _Sum, book: bytes, at: int, length: int) -> None:
    if length < 8:
        raise broken()
    start, _, kind = struct.unpack_from("<IBB", book, at)
    if kind in _MACRO_SHEETS:
        raise macros()
    count.names[start] = sheet_name(book[at + 6 : at + length])
    if len(count.names) > count.limits.sheets:
        raise too_many_sheets(count.limits)


def sheet_name(raw: bytes) -> str:
    """The name in a BOUNDSHEET record: its length, a flag for two-byte characters, the characters."""
    wide = len(raw) > 1 and raw[1] & 1
    return raw[2:].decode("utf-16-le" if wide else "latin-1", "replace")[:31]


def _merges(count: _Sum, book: bytes, at: int, length: int) -> None:
    ranges = (length - 2) // 8
    if ranges < 0:
        raise broken()
    for number in range(ranges):
        top, bottom, left, right = struct.unpack_from("<4H", book, at + 2 + number * 8)
        count.merges += 1
        count.merged_area += (abs(bottom - top) + 1) * (abs(right - left) + 1)
    if count.merges > count.limits.merges or count.merged_area > count.limits.merged_area:
        raise Refused(
            "too-many-merges",
            f"工作表“{count.sheet}”的合并单元格过多或过大；取消表格以外的合并后再上传",
        )
