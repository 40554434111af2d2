"""Every stated fact of the county's 任务分解表, in both of its files."""

import re
from typing import Any

import pytest

from tests.indicators.reading import books
from tests.indicators.reading.books import Json

BOTH = (books.LANGAO, books.LANGAO_WORD)


def _placeless(value: Any) -> Any:
    """The same without the places, which each file has of its own."""
    if isinstance(value, dict):
        return {key: _placeless(one) for key, one in value.items() if key not in {"cells", "sheet", "header_rows"}}
    return [_placeless(one) for one in value] if isinstance(value, list) else value


def test_the_document_and_the_workbook_read_alike() -> None:
    book, word = (books.ledger(name) for name in BOTH)
    assert _placeless(word) == _placeless(book)
    assert len(book["nodes"]) > 83


@pytest.fixture(params=BOTH)
def ledger(request: pytest.FixtureRequest) -> Json:
    return books.ledger(request.param)


def test_the_heading_is_told_apart(ledger: Json) -> None:
    assert ledger["title"] == "岚皋县2023年政务公开工作绩效评估指标任务分解表"
    assert ledger["year"] == 2023
    assert list(ledger["columns"].values()) == [
        "level-1",
        "level-2",
        "level-3",
        "level-4",
        "content",
        "method",
        "unit",
    ]


def test_eighty_three_items_hang_under_five_and_fifteen_nodes(ledger: Json) -> None:
    assert len(books.items(ledger)) == 83
    top = [node for node in ledger["nodes"] if node["level"] == 1]
    assert [node["declared"] for node in top] == ["38", "14", "10", "25", "13"]
    assert [node["name"] for node in top][1] == "二、解读回应参与"
    assert sum(node["level"] == 2 for node in ledger["nodes"]) == 15
    assert (ledger["declared_total"], ledger["listed_total"]) == ("100", None)
    assert all(item["declared"] is None for item in books.items(ledger))


def test_groups_are_groups_and_units_are_units(ledger: Json) -> None:
    named = {(one["name"], one["kind"]) for item in books.items(ledger) for one in item["responsibilities"]}
    groups = {name for name, kind in named if kind == "group"}
    assert groups == {
        *("各镇", "县政府各部门", "直属机构", "各行政执法部门"),
        *("各承办单位", "各办理单位", "各相关单位", "各驻网单位"),
    }
    assert all(re.match(r"县|团县委$|政务服务网$", name) for name, kind in named if kind == "unit")


def test_a_unit_followed_by_others_leaves_the_list_open(ledger: Json) -> None:
    named = [one for item in books.items(ledger) for one in item["responsibilities"] if one["name"] == "县税务局"]
    assert named
    assert all(one["open_ended"] and one["kind"] == "unit" for one in named)


def test_notes_are_rules_on_the_total(ledger: Json) -> None:
    assert [(one["points"], one["kind"]) for one in ledger["adjustments"]] == [
        ("-3", "penalty"),
        ("3", "bonus"),
        ("1", "bonus"),
    ]


def test_a_missing_level_makes_no_node(ledger: Json) -> None:
    assert not [node for node in ledger["nodes"] if not node["name"].strip("—-")]
