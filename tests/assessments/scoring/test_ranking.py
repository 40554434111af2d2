from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.scoring.ranking import rank

D = Decimal


def test_equal_totals_share_a_place_and_the_next_one_is_left_out() -> None:
    values = {"丁局": D(60), "甲局": D(90), "乙局": D("85.0"), "丙局": D("85.00")}
    assert rank(values) == {"甲局": 1, "乙局": 2, "丙局": 2, "丁局": 4}


def test_bodies_are_ranked_within_their_class_only() -> None:
    values = {"甲局": D(90), "乙局": D(80), "甲镇": D(70), "乙镇": D(75)}
    classes = {"甲局": "部门", "乙局": "部门", "甲镇": "乡镇", "乙镇": "乡镇"}
    assert rank(values, classes) == {"甲局": 1, "乙局": 2, "甲镇": 2, "乙镇": 1}


def test_values_that_look_the_same_after_rounding_keep_their_order() -> None:
    assert rank({"甲局": D("81.336"), "乙局": D("81.344")}) == {"甲局": 2, "乙局": 1}


def test_a_body_that_is_not_in_the_round_never_appears() -> None:
    assert rank({"甲局": D(90)}, {"甲局": "部门", "乙局": "部门"}) == {"甲局": 1}


def test_a_body_without_a_class_is_refused() -> None:
    with pytest.raises(ValueError, match="without a class"):
        rank({"甲局": D(90)}, {})


@given(st.dictionaries(st.integers(), st.integers(0, 5).map(D), max_size=20))
def test_a_place_is_one_more_than_the_number_of_better_bodies(values: dict[int, Decimal]) -> None:
    assert rank(values) == {body: 1 + sum(other > value for other in values.values()) for body, value in values.items()}
