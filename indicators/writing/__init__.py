"""A ledger → the bytes of a file in its own layout; knows neither Django nor a database, and writes no formula."""

from collections.abc import Mapping

from indicators.reading.corrections import Layout
from indicators.reading.corrections import header as header_of
from indicators.reading.drafts import LedgerDraft, NodeDraft
from indicators.reading.formats.grid import Grid
from indicators.reading.ledger import read_sheet
from indicators.reading.text import fold
from indicators.writing.delimited import csv
from indicators.writing.docx import docx
from indicators.writing.fresh import fresh
from indicators.writing.looks import Looks, looks_of
from indicators.writing.origin import Origin, unchanged
from indicators.writing.page import Page
from indicators.writing.patched import NoPlace, patched
from indicators.writing.workbook import xlsx

__all__ = ["Looks", "Page", "csv", "docx", "lay_out", "looks_of", "says_the_same", "xlsx"]


def lay_out(
    now: LedgerDraft,
    then: LedgerDraft | None = None,
    grid: Grid | None = None,
    layout: Layout | None = None,
    origins: Mapping[int, int] | None = None,
    *,
    scores: bool = True,
) -> Page:
    """The ledger as cells: on the sheet it came from while that can show it, else in the common layout.

    then, grid, layout: what was read, from which sheet, with which corrections. origins: node of now → node of then.
    scores: whether score columns keep their words. A page with changes is read back, and taken only where that
    gives the same tree.
    """
    layout, origins = layout or Layout(), origins or {}
    header = header_of(grid, layout) if grid is not None and not grid.prose else None
    if then is None or grid is None or header is None:
        return fresh(now)
    try:
        page = patched(now, Origin(grid, header, then), origins, scores=scores)
    except NoPlace:
        return fresh(now)
    if unchanged(then.nodes, now.nodes, origins):
        return page
    if len(then.columns) > len(header.columns):
        # Chapters under headings of their own: one header does not tell where their words go.
        return fresh(now)
    told = Layout(header_rows=tuple(row + 1 for row in header.rows), roles=layout.roles, fill=layout.fill)
    header = header_of(page.grid, layout if layout.says_nothing else told)
    back = read_sheet(page.grid, header if not layout.says_nothing else None)
    return page if back is not None and says_the_same(now, back) else fresh(now)


def says_the_same(one: LedgerDraft, other: LedgerDraft) -> bool:
    """Whether two readings hold the same tree: levels, names, points, units and methods, in the same order."""
    return _told(one) == _told(other)


def _told(ledger: LedgerDraft) -> list[tuple[object, ...]]:
    parents = {node.parent for node in ledger.nodes}
    return [_node(node, leaf=node.id not in parents) for node in ledger.nodes]


def _node(node: NodeDraft, *, leaf: bool) -> tuple[object, ...]:
    units = frozenset((fold(one.name), one.role) for one in node.responsibilities)
    return (node.level, fold(node.name), node.declared, *((units, frozenset(node.methods)) if leaf else ()))
