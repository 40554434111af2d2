"""What is entered for rules becomes a score and a sentence; several rules of an item never take more than it has."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.scoring.answers import Asked, BadAnswer, fields, read, reckon, told, worded
from assessments.scoring.rules import AllOrNothing, Checklist, Part, PerOccurrence, Rate, Rule, Tier, Tiers

D = Decimal
EACH = PerOccurrence(D("0.1"))
CAPPED = PerOccurrence(D("0.5"), D(2), "家")
PARTS = Checklist((Part("公布草案", D(2)), Part("公布依据", D(1))))
SCALE = Tiers((Tier(D(80), D(6)), Tier(D(70), D(5))))


def one(rule: Rule) -> tuple[Asked, ...]:
    return (Asked(7, rule),)


@pytest.mark.parametrize(
    ("rule", "points", "typed", "score", "sentence"),
    [
        (EACH, "2", {"rule-7": "3"}, "1.7", "每次扣 0.1 分，发生 3 次，扣 0.3 分"),
        (EACH, "2", {"rule-7": "0"}, "2", ""),
        (CAPPED, "5", {"rule-7": "9"}, "3", "每家扣 0.5 分，发生 9 家，应扣 4.5 分，上限 2 分，扣 2 分"),
        (PerOccurrence(D(5)), "1", {"rule-7": "1"}, "0", "每次扣 5 分，发生 1 次，应扣 5 分，本项 1 分，扣 1 分"),
        (PARTS, "3", {"rule-7-0": "1", "rule-7-1": "0"}, "2", "未达到：公布依据（1 分）；扣 1 分"),
        (PARTS, "3", {"rule-7-0": "1", "rule-7-1": "1"}, "3", ""),
        (SCALE, "6", {"rule-7": "79.9%"}, "5", "完成 79.9%，在“70% 以上”一档，得 5 分，扣 1 分"),
        (AllOrNothing(), "1", {"rule-7": "0"}, "0", "未达到要求，不得分，扣 1 分"),
        (Rate(), "8", {"rule-7": "８1.22"}, "6.4976", "成绩 81.22%，按比例得 6.4976 分，扣 1.5024 分"),
    ],
)  # fmt: skip
def test_a_rule_gives_the_score_and_says_why(
    rule: Rule, points: str, typed: dict[str, str], score: str, sentence: str
) -> None:
    outcome = reckon(one(rule), D(points), read(one(rule), typed))
    assert outcome is not None
    assert (outcome.score, outcome.sentence) == (D(score), sentence)


def test_two_rules_take_together_but_never_more_than_the_item_has() -> None:
    asked = (Asked(1, PerOccurrence(D("0.5"))), Asked(2, AllOrNothing()))
    both = reckon(asked, D(1), {"1": 1, "2": False})
    assert both is not None
    assert both.score == 0
    assert both.sentence.endswith("；共扣 1.5 分，超过本项 1 分，扣完为止")
    only = reckon(asked, D(1), {"1": 1, "2": True})
    assert only is not None
    assert (only.score, only.sentence) == (D("0.5"), "每次扣 0.5 分，发生 1 次，扣 0.5 分")


@pytest.mark.parametrize(
    ("rule", "typed"),
    [(PARTS, {"rule-7-0": "1"}), (EACH, {}), (SCALE, {"rule-7": " "}), (AllOrNothing(), {"rule-7": ""})],
)
def test_nothing_is_scored_before_everything_was_answered(rule: Rule, typed: dict[str, str]) -> None:
    assert reckon(one(rule), D(3), read(one(rule), typed)) is None


@pytest.mark.parametrize(
    ("rule", "typed", "words"),
    [
        (EACH, {"rule-7": "-1"}, "次数填 0 到 9999 的整数"),
        (EACH, {"rule-7": "1.5"}, "次数填 0 到 9999 的整数"),
        (SCALE, {"rule-7": "101"}, "比例不能超过 100"),
        (SCALE, {"rule-7": "1e1"}, "比例只能填数字"),
        (PARTS, {"rule-7-1": "yes"}, "达到"),
    ],
)
def test_what_is_no_answer_is_refused_at_its_field(rule: Rule, typed: dict[str, str], words: str) -> None:
    with pytest.raises(BadAnswer, match=words) as refused:
        read(one(rule), typed)
    assert refused.value.field in typed


def test_a_stored_answer_of_another_kind_counts_as_none() -> None:
    for stored in ({"7": True}, {"7": [True]}, {"7": None}, {"8": 3}, {}):
        assert reckon(one(EACH), D(2), stored) is None


def test_the_sentence_gives_way_to_the_new_one_and_other_words_stay() -> None:
    first = worded("", "", "扣 0.1 分")
    again = worded(f"{first}\n已约谈责任人", first, "扣 0.2 分")
    assert again == "扣 0.2 分\n已约谈责任人"
    assert worded(again, "扣 0.2 分", "") == "已约谈责任人"
    assert worded("已约谈责任人", "", "扣 0.1 分") == "扣 0.1 分\n已约谈责任人"


hundredths = st.integers(1, 500).map(lambda cents: Decimal(cents) / 100)
rules = st.one_of(
    st.builds(PerOccurrence, hundredths),
    st.just(AllOrNothing()),
    st.just(Rate()),
    st.lists(st.builds(Part, st.just("得分点"), hundredths), min_size=1, max_size=4).map(
        lambda parts: Checklist(tuple(parts))
    ),
)


@st.composite
def answered(draw: st.DrawFn) -> tuple[tuple[Asked, ...], dict[str, str]]:
    asked = tuple(Asked(at, rule) for at, rule in enumerate(draw(st.lists(rules, min_size=1, max_size=3))))
    typed: dict[str, Any] = {
        one.name: draw(st.sampled_from(["1", "0"])) if one.is_choice else str(draw(st.integers(0, 100)))
        for one in fields(asked, {})
    }
    return asked, typed


@given(answered(), hundredths)
@settings(max_examples=60, deadline=None)
def test_whatever_is_answered_the_score_lies_within_the_item_and_a_loss_has_its_words(
    given_: tuple[tuple[Asked, ...], dict[str, str]], points: Decimal
) -> None:
    asked, typed = given_
    stored = read(asked, typed)
    outcome = reckon(asked, points, stored)
    assert outcome is not None
    assert 0 <= outcome.score <= points
    assert bool(outcome.sentence) == (outcome.score < points)
    assert {one.name: one.value for one in fields(asked, stored)} == typed
    assert len(told(asked, stored)) == len(typed)
