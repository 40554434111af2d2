"""One tree of indicators in every layout offices use: whichever it is written in, the same tree is read."""

import csv
from collections.abc import Callable
from decimal import Decimal
from io import StringIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indicators.reading import read
from indicators.reading.drafts import LedgerDraft
from indicators.reading.report import plain
from tests.indicators.reading import books
from tests.indicators.reading.test_written_trees import LEVELS, Twig, numbered, trees, walk

TITLE = "2024年考核台账"
Cells = list[list[str]]
Merge = tuple[int, int, int, int]


def _table(depth: int, top: list[Twig], *, pointed_items: bool = False) -> tuple[Cells, list[Merge]]:
    """Header and rows, each name on its first row; merges as top, left, bottom, right from 0.

    A node that ends above the last level stands over all level columns to its right.
    """
    rows: Cells = [[*LEVELS[:depth], "分值", "责任单位"]]
    merges: list[Merge] = []

    def put(twig: Twig, level: int) -> None:
        if not twig.parts:
            rows.append([""] * (level - 1) + [_named(twig) if pointed_items else twig.name])
            rows[-1] += [""] * (depth - level) + ["" if pointed_items else plain(twig.points), twig.unit]
            if level < depth:
                merges.append((len(rows) - 1, level - 1, len(rows) - 1, depth - 1))
            return
        first = len(rows)
        for part in twig.parts:
            put(part, level + 1)
        rows[first][level - 1] = _named(twig)
        if twig.rows > 1:
            merges.append((first, level - 1, len(rows) - 1, level - 1))

    for twig in top:
        put(twig, 1)
    return rows, merges


def _named(twig: Twig) -> str:
    return f"{twig.name}（{plain(twig.points)}）"


def _book(rows: Cells, merges: list[Merge]) -> LedgerDraft:
    ranges = [f"{chr(65 + left)}{top + 2}:{chr(65 + right)}{bottom + 2}" for top, left, bottom, right in merges]
    return books.sheet([[TITLE], *rows], ranges)


def _merged(depth: int, top: list[Twig]) -> LedgerDraft:
    return _book(*_table(depth, top))


def _blank_filled(depth: int, top: list[Twig]) -> LedgerDraft:
    return _book(_table(depth, top)[0], [])


def _filled(rows: Cells, merges: list[Merge]) -> Cells:
    """The rows with every name printed again on each row that it holds for."""
    full = [list(row) for row in rows]
    for first, left, last, right in merges:
        for row in range(first, last + 1):
            full[row][left] = rows[first][left] if left == right or row == first else full[row][left]
    return full


def _repeated(depth: int, top: list[Twig]) -> LedgerDraft:
    return _book(_filled(*_table(depth, top)), [])


def _points_in_names(depth: int, top: list[Twig]) -> LedgerDraft:
    rows, merges = _table(depth, top, pointed_items=True)
    return _book([[*row[:depth], row[-1]] for row in rows], merges)


def _points_in_columns(depth: int, top: list[Twig]) -> LedgerDraft:
    """A column of points behind every level, merged as the level is."""
    rows, merges = _table(depth, top)
    wide: Cells = [[word for level in LEVELS[:depth] for word in (level, "分值")] + ["责任单位"]]
    wide += [[""] * (2 * depth) + [row[-1]] for row in rows[1:]]
    twigs = iter(walk(top))
    for number, row in enumerate(rows[1:], 1):
        for column, text in enumerate(row[:depth]):
            if text:
                _, twig = next(twigs)
                wide[number][2 * column : 2 * column + 2] = [twig.name, plain(twig.points)]
    return _book(wide, [(a, 2 * b + more, c, 2 * d + more) for a, b, c, d in merges for more in (0, 1)])


def _paged(depth: int, top: list[Twig]) -> LedgerDraft:
    """Three rows a page, each page with the header and the names that go on there."""
    rows, merges = _table(depth, top)
    full = _filled(rows, merges)
    printed: Cells = []
    parts: list[Merge] = []
    for start in range(1, len(rows), 3):
        end = min(start + 3, len(rows))
        shift = len(printed) + 1 - start
        printed += [rows[0], full[start], *rows[start + 1 : end]]
        for first, left, last, right in merges:
            a, b = max(first, start), min(last, end - 1)
            if a < b:
                parts.append((a + shift, left, b + shift, right))
    return _book(printed, parts)


def _word(depth: int, top: list[Twig]) -> LedgerDraft:
    rows, merges = _table(depth, top)
    (found,) = read("台账.docx", books.document(TITLE, rows, merges=merges)).ledgers
    return found


def _text(depth: int, top: list[Twig]) -> LedgerDraft:
    out = StringIO()
    csv.writer(out).writerows([[TITLE], *_table(depth, top)[0]])
    (found,) = read("台账.csv", out.getvalue().encode("gb18030")).ledgers
    return found


LAYOUTS = (_merged, _blank_filled, _repeated, _points_in_names, _points_in_columns, _paged, _word, _text)


def _shape(ledger: LedgerDraft) -> list[tuple[int, str, Decimal | None, list[str]]]:
    return [(n.level, n.name, n.declared, [one.name for one in n.responsibilities]) for n in ledger.nodes]


def _wanted(top: list[Twig]) -> list[tuple[int, str, Decimal | None, list[str]]]:
    return [(level, t.name, t.points, [] if t.parts else t.unit.split("会同")) for level, t in walk(top)]


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__.strip("_"))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tree=trees())
def test_a_tree_reads_back_equal_in_this_layout(
    layout: Callable[[int, list[Twig]], LedgerDraft], tree: tuple[int, list[Twig]]
) -> None:
    depth, top = tree[0], numbered(tree[1])
    ledger = layout(depth, top)
    assert _shape(ledger) == _wanted(top)
    assert (ledger.title, ledger.depth) == (TITLE, depth)


@pytest.mark.parametrize("layout", [_merged, _word], ids=["merged", "word"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tree=trees(), data=st.data())
def test_a_node_merged_sideways_over_the_levels_it_has_not_is_one_item(
    layout: Callable[[int, list[Twig]], LedgerDraft], tree: tuple[int, list[Twig]], data: st.DataObject
) -> None:
    depth, top = tree[0], numbered(tree[1])
    cut = data.draw(st.integers(0, len(top) - 1))
    shallow = [Twig(t.name, t.points, () if at == cut else t.parts, t.unit) for at, t in enumerate(top)]
    shallow.append(top[0] if cut else Twig("末项工作", Decimal(1), top[0].parts, ""))
    assert _shape(layout(depth, shallow)) == _wanted(shallow)
