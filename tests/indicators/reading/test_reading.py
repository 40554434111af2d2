"""Shapes of ledgers, one by one, on small sheets."""

import doctest
from decimal import Decimal

import pytest

from indicators.reading import columns, lists, notes, points, read, report, rules, text
from indicators.reading.drafts import LedgerDraft, NodeDraft
from indicators.reading.formats import grid
from tests.indicators.reading import books

HEADER = ["一级指标", "评估点", "分值", "责任单位", "评估方式"]


def _items(ledger: LedgerDraft) -> list[NodeDraft]:
    return [node for node in ledger.nodes if node.is_item]


def _codes(ledger: LedgerDraft) -> list[str]:
    return [finding.code for finding in ledger.findings]


@pytest.mark.parametrize("module", [columns, grid, lists, notes, points, report, rules, text])
def test_the_examples_in_the_modules_hold(module: object) -> None:
    result = doctest.testmod(module)  # type: ignore[arg-type]
    assert result.attempted > 0
    assert result.failed == 0


def test_a_blank_unit_that_is_not_merged_is_filled_and_marked() -> None:
    ledger = books.sheet([HEADER, ["公开", "栏目", 1, "办公室", "网站"], ["", "更新", 1, "", ""]], ["A2:A3"])
    second = _items(ledger)[1]
    assert [(one.name, one.inferred) for one in second.responsibilities] == [("办公室", True)]
    assert second.methods == ("网站",)
    marks = [(f.code, f.cells) for f in ledger.findings if f.code.endswith("inferred")]
    assert marks == [("unit-inferred", "台账!D3"), ("method-inferred", "台账!E3")]


def test_a_blank_unit_inside_a_merged_cell_is_printed_there() -> None:
    ledger = books.sheet(
        [HEADER, ["公开", "栏目", 1, "办公室", "网站"], ["", "更新", 1, "", ""]], ["A2:A3", "D2:D3", "E2:E3"]
    )
    assert [one.inferred for item in _items(ledger) for one in item.responsibilities] == [False, False]
    assert "unit-inferred" not in _codes(ledger)


def test_a_blank_unit_merged_over_several_rows_stays_blank() -> None:
    rows = [HEADER, ["公开", "栏目", 1, "办公室", "网站"], ["", "更新", 1, "", "网站"], ["", "时效", 1, "", "网站"]]
    ledger = books.sheet(rows, ["A2:A4", "D3:D4"])
    assert [len(item.responsibilities) for item in _items(ledger)] == [1, 0, 0]
    assert "unit-inferred" not in _codes(ledger)


def test_what_a_merge_hides_is_not_read() -> None:
    header = ["一级指标", "评估点", "分值", "得分"]
    rows = [header, ["公开", "栏目", 1, 0.5], ["隐藏", "更新", 1, 0.25]]
    content = books.workbook(rows)
    whole = books.hiding(content, "D2:D3", "A2:A3")
    (ledger,) = read("表.xlsx", whole).ledgers
    first, second = _items(ledger)
    assert (first.score, first.score_shared_with, second.score) == (Decimal("0.5"), (first.id, second.id), None)
    assert [node.name for node in ledger.nodes] == ["公开", "栏目", "更新"]


def test_blank_points_and_scores_are_never_filled_from_above() -> None:
    header = ["一级指标", "评估点", "分值", "得分"]
    ledger = books.sheet([header, ["公开（3）", "栏目", 1, 0.5], ["", "更新", "", ""]], ["A2:A3"])
    second = _items(ledger)[1]
    assert (second.declared, second.score) == (None, None)
    (missing,) = [f for f in ledger.findings if f.code == "points-missing"]
    assert missing.data["proposed"] == "2"


def test_one_content_row_is_the_criteria_and_several_are_items() -> None:
    ledger = books.sheet([HEADER, ["公开", "栏目", 1], ["解读", "形式", 1], ["", "时效", 2]], ["A3:A4"])
    assert [(n.name, n.level, n.is_item, n.criteria) for n in ledger.nodes] == [
        ("公开", 1, True, "栏目"),
        ("解读", 1, False, None),
        ("形式", 2, True, None),
        ("时效", 2, True, None),
    ]


def test_siblings_of_one_name_stay_apart_where_cells_are_merged() -> None:
    rows = [HEADER, ["建设", "甲", 1], ["", "乙", 1], ["建设", "丙", 1], ["", "丁", 1]]
    ledger = books.sheet(rows, ["A2:A3", "A4:A5"])
    assert [node.name for node in ledger.nodes if node.level == 1] == ["建设", "建设"]


def test_points_merged_over_the_rows_of_a_node_are_that_nodes() -> None:
    header = ["一级指标", "分值", "评估点", "责任单位"]
    ledger = books.sheet([header, ["公开", 5, "栏目（2）"], ["", "", "更新（3分）"]], ["A2:A3", "B2:B3"])
    assert [(n.name, n.declared) for n in ledger.nodes] == [
        ("公开", Decimal(5)),
        ("栏目（2）", None),
        ("更新", Decimal(3)),
    ]


def test_a_points_column_behind_each_level_belongs_to_that_level() -> None:
    header = ["一级指标", "分值", "二级指标", "分值", "考核内容", "责任单位"]
    rows = [header, ["公开", 5, "栏目", 2, "甲"], ["", "", "更新", 3, "乙"], ["解读", 4, "形式", 4, "丙"]]
    ledger = books.sheet(rows, ["A2:A3", "B2:B3"])
    assert [(n.name, n.declared) for n in ledger.nodes] == [
        ("公开", Decimal(5)),
        ("栏目", Decimal(2)),
        ("更新", Decimal(3)),
        ("解读", Decimal(4)),
        ("形式", Decimal(4)),
    ]


def test_points_that_are_no_number_are_told_with_their_cell() -> None:
    ledger = books.sheet([HEADER, ["公开", "栏目", "五分", "办公室"]])
    (finding,) = [f for f in ledger.findings if f.code == "points-unreadable"]
    assert (finding.cells, finding.severity) == ("台账!C2", "error")
    assert finding.message == "分值不是数字：五分"


def test_binary_noise_of_a_formula_is_no_fifth_decimal() -> None:
    ledger = books.sheet([HEADER, ["公开", "栏目", 0.1 + 0.2, "办公室"]])
    assert _items(ledger)[0].declared == Decimal("0.3")
    assert "points-rounded" not in _codes(ledger)


def test_points_finer_than_four_places_are_rounded_and_told() -> None:
    ledger = books.sheet([HEADER, ["公开", "栏目", "0.33335", "办公室"]])
    assert _items(ledger)[0].declared == Decimal("0.3334")
    assert "points-rounded" in _codes(ledger)


def test_a_score_above_the_points_is_told() -> None:
    ledger = books.sheet([["一级指标", "评估点", "分值", "得分"], ["公开", "栏目", 1, 1.5]])
    (finding,) = [f for f in ledger.findings if f.code == "score-exceeds-points"]
    assert finding.cells == "台账!D2"


def test_an_unknown_column_is_kept_beside_each_item() -> None:
    ledger = books.sheet([["一级指标", "评估点", "分值", "奇怪的列"], ["公开", "栏目", 1, "甲"]])
    assert ledger.columns["奇怪的列"] == "extra"
    assert _items(ledger)[0].extra == {"奇怪的列": "甲"}
    assert "unknown-column" in _codes(ledger)


def test_a_header_over_two_rows_is_one_header() -> None:
    rows = [
        ["考核指标", "", "评估点", "分值", "责任单位", ""],
        ["一级指标", "二级指标", "", "", "牵头单位", "配合单位"],
        ["公开", "渠道", "栏目", 1, "办公室", "人事处、规财处"],
    ]
    ledger = books.sheet(rows, ["A1:B1", "C1:C2", "D1:D2", "E1:F1"])
    assert ledger.header_rows == (1, 2)
    assert list(ledger.columns.values()) == ["level-1", "level-2", "content", "points", "unit-lead", "unit-support"]
    assert [(one.name, one.role) for one in _items(ledger)[0].responsibilities] == [
        ("办公室", "lead"),
        ("人事处", "support"),
        ("规财处", "support"),
    ]


def test_totals_subtotals_and_signatures_are_no_items() -> None:
    rows = [
        HEADER,
        ["公开", "栏目", 60, "办公室"],
        ["小计", "", 60],
        ["解读", "形式", 40, "办公室"],
        ["合计", "", 100],
        ["填表人：甲", "审核人：乙"],
    ]
    ledger = books.sheet(rows)
    assert [item.name for item in _items(ledger)] == ["公开", "解读"]
    assert ledger.stated_total == 100
    assert [f.cells for f in ledger.findings if f.code == "row-skipped"] == ["台账!A3"]
    assert len(ledger.notes) == 1


def test_a_printed_total_that_is_wrong_is_told() -> None:
    ledger = books.sheet([HEADER, ["公开", "栏目", 60, "办公室"], ["合计", "", 100]])
    assert "total-mismatch" in _codes(ledger)


def test_a_chapter_over_the_whole_width_is_a_level_of_its_own() -> None:
    rows = [HEADER, ["一、主动公开（30分）"], ["公开", "栏目", 30, "办公室"], ["二、依申请公开"], ["渠道", "畅通", 5]]
    ledger = books.sheet(rows, ["A2:E2", "A4:E4"])
    assert [(n.level, n.name, n.declared) for n in ledger.nodes] == [
        (1, "一、主动公开", Decimal(30)),
        (2, "公开", Decimal(30)),
        (1, "二、依申请公开", None),
        (2, "渠道", Decimal(5)),
    ]


def test_a_heading_row_of_its_own_is_the_node_of_the_rows_below() -> None:
    rows = [["一级指标", "二级指标", "分值"], ["公开", "", 5], ["", "栏目", 2], ["", "更新", 3]]
    assert [(n.level, n.name, n.declared, n.is_item) for n in books.sheet(rows).nodes] == [
        (1, "公开", Decimal(5), False),
        (2, "栏目", Decimal(2), True),
        (2, "更新", Decimal(3), True),
    ]


def test_items_below_the_fifth_level_move_up_and_are_told() -> None:
    header = ["一级指标", "二级指标", "三级指标", "四级指标", "五级指标", "评估点", "分值"]
    rows = [header, ["甲", "乙", "丙", "丁", "戊", "一点", 1], ["", "", "", "", "", "二点", 2]]
    ledger = books.sheet(rows, [f"{letter}2:{letter}3" for letter in "ABCDE"])
    assert [(n.level, n.name) for n in ledger.nodes][-2:] == [(5, "戊：一点"), (5, "戊：二点")]
    assert "too-deep" in _codes(ledger)


def test_invisible_characters_are_removed_and_controls_told() -> None:
    ledger = books.sheet([HEADER, ["公\u200b开\u202e", "栏_x0007_目", 1, "办公\ufeff室"]])
    item = _items(ledger)[0]
    assert (item.name, item.criteria) == ("公开", "栏目")
    assert item.responsibilities[0].name == "办公室"
    (finding,) = [f for f in ledger.findings if f.code == "control-characters"]
    assert finding.cells == "台账!B2"


def test_a_sheet_without_a_table_is_told_beside_the_ledger() -> None:
    (river, towns) = books.reading(books.RIVER).ledgers
    assert [river.sheet, towns.sheet] == ["责任单位", "乡镇"]


def test_issuer_and_year_come_from_the_lines_above() -> None:
    ledger = books.sheet(
        [["附件2"], ["某某市人民政府办公室"], ["２０２４年政务公开考核细则"], HEADER, ["公开", "栏目", 1]]
    )
    assert (ledger.issuer, ledger.year, ledger.title) == ("某某市人民政府办公室", 2024, "２０２４年政务公开考核细则")
    assert ledger.notes == ()


def test_personal_data_in_a_cell_is_named_with_its_address_and_not_repeated() -> None:
    rows = [
        ["一级指标", "评估点", "分值", "责任单位", "备注"],
        ["公开", "主动公开", "2", "办公室", "联系人电话 13800138000"],
        ["公开", "依申请公开", "3", "办公室", "鲁政办字〔2019〕31 号"],
    ]
    (ledger,) = read("a.xlsx", books.workbook(rows)).ledgers
    found = [(one.cells.split("!")[1], one.message) for one in ledger.findings if one.code == "personal-data"]
    assert found == [("E2", "像是个人信息：手机号 138***000；公开台账前应删去或隐去")]
