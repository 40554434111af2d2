from decimal import Decimal
from fractions import Fraction

import pytest

from assessments.scoring.amounts import display_points
from assessments.scoring.policy import Policy
from assessments.scoring.rollup import Item, Mark, roll_up
from assessments.scoring.totals import Occurred, settle
from assessments.scoring.trace import explain
from tests.assessments.scoring import county

D = Decimal


def test_every_rule_that_applied_leaves_a_line_in_order() -> None:
    policy = Policy(deduction_cap=D(3), bonus_cap=D(5), bonus_gate=D(80), ceiling=D(100))
    items = (Item(1, None, None, False), Item(2, 1, D(100), True))
    root = roll_up(items, {2: Mark("scored", D(99))}, policy)[1]
    happened = [
        Occurred("被国家级通报批评", D(-2), "penalty", 2),
        Occurred("被国家级表扬", D(3), "bonus", 2),
        Occurred("被省级期刊转载", D(1), "bonus", 0),
    ]
    assert [(step.label, display_points(step.result)) for step in settle(root, happened, policy).trace] == [
        ("评估点得分 99 分，分值 100 分", "99"),
        ("扣分：“被国家级通报批评”每次 2 分，2 次，合计 4 分，上限 3 分，扣 3 分", "96"),
        ("加分：“被国家级表扬”每次 3 分，2 次，合计 6 分，上限 5 分，加 5 分", "101"),
        ("总分最高 100 分", "100"),
    ]


def test_a_bonus_that_did_not_count_is_mentioned_with_the_reason() -> None:
    root = roll_up(county.ITEMS, county.MARKS, Policy())[county.ROOT]
    praise = Occurred("被国家级表扬", D(3), "bonus", 1)
    gated = settle(root, [praise], Policy(bonus_gate=D(80)))
    assert gated.trace[-1].label == "扣分后得分率 63.50%，没有超过 80%，加分不计"
    vetoed = settle(root, [Occurred("失泄密", None, "veto", 1), praise], Policy())
    assert [step.label for step in vetoed.trace[1:]] == ["单项否决：“失泄密”，总分记 0 分", "已被单项否决，加分不计"]


def test_a_node_is_explained_as_a_person_would_write_its_sum() -> None:
    steps = explain(county.ITEMS, county.MARKS, Policy(), county.POWERS)
    assert [
        (step.subject, step.label, *map(display_points, (*step.inputs, step.possible or Fraction(0)))) for step in steps
    ] == [
        (20, "与其他评估点合并计分，在上级计入", "0", "0"),
        (21, "与其他评估点合并计分，在上级计入", "0", "0"),
        (22, "与其他评估点合并计分，在上级计入", "0", "0"),
        (23, "得分", "1", "1"),
        (20, "3 项合并计分（4＋1＋2 分）", "5.4", "7"),
    ]
    assert display_points(steps[-1].result) == "6.4"


TREE = (
    Item(1, None, None, False),
    Item(2, 1, None, False),
    Item(21, 2, D(2), True),
    Item(22, 2, D(2), True),
    Item(3, 1, D(4), True),
    Item(4, 1, D(2), True),
)


def test_what_is_not_counted_yet_or_at_all_stands_in_the_explanation() -> None:
    marks = {21: Mark("scored", D(1)), 4: Mark("not_applicable")}
    assert [(step.label, display_points(step.result)) for step in explain(TREE, marks, Policy(), 1)] == [
        ("已评部分得分，另有 1 项未评", "1"),
        ("1 项未评，暂不计入", "1"),
        ("不涉及，得分和分值都不计入", "1"),
    ]


def test_an_item_explains_its_own_score_and_what_became_of_it() -> None:
    marks = {21: Mark("scored", D(1)), 22: Mark("exempt"), 4: Mark("not_applicable")}
    policy = Policy(not_applicable="proportional")
    # 8 points without the exempt two, 6 of them left: everything counts 8/6
    (scored,) = explain(TREE, marks, policy, 21)
    assert scored.label == "本项得分 1 分，按调整后的分值折算"
    assert (scored.result, scored.possible) == (Fraction(8, 6), Fraction(16, 6))
    assert [step.label for step in explain(TREE, marks, policy, 22)] == ["免评，不计入"]
    assert [step.label for step in explain(TREE, marks, policy, 3)] == ["未评，暂不计入"]
    assert [step.label for step in explain(TREE, marks, policy, 4)] == ["不涉及，分值按比例折算到其余评估点"]


def test_a_node_that_is_not_in_the_outline_is_refused() -> None:
    with pytest.raises(ValueError, match="no such node"):
        explain(TREE, {}, Policy(), 99)
