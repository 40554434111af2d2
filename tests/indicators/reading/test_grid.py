"""Merged cells as a sheet holds them: which block is over a cell, and which of two that share one counts."""

from hypothesis import given
from hypothesis import strategies as st

from indicators.reading.formats.grid import Block, Grid, Merges

CORNERS = st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(-1, 3), st.integers(-1, 3))
BLOCKS = st.lists(CORNERS.map(lambda one: Block(one[0], one[1], one[0] + one[2], one[1] + one[3])), max_size=8)


@given(blocks=BLOCKS)
def test_the_block_over_a_cell_is_the_first_that_covers_it_and_shares_no_cell_with_one_before(
    blocks: list[Block],
) -> None:
    over: dict[tuple[int, int], Block] = {}
    for block in blocks:
        cells = [(r, c) for r in range(block.top, block.bottom + 1) for c in range(block.left, block.right + 1)]
        if len(cells) > 1 and not any(cell in over for cell in cells):
            over.update(dict.fromkeys(cells, block))
    merges = Merges.of(blocks)
    assert set(merges.blocks) == set(over.values())
    assert {(r, c): merges.over(r, c) for r in range(9) for c in range(9) if merges.over(r, c)} == over


def test_a_cell_merged_from_its_left_is_not_its_columns_own() -> None:
    grid = Grid("台账", [["甲", "", "乙"], ["丙", "", ""]], Merges.of([Block(0, 0, 0, 1), Block(0, 2, 1, 2)]))
    assert [grid.begins(0, column) for column in range(3)] == [True, False, True]
    assert grid.begins(1, 2)
    assert grid.text(1, 2) == "乙"
