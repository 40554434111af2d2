"""Every stated fact of the county department's filled 测评表, through the object that import_ledger prints."""

from decimal import Decimal

import pytest

from tests.indicators.reading import books
from tests.indicators.reading.books import Json


@pytest.fixture(scope="module")
def ledger() -> Json:
    return books.ledger(books.COUNTY)


@pytest.fixture(scope="module")
def by_number(ledger: Json) -> dict[str, Json]:
    return {item["number"]: item for item in books.items(ledger)}


def test_the_heading_is_told_apart(ledger: Json) -> None:
    assert (ledger["title"], ledger["issuer"], ledger["year"]) == ("2022年政务公开工作测评表（部门）", None, 2022)
    assert ledger["header_rows"] == [2]
    assert ledger["columns"] == {
        "序号": "number",
        "过程": "process",
        "一级指标": "level-1",
        "二级指标": "level-2",
        "三级指标": "level-3",
        "测评指标与考察点": "content",
        "权重": "points",
        "得分": "score",
        "扣分依据": "deduction",
    }


def test_thirty_six_items_are_numbered_in_their_order(ledger: Json) -> None:
    assert [item["number"] for item in books.items(ledger)] == [str(number) for number in range(1, 37)]


def test_a_missing_number_is_told(ledger: Json) -> None:
    (gap,) = books.findings(ledger, "number-gap")
    assert gap["cells"] == "部门测评表!A39"
    assert gap["data"] == {"missing": [37]}
    assert gap["message"] == "序号从 36 跳到 38，缺 37"


def test_the_line_on_personal_data_is_a_penalty_on_the_total(ledger: Json) -> None:
    (penalty,) = ledger["adjustments"]
    assert (penalty["points"], penalty["kind"]) == ("-1", "penalty")
    assert penalty["text"].startswith("个人信息")
    assert penalty["text"].endswith("扣除总分的1分")


def test_weights_sum_to_a_hundred(ledger: Json) -> None:
    assert sum(Decimal(item["declared"]) for item in books.items(ledger)) == 100
    assert (ledger["declared_total"], ledger["listed_total"]) == ("100", "100")


def test_thirty_four_score_cells_sum_to_the_printed_total(ledger: Json) -> None:
    scores = [Decimal(item["score"]) for item in books.items(ledger) if item["score"] is not None]
    assert len(scores) == 34
    assert sum(scores) == Decimal("63.5")
    assert ledger["stated_total"] == "63.5"
    assert not books.findings(ledger, "total-mismatch")


def test_one_score_over_three_items_is_kept_as_one(by_number: dict[str, Json]) -> None:
    first, second, third = by_number["20"], by_number["21"], by_number["22"]
    assert [one["declared"] for one in (first, second, third)] == ["4", "1", "2"]
    assert [one["score"] for one in (first, second, third)] == ["5.4", None, None]
    assert first["score_shared_with"] == [first["id"], second["id"], third["id"]]
    assert second["score_shared_with"] == third["score_shared_with"] == []


def test_a_zero_score_is_a_score(by_number: dict[str, Json]) -> None:
    assert by_number["10"]["score"] == by_number["11"]["score"] == "0"


def test_checkpoints_are_compared_with_the_weight(ledger: Json, by_number: dict[str, Json]) -> None:
    def parts(number: str) -> list[str]:
        return [one["points"] for one in by_number[number]["checkpoints"]]

    assert parts("1") == ["2", "2", "2", "2", "1", "1"]
    assert parts("3") == ["2", "2", "1", "2", "2", "1"]
    assert parts("30") == ["1", "1", "1", "2", "2", "1", "1", "1"]
    assert {number for number in by_number if parts(number)} == {"1", "3", "30"}
    mismatches = books.findings(ledger, "checkpoint-mismatch")
    assert [finding["data"] for finding in mismatches] == [{"declared": "8", "checkpoints": "10"}] * 2
    assert ["意见征集" in mismatches[0]["message"], "其他解读" in mismatches[1]["message"]] == [True, True]


def test_a_checkpoint_keeps_its_words(by_number: dict[str, Json]) -> None:
    assert by_number["3"]["checkpoints"][3]["text"] == "反馈渠道(包含信件、电话、邮箱)"
    assert by_number["1"]["checkpoints"][5]["text"] == "规范性文件涵盖有效性、成文日期、发文日期等信息"


def test_eleven_deductions_are_marked_as_put_right(ledger: Json) -> None:
    reasons = [item for item in books.items(ledger) if item["deduction_reason"]]
    assert len(reasons) == 11
    assert all(item["rectified"] is True for item in reasons)
    assert all(item["rectified"] is None for item in books.items(ledger) if not item["deduction_reason"])
    assert reasons[1]["deduction_reason"] == "未公开2022年工作分解(已整改)"


def test_a_deduction_larger_than_the_item_is_told(ledger: Json, by_number: dict[str, Json]) -> None:
    (finding,) = books.findings(ledger, "rule-exceeds-points")
    assert finding["data"] == {"deduct": "5", "points": "1"}
    assert finding["cells"] == by_number["11"]["cells"]
    assert [(rule["kind"], rule["deduct"]) for rule in by_number["11"]["rules"]] == [
        ("per_occurrence", "5"),
        ("all_or_nothing", None),
    ]


def test_a_deduction_as_large_as_the_item_is_only_a_hint(ledger: Json, by_number: dict[str, Json]) -> None:
    (hint,) = books.findings(ledger, "rule-takes-all")
    assert hint["cells"] == by_number["15"]["cells"]
    assert hint["severity"] == "info"


def test_levels_merged_sideways_are_one_node(ledger: Json, by_number: dict[str, Json]) -> None:
    plans = by_number["5"]
    assert (plans["name"], plans["level"], plans["parent"]) == ("规划计划", 1, None)
    assert by_number["1"]["level"] == 2
    assert ledger["depth"] == 2


def test_the_content_of_one_row_is_the_criteria_of_its_node(by_number: dict[str, Json]) -> None:
    assert by_number["9"]["criteria"] == "领导分工、简历、办公联系方式、照片、领导活动相关信息"
    assert by_number["9"]["name"] == "机构领导"


def test_the_process_is_kept_beside_the_tree(by_number: dict[str, Json]) -> None:
    assert by_number["1"]["extra"] == {"过程": "决策"}
    assert by_number["33"]["extra"] == {"过程": "监督保障"}


def test_names_are_joined_over_line_breaks(ledger: Json, by_number: dict[str, Json]) -> None:
    parent = next(node for node in ledger["nodes"] if node["id"] == by_number["34"]["parent"])
    assert parent["name"] == "监督保障"
    assert by_number["28"]["name"] == "上级政策解读"


def test_a_sheet_without_unit_column_names_no_unit(ledger: Json) -> None:
    assert not [item for item in books.items(ledger) if item["responsibilities"]]
    assert not books.findings(ledger, "unit-inferred")
