"""Every ledger we have goes out on its own sheet and is read again as what it was; no database, so it is quick."""

from dataclasses import dataclass

import pytest

from indicators.reading import Limits, open_book, read, read_book
from indicators.reading.drafts import LedgerDraft
from indicators.reading.formats.grid import Block, Grid
from indicators.reading.text import fold
from indicators.writing import lay_out, looks_of, xlsx
from tests.indicators.reading.test_unseen import MADE
from tests.indicators.writing.test_pages import FILES


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    content: bytes


CASES = [
    *(Case(path.name, path.read_bytes()) for path in sorted(FILES.iterdir())),
    *(Case(made.name, made.content) for made in MADE),
]


def words(draft: LedgerDraft) -> list[tuple[object, ...]]:
    """Everything a tree says, in its order."""
    return [
        (
            *(node.level, fold(node.name), node.declared, node.is_item, fold(node.criteria or ""), node.methods),
            *({(fold(one.name), one.role, one.open_ended) for one in node.responsibilities}, node.leaders),
            *(node.number, {heading: fold(text) for heading, text in node.extra.items()}),
        )
        for node in draft.nodes
    ]


def cells(grid: Grid, width: int) -> tuple[dict[tuple[int, int], str], set[Block]]:
    """The words by their places, and the merged blocks. width: what a sheet holds beyond it is blank and not kept."""
    said = {(row, at): text for row, line in enumerate(grid.rows) for at, text in enumerate(line) if text}
    blocks = {block._replace(right=min(block.right, width - 1)) for block in grid.merged.blocks}
    return said, {block for block in blocks if (block.top, block.left) != (block.bottom, block.right)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_ledger_goes_out_as_it_came_and_is_read_as_the_same_tree(case: Case) -> None:
    book = open_book(case.name, case.content, Limits())
    for draft in read_book(book).ledgers:
        grid = next(one for one in book.grids if one.sheet == draft.sheet)
        page = lay_out(draft, draft, grid, None, {node.id: node.id for node in draft.nodes})
        content = xlsx(page, looks_of(case.content, grid))
        (back,) = read("x.xlsx", content).ledgers
        assert words(back) == words(draft)
        if page.own and case.name.endswith((".xlsx", ".xls")):
            (after,) = open_book("x.xlsx", content, Limits()).grids
            width = min(after.width, grid.width)
            assert cells(after, width) == cells(grid, width)
