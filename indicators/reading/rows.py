"""The rows below a header, each told apart: data, page break, total, note; builds no tree."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from indicators.reading.columns import Header, anchor, repeats
from indicators.reading.formats.grid import Block, Grid
from indicators.reading.notes import is_bonus, is_labelled
from indicators.reading.points import parse, split_name
from indicators.reading.text import fold, simplified, squeeze

LABEL = 20
NUMBERS = frozenset({"points", "score"})
_TOTAL = re.compile(
    r"(?:合计|总计|共计|总分|总得分|得分合计|合计得分|分值合计|总分值|合计总分|总成绩|累计得分|最终得分)[:：]?"
    r"[(\[]?(?:\d{1,4}(?:\.\d{1,4})?分?)?[)\]]?"
    r"|(?:grand)?total(?:score|points|合计|总计|总分)?:?|(?:合计|总计|总分)(?:grand)?total"
)
_SUBTOTAL = re.compile(r".{0,12}小计[:：]?[(\[]?(?:\d{1,4}(?:\.\d{1,4})?分?)?[)\]]?")
_PLACEHOLDER = re.compile(r"[\d.．、,，…⋯·。*＊（）()\s—-]*(?:…|⋯|\.{3}|。{3})[\d.．、,，…⋯·。*\s]*")
_DATE_LINE = re.compile(r"\s*(?:20\d\d)?\s*年\s*\d{0,2}\s*月\s*\d{0,2}\s*日\s*")
_SIGNATURE = re.compile(
    r"(填表人(?:员)?|被?考(?:核|评)(?:人|单位|时间|组)(?:员)?|评(?:分|估)人(?:员)?|经办人|主要负责人|分管领导签字|审核人签字|制表单位|填报人|审核人|复核人|制表人?|负责人签字|单位负责人|联系人|联系电话|填报单位|填表日期|日期|(?:填报)?单位)(?:[(（][^)）]{0,8}[)）])?\s*[:：]|.{0,8}[(（](?:盖章|公章|签字|签名|签章)[)）]"
)
_SENTENCE = re.compile(r"[。；，,]|[:：](?!\s*\d)")
_ORDINAL = re.compile(r"[一二三四五六七八九十]{1,3}[、.．]?")
_CHAPTER = re.compile(r"(?:第?[一二三四五六七八九十]{1,3}[、.．部章]|[（(][一二三四五六七八九十]{1,3}[)）])")
_BANNER = re.compile(r"(第?[一二三四五六七八九十]{1,3}[、.．部章]|[（(][一二三四五六七八九十]{1,3}[)）]).{1,40}")


class Line(NamedTuple):
    """A row that belongs to the tree.

    page: the header was printed again just above. section: the row opens a chapter of this name, which is
    told by `一、` in the number column or by one heading over the whole width.
    """

    row: int
    page: bool = False
    section: str | None = None


@dataclass(frozen=True, slots=True)
class Note:
    row: int
    text: str


@dataclass(frozen=True, slots=True)
class Body:
    """The rows of a table, sorted: tree lines, notes, rows with totals, and rows left out with their words.

    headers: the header, and those printed again with other headings, each for the rows below it.
    """

    lines: tuple[Line, ...]
    notes: tuple[Note, ...]
    totals: tuple[int, ...]
    skipped: tuple[Note, ...]
    headers: tuple[Header, ...] = ()


def sort(grid: Grid, header: Header) -> Body:
    """Tell the rows below the header apart, in their order."""
    lines: list[Line] = []
    notes: list[Note] = []
    totals: list[int] = []
    skipped: list[Note] = []
    bare: list[int] = []
    headers: list[Header] = [header]
    bands = _bands(grid, header)
    page = False
    for row, again in _rows_below(grid, header):
        if again is not None:
            page = True
            headers.extend([again] if again.columns != header.columns else [])
            continue
        kind, text = _told(grid, header, row) or (("section", bands[row]) if row in bands else _kind(grid, header, row))
        if kind in {"line", "section"}:
            # Numbers without words above other rows are an item that lost its name, not a total.
            lines.extend(map(Line, bare))
            bare.clear()
            lines.append(Line(row, page, text if kind == "section" else None))
            page = False
        elif kind == "bare":
            bare.append(row)
        elif kind == "total":
            totals.append(row)
        elif kind == "note":
            notes.append(Note(row, text))
        elif kind == "skipped":
            skipped.append(Note(row, text))
    return Body(tuple(lines), tuple(notes), tuple(totals + bare), tuple(skipped), tuple(headers))


def _bands(grid: Grid, header: Header) -> dict[int, str]:
    """Rows of one name over the whole width, without number or points, that head the rows below them (主动公开).

    The first row below the header is one, and another stands further below; each has rows of the table under it.
    """
    first = header.rows[-1] + 1
    if not _is_bare_band(grid, header, first):
        return {}
    found = [row for row in range(first, grid.height - 1) if _is_bare_band(grid, header, row)]
    found = [row for row in found if row + 1 not in found]
    return {row: squeeze(grid.text(row, header.columns[0].index)) for row in found} if len(found) > 1 else {}


def _is_bare_band(grid: Grid, header: Header, row: int) -> bool:
    if row >= grid.height:
        return False
    block = grid.merged.over(row, header.columns[0].index)
    if block is None or block.top != row or block.bottom != row or not _is_wide(header, block):
        return False
    text = squeeze(grid.rows[row][block.left])
    others = [one for one in header.columns if one.index > block.right and grid.text(row, one.index)]
    plain = 1 < len(text) <= LABEL and not others and not _SENTENCE.search(text) and not _BANNER.fullmatch(text)
    return plain and not (is_labelled(text) or _is_total(text) or _is_subtotal(text) or _is_sign(text))


def _rows_below(grid: Grid, header: Header) -> Iterator[tuple[int, Header | None]]:
    """Row numbers below the header, each with the header where it is printed again there."""
    row = header.rows[-1] + 1
    column, word = anchor(grid, header)
    while row < grid.height:
        again = repeats(grid, header, row) if fold(grid.text(row, column)) == word else None
        yield row, again
        row = again.rows[-1] + 1 if again else row + 1


def _told(grid: Grid, header: Header, row: int) -> tuple[str, str] | None:
    """What a person said of this row, if anything."""
    if row in header.skipped:
        return "skipped", next((text for _, text, _ in _shown(grid, header, row)), "")
    return ("line", "") if row in header.kept else None


def _kind(grid: Grid, header: Header, row: int) -> tuple[str, str]:
    shown = _shown(grid, header, row)
    if not shown:
        return "blank", ""
    words = [one for one in shown if one[0] not in NUMBERS]
    if not words:
        return "bare", ""
    named = [one for one in words if one[0] != "number"]
    first = words[0][1]
    labels = [text for _, text, _ in words[:3] if len(text) <= LABEL]
    if any(map(_is_total, labels[:2])):
        return "total", ""
    if any(map(_is_subtotal, labels)) or _are_placeholders(named or words):
        return "skipped", first
    if is_labelled(first) or _signs_off(shown):
        return "note", "".join(text if is_labelled(text) else f" {text}" for _, text, _ in words).strip()
    return _spread(grid, header, row, words, named)


@lru_cache(maxsize=2048)
def _is_total(text: str) -> bool:
    return bool(_TOTAL.fullmatch(simplified(fold(text))))


@lru_cache(maxsize=2048)
def _is_subtotal(text: str) -> bool:
    return bool(_SUBTOTAL.fullmatch(simplified(fold(text))))


def _are_placeholders(shown: "list[Shown]") -> bool:
    """Whether nothing was filled in yet (1. …)."""
    return _PLACEHOLDER.fullmatch(shown[0][1]) is not None and all(_PLACEHOLDER.fullmatch(text) for _, text, _ in shown)


def _signs_off(shown: "list[Shown]") -> bool:
    """Whether a row is where people sign: 填表人：, 审核人：, a date."""
    first = shown[0][1]
    if not _is_sign(first) and not _are_labels(shown):
        return False
    if any(role in NUMBERS and parse(text) is not None for role, text, _ in shown):
        return False
    signs = [_is_sign(text) for _, text, _ in shown]
    return len(signs) <= 3 or sum(signs) * 2 >= len(signs)


def _are_labels(shown: "list[Shown]") -> bool:
    """Whether every cell is a short label that waits for words (被考核人：)."""
    return _is_label(shown[0][1]) and all(_is_label(text) for _, text, _ in shown)


def _is_label(text: str) -> bool:
    return len(text) <= LABEL and text.rstrip().endswith((":", "："))


@lru_cache(maxsize=2048)
def _is_sign(text: str) -> bool:
    return bool(_SIGNATURE.match(text) or _DATE_LINE.fullmatch(text))


Shown = tuple[str, str, int]


def _shown(grid: Grid, header: Header, row: int) -> list[Shown]:
    """Role, words and column of every different cell of the row that has words; a merged one at its leftmost column."""
    shown: list[Shown] = []
    rows, over = grid.rows, grid.merged.over
    words, last = rows[row], None
    for column in header.columns:
        block = over(row, column.index)
        if block is None:
            text = words[column.index]
        elif block == last:
            continue
        else:
            text = rows[block.top][block.left]
        last = block
        if text:
            shown.append((column.role, text, column.index))
    return shown


def _spread(grid: Grid, header: Header, row: int, words: list[Shown], named: list[Shown]) -> tuple[str, str]:
    """Rows told by the width of their only cell: a note or a chapter spans levels and more than levels."""
    if len(named) == 1 and _is_wide(header, grid.block(row, named[0][2])):
        text = squeeze(named[0][1])
        return ("section", text) if _BANNER.fullmatch(text) or _is_band(text) else ("note", named[0][1])
    if len(words) == 1 and words[0][0] == "number" and _BANNER.fullmatch(squeeze(words[0][1])):
        return "section", squeeze(words[0][1])
    if len(words) == 1 and _is_wide(header, grid.block(row, words[0][2])):
        text = squeeze(words[0][1])
        return ("section", text) if _is_band(text) else ("note", words[0][1])
    if len(words) == 1 and _is_chapter(header, words[0][1], grid.block(row, words[0][2])):
        return "section", squeeze(words[0][1])
    if words[0][0] == "number" and named and _ORDINAL.fullmatch(fold(words[0][1])):
        return "section", squeeze(named[0][1])
    return "line", ""


@lru_cache(maxsize=512)
def _is_band(text: str) -> bool:
    """Whether words over the whole width head the rows below although nothing counts them: 主动公开（45分）."""
    if len(text) > 2 * LABEL or _SENTENCE.search(text):
        return False
    bare, declared = split_name(text)
    return (declared is not None and bool(bare)) or (len(text) <= LABEL and is_bonus(text))


def _is_chapter(header: Header, text: str, block: Block) -> bool:
    """Whether the only words of a row stand in the only level and are counted `一、`: they head the rows below."""
    levels, contents = header.levels, header.contents
    return (
        len(levels) == 1
        and bool(contents)
        and block.left == levels[0].index
        and bool(_CHAPTER.match(squeeze(text)))
        and len(text) <= 2 * LABEL
    )


def _is_wide(header: Header, block: Block) -> bool:
    levels = {column.index for column in header.levels}
    covered = {column.index for column in header.columns if block.left <= column.index <= block.right}
    return bool(covered & levels) and bool(covered - levels) and len(covered) * 2 > len(header.columns)
