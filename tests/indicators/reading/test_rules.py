"""Scoring rules and checkpoints as the ledgers word them."""

from decimal import Decimal

import pytest

from indicators.reading.columns import role_of
from indicators.reading.notes import adjustments
from indicators.reading.rules import checkpoints, rules


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _told(text: str) -> list[tuple[str, str | None, str | None]]:
    return [(rule.kind, _text(rule.deduct), _text(rule.cap)) for rule in rules(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("省政府各部门每次扣0.1分", [("per_occurrence", "0.1", None)]),
        ("部门只开设1家网站得2分（每多1家网站扣0.5分，上限2分）", [("per_occurrence", "0.5", "2")]),
        ("未按时的办结一件扣0.5分", [("per_occurrence", "0.5", None)]),
        ("制度少一项扣0.5分", [("per_occurrence", "0.5", None)]),
        ("发现一项未更新2022年信息的扣2分, 部分资金可能半年发一次", [("per_occurrence", "2", None)]),
        ("(公开时间不是2022年的不得分)", [("all_or_nothing", None, None)]),
        ("将专项评估成绩直接按比例纳入", [("rate", None, None)]),
        ("月度或季度更新不及时的扣", []),
        ("公开机关职能、机构设置", []),
    ],
)
def test_a_rule_is_proposed_from_its_words(text: str, expected: list[tuple[str, str | None, str | None]]) -> None:
    assert _told(text) == expected


def test_a_scale_is_read_from_the_top_down() -> None:
    text = "网上可办率80%以上（6分，完成80%—70%得5分，70%—60%得4分，60%—50%以上得3分）"
    (scale,) = [rule for rule in rules(text) if rule.kind == "tiers"]
    assert [(str(tier.at_least), str(tier.points)) for tier in scale.tiers] == [
        ("80", "6"),
        ("70", "5"),
        ("60", "4"),
        ("50", "3"),
    ]


def test_the_source_of_a_rule_is_the_clause_itself() -> None:
    (first, second) = rules("本年度发现一条信息未更新的扣5分;全部未更新的不得分")
    assert (first.source, second.source) == ("本年度发现一条信息未更新的扣5分", "全部未更新的不得分")


def test_several_checkpoints_propose_a_checklist() -> None:
    parts = checkpoints("1.甲【2分】; 2.乙【1分】")
    assert [rule.kind for rule in rules("1.甲【2分】; 2.乙【1分】", parts)] == ["checklist"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.垃圾分类试点（15分);\n2.一体化（20分）;\n3.督查指导。（25分）", ["15", "20", "25"]),
        ("1. 公开(3分); 2. 标注(1分); 3. 规定(1分)", ["3", "1", "1"]),
        ("宣传解读（1分）；提供解读文稿（1分）", ["1", "1"]),
        ("答复时限不得超过15个工作日", []),
        ("2.5版（2023年）", []),
    ],
)
def test_checkpoints_are_read_from_their_marks(text: str, expected: list[str]) -> None:
    assert [str(one.points) for one in checkpoints(text)] == expected


def test_rules_on_the_total_are_told_apart() -> None:
    found = adjustments("备注:1.被通报批评的，扣3分；被表扬的，加3分。2.发生泄密的，一票否决。")
    assert [(one.kind, one.points) for one in found] == [
        ("penalty", Decimal(-3)),
        ("bonus", Decimal(3)),
        ("veto", None),
    ]


@pytest.mark.parametrize(
    ("heading", "role"),
    [
        ("分值", "points"),
        ("权重", "points"),
        ("满分", "points"),
        ("标准分", "points"),
        ("分值（分）", "points"),
        ("评估方式", "method"),
        ("采样方式", "method"),
        ("考核方式", "method"),
        ("省政府办公厅\n牵头组织考核", "method"),
        ("评估点", "content"),
        ("考核内容", "content"),
        ("测评指标与考察点", "content"),
        ("评分标准", "criteria"),
        ("责任单位", "unit"),
        ("牵头单位", "unit-lead"),
        ("责任处室", "unit"),
        ("得分", "score"),
        ("自评得分", "score"),
        ("扣分依据", "deduction"),
        ("失分原因", "deduction"),
        ("扣分原因", "deduction"),
        ("序号", "number"),
        ("过程", "process"),
        ("责任领导", "leader"),
        ("备注", "remark"),
        ("一级指标", "level-1"),
        ("五 级 指 标", "level-5"),
        ("负责考核部门", "assessor"),
        ("奇怪的列", None),
    ],
)
def test_a_heading_tells_what_its_column_is_for(heading: str, role: str | None) -> None:
    assert role_of(heading) == role
