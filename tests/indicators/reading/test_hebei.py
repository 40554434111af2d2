"""Every stated fact of the provincial bureau's 考核指标, through the object that import_ledger prints."""

from decimal import Decimal

import pytest

from tests.indicators.reading import books
from tests.indicators.reading.books import Json


@pytest.fixture(scope="module")
def ledger() -> Json:
    return books.ledger(books.HEBEI)


def _node(ledger: Json, name: str, level: int) -> Json:
    (found,) = [node for node in ledger["nodes"] if node["name"] == name and node["level"] == level]
    return dict(found)


def _children(ledger: Json, node: Json) -> list[str | None]:
    return [one["declared"] for one in ledger["nodes"] if one["parent"] == node["id"]]


def test_thirty_six_items_under_eight_nodes_of_ninety_five_and_a_half_points(ledger: Json) -> None:
    top = [node for node in ledger["nodes"] if node["level"] == 1]
    assert [node["declared"] for node in top] == ["13", "15", "11", "11", "10", "10.5", "18", "7"]
    assert len(books.items(ledger)) == 36
    assert ledger["declared_total"] == "95.5"


def test_the_note_states_the_same_total(ledger: Json) -> None:
    assert ledger["stated_total"] == "95.5"
    assert ledger["notes"] == ["我局被考核指标总分为95.5分"]
    assert not books.findings(ledger, "total-mismatch")


def test_a_parent_printed_again_with_other_points_is_told_and_its_children_decide(ledger: Json) -> None:
    (conflict,) = books.findings(ledger, "points-conflict")
    assert conflict["data"] == {"kept": "18", "other": "21"}
    service = _node(ledger, "政务服务", 1)
    below = [one for one in ledger["nodes"] if one["is_item"] and service["id"] in _above(ledger, one)]
    assert [one["declared"] for one in below] == ["3", "3", "7", "3", "2"]
    assert service["listed"] == "18"


def _above(ledger: Json, node: Json) -> set[int]:
    by_id = {one["id"]: one for one in ledger["nodes"]}
    found = set()
    while node["parent"]:
        node = by_id[node["parent"]]
        found.add(node["id"])
    return found


def test_two_nodes_that_two_moved_items_make_exact_are_told_with_that_repair(ledger: Json) -> None:
    listed = {node["name"]: (node["declared"], node["listed"]) for node in ledger["nodes"] if node["level"] == 1}
    assert listed["公开平台和载体建设"] == ("10", "8")
    assert listed["互联网+政务服务"] == ("10.5", "12.5")
    assert listed["主动公开"] == ("13", "12")
    (proposal,) = books.findings(ledger, "move-proposed")
    assert proposal["data"] == {
        "names": ["新媒体平台", "政府公报"],
        "from": "互联网+政务服务",
        "to": "公开平台和载体建设",
    }


def test_an_item_without_points_is_told(ledger: Json) -> None:
    assert _node(ledger, "重要经济指标及改革信息", 2)["declared"] is None
    assert any("重要经济指标" in finding["message"] for finding in books.findings(ledger, "points-missing"))


def test_parts_in_the_text_add_up_to_the_item(ledger: Json) -> None:
    def parts(name: str) -> Decimal:
        (item,) = [item for item in books.items(ledger) if item["name"] == name]
        return sum((Decimal(one["points"]) for one in item["checkpoints"]), Decimal(0))

    assert parts("新闻发布") == 7
    assert parts("舆情回应") == 2
    assert parts("窗口服务") == 3
    assert parts("平台运维管理") == 2
    assert parts("政务服务事项网上办理") == Decimal("7.5")
    assert not books.findings(ledger, "checkpoint-mismatch")


def test_a_row_of_several_pointed_parts_is_worth_their_sum(ledger: Json) -> None:
    (item,) = [item for item in books.items(ledger) if item["name"].startswith("1.本部门制订的政策性文件")]
    assert item["declared"] == "5"
    assert [one["points"] for one in item["checkpoints"]] == ["3", "1", "1"]


def test_leaders_are_persons_and_the_fifth_column_is_the_method(ledger: Json) -> None:
    assert {leader for item in books.items(ledger) for leader in item["leaders"]} == {"田艳", "张吉良", "王素君"}
    assert ledger["columns"]["省政府办公厅牵头组织考核"] == "method"
    methods = {method for item in books.items(ledger) for method in item["methods"]}
    assert {"省法制办组织考核评分", "省政府新闻办组织考核评分", "网站采样", "材料报送", "第三方评估"} <= methods
    assert not [method for method in methods if method.startswith("织")]
