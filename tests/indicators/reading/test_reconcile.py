"""Declared against listed points, the same for a draft and for stored rows."""

from decimal import Decimal

from indicators.reading.drafts import Tally
from indicators.reading.reconcile import check, declared_total, listed


def _tally(id_: int, parent: int | None, declared: str | None, **more: object) -> Tally:
    points = None if declared is None else Decimal(declared)
    return Tally(id_, parent, str(more.get("name", f"第{id_}项")), points, bool(more.get("item")), None, f"台账!A{id_}")


def test_listed_points_come_from_all_items_below() -> None:
    nodes = [_tally(1, None, "9"), _tally(2, 1, "3"), _tally(3, 2, "1", item=True), _tally(4, 1, "0.5", item=True)]
    assert listed(nodes) == {1: Decimal("1.5"), 2: Decimal(1), 3: Decimal(1), 4: Decimal("0.5")}


def test_a_node_without_pointed_items_is_absent() -> None:
    assert listed([_tally(1, None, "9"), _tally(2, 1, None, item=True)]) == {}


def test_a_silent_top_level_counts_by_its_parts() -> None:
    nodes = [_tally(1, None, None), _tally(2, 1, "3", item=True), _tally(3, None, "4", item=True)]
    assert declared_total(nodes) == Decimal(7)


def test_an_exact_tree_has_no_findings() -> None:
    nodes = [_tally(1, None, "3"), _tally(2, 1, "1", item=True), _tally(3, 1, "2", item=True)]
    assert check(nodes, stated=Decimal(3)) == []


def test_a_difference_is_told_at_every_node_above_it_and_in_the_total() -> None:
    nodes = [_tally(1, None, "5"), _tally(2, 1, "5"), _tally(3, 2, "4.75", item=True)]
    found = check(nodes, place="台账")
    assert [(one.code, one.cells) for one in found] == [
        ("points-mismatch", "台账!A1"),
        ("points-mismatch", "台账!A2"),
        ("total-mismatch", "台账"),
    ]
    assert found[1].message == "“第2项”标注 5 分，下级合计 4.75 分，相差 0.25 分"


def test_a_missing_point_is_told_once_and_not_again_as_a_difference() -> None:
    nodes = [_tally(1, None, "5"), _tally(2, 1, "2", item=True), _tally(3, 1, None, item=True)]
    (finding,) = check(nodes)
    assert (finding.code, finding.data["proposed"]) == ("points-missing", "3")


def test_more_points_than_declared_are_told_even_when_some_are_missing() -> None:
    nodes = [_tally(1, None, "5"), _tally(2, 1, "6", item=True), _tally(3, 1, None, item=True)]
    assert [one.code for one in check(nodes)] == ["points-mismatch", "points-missing"]


def test_checkpoints_that_do_not_fill_the_item_are_told() -> None:
    node = Tally(1, None, "意见征集", Decimal(8), True, Decimal(10), "台账!F5")
    (finding,) = check([node])
    assert (finding.code, finding.cells) == ("checkpoint-mismatch", "台账!F5")
    assert finding.message == "“意见征集”满分 8 分，各得分点合计 10 分"


def test_a_printed_total_that_differs_is_told() -> None:
    (finding,) = check([_tally(1, None, "107", item=True)], stated=Decimal(100), place="乡镇")
    assert (finding.code, finding.cells) == ("total-mismatch", "乡镇")
    assert "100 分" in finding.message
    assert "107 分" in finding.message


def test_a_ledger_without_any_points_has_only_its_blank_names_told() -> None:
    nodes = [_tally(1, None, None), _tally(2, 1, None, item=True), _tally(3, 1, None, item=True, name="")]
    assert [(one.code, one.cells) for one in check(nodes)] == [("blank-item", "台账!A3")]
