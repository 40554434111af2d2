"""What a workbook shows beside its values: hidden rows, percentages, errors, formulas without a value."""

import posixpath
import re
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from io import BytesIO

from defusedxml import ElementTree

from indicators.reading.guard import biff
from indicators.reading.guard.compound import walk

_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*?>")
_COLUMN = re.compile(rb"<(?:\w+:)?col\b[^>]*?>")
_ERROR = re.compile(rb'<(?:\w+:)?c\b([^>]*?\bt="e"[^>]*)>(?:<(?:\w+:)?f\b.*?)?<(?:\w+:)?v>([^<]{1,20})</', re.DOTALL)
_FORMULA = re.compile(
    rb"<(?:\w+:)?c\b([^>]*)><(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')
_NUMBER = re.compile(rb'\b(r|min|max)="(\d{1,7})"')
_PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_PERCENT_FORMATS = frozenset({9, 10})
WIDEST = 64


@dataclass(slots=True)
class Marks:
    """Places are (row, column) from 0."""

    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    percents: set[tuple[int, int]] = field(default_factory=set)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    unreckoned: list[tuple[int, int]] = field(default_factory=list)


def of_xlsx(content: bytes) -> dict[str, Marks]:
    """Sheet name → its marks. The guard has read these parts before; what it let pass is well-formed."""
    found: dict[str, Marks] = {}
    with zipfile.ZipFile(BytesIO(content)) as archive:
        names = part_names(archive)
        styles = _percent_styles(archive.read(names["xl/styles.xml"])) if "xl/styles.xml" in names else []
        for sheet, part in sheet_parts(archive, names).items():
            found[sheet] = _of_sheet(archive.read(part), styles)
    return found


def part_names(archive: zipfile.ZipFile) -> dict[str, str]:
    """`xl/workbook.xml` as every program asks for it → as this archive spells it."""
    return {name.replace("\\", "/").casefold(): name for name in archive.namelist()}


def sheet_parts(archive: zipfile.ZipFile, names: dict[str, str]) -> dict[str, str]:
    """Sheet name → the part that holds it, in their order. Raises KeyError where this is no workbook."""
    targets = _targets(archive, names)
    found: dict[str, str] = {}
    for sheet in ElementTree.fromstring(archive.read(names["xl/workbook.xml"])).iter():
        if sheet.tag.rpartition("}")[2] != "sheet":
            continue
        relation = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), "")
        part = names.get(targets.get(relation, "").casefold())
        if part:
            found[sheet.get("name", "")] = part
    return found


def _targets(archive: zipfile.ZipFile, names: dict[str, str]) -> dict[str, str]:
    """Relationship id → part."""
    part = names.get("xl/_rels/workbook.xml.rels")
    if part is None:
        return {}
    return {
        one.get("Id", ""): posixpath.normpath(posixpath.join("/xl", one.get("Target", ""))).lstrip("/")
        for one in ElementTree.fromstring(archive.read(part))
    }


def _percent_styles(styles: bytes) -> list[bytes]:
    """The indexes of cell styles that show a number as per cent."""
    if not any(sign in styles for sign in (b'numFmtId="9"', b'numFmtId="10"', b"%")):
        return []
    root = ElementTree.fromstring(styles)
    space = root.tag.rpartition("}")[0] + "}" if "}" in root.tag else ""
    formats = set(_PERCENT_FORMATS)
    for one in root.iter(f"{space}numFmt"):
        if "%" in one.get("formatCode", "") and one.get("numFmtId", "").isdecimal():
            formats.add(int(one.get("numFmtId", "")))
    cells = root.find(f"{space}cellXfs")
    return [
        str(index).encode()
        for index, one in enumerate(cells if cells is not None else ())
        if one.get("numFmtId", "").isdecimal() and int(one.get("numFmtId", "")) in formats
    ]


def _of_sheet(page: bytes, styles: list[bytes]) -> Marks:
    marks = Marks()
    if b'hidden="' in page and _HIDDEN.search(page):
        marks.hidden_rows = [start - 1 for start, _ in _hidden(_ROW, page)]
        for start, end in _hidden(_COLUMN, page):
            marks.hidden_columns.extend(range(start - 1, min(end, WIDEST)))
    if styles and any(b's="' + style + b'"' in page for style in styles):
        shown = re.compile(rb'<(?:\w+:)?c\b([^>]*?\bs="(?:' + b"|".join(styles) + rb')"[^>]*)>')
        marks.percents = set(_places(found[1] for found in shown.finditer(page)))
    if b't="e"' in page:
        for error in _ERROR.finditer(page):
            for place in _places([error[1]]):
                marks.errors[place] = error[2].decode("utf-8", "replace")
    if b"<f" in page or b":f>" in page:
        marks.unreckoned = list(_places(found[1] for found in _FORMULA.finditer(page)))
    return marks


def _hidden(pattern: re.Pattern[bytes], page: bytes) -> list[tuple[int, int]]:
    """First and last number of each hidden row or run of columns."""
    found = []
    for tag in pattern.findall(page):
        if _HIDDEN.search(tag):
            numbers = {key: int(value) for key, value in _NUMBER.findall(tag)}
            first = numbers.get(b"r") or numbers.get(b"min")
            if first:
                found.append((first, numbers.get(b"max", first)))
    return found


def _places(attributes: Iterable[bytes]) -> Iterable[tuple[int, int]]:
    for text in attributes:
        found = _PLACE.search(text)
        if found:
            column = 0
            for letter in found[1]:
                column = column * 26 + letter - 64
            yield int(found[2]) - 1, column - 1


def of_xls(content: bytes) -> dict[str, Marks]:
    """Sheet name → its marks, out of the records of an old workbook."""
    container = walk(content)
    book = container.stream("workbook") or container.stream("book") or b""
    names: dict[int, str] = {}
    found: dict[str, Marks] = {}
    here = Marks()
    formats: set[int] = set(_PERCENT_FORMATS)
    percent_styles: list[bool] = []
    for kind, at, length in biff.records(book):
        body = book[at : at + length]
        if kind == biff.BOUNDSHEET:
            names[int.from_bytes(body[:4], "little")] = biff.sheet_name(body[6:])
        elif kind == biff.BOF:
            here = found.setdefault(names.get(at - 4, ""), Marks())
        elif kind == biff.FORMAT and b"%" in body[2:]:
            formats.add(_short(body, 0))
        elif kind == biff.STYLE:
            percent_styles.append(_short(body, 2) in formats)
        elif kind in _RECORDS:
            _RECORDS[kind](here, body, percent_styles)
    return found


def _short(body: bytes, at: int) -> int:
    return int.from_bytes(body[at : at + 2], "little")


def _row_record(here: Marks, body: bytes, _: list[bool]) -> None:
    if len(body) > 12 and body[12] & 0x20:
        here.hidden_rows.append(_short(body, 0))


def _column_record(here: Marks, body: bytes, _: list[bool]) -> None:
    if len(body) > 8 and body[8] & 1:
        here.hidden_columns.extend(range(_short(body, 0), min(_short(body, 2) + 1, WIDEST)))


def _number_record(here: Marks, body: bytes, styles: list[bool]) -> None:
    style = _short(body, 4)
    if style < len(styles) and styles[style]:
        here.percents.add((_short(body, 0), _short(body, 2)))


def _numbers_record(here: Marks, body: bytes, styles: list[bool]) -> None:
    for step, at in enumerate(range(4, len(body) - 2, 6)):
        style = _short(body, at)
        if style < len(styles) and styles[style]:
            here.percents.add((_short(body, 0), _short(body, 2) + step))


def _error_record(here: Marks, body: bytes, _: list[bool]) -> None:
    if len(body) > 7 and body[7]:
        here.errors[_short(body, 0), _short(body, 2)] = "#错误值"


_RECORDS: dict[int, Callable[[Marks, bytes, list[bool]], None]] = {
    biff.ROW: _row_record,
    biff.COLUMN: _column_record,
    biff.NUMBER: _number_record,
    biff.RK: _number_record,
    biff.FORMULA: _number_record,
    biff.MULRK: _numbers_record,
    biff.BOOLERR: _error_record,
}
