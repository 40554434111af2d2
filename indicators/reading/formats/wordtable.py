"""One table of a document → its cells with their columns and rows; knows no other table."""

from collections.abc import Callable, Iterator
from typing import Any

from docx.oxml.ns import qn

from indicators.reading.formats.stack import Spread, Table

_TR, _TC, _P, _VAL = qn("w:tr"), qn("w:tc"), qn("w:p"), qn("w:val")
SNAP = 140
"""Edges closer than this (2.5 mm, in twentieths of a point) were drawn as one: hand-drawn rows waver."""


def read_table(table: Any, words: Callable[[Any], str]) -> Table:
    """The rows of a table, each with its cells: words, first and last column, whether it goes on from above."""
    rows = [list(_cells(row, words)) for row in _children(table, _TR)]
    return Table(_snapped(rows, _edges(table)))


def _children(parent: Any, tag: str) -> Iterator[Any]:
    """The rows of a table or cells of a row, those inside content controls too, not those of inner tables."""
    for element in parent:
        if element.tag == tag:
            yield element
        elif element.tag in {qn("w:sdt"), qn("w:sdtContent"), qn("w:customXml"), qn("w:ins")}:
            yield from _children(element, tag)


def _cells(row: Any, words: Callable[[Any], str]) -> Iterator[Spread]:
    properties = row.find(qn("w:trPr"))
    column = _number(properties, "w:gridBefore") if properties is not None else 0
    for cell in _children(row, _TC):
        about = cell.find(qn("w:tcPr"))
        span = max(1, _number(about, "w:gridSpan")) if about is not None else 1
        text = "\n".join(words(paragraph) for paragraph in cell.iter(_P))
        yield Spread(text, column, column + span, _goes_on(about, "w:vMerge"), _goes_on(about, "w:hMerge"))
        column += span


def _goes_on(about: Any, name: str) -> bool:
    """Whether a merge only continues here; without a word it does, with `restart` it begins."""
    mark = about.find(qn(name)) if about is not None else None
    return mark is not None and mark.get(_VAL) != "restart"


def _number(parent: Any, name: str) -> int:
    found = parent.find(qn(name))
    value = found.get(_VAL, "") if found is not None else ""
    return int(value) if value.isdecimal() and len(value) < 4 else 0


def _edges(table: Any) -> list[int]:
    """Where the columns of the table's own grid begin and end, in twentieths of a point; empty when unknown."""
    grid = table.find(qn("w:tblGrid"))
    edges = [0]
    for column in grid if grid is not None else ():
        width = column.get(qn("w:w"), "")
        edges.append(edges[-1] + (int(width) if width.isdecimal() and len(width) < 7 else 0))
    return edges


def _snapped(rows: list[list[Spread]], edges: list[int]) -> list[list[Spread]]:
    """The cells over the columns a reader sees: edges that almost meet are one."""
    used = sorted({edge for row in rows for cell in row for edge in (cell.left, cell.right)})
    places: dict[int, int] = {}
    last = -1
    for edge in used:
        near = last >= 0 and edge < len(edges) and edges[edge] - edges[last] < SNAP
        if not near:
            last = edge
        places[edge] = len(set(places.values())) - near
    if any(places[cell.left] == places[cell.right] for row in rows for cell in row):
        # A column that narrow holds words of its own: the widths say nothing.
        places = {edge: number for number, edge in enumerate(used)}
    return [[cell.moved(places[cell.left], places[cell.right]) for cell in row] for row in rows]
