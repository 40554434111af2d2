from decimal import Decimal

import pytest

from assessments.scoring.policy import Policy
from assessments.scoring.rollup import Item, Mark, Total, roll_up
from tests.assessments.scoring import county

D = Decimal
PLAIN = Policy()

# 4, 1 and 2 points; the last one hangs a level deeper, below 13
TREE = (
    Item(1, None, None, False),
    Item(10, 1, None, False),
    Item(11, 10, D(4), True),
    Item(12, 10, D(1), True),
    Item(13, 10, None, False),
    Item(14, 13, D(2), True),
    Item(15, 13, D(3), True),
    Item(20, 1, D(5), True),
)
SHARED = Mark("scored", D("5.4"), (11, 12, 14))


def test_the_county_sheet_comes_to_63_5_of_100() -> None:
    totals = roll_up(county.ITEMS, county.MARKS, PLAIN)
    assert totals[county.ROOT] == Total(D("63.5"), D(100), 0, D(100), "scored")


def test_one_score_for_three_items_counts_once_at_the_node_over_them() -> None:
    totals = roll_up(county.ITEMS, county.MARKS, PLAIN)
    assert totals[county.POWERS] == Total(D("6.4"), D(8), 0, D(8), "scored")
    for number in (20, 21, 22):
        assert totals[number] == Total(D(0), D(0), 0, D(0), "shared")


def test_a_shared_score_counts_where_its_items_meet_and_not_between() -> None:
    totals = roll_up(TREE, {11: SHARED}, PLAIN)
    assert totals[10] == Total(D("5.4"), D(7), 1, D(10), "partial")
    assert totals[13] == Total(D(0), D(0), 1, D(3), "unscored")
    assert totals[1] == Total(D("5.4"), D(7), 2, D(15), "partial")


def test_a_node_all_of_whose_items_are_covered_from_above_is_shared() -> None:
    assert roll_up(TREE, {11: SHARED, 15: Mark("exempt")}, PLAIN)[13] == Total(D(0), D(0), 0, D(0), "shared")


def test_a_shared_score_may_stand_on_any_of_its_items_and_leave_itself_out_of_the_list() -> None:
    elsewhere = roll_up(TREE, {14: Mark("scored", D("5.4"), (11, 12))}, PLAIN)
    assert elsewhere == roll_up(TREE, {11: SHARED}, PLAIN)


def test_a_shared_score_may_reach_the_points_of_all_it_covers_and_no_more() -> None:
    assert roll_up(TREE, {11: Mark("scored", D(7), (11, 12, 14))}, PLAIN)[10].earned == D(7)
    with pytest.raises(ValueError, match="more than its points"):
        roll_up(TREE, {11: Mark("scored", D("7.1"), (11, 12, 14))}, PLAIN)


def test_a_shared_score_keeps_its_measure_when_its_items_take_on_points_by_proportion() -> None:
    marks = {11: SHARED, 15: Mark("scored", D(3)), 20: Mark("not_applicable")}
    # 15 points, 10 left: everything is multiplied by 1.5
    total = roll_up(TREE, marks, Policy(not_applicable="proportional"))[10]
    assert (total.earned, total.possible) == (D("12.6"), D(15))


def test_a_shared_score_keeps_its_measure_when_its_items_take_on_equal_shares() -> None:
    marks = {11: SHARED, 15: Mark("not_applicable"), 20: Mark("scored", D(5))}
    # the 3 points of item 15 go to item 14, its only sibling: 5.4 of 7 becomes 5.4 × 10/7 of 10
    totals = roll_up(TREE, marks, Policy(not_applicable="equal_share"))
    assert totals[10].possible == D(10)
    assert totals[10].earned.quantize(D("0.000001")) == D("7.714286")


@pytest.mark.parametrize(
    ("marks", "trouble"),
    [
        ({11: SHARED, 12: Mark("scored", D(1))}, "have their own"),
        ({11: SHARED, 12: Mark("not_applicable")}, "have their own"),
        ({11: SHARED, 15: Mark("scored", D(1), (14, 15))}, "have their own"),
        ({11: Mark("scored", D(1), (11, 13))}, "what is no item"),
        ({11: Mark("scored", D(1), (11, 99))}, "what is no item"),
        ({11: Mark("not_applicable", None, (11, 12))}, "shares a score"),
        ({11: Mark("scored", None, (11, 12))}, "without a score"),
    ],
)
def test_a_score_is_never_counted_twice_nor_shared_with_nothing(marks: dict[int, Mark], trouble: str) -> None:
    with pytest.raises(ValueError, match=trouble):
        roll_up(TREE, marks, PLAIN)
