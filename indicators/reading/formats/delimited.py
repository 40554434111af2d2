"""Delimited text → one grid; its encoding and its separator are found, not asked."""

import csv
from collections import Counter
from io import StringIO

from indicators.reading.formats.grid import UNMERGED, Grid, letters
from indicators.reading.guard.limits import Limits
from indicators.reading.guard.plaintext import decode
from indicators.reading.refusal import Refused
from indicators.reading.text import clean

SHEET = "文本"
SEPARATORS = "\t,;|"
SAMPLED = 200


def grids(content: bytes, limits: Limits) -> list[Grid]:
    """The text as one grid, blank rows kept so that places are line numbers. Raises Refused beyond the limits."""
    text = decode(content)
    separator = _separator(text)
    if separator is None:
        lines = [[line] for line in text.splitlines()]
        return [_grid(lines, limits, prose=True)]
    try:
        rows = list(csv.reader(StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise Refused(
            "damaged", "文本里的引号或换行不成对，分不清列；用 Excel 打开核对并另存为 .xlsx 后再上传"
        ) from error
    return [_grid(rows, limits, prose=False)]


def _separator(text: str) -> str | None:
    """The sign that most rows use equally often; None where no sign sets columns apart."""
    best: tuple[int, str] | None = None
    for sign in SEPARATORS:
        if sign not in text:
            continue
        widths = Counter(
            len(row) for row, _ in zip(_rows(text, sign), range(SAMPLED), strict=False) if any(map(str.strip, row))
        )
        widths.pop(1, None)
        # A sign inside sentences gives rows of many widths, one that sets columns apart of one width.
        width, rows = max(widths.items(), key=lambda one: (one[1], one[0]), default=(0, 0))
        if rows >= 2 and rows * 2 > sum(widths.values()) and (best is None or rows * width > best[0]):
            best = (rows * width, sign)
    return best[1] if best else None


def _rows(text: str, sign: str) -> list[list[str]]:
    try:
        return list(csv.reader(StringIO(text[:100_000], newline=""), delimiter=sign))
    except csv.Error:
        return []


def _grid(lines: list[list[str]], limits: Limits, *, prose: bool) -> Grid:
    width = max((len(line) for line in lines), default=0)
    if width > limits.columns:
        raise Refused("too-many-columns", f"文本有 {width} 列，最多 {limits.columns} 列；删去多余的列后再上传")
    if len(lines) > limits.last_row or len(lines) * width > limits.cells:
        raise Refused("too-many-rows", f"文本有 {len(lines)} 行，最多 {limits.last_row} 行；删去多余的行后再上传")
    shorn: list[str] = []
    rows: list[list[str]] = []
    for number, line in enumerate(lines, 1):
        row = []
        for column, value in enumerate(line):
            text, cut = clean(value)
            if len(text) > limits.text_length:
                raise Refused(
                    "text-too-long",
                    f"第 {number} 行第 {column + 1} 列的文字超过 {limits.text_length} 字；缩短后再上传",
                )
            if cut:
                shorn.append(f"{SHEET}!{letters(column)}{number}")
            row.append(text)
        rows.append(row + [""] * (width - len(row)))
    while rows and not any(rows[-1]):
        rows.pop()
    return Grid(SHEET, rows, UNMERGED, tuple(shorn), prose=prose) if rows else Grid(SHEET, [], UNMERGED)
