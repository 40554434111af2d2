"""Points in cells and behind names, and the shares proposed for items without points."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.reading.drafts import Tally
from indicators.reading.points import parse, propose, settle, split_evenly, split_name


@pytest.mark.parametrize(
    ("text", "points"),
    [("0.50 ", "0.5"), ("０．５", "0.5"), ("20", "20"), (" 20 分", "20"), ("-1", "-1"), ("10%", "10")],
)
def test_a_number_is_read_as_a_clerk_writes_it(text: str, points: str) -> None:
    assert parse(text) == Decimal(points)


@pytest.mark.parametrize(
    "text", ["", "——", "NaN", "Infinity", "1e3", "0x10", "1_000", "½", "五", "1.2.3", "12345678", "٣٤x"]
)
def test_what_is_no_plain_number_is_none(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("行政权力运行公开（20）", ("行政权力运行公开", "20")),
        ("一、政府信息公开(38.00)", ("一、政府信息公开", "38")),
        ("决策公开(2 分)", ("决策公开", "2")),
        ("二、解读回应参与(14.00", ("二、解读回应参与", "14")),
        ("公开方式（０．５）", ("公开方式", "0.5")),
        ("依法答复（满分7分）", ("依法答复", "7")),
    ],
)
def test_points_behind_a_name_are_taken_off_it(name: str, expected: tuple[str, str]) -> None:
    stripped, points = split_name(name)
    assert (stripped, points) == (expected[0], Decimal(expected[1]))


@pytest.mark.parametrize(
    "name", ["年度报告（2021）", "信息公开（含新媒体）", "（二）政策解读", "12345热线", "（5）", "目录(1)编制"]
)
def test_brackets_that_are_no_points_stay_in_the_name(name: str) -> None:
    assert split_name(name) == (name, None)


def test_points_are_kept_to_four_places() -> None:
    assert settle(Decimal("0.33335")) == Decimal("0.3334")
    assert settle(Decimal("0.25")) == Decimal("0.25")


@given(st.decimals("0.0001", 1000, places=4), st.integers(1, 200))
def test_shares_add_up_exactly_and_differ_by_a_cent_at_most(total: Decimal, shares: int) -> None:
    parts = split_evenly(total, shares)
    assert sum(parts) == total
    assert len(parts) == shares
    assert max(parts) - min(parts) <= Decimal("0.01")
    assert parts == sorted(parts, reverse=True)


def _tally(id_: int, parent: int | None, declared: str | None, *, item: bool = False) -> Tally:
    return Tally(id_, parent, f"n{id_}", None if declared is None else Decimal(declared), item)


def test_an_item_without_points_gets_what_its_siblings_leave() -> None:
    nodes = [_tally(1, None, "15"), _tally(2, 1, "1", item=True), _tally(3, 1, None, item=True)]
    assert propose(nodes) == {3: Decimal(14)}


def test_the_nearest_node_with_points_is_shared_among_all_items_below_it() -> None:
    nodes = [
        _tally(1, None, "10"),
        _tally(2, 1, None),
        _tally(3, 2, None, item=True),
        _tally(4, 2, None, item=True),
        _tally(5, 1, "4"),
        _tally(6, 5, None, item=True),
        _tally(7, 1, None, item=True),
    ]
    assert propose(nodes) == {3: Decimal(2), 4: Decimal(2), 7: Decimal(2), 6: Decimal(4)}


def test_where_nothing_is_left_or_nothing_is_declared_nothing_is_proposed() -> None:
    full = [_tally(1, None, "5"), _tally(2, 1, "5", item=True), _tally(3, 1, None, item=True)]
    silent = [_tally(1, None, None), _tally(2, 1, None, item=True)]
    assert propose(full) == propose(silent) == {}


@given(st.data())
def test_what_is_proposed_fills_the_declared_points_exactly(data: st.DataObject) -> None:
    declared = data.draw(st.decimals("0.01", 100, places=2))
    given_ = data.draw(st.lists(st.decimals(0, 3, places=2), max_size=5))
    missing = data.draw(st.integers(1, 9))
    nodes = [Tally(1, None, "甲", declared, False)]
    nodes += [Tally(2 + n, 1, "乙", points, True) for n, points in enumerate(given_)]
    nodes += [Tally(50 + n, 1, "丙", None, True) for n in range(missing)]
    proposed = propose(nodes)
    left = declared - sum(given_)
    assert (sum(proposed.values()) == left) if left > 0 else (proposed == {})
