from decimal import Decimal

import pytest

from assessments.scoring.amounts import display
from assessments.scoring.policy import NotApplicable, Policy
from assessments.scoring.rollup import Item, Mark, Total, roll_up
from assessments.scoring.totals import settle

D = Decimal

# items of 10, 30 and 40 points, and 20 points that may not concern the body
FLAT = (
    Item(1, None, None, False),
    Item(10, 1, D(10), True),
    Item(30, 1, D(30), True),
    Item(40, 1, D(40), True),
    Item(20, 1, D(20), True),
)
FILLED = {10: Mark("scored", D(10)), 30: Mark("scored", D(15)), 40: Mark("scored", D(40)), 20: Mark("not_applicable")}


@pytest.mark.parametrize(
    ("way", "earned", "possible", "rate"),
    [
        ("drop", "65.00", "80.00", "81.25"),
        ("proportional", "81.25", "100.00", "81.25"),
        ("equal_share", "81.67", "100.00", "81.67"),
        ("full_marks", "85.00", "100.00", "85.00"),
    ],
)
def test_each_policy_has_its_own_answer_to_20_points_that_do_not_apply(
    way: NotApplicable, earned: str, possible: str, rate: str
) -> None:
    policy = Policy(not_applicable=way)
    root = roll_up(FLAT, FILLED, policy)[1]
    outcome = settle(root, [], policy)
    assert outcome.strict_rate is not None
    assert (display(root.earned), display(root.possible), display(outcome.strict_rate)) == (earned, possible, rate)
    assert display(outcome.total) == earned


@pytest.mark.parametrize("way", ["drop", "proportional", "equal_share", "full_marks"])
def test_an_exempt_item_is_out_of_both_sides_whatever_the_policy(way: NotApplicable) -> None:
    marks = {**FILLED, 20: Mark("exempt")}
    assert roll_up(FLAT, marks, Policy(not_applicable=way))[1] == Total(D(65), D(80), 0, D(80), "scored")


def test_blanks_take_on_their_share_too() -> None:
    marks = {10: Mark("scored", D(10)), 20: Mark("not_applicable")}
    shared = roll_up(FLAT, marks, Policy(not_applicable="equal_share"))[1]
    assert (display(shared.earned), display(shared.possible), shared.strict_possible) == ("16.67", "16.67", D(100))
    scaled = roll_up(FLAT, marks, Policy(not_applicable="proportional"))[1]
    assert (scaled.earned, scaled.possible, scaled.strict_possible) == (D("12.5"), D("12.5"), D(100))


def test_an_item_that_does_not_apply_shows_full_marks_but_not_as_scored() -> None:
    total = roll_up(FLAT, FILLED, Policy(not_applicable="full_marks"))[20]
    assert total == Total(D(20), D(20), 0, D(20), "not_applicable")


# chapter 2 with items of 4 and 6, chapter 3 with 10 and a section 31 of 5 and 5, chapter 4 with one item of 30
DEEP = (
    Item(1, None, None, False),
    Item(2, 1, None, False),
    Item(21, 2, D(4), True),
    Item(22, 2, D(6), True),
    Item(3, 1, None, False),
    Item(30, 3, D(10), True),
    Item(31, 3, None, False),
    Item(311, 31, D(5), True),
    Item(312, 31, D(5), True),
    Item(4, 1, None, False),
    Item(41, 4, D(30), True),
)
EQUAL = Policy(not_applicable="equal_share")


def test_equal_shares_go_to_siblings_and_stay_in_their_chapter() -> None:
    totals = roll_up(DEEP, {30: Mark("not_applicable")}, EQUAL)
    assert [totals[node].strict_possible for node in (2, 21, 3, 31, 311, 312, 4)] == [
        D(10), D(4), D(20), D(20), D(10), D(10), D(30),
    ]  # fmt: skip


def test_the_points_of_a_chapter_in_which_nothing_applies_go_to_the_other_chapters() -> None:
    totals = roll_up(DEEP, {41: Mark("not_applicable")}, EQUAL)
    # 15 to each chapter; chapter 3 hands 7.5 to item 30 and 7.5 to section 31, which splits it
    assert [totals[node].strict_possible for node in (2, 21, 22, 3, 30, 31, 311, 4)] == [
        D(25), D("11.5"), D("13.5"), D(35), D("17.5"), D("17.5"), D("8.75"), D(0),
    ]  # fmt: skip


def test_an_exempt_sibling_takes_no_share() -> None:
    totals = roll_up(DEEP, {30: Mark("not_applicable"), 311: Mark("exempt")}, EQUAL)
    assert totals[312].strict_possible == D(15)


@pytest.mark.parametrize("way", ["drop", "proportional", "equal_share"])
def test_a_sheet_on_which_nothing_applies_has_no_points_and_no_rate(way: NotApplicable) -> None:
    policy = Policy(not_applicable=way)
    marks = {item.id: Mark("not_applicable") for item in DEEP if item.is_item}
    root = roll_up(DEEP, marks, policy)[1]
    assert root == Total(D(0), D(0), 0, D(0), "not_applicable")
    assert settle(root, [], policy).strict_rate is None


def test_thirds_never_push_a_body_below_a_band_it_has_reached() -> None:
    # 2.4 of 3 points three times, each item taking on a third of a point: exactly 80 of 100
    items = (Item(0, None, None, False), *(Item(number, 0, D(3), True) for number in (1, 2, 3)), Item(4, 0, D(1), True))
    marks = {number: Mark("scored", D("2.4")) for number in (1, 2, 3)} | {4: Mark("not_applicable")}
    root = roll_up(items, marks, EQUAL)[0]
    outcome = settle(root, [], EQUAL)
    assert (outcome.strict_rate, outcome.band) == (D(80), "良好")
