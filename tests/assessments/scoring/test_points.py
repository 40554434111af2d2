from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.scoring.points import BadScore, parse_score

D = Decimal


@pytest.mark.parametrize(
    ("typed", "score"),
    [
        ("0.5", "0.5"),
        ("5", "5"),
        (" 0.50 ", "0.5"),
        ("０．５", "0.5"),
        ("１0.25", "10.25"),
        ("0", "0"),
        ("\u30003\n", "3"),
    ],
)
def test_a_score_is_read_as_it_is_typed_in_half_or_full_width(typed: str, score: str) -> None:
    assert parse_score(typed, D(20)) == D(score)


ONLY_DIGITS = "自评得分只能填数字和小数点，例如 0.5"


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "自评得分没有填写"),
        (" \u3000 ", "自评得分没有填写"),
        ("0.6", "自评得分不能超过 0.5"),
        ("0.50001", "分数最多四位小数"),
        ("0.50000", "分数最多四位小数"),
        ("-1", "自评得分不能是负数"),
        ("－１", "自评得分不能是负数"),
        ("−0.5", "自评得分不能是负数"),
        ("1234567890123", "自评得分最多 12 位数字"),
        ("123456789.1234", "自评得分最多 12 位数字"),
        *(
            (typed, ONLY_DIGITS)
            for typed in ["+1", "1e1", "1E-1", "NaN", "inf", "Infinity", "0x1", "1_0", "1,0", "1.", ".5", "1..2",
                          "1.2.3", "五", "½", "5²", "①", "٣", "1 0", "0.5分", "50%", "--1", "."]
        ),
    ],
)  # fmt: skip
def test_what_is_no_score_is_refused_with_a_sentence(typed: str, message: str) -> None:
    with pytest.raises(BadScore) as refusal:
        parse_score(typed, D("0.5"))
    assert refusal.value.message == message


def test_the_sentence_names_the_field_that_was_typed_into() -> None:
    with pytest.raises(BadScore, match="审核得分不能超过 10"):
        parse_score("11", D("10.00"), label="审核得分")


@given(st.integers(0, 99_999_999), st.integers(0, 4))
def test_every_score_of_up_to_four_places_comes_back_exactly(amount: int, places: int) -> None:
    score = D(amount).scaleb(-places)
    assert parse_score(f"{score:f}", D(100_000_000)) == score


@given(st.text(max_size=12))
def test_no_text_whatever_breaks_the_reading(typed: str) -> None:
    try:
        score = parse_score(typed, D(10))
    except BadScore:
        return
    assert 0 <= score <= 10
