"""A sheet → its table, or the chapters of it under headings of their own, with the rows told apart; builds no tree."""

from dataclasses import dataclass, replace

from indicators.reading.chapters import lead, opens, parted
from indicators.reading.columns import Header, find
from indicators.reading.fitting import fit
from indicators.reading.formats.grid import Grid
from indicators.reading.rows import Body, Line, sort
from indicators.reading.tables import is_header
from indicators.reading.text import squeeze


@dataclass(frozen=True, slots=True)
class Piece:
    """A header with the rows below it; grid holds those rows at their places and no others."""

    grid: Grid
    header: Header
    body: Body


def pieces(grid: Grid, header: Header, *, told: bool) -> list[Piece]:
    """The piece that each header of a sheet heads, top to bottom.

    told: the first header is a person's word, and nothing is guessed from the cells of its columns.
    """
    found: list[Piece] = []
    for part in parted(grid, header, is_header):
        first = find(part) if found else header
        if first is not None:
            fitted = first if told and not found else fit(part, first)
            found.append(Piece(part, fitted, _opened(part, fitted, many=part is not grid)))
    return found


def _opened(grid: Grid, header: Header, *, many: bool) -> Body:
    """The rows, with the chapter above the header as the first where it heads them.

    many: the sheet has several chapters with headers, and each is opened by the line above its own.
    """
    body = sort(grid, header)
    above = lead(grid, header.rows[0])
    if above is None or not (many or opens(grid, above, [line.section for line in body.lines if line.section])):
        return body
    words = squeeze(next(text for text in grid.rows[above] if text))
    return replace(body, lines=(Line(above, section=words), *body.lines))
