"""Every stated fact of the river chief's two sheets: one assesses departments, the other names assessors."""

from decimal import Decimal

import pytest

from tests.indicators.reading import books
from tests.indicators.reading.books import Json


@pytest.fixture(scope="module")
def departments() -> Json:
    return books.ledger(books.RIVER)


@pytest.fixture(scope="module")
def towns() -> Json:
    return books.ledger(books.RIVER, 1)


def _top(ledger: Json) -> list[str | None]:
    return [node["declared"] for node in ledger["nodes"] if node["level"] == 1]


def test_departments_have_two_levels_and_forty_two_items(departments: Json) -> None:
    assert departments["depth"] == 2
    assert len(books.items(departments)) == 42
    assert _top(departments) == ["40", "60", None]
    assert (departments["declared_total"], departments["stated_total"]) == ("100", "100")


def test_a_unit_in_a_level_column_is_who_is_responsible(departments: Json) -> None:
    assert departments["columns"]["考核项目（2）"] == "unit"
    (item,) = [item for item in books.items(departments) if item["name"] == "加强砂石运输车辆监管"]
    assert [(one["name"], one["role"], one["kind"]) for one in item["responsibilities"]] == [
        ("县交通运输局", "lead", "unit")
    ]
    assert item["extra"] == {"考核项目": "一般考核部门"}
    farm = [item for item in books.items(departments) if item["responsibilities"][:1] and _lead(item) == "县农粮局"]
    assert [item["declared"] for item in farm] == ["30", "15", "15"]
    common = [item for item in books.items(departments) if item["declared"] == "8"]
    assert [(item["name"], item["responsibilities"]) for item in common] == [("组织领导", [])]


def _lead(item: Json) -> str:
    return str(item["responsibilities"][0]["name"])


def test_sixty_points_are_each_departments_and_no_mistake(departments: Json) -> None:
    (each,) = books.findings(departments, "points-per-unit")
    assert each["data"] == {"declared": "60", "units": 31, "listed": "1860"}
    assert each["severity"] == "info"
    (chapter,) = [node for node in departments["nodes"] if node["level"] == 1 and node["declared"] == "60"]
    assert chapter["listed"] == "1860"
    assert not books.findings(departments, "points-mismatch")
    assert not books.findings(departments, "total-mismatch")


def test_a_serial_printed_twice_is_told(departments: Json) -> None:
    assert [finding["data"]["number"] for finding in books.findings(departments, "number-repeated")] == [30]


def test_parts_of_fifty_for_an_item_of_sixty_are_told_and_nothing_else_is(departments: Json) -> None:
    (finding,) = books.findings(departments, "checkpoint-mismatch")
    assert finding["data"] == {"declared": "60", "checkpoints": "50"}
    (item,) = [item for item in books.items(departments) if item["responsibilities"] and _lead(item) == "县矿管局"]
    assert item["name"].startswith("监督矿产资源")
    assert finding["cells"].endswith("25")
    assert sum(Decimal(one["points"]) for one in item["checkpoints"]) == 50


def test_the_chapter_of_bonuses_is_no_item_and_makes_rules_on_the_total(departments: Json) -> None:
    (chapter,) = [node for node in departments["nodes"] if node["name"] == "综合奖扣分项目"]
    assert not chapter["is_item"]
    assert [(one["points"], one["kind"]) for one in departments["adjustments"]] == [
        ("10", "bonus"),
        ("10", "bonus"),
        ("-5", "penalty"),
    ]
    assert not books.findings(departments, "points-missing")


def test_towns_have_twenty_five_items_and_seven_points_too_many(towns: Json) -> None:
    assert len(books.items(towns)) == 25
    assert _top(towns) == ["31", "2", "15", "45", "7", "7"]
    assert (towns["declared_total"], towns["stated_total"]) == ("107", "100")
    (finding,) = books.findings(towns, "total-mismatch")
    assert finding["data"] == {"first": "100", "second": "107"}


def test_the_last_column_of_the_towns_names_who_assesses(towns: Json) -> None:
    assert towns["columns"]["负责考核部门"] == "assessor"
    assert {one["role"] for item in books.items(towns) for one in item["responsibilities"]} == {"assessor"}
    (item,) = [item for item in books.items(towns) if item["number"] == "6"]
    assert [one["name"] for one in item["responsibilities"]] == ["县委宣传部", "县教育局", "县河长办"]
