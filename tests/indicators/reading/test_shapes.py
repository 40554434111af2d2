"""Shapes of tables that offices produce, each on a small sheet: shapes, not files."""

from decimal import Decimal

import pytest

from indicators.reading import read
from indicators.reading.drafts import LedgerDraft, NodeDraft
from tests.indicators.reading import books

HEADER = ["一级指标", "评估点", "分值", "责任单位"]
ROW = ["公开", "栏目", 1, "办公室"]


def _codes(ledger: LedgerDraft) -> list[str]:
    return [finding.code for finding in ledger.findings]


def _tree(ledger: LedgerDraft) -> list[tuple[int, str, str | None, bool]]:
    return [(n.level, n.name, None if n.declared is None else str(n.declared), n.is_item) for n in ledger.nodes]


def _items(ledger: LedgerDraft) -> list[NodeDraft]:
    return [node for node in ledger.nodes if node.is_item]


# -- headers and titles


def test_a_title_under_the_header_is_the_title() -> None:
    ledger = books.sheet([HEADER, ["2024年某局政务公开考核指标"], ROW, ["解读", "形式", 2, "办公室"]], ["A2:D2"])
    assert (ledger.title, ledger.year) == ("2024年某局政务公开考核指标", 2024)
    assert [node.name for node in ledger.nodes] == ["公开", "解读"]


def test_a_header_between_title_and_unit_line_keeps_both() -> None:
    ledger = books.sheet([["2024年考核台账"], HEADER, ["填报单位：某局"], ROW], ["A1:D1", "A3:D3"])
    assert ledger.title == "2024年考核台账"
    assert [node.name for node in ledger.nodes] == ["公开"]
    assert any("填报单位" in note for note in ledger.notes)


def test_a_two_row_header_without_merged_cells_is_one_header() -> None:
    rows = [["考核指标", "", "分值", "责任单位"], ["一级指标", "二级指标", "", ""], ["公开", "栏目", 1, "办公室"]]
    ledger = books.sheet(rows)
    assert ledger.header_rows == (1, 2)
    assert _tree(ledger) == [(1, "公开", None, False), (2, "栏目", "1", True)]


def test_headings_in_traditional_characters_are_known() -> None:
    rows = [
        ["一級指標", "評估內容", "分值", "責任單位"],
        ["公開", "欄目", 1, "財政局牽頭，審計局配合"],
        ["合計", "", 1, ""],
    ]
    ledger = books.sheet(rows)
    assert list(ledger.columns.values()) == ["level-1", "content", "points", "unit"]
    assert [(one.name, one.role) for one in _items(ledger)[0].responsibilities] == [
        ("財政局", "lead"),
        ("審計局", "support"),
    ]
    assert ledger.stated_total == 1


def test_several_columns_of_one_name_are_all_kept() -> None:
    ledger = books.sheet([["一级指标", "分值", "说明甲", "说明甲"], ["公开", 1, "一", "二"]])
    assert _items(ledger)[0].extra == {"说明甲": "一", "说明甲（2）": "二"}


def test_a_serial_column_without_a_heading_is_the_serial() -> None:
    rows = [["", "一级指标", "分值"], [1, "公开", 1], [2, "解读", 1], [4, "回应", 1]]
    ledger = books.sheet(rows)
    assert [node.number for node in ledger.nodes] == ["1", "2", "4"]
    assert [finding.data["missing"] for finding in ledger.findings if finding.code == "number-gap"] == [[3]]


def test_a_table_that_starts_in_the_third_column_is_found() -> None:
    ledger = books.sheet([[], ["", "", *HEADER], ["", "", *ROW]])
    assert [(node.name, node.cells) for node in ledger.nodes] == [("公开", "台账!C3:F3")]


def test_units_under_an_unknown_heading_are_units() -> None:
    rows = [
        ["一级指标", "分值", "谁来办"],
        ["公开", 1, "县财政局"],
        ["解读", 1, "县审计局、各镇"],
        ["回应", 1, "办公室"],
    ]
    ledger = books.sheet(rows)
    assert ledger.columns["谁来办"] == "unit"
    assert [one.name for one in ledger.nodes[1].responsibilities] == ["县审计局", "各镇"]


# -- names and points


def test_text_written_downwards_is_a_name_with_points() -> None:
    ledger = books.sheet([HEADER, ["信\n息\n公\n开\n2\n1\n分", "栏目", 21, "办公室"], ["", "更新", "", ""]], ["A2:A3"])
    assert _tree(ledger)[0] == (1, "信息公开", "21", False)


@pytest.mark.parametrize(
    ("name", "bare", "points"),
    [
        ("主动公开30分", "主动公开", "30"),
        ("主动公开：30分", "主动公开", "30"),
        ("（30分）主动公开", "主动公开", "30"),
        ("主动公开（25-30分）", "主动公开", "30"),
        ("主动公开(30%)", "主动公开", "30"),
        ("主动公开【30分】", "主动公开", "30"),
    ],
)
def test_points_beside_a_level_are_its_points(name: str, bare: str, points: str) -> None:
    rows = [["一级指标", "评估点", "责任单位"], [name, "栏目", "办公室"], ["", "更新", "办公室"]]
    assert _tree(books.sheet(rows, ["A2:A3"]))[0] == (1, bare, points, False)


@pytest.mark.parametrize("name", ["满意度不低于90分", "网页打开少于15秒", "公布5个事项", "每次扣5分", "近3年"])
def test_numbers_in_sentences_are_no_points(name: str) -> None:
    rows = [["一级指标", "评估点", "责任单位"], [name, "栏目", "办公室"]]
    assert _tree(books.sheet(rows)) == [(1, name, None, True)]


@pytest.mark.parametrize(("text", "points"), [("0.5-3.5分", "3.5"), ("0～5", "5"), ("最高2分", "2"), ("≤3分", "3")])
def test_a_range_of_points_is_read_as_its_upper_end_and_told(text: str, points: str) -> None:
    ledger = books.sheet([HEADER, ["公开", "栏目", text, "办公室"]])
    assert str(_items(ledger)[0].declared) == points
    assert "points-range" in _codes(ledger)


def test_percentages_at_every_level_are_a_product() -> None:
    header = ["一级指标", "权重", "二级指标", "权重", "责任单位"]
    rows = [
        header,
        ["公开", "60%", "栏目", "50%", "办公室"],
        ["", "", "更新", "50%", "办公室"],
        ["解读", "40%", "形式", "25%", "办公室"],
        ["", "", "时效", "75%", "办公室"],
    ]
    ledger = books.sheet(rows, ["A2:A3", "B2:B3", "A4:A5", "B4:B5"])
    assert [ledger.declared_total, ledger.listed_total] == [Decimal(100), Decimal(100)]
    assert "points-weighted" in _codes(ledger)
    assert "points-mismatch" not in _codes(ledger)


def test_graded_alternatives_are_one_item() -> None:
    header = ["一级指标", "评分标准", "分值", "责任单位"]
    rows = [header, ["栏目建设", "全部公开", 2, "办公室"], ["", "部分公开", 1, ""], ["", "没有公开", 0, ""]]
    ledger = books.sheet(rows, ["A2:A4", "D2:D4"])
    assert _tree(ledger) == [(1, "栏目建设", "2", True)]
    assert ledger.nodes[0].criteria == "全部公开\n部分公开\n没有公开"
    assert ledger.listed_total == 2
    assert "points-graded" in _codes(ledger)


def test_rows_that_fill_their_node_are_parts_and_no_alternatives() -> None:
    header = ["一级指标", "评分标准", "分值"]
    ledger = books.sheet([header, ["栏目建设（3分）", "建设", 2], ["", "更新", 1]], ["A2:A3"])
    assert _tree(ledger) == [(1, "栏目建设", "3", False), (2, "建设", "2", True), (2, "更新", "1", True)]


# -- rows that are no items


def test_placeholder_rows_are_told_and_left_out() -> None:
    ledger = books.sheet([HEADER, ROW, ["", "1. …", "", ""], ["……", "", "", ""]])
    assert [node.name for node in ledger.nodes] == ["公开"]
    assert _codes(ledger).count("row-skipped") == 2


@pytest.mark.parametrize("label", ["合计", "总分：", "合 计（3分）", "总計", "最终得分"])
@pytest.mark.parametrize("first", [True, False])
def test_a_total_is_no_item_wherever_it_stands(label: str, *, first: bool) -> None:
    rows = [ROW, ["解读", "形式", 2, "办公室"]]
    total = [label, "", 3, ""]
    ledger = books.sheet([HEADER, total, *rows] if first else [HEADER, *rows, total])
    assert [node.name for node in ledger.nodes] == ["公开", "解读"]
    assert ledger.stated_total == 3


def test_subtotals_in_any_level_are_left_out() -> None:
    header = ["一级指标", "二级指标", "分值"]
    rows = [header, ["公开", "栏目", 1], ["", "小计", 1], ["解读", "形式", 2], ["", "小计（2分）", 2]]
    ledger = books.sheet(rows)
    assert [node.name for node in ledger.nodes] == ["公开", "栏目", "解读", "形式"]


@pytest.mark.parametrize(
    "row",
    [
        ["填表人：", "", "审核人：", ""],
        ["单位负责人（签字）：", "", "联系电话：", "2024年12月1日"],
        ["填报单位（公章）：", "", "", ""],
        ["2024年 12月 1日", "", "", ""],
        ["某某局（盖章）", "", "", ""],
    ],
)
def test_where_people_sign_is_no_item(row: list[str]) -> None:
    ledger = books.sheet([HEADER, ROW, row])
    assert [node.name for node in ledger.nodes] == ["公开"]


def test_a_chapter_in_the_serial_column_is_a_level_of_its_own() -> None:
    header = ["序号", "考核内容", "分值", "责任单位"]
    rows = [header, ["一、主动公开（3分）"], [1, "栏目", 1, "办公室"], [2, "更新", 2, "办公室"]]
    assert _tree(books.sheet(rows)) == [
        (1, "一、主动公开", "3", False),
        (2, "栏目", "1", True),
        (2, "更新", "2", True),
    ]


def test_numbering_that_starts_again_in_each_chapter_is_no_repetition() -> None:
    header = ["序号", "考核内容", "分值"]
    ledger = books.sheet(
        [header, ["一、", "公开"], [1, "甲", 1], [2, "乙", 1], ["二、", "解读"], [1, "丙", 1], [2, "丁", 1]]
    )
    assert not {"number-gap", "number-repeated"} & set(_codes(ledger))


# -- who answers


def test_a_role_rule_stated_once_holds_for_every_item() -> None:
    rows = [
        ["一级指标", "分值", "责任单位（第一责任单位为牵头单位，下同）"],
        ["公开", 1, "办公室、规财处"],
        ["解读", 1, "规财处、办公室"],
        ["回应", 1, "甲处牵头，乙处配合"],
    ]
    ledger = books.sheet(rows)
    assert [[(one.name, one.role) for one in node.responsibilities] for node in ledger.nodes] == [
        [("办公室", "lead"), ("规财处", "joint")],
        [("规财处", "lead"), ("办公室", "joint")],
        [("甲处", "lead"), ("乙处", "support")],
    ]


def test_a_role_rule_in_a_note_holds_too() -> None:
    rows = [
        ["一级指标", "分值", "责任单位"],
        ["公开", 1, "办公室、规财处"],
        ["注：排在第一位的单位为牵头单位。", "", ""],
    ]
    ledger = books.sheet(rows, ["A3:C3"])
    assert [one.role for one in ledger.nodes[0].responsibilities] == ["lead", "joint"]


def test_a_group_may_lead() -> None:
    ledger = books.sheet([HEADER, ["公开", "栏目", 1, "各镇、县直各部门"]])
    assert [(one.name, one.role, one.kind) for one in _items(ledger)[0].responsibilities] == [
        ("各镇", "lead", "group"),
        ("县直各部门", "lead", "group"),
    ]


def test_lead_and_supporting_units_have_columns_of_their_own() -> None:
    rows = [["一级指标", "牵头单位", "配合单位"], ["公开", "办公室", "各处室"], ["解读", "规财处", ""]]
    ledger = books.sheet(rows)
    assert [[(one.name, one.role) for one in node.responsibilities] for node in ledger.nodes] == [
        [("办公室", "lead"), ("各处室", "support")],
        [("规财处", "lead")],
    ]


def test_a_filled_sheet_keeps_reasons_and_scores() -> None:
    header = ["一级指标", "分值", "自评得分", "扣分原因", "整改情况"]
    ledger = books.sheet([header, ["公开", 2, 1.5, "未更新（已整改）", "12月1日完成"], ["合计", 2, 1.5, "", ""]])
    item = _items(ledger)[0]
    assert (item.score, item.deduction_reason, item.rectified) == (Decimal("1.5"), "未更新（已整改）", True)
    assert item.extra == {"整改情况": "12月1日完成"}
    assert ledger.stated_total == 2


def test_a_bonus_chapter_makes_rules_and_misses_no_points() -> None:
    rows = [HEADER, [*ROW], ["加分项", "被国务院通报表扬的，加3分；被省政府表扬的，加2分。", "", ""]]
    ledger = books.sheet(rows)
    assert [(one.kind, str(one.points)) for one in ledger.adjustments] == [("bonus", "3"), ("bonus", "2")]
    assert "points-missing" not in _codes(ledger)


def test_the_same_in_a_text_file() -> None:
    text = "序号;一级指标;评估点;分值;责任单位\n1;公开（3分）;栏目;1;办公室\n2;;更新;2;监察处\n合计;;;3;\n"
    (ledger,) = read("台账.csv", text.encode("gb18030")).ledgers
    assert [(node.level, node.name, node.declared) for node in ledger.nodes] == [
        (1, "公开", Decimal(3)),
        (2, "栏目", Decimal(1)),
        (2, "更新", Decimal(2)),
    ]


def test_beside_those_who_lead_the_responsible_share_the_work() -> None:
    rows = [
        ["工作任务", "具体措施", "牵头单位", "责任单位"],
        ["公开", "目录", "办公室", "规财处、各镇"],
        ["解读", "形式", "规财处", ""],
    ]
    ledger = books.sheet(rows)
    assert [[(one.name, one.role) for one in item.responsibilities] for item in _items(ledger)] == [
        [("办公室", "lead"), ("规财处", "joint"), ("各镇", "joint")],
        [("规财处", "lead")],
    ]
    assert "unit-inferred" not in _codes(ledger)


def test_of_two_score_columns_the_last_one_and_its_total_count() -> None:
    rows = [["一级指标", "分值", "自评得分", "复核得分"], ["公开", 5, 5, 4], ["解读", 5, 5, 5], ["合计", 10, 10, 9]]
    ledger = books.sheet(rows)
    assert [str(item.score) for item in _items(ledger)] == ["4", "5"]
    assert "total-mismatch" not in _codes(ledger)


def test_the_line_that_is_filled_in_is_no_title() -> None:
    ledger = books.sheet(
        [["政务公开工作自查自评表（2021年度）"], ["填报单位：某局 填报日期：2021年12月1日"], HEADER, ROW]
    )
    assert (ledger.title, ledger.year) == ("政务公开工作自查自评表（2021年度）", 2021)


def test_each_clause_of_a_bonus_is_a_rule_of_its_own() -> None:
    ledger = books.sheet([HEADER, ROW, ["加分项", "获国家级表彰的加5分，省级表彰的加3分", "", ""]], ["A3:A3"])
    assert [str(one.points) for one in ledger.adjustments] == ["5", "3"]


def test_a_column_of_those_who_assess_names_no_one_responsible() -> None:
    ledger = books.sheet([["一级指标", "分值", "考核牵头单位"], ["公开", 1, "县政府办"]])
    assert [one.role for one in ledger.nodes[0].responsibilities] == ["assessor"]


def test_a_counted_heading_in_the_only_level_holds_the_rows_below() -> None:
    rows = [
        ["项目", "分值", "考核内容", "考核方式"],
        ["一、组织领导（15分）", "", "", ""],
        ["1.领导机制", 5, "听取汇报", "查阅资料"],
        ["2.工作机构", 10, "明确机构", "查阅资料"],
        ["二、主动公开", 85, "", ""],
        ["3.目录", 85, "编制目录", "网上检查"],
    ]
    ledger = books.sheet(rows)
    assert _tree(ledger) == [
        (1, "一、组织领导", "15", False),
        (2, "1.领导机制", "5", True),
        (2, "2.工作机构", "10", True),
        (1, "二、主动公开", "85", False),
        (2, "3.目录", "85", True),
    ]
    assert [finding for finding in ledger.findings if finding.severity != "info"] == []


def test_two_tables_under_one_another_are_two_ledgers_at_their_own_rows() -> None:
    rows = [
        ["附件1 部门考核指标"],
        ["一级指标", "二级指标", "分值"],
        ["公开", "目录", 60],
        ["", "指南", 40],
        [""],
        ["附件2 乡镇考核指标"],
        ["一级指标", "二级指标", "分值", "责任单位"],
        ["村务", "财务公开", 50, "各镇"],
        ["", "事务公开", 50, "各镇"],
    ]
    first, second = read("表.xlsx", books.workbook(rows)).ledgers
    assert (first.title, [node.name for node in first.nodes]) == ("附件1部门考核指标", ["公开", "目录", "指南"])
    assert (second.title, [node.name for node in second.nodes]) == (
        "附件2乡镇考核指标",
        ["村务", "财务公开", "事务公开"],
    )
    assert (second.sheet, second.header_rows, second.nodes[1].cells) == ("台账（2）", (7,), "台账（2）!A8:D8")
    assert first.declared_total == second.declared_total == Decimal(100)


def test_the_table_behind_a_letter_has_its_own_title() -> None:
    table = [HEADER, ["公开", "栏目", "1", "办公室"]]
    content = books.document("关于印发2024年任务分工的通知", "各单位：", "2024年政务公开任务分工表", table)
    (ledger,) = read("通知.docx", content).ledgers
    assert ledger.title == "2024年政务公开任务分工表"


def test_a_rule_on_the_total_takes_no_unit_from_the_row_above() -> None:
    ledger = books.sheet([HEADER, ROW, ["一票否决", "发生泄密事件的，实行一票否决。", "", ""]])
    assert [one.kind for one in ledger.adjustments] == ["veto"]
    assert _items(ledger)[-1].responsibilities == ()
    assert "unit-inferred" not in _codes(ledger)


def test_a_column_that_says_of_which_type_an_indicator_is_makes_no_level() -> None:
    rows = [["序号", "考核指标", "指标类型", "评分标准", "分值"], [1, "办件量", "定量", "少一件扣1分", 40]]
    ledger = books.sheet([*rows, [2, "学习", "定性", "少一次扣1分", 60]])
    assert _tree(ledger) == [(1, "办件量", "40", True), (1, "学习", "60", True)]
    assert [node.extra for node in ledger.nodes] == [{"指标类型": "定量"}, {"指标类型": "定性"}]
