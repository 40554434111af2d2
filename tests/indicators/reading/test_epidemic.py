"""Every stated fact of the old workbook: weights over points, a two-row header that changes half-way."""

from decimal import Decimal

import pytest

from tests.indicators.reading import books
from tests.indicators.reading.books import Json


@pytest.fixture(scope="module")
def ledger() -> Json:
    return books.ledger(books.EPIDEMIC)


def test_three_levels_hold_thirty_four_items(ledger: Json) -> None:
    assert books.report(books.EPIDEMIC)["source"]["format"] == "xls"
    assert (ledger["title"], ledger["depth"]) == ("疫情疫病项目支出绩效评价表", 3)
    assert len(books.items(ledger)) == 34
    assert {item["level"] for item in books.items(ledger)} == {3}


def test_the_header_is_two_rows_and_changes_half_way(ledger: Json) -> None:
    assert ledger["header_rows"] == [2, 3]
    assert "数据项1" in ledger["columns"]
    assert not [node for node in ledger["nodes"] if node["name"] == "一级指标"]
    (item,) = [item for item in books.items(ledger) if item["name"] == "是否有利于保护生态环境"]
    assert item["extra"] == {"计量单位": "是/否", "目标值(标准)": "是", "理由": "①\n②\n③\n④"}


def test_weights_stand_over_points_out_of_a_hundred(ledger: Json) -> None:
    top = [node for node in ledger["nodes"] if node["level"] == 1]
    assert [(node["declared"], node["listed"]) for node in top] == [("50", "100"), ("25", "100"), ("25", "100")]
    (finding,) = books.findings(ledger, "points-weighted")
    assert finding["data"] == {"level": 1, "total": "100"}
    assert (ledger["declared_total"], ledger["listed_total"], ledger["stated_total"]) == ("100", "100", "100")
    assert not books.findings(ledger, "points-mismatch")


def test_second_level_points_fill_a_hundred_within_each_weight(ledger: Json) -> None:
    sums: dict[int, Decimal] = {}
    for node in ledger["nodes"]:
        if node["level"] == 2:
            sums[node["parent"]] = sums.get(node["parent"], Decimal(0)) + Decimal(node["declared"])
    assert list(sums.values()) == [100, 100, 100]


def test_one_item_over_four_lines_of_points_is_worth_all_of_them(ledger: Json) -> None:
    (item,) = [item for item in books.items(ledger) if item["name"] == "检验检疫是否对地方外经作出贡献"]
    assert item["declared"] == "20"
    assert [one["points"] for one in item["checkpoints"]] == ["5", "5", "5", "5"]
    assert len(books.findings(ledger, "points-summed")) == 5


def test_rows_left_blank_for_later_are_told_and_are_no_items(ledger: Json) -> None:
    told = [finding["data"]["name"] for finding in books.findings(ledger, "placeholder-row")]
    assert told == ["产出成本", "服务对象满意度"]


def test_a_percentage_is_kept_as_printed(ledger: Json) -> None:
    (item,) = [item for item in books.items(ledger) if item["name"] == "预算执行进度（11月）"]
    assert item["extra"]["目标值(标准)"] == "80.21%"
    assert item["declared"] == "8"
