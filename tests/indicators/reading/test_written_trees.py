"""Any tree of indicators, written the way offices write it, comes back as it was."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.utils import get_column_letter

from indicators.reading.drafts import LedgerDraft
from indicators.reading.report import plain
from tests.indicators.reading import books

LEVELS = ("一级指标", "二级指标", "三级指标", "四级指标", "五级指标")
NAMES = st.text("政务公开栏目建设渠道答复时限内容（）“”、", min_size=2, max_size=8).filter(
    lambda text: text.strip("（）“”、") != "" and not text.endswith(("（", "、"))
)
POINTS = st.decimals("0.25", "20", places=2)
UNITS = st.sampled_from(["办公室", "政策法规处", "规财处会同监察处", "各镇"])


@dataclass(frozen=True)
class Twig:
    """A node to be written: only those without parts carry a unit."""

    name: str
    points: Decimal
    parts: tuple["Twig", ...]
    unit: str

    @property
    def rows(self) -> int:
        return sum(part.rows for part in self.parts) or 1


@st.composite
def trees(draw: st.DrawFn) -> tuple[int, list[Twig]]:
    """A depth of 2 to 5 and the top level; every path goes down to the last level."""
    depth = draw(st.integers(2, 5))

    def grow(level: int) -> Twig:
        count = draw(st.integers(1, 3)) if level < depth else 0
        parts = tuple(grow(level + 1) for _ in range(count))
        return Twig(draw(NAMES), draw(POINTS), parts, draw(UNITS))

    return depth, [grow(1) for _ in range(draw(st.integers(1, 3)))]


def walk(twigs: tuple[Twig, ...] | list[Twig], level: int = 1) -> Iterator[tuple[int, Twig]]:
    for twig in twigs:
        yield level, twig
        yield from walk(twig.parts, level + 1)


def _write(depth: int, top: list[Twig]) -> tuple[list[list[object]], list[str]]:
    """Rows and merges: parents merged downwards with points in their names, items with points in a column."""
    rows: list[list[object]] = [["2024年考核台账"], [*LEVELS[:depth], "分值", "责任单位"]]
    merges: list[str] = []

    def put(twig: Twig, level: int, first: int) -> None:
        letter = get_column_letter(level)
        if twig.parts:
            rows[first][level - 1] = f"{twig.name}（{plain(twig.points)}）"
            if twig.rows > 1:
                merges.append(f"{letter}{first + 1}:{letter}{first + twig.rows}")
        else:
            rows[first][level - 1 :] = [twig.name, plain(twig.points), twig.unit]
        at = first
        for part in twig.parts:
            put(part, level + 1, at)
            at += part.rows

    rows.extend([""] * (depth + 2) for _ in range(sum(twig.rows for twig in top)))
    at = 2
    for twig in top:
        put(twig, 1, at)
        at += twig.rows
    return rows, merges


def _shape(ledger: LedgerDraft) -> list[tuple[int, str, Decimal | None, bool]]:
    return [(node.level, node.name, node.declared, node.is_item) for node in ledger.nodes]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(trees())
def test_a_tree_written_with_merged_cells_reads_back_equal(tree: tuple[int, list[Twig]]) -> None:
    depth, top = tree
    if not _write(depth, top)[1]:
        # A table that merges nothing prints a name again on every row: there one name is one node.
        top = numbered(top)
    ledger = books.sheet(*_write(depth, top))
    assert _shape(ledger) == [(level, twig.name, twig.points, not twig.parts) for level, twig in walk(top)]
    wanted = [twig for _, twig in walk(top) if not twig.parts]
    items = [node for node in ledger.nodes if node.is_item]
    for item, twig in zip(items, wanted, strict=True):
        assert [one.name for one in item.responsibilities] == twig.unit.split("会同")
    assert ledger.listed_total == sum(twig.points for twig in wanted)
    assert not [finding for finding in ledger.findings if finding.code not in {"points-mismatch", "total-mismatch"}]


def numbered(twigs: list[Twig]) -> list[Twig]:
    """Names that differ within one parent, as a table that merges nothing needs them."""
    return [
        Twig(f"第{number}项{twig.name}", twig.points, tuple(numbered(list(twig.parts))), twig.unit)
        for number, twig in enumerate(twigs)
    ]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(trees())
def test_a_tree_written_flat_with_every_name_repeated_reads_back_equal(tree: tuple[int, list[Twig]]) -> None:
    depth, top = tree[0], numbered(tree[1])
    rows, merges = _write(depth, top)
    for merge in merges:
        first, last = (int(corner[1:]) for corner in merge.split(":"))
        column = ord(merge[0]) - ord("A")
        for row in range(first, last):
            rows[row][column] = rows[first - 1][column]
    assert _shape(books.sheet(rows)) == [(level, t.name, t.points, not t.parts) for level, t in walk(top)]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(trees(), st.data())
def test_a_page_break_anywhere_changes_nothing(tree: tuple[int, list[Twig]], data: st.DataObject) -> None:
    depth, top = tree[0], numbered(tree[1])
    rows, merges = _write(depth, top)
    whole = books.sheet(rows, merges)
    cut = data.draw(st.integers(2, len(rows)))
    paths: list[list[object]] = [list(row) for row in rows]
    for merge in merges:
        first, last = (int(corner[1:]) for corner in merge.split(":"))
        column = ord(merge[0]) - ord("A")
        for row in range(first, last):
            paths[row][column] = rows[first - 1][column]
    printed: list[list[object]] = [*rows[:cut], list(rows[1]), *rows[cut:]]
    if cut < len(rows):
        printed[cut + 1] = [str(value).replace("（", "(").replace("、", " 、") for value in paths[cut][:depth]] + list(
            rows[cut][depth:]
        )
    parted = books.sheet(printed, [piece for merge in merges for piece in _parted(merge, cut)])
    assert [(level, points) for level, _, points, _ in _shape(parted)] == [
        (level, points) for level, _, points, _ in _shape(whole)
    ]


def _parted(merge: str, cut: int) -> list[str]:
    """A merged range as two pages show it: what stands above the break, and what comes below it."""
    letter = merge[0]
    first, last = (int(corner[1:]) for corner in merge.split(":"))
    pieces = []
    for start, end in ((first, min(last, cut)), (max(first, cut + 1) + 1, last + 1)):
        if start < end:
            pieces.append(f"{letter}{start}:{letter}{end}")
    return pieces
