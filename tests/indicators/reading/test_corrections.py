"""What a person says of a sheet stands in place of the reader's guess, and the findings say where."""

from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO

import pytest
from openpyxl import Workbook

from indicators.reading import Layout, Limits, Reading, Refused, open_book, read, read_book
from indicators.reading.corrections import as_json, from_json, guessed, recall, remember, settled
from indicators.reading.drafts import LedgerDraft

ROWS = [
    ["某县2024年政务公开考核台账"],
    ["大类", "事项", "要点说明", "分数栏", "谁来办", "方式"],
    ["公开", "决策公开", "公开决策过程", 5, "办公室", "网站采集"],
    ["", "结果公开", "公开执行结果", 3, "", ""],
    ["解读", "政策解读", "解读材料齐全", 2, "法规科", "报送材料"],
]
TOLD = Layout(header_rows=(2,), roles={0: "level-1", 1: "level-2", 2: "content", 3: "points", 4: "unit", 5: "method"})


def book(*sheets: Sequence[Sequence[object]]) -> bytes:
    made = Workbook()
    made.remove(made.worksheets[0])
    for number, rows in enumerate(sheets, 1):
        sheet = made.create_sheet(f"表{number}")
        for row in rows:
            sheet.append(list(row))
    file = BytesIO()
    made.save(file)
    return file.getvalue()


def told(layout: Layout, *sheets: Sequence[Sequence[object]]) -> Reading:
    return read("台账.xlsx", book(*sheets), corrections={"表1": layout})


def only(reading: Reading) -> LedgerDraft:
    (ledger,) = reading.ledgers
    return ledger


def items(ledger: LedgerDraft) -> list[tuple[str, str | None]]:
    return [(node.name, None if node.declared is None else str(node.declared)) for node in ledger.nodes if node.is_item]


def test_a_table_whose_headings_nobody_knows_is_read_once_a_person_names_its_columns() -> None:
    with pytest.raises(Refused, match="没有找到指标表"):
        read("台账.xlsx", book(ROWS))
    ledger = only(told(TOLD, ROWS))
    assert items(ledger) == [("决策公开", "5"), ("结果公开", "3"), ("政策解读", "2")]
    assert [node.name for node in ledger.nodes if node.level == 1] == ["公开", "解读"]
    assert ledger.nodes[1].responsibilities[0].name == "办公室"
    assert ledger.nodes[1].methods == ("网站采集",)


def test_the_findings_say_where_a_person_was_followed() -> None:
    said = [one for one in only(told(TOLD, ROWS)).findings if one.code == "correction-used"]
    assert said[0].message == "表头按更正取第 2 行"
    assert "D 列“分数栏”按更正读作“分值”" in [one.message for one in said]
    assert {one.severity for one in said} == {"info"}
    assert [one.cells for one in said][1] == "表1!A2"


def test_blanks_are_filled_from_above_only_where_a_person_leaves_it_so() -> None:
    filled = only(told(TOLD, ROWS))
    second = next(node for node in filled.nodes if node.name == "结果公开")
    assert [(one.name, one.inferred) for one in second.responsibilities] == [("办公室", True)]
    not_filled = only(told(replace(TOLD, fill={4: False}), ROWS))
    second = next(node for node in not_filled.nodes if node.name == "结果公开")
    assert second.responsibilities == ()
    assert second.methods == ("网站采集",)


def test_a_level_column_that_is_not_filled_leaves_its_blank_rows_without_that_level() -> None:
    ledger = only(told(replace(TOLD, fill={0: False}), ROWS))
    second = next(node for node in ledger.nodes if node.name == "结果公开")
    assert (second.level, second.parent) == (1, None)


def test_a_deadline_is_taken_from_above_where_a_person_says_so() -> None:
    rows = [["一级指标", "评估点", "完成时限"], ["公开", "甲", "6月底"], ["公开", "乙", ""]]
    assert [node.deadlines for node in only(told(Layout(fill={2: True}), rows)).nodes if node.is_item] == [
        ("6月底",),
        ("6月底",),
    ]
    assert [node.deadlines for node in only(told(Layout(fill={0: True}), rows)).nodes if node.is_item] == [
        ("6月底",),
        (),
    ]


def test_a_row_is_left_out_or_kept_as_a_person_says() -> None:
    rows = [
        ["一级指标", "评估点", "分值"],
        ["公开", "甲", 1],
        ["公开", "合计", 9],
        ["公开", "乙", 2],
        ["公开", "丙", 3],
    ]
    assert [name for name, _ in items(only(told(Layout(skipped=(4,)), rows)))] == ["甲", "丙"]
    assert [name for name, _ in items(only(told(Layout(kept=(3,)), rows)))] == ["甲", "合计", "乙", "丙"]


def test_a_sheet_that_is_said_to_be_no_ledger_is_not_read_and_the_other_still_is() -> None:
    other = [["一级指标", "评估点", "分值"], ["公开", "甲", 1]]
    reading = told(Layout(ledger=False), other, other)
    assert [ledger.sheet for ledger in reading.ledgers] == ["表2"]
    assert "工作表“表1”按更正不作为台账，未导入" in [one.message for one in reading.ledgers[0].findings]
    with pytest.raises(Refused):
        told(Layout(ledger=False), other)


def test_a_column_that_is_not_wanted_leaves_nothing() -> None:
    rows = [["一级指标", "评估点", "分值", "内部备忘"], ["公开", "甲", 1, "不外传"]]
    ledger = only(told(Layout(roles={3: "ignored"}), rows))
    assert "内部备忘" not in ledger.columns
    assert all(not node.extra for node in ledger.nodes)


def test_what_the_reader_would_have_guessed_anyway_is_no_correction() -> None:
    grid = open_book("a.xlsx", book([["一级指标", "评估点", "分值"], ["公开", "甲", 1]]), Limits()).grids[0]
    said = Layout(header_rows=(1,), roles={0: "level-1", 1: "content", 2: "points", 9: "unit"}, fill={0: True, 2: True})
    assert settled(grid, said).says_nothing
    assert settled(grid, Layout(roles={2: "score"})).roles == {2: "score"}


def test_a_layout_survives_its_json() -> None:
    layout = replace(TOLD, ledger=True, fill={4: False}, skipped=(7,), kept=(9,))
    assert from_json(as_json(layout)) == layout


def test_a_remembered_layout_is_found_again_wherever_the_headings_stand() -> None:
    grid = open_book("a.xlsx", book(ROWS), Limits()).grids[0]
    kept = remember(grid, replace(TOLD, skipped=(5,)))
    assert kept is not None
    assert not kept.layout.skipped
    later = open_book("b.xlsx", book([["附件"], ["另一年的台账"], *ROWS[1:]]), Limits())
    found = recall(later.grids[0], [kept])
    assert found is not None
    assert found[1].header_rows == (3,)
    ledger = only(read_book(later, {"表1": found[1]}))
    assert [name for name, _ in items(ledger)] == ["决策公开", "结果公开", "政策解读"]


def test_other_headings_are_not_taken_for_the_remembered_ones() -> None:
    grid = open_book("a.xlsx", book(ROWS), Limits()).grids[0]
    kept = remember(grid, TOLD)
    assert kept is not None
    other = [ROWS[0], ["大类", "事项", "要点说明", "分数栏", "谁来办", "新的一列"], *ROWS[2:]]
    assert recall(open_book("b.xlsx", book(other), Limits()).grids[0], [kept]) is None


def test_nothing_is_remembered_of_a_sheet_that_was_read_without_corrections() -> None:
    grid = open_book("a.xlsx", book([["一级指标", "评估点"], ["公开", "甲"]]), Limits()).grids[0]
    assert guessed(grid, Layout()) is not None
    assert remember(grid, Layout(skipped=(2,))) is None
