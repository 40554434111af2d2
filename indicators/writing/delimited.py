"""A page → CSV for spreadsheets: merged words on every row they cover, nothing that could be a formula."""

import csv as csv_
from io import StringIO

from indicators.reading.notes import is_labelled
from indicators.writing.page import Page

_FORMULA = frozenset("=+-@＝＋－＠")


def csv(page: Page) -> bytes:
    """UTF-8 with a byte order mark. A score that several items share stands on the first of them."""
    rows = [list(row) for row in page.rows]
    top = page.header[0] if page.header else 0
    for block in page.merged:
        if top <= block.top <= page.last and page.roles.get(block.left) not in {"score", "deduction", "points"}:
            for row in range(block.top, block.bottom + 1):
                rows[row][block.left] = page.rows[block.top][block.left]
    for at in range(page.last + 1, len(rows)):
        rows[at] = _below(rows[at], page)
    out = StringIO()
    csv_.writer(out).writerows([safe(text) for text in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _below(row: list[str], page: Page) -> list[str]:
    """A line below the table: without its merges it would look like one more item, so it says that it is a note."""
    words = [text for column, text in enumerate(row) if text and page.roles.get(column) not in {"score", "points"}]
    if not words:
        return row
    note = "  ".join(words)
    return [note if is_labelled(note) else f"备注：{note}", *([""] * (len(row) - 1))]


def safe(text: str) -> str:
    """The words so that no spreadsheet takes them for a formula.

    >>> safe("=1+1"), safe("——"), safe("-3")
    ("'=1+1", '——', '-3')
    """
    if text.lstrip()[:1] in _FORMULA and not text.lstrip("-").replace(".", "", 1).isdecimal():
        return f"'{text}"
    return f"'{text}" if text[:1] in "\t\r\n" and text else text
