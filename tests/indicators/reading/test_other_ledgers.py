"""Ledgers of other layouts: pages, missing levels, points in names, chapters told by their numbers."""

from collections import Counter
from decimal import Decimal

import pytest

from indicators.reading.report import as_json, from_json
from tests.indicators.reading import books


def test_a_node_printed_on_fifteen_pages_is_one_node() -> None:
    ledger = books.ledger(books.LANGAO)
    top = [node for node in ledger["nodes"] if node["level"] == 1]
    assert [node["declared"] for node in top] == ["38", "14", "10", "25", "13"]
    assert sum(node["level"] == 2 for node in ledger["nodes"]) == 15
    assert len(books.items(ledger)) == 83
    assert ledger["listed_total"] is None


def test_notes_under_the_table_become_rules_on_the_total() -> None:
    ledger = books.ledger(books.LANGAO)
    assert [(one["points"], one["kind"]) for one in ledger["adjustments"]] == [
        ("-3", "penalty"),
        ("3", "bonus"),
        ("1", "bonus"),
    ]


def test_a_level_marked_as_missing_is_passed_over() -> None:
    ledger = books.ledger(books.LANGAO)
    by_id = {node["id"]: node for node in ledger["nodes"]}
    (item,) = [node for node in ledger["nodes"] if node["name"].startswith("陕西省政府网站与政务新媒体监管平台")]
    assert by_id[item["parent"]]["name"] == "（十四）监督检查"
    assert item["is_item"]


def test_proposed_points_of_unpointed_items_add_up_to_what_is_left() -> None:
    ledger = books.ledger(books.LANGAO)
    proposals = [Decimal(finding["data"]["proposed"]) for finding in books.findings(ledger, "points-missing")]
    assert len(proposals) == 83
    assert sum(proposals) == 100


def test_points_in_names_add_up_over_pages() -> None:
    ledger = books.ledger(books.HEBEI)
    top = [node["declared"] for node in ledger["nodes"] if node["level"] == 1]
    assert top == ["13", "15", "11", "11", "10", "10.5", "18", "7"]
    assert ledger["declared_total"] == "95.5"
    assert len(books.items(ledger)) == 36
    (conflict,) = books.findings(ledger, "points-conflict")
    assert conflict["data"] == {"kept": "18", "other": "21"}
    leaders = {leader for item in books.items(ledger) for leader in item["leaders"]}
    assert leaders == {"田艳", "张吉良", "王素君"}


def test_chapters_told_by_chinese_numbers_hold_the_rows_below_them() -> None:
    first, second = books.ledger(books.RIVER), books.ledger(books.RIVER, 1)
    assert len(books.items(first)) == 42
    assert Counter(node["declared"] for node in first["nodes"] if node["level"] == 1) == Counter(["40", "60", None])
    assert [finding["data"]["number"] for finding in books.findings(first, "number-repeated")] == [30]
    assert len(books.items(second)) == 25
    assert (second["declared_total"], second["stated_total"]) == ("107", "100")
    assert {one["role"] for item in books.items(second) for one in item["responsibilities"]} == {"assessor"}


@pytest.mark.parametrize("name", books.ALL)
def test_every_reading_survives_the_way_through_its_report(name: str) -> None:
    assert from_json(as_json(books.reading(name))) == books.reading(name)


@pytest.mark.parametrize("name", books.ALL)
def test_nodes_stand_in_document_order_with_parents_first(name: str) -> None:
    for ledger in books.report(name)["ledgers"]:
        seen: dict[int, int] = {}
        for number, node in enumerate(ledger["nodes"], 1):
            assert node["id"] == number
            assert node["level"] == (seen[node["parent"]] + 1 if node["parent"] else 1)
            assert node["level"] <= 5
            seen[node["id"]] = node["level"]
