from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.scoring.rules import (
    AllOrNothing,
    Answer,
    Checklist,
    Manual,
    Part,
    PerOccurrence,
    Rate,
    Rule,
    Tier,
    Tiers,
    apply,
    from_json,
)

D = Decimal

TENTH = PerOccurrence(D("0.1"))
HALF_UP_TO_TWO = PerOccurrence(D("0.5"), cap=D(2), measure="家")
FIVE_EACH = PerOccurrence(D(5), measure="条")
# item 3 of the county sheet, in short: parts of 10 on an item of 8
DRAFT = Checklist((Part("决策草案", D(2)), Part("决策依据", D(2)), Part("征集时间", D(1)), Part("其他", D(5))))
STEPS = Tiers((Tier(D(80), D(6)), Tier(D(70), D(5)), Tier(D(60), D(3))))


@pytest.mark.parametrize(
    ("rule", "points", "answer", "score", "sentence"),
    [
        (TENTH, "2", 3, "1.7", "每次扣 0.1 分，发生 3 次，扣 0.3 分"),
        (TENTH, "2", 0, "2", "每次扣 0.1 分，未发生，不扣分"),
        (HALF_UP_TO_TWO, "6", 6, "4", "每家扣 0.5 分，发生 6 家，应扣 3 分，上限 2 分，扣 2 分"),
        (FIVE_EACH, "1", 1, "0", "每条扣 5 分，发生 1 条，应扣 5 分，本项 1 分，扣 1 分"),
        (DRAFT, "8", frozenset({0, 1, 2, 3}), "8", "得分点全部达到，不扣分"),
        (DRAFT, "8", frozenset({0, 2, 3}), "6", "未达到：决策依据（2 分）；扣 2 分"),
        (DRAFT, "8", frozenset({2}), "0", "未达到：决策草案（2 分）；决策依据（2 分）；其他（5 分）；"
         "应扣 9 分，本项 8 分，扣 8 分"),
        (Checklist((Part("指南", D(1)),)), "2", frozenset(), "0",
         "未达到：指南（1 分）；应扣 1 分，本项 2 分，扣 2 分"),
        (STEPS, "6", D(80), "6", "完成 80%，在“80% 以上”一档，得 6 分，不扣分"),
        (STEPS, "6", D("79.99"), "5", "完成 79.99%，在“70% 以上”一档，得 5 分，扣 1 分"),
        (STEPS, "6", D(10), "0", "完成 10%，未达到最低一档，得 0 分，扣 6 分"),
        (STEPS, "4", D(90), "4", "完成 90%，在“80% 以上”一档，得 4 分，不扣分"),
        (AllOrNothing(), "2", True, "2", "达到要求，不扣分"),
        (AllOrNothing(), "2", False, "0", "未达到要求，不得分，扣 2 分"),
        (Rate(), "2", D(85), "1.7", "成绩 85%，按比例得 1.7 分，扣 0.3 分"),
        (Rate(), "3", D("33.33335"), "1", "成绩 33.33335%，按比例得 1 分，扣 2 分"),
        (Manual(), "4", D("3.5"), "3.5", "评审得 3.5 分，扣 0.5 分"),
    ],
)  # fmt: skip
def test_a_rule_gives_the_score_and_the_sentence_for_it(
    rule: Rule, points: str, answer: Answer, score: str, sentence: str
) -> None:
    outcome = apply(rule, D(points), answer)
    assert (outcome.score, outcome.sentence) == (D(score), sentence)


@pytest.mark.parametrize(
    ("rule", "answer", "trouble"),
    [
        (TENTH, -1, "发生次数不能是负数"),
        (TENTH, D("1.5"), "发生次数要填整数"),
        (TENTH, True, "发生次数要填整数"),
        (STEPS, D("100.1"), "比例要在 0 到 100 之间"),
        (STEPS, D(-1), "比例要在 0 到 100 之间"),
        (Rate(), D("NaN"), "比例要填数字"),
        (Rate(), 50, "比例要填数字"),
        (DRAFT, frozenset({4}), "得分点只有 4 个"),
        (DRAFT, 1, "这项规则要勾选得分点"),
        (AllOrNothing(), 1, "这项规则要填"),
        (Manual(), D("4.1"), "得分不能超过 4"),
        (Manual(), D("-1"), "得分不能是负数"),
        (Manual(), D("0.00001"), "分数最多四位小数"),
    ],
)
def test_an_impossible_answer_is_refused_with_a_sentence(rule: Rule, answer: Answer, trouble: str) -> None:
    with pytest.raises(ValueError, match=trouble):
        apply(rule, D(4), answer)


amounts = st.integers(0, 100_000).map(lambda amount: D(amount) / 10_000)
parts = st.lists(st.builds(Part, st.just("得分点"), amounts), min_size=1, max_size=5)


@given(amounts, amounts, st.none() | amounts, st.integers(0, 1000))
def test_no_count_takes_more_than_the_item_is_worth(
    points: Decimal, deduct: Decimal, cap: Decimal | None, times: int
) -> None:
    assert 0 <= apply(PerOccurrence(deduct, cap), points, times).score <= points


@given(amounts, parts, st.data())
def test_no_ticks_give_more_than_the_item_is_worth(points: Decimal, given: list[Part], data: st.DataObject) -> None:
    ticks = data.draw(st.frozensets(st.integers(0, len(given) - 1)))
    assert 0 <= apply(Checklist(tuple(given)), points, ticks).score <= points


@given(amounts, st.decimals(0, 100, places=3))
def test_no_rate_gives_more_than_the_item_is_worth_or_a_fifth_place(points: Decimal, percent: Decimal) -> None:
    score = apply(Rate(), points, percent).score
    assert 0 <= score <= points
    assert score == score.quantize(D("0.0001"))


@pytest.mark.parametrize(
    ("kind", "parameters", "rule"),
    [
        ("per_occurrence", {"deduct": "0.1", "cap": None}, TENTH),
        ("per_occurrence", {"deduct": "0.5", "cap": "2", "measure": "家"}, HALF_UP_TO_TWO),
        ("checklist", {"parts": [{"text": "指南", "points": "1"}]}, Checklist((Part("指南", D(1)),))),
        ("tiers", {"tiers": [{"at_least": "70", "points": "5"}, {"at_least": "80", "points": "6"}]},
         Tiers((Tier(D(80), D(6)), Tier(D(70), D(5))))),
        ("all_or_nothing", {}, AllOrNothing()),
        ("rate", {}, Rate()),
        ("manual", {}, Manual()),
    ],
)  # fmt: skip
def test_a_stored_rule_is_read_back(kind: str, parameters: dict[str, object], rule: Rule) -> None:
    assert from_json(kind, parameters) == rule


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        ("per_occurrence", {}),
        ("per_occurrence", {"deduct": 0.1}),
        ("per_occurrence", {"deduct": "-0.1"}),
        ("checklist", {"parts": "1"}),
        ("tiers", {"tiers": [{"at_least": "80"}]}),
        ("guess", {}),
    ],
)
def test_a_rule_that_was_stored_wrongly_is_refused(kind: str, parameters: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"exact decimal|list of objects|unknown kind"):
        from_json(kind, parameters)
