from decimal import Decimal

import pytest

from assessments.scoring.policy import Policy
from assessments.scoring.rollup import Item, Mark, Total, prepare, roll_up

D = Decimal
PLAIN = Policy()


def scored(score: str) -> Mark:
    return Mark("scored", D(score))


# 1 the sheet; 2 and 3 its chapters; 21, 22 and 31 the items
SMALL = (
    Item(1, None, None, False),
    Item(2, 1, D(99), False),
    Item(21, 2, D("0.5"), True),
    Item(22, 2, D("0.25"), True),
    Item(3, 1, None, False),
    Item(31, 3, D(2), True),
)


def test_a_blank_item_is_not_a_zero() -> None:
    blank = roll_up(SMALL, {21: scored("0.4")}, PLAIN)
    zero = roll_up(SMALL, {21: scored("0.4"), 22: scored("0")}, PLAIN)
    assert blank[2] == Total(D("0.4"), D("0.5"), 1, D("0.75"), "partial")
    assert zero[2] == Total(D("0.4"), D("0.75"), 0, D("0.75"), "scored")


def test_both_totals_stand_on_every_node_up_to_the_sheet() -> None:
    totals = roll_up(SMALL, {21: scored("0.4"), 31: scored("1.5")}, PLAIN)
    assert totals[1] == Total(D("1.9"), D("2.5"), 1, D("2.75"), "partial")
    assert totals[3] == Total(D("1.5"), D(2), 0, D(2), "scored")
    assert totals[22] == Total(D(0), D(0), 1, D("0.25"), "unscored")


def test_declared_points_of_a_chapter_are_not_counted() -> None:
    assert roll_up(SMALL, {}, PLAIN)[2].strict_possible == D("0.75")


def test_a_sheet_nobody_has_touched_is_unscored() -> None:
    assert {total.state for total in roll_up(SMALL, {}, PLAIN).values()} == {"unscored"}


def test_a_chapter_in_which_nothing_applies_says_so() -> None:
    marks = {21: Mark("not_applicable"), 22: Mark("exempt"), 31: scored("2")}
    totals = roll_up(SMALL, marks, PLAIN)
    assert totals[2] == Total(D(0), D(0), 0, D(0), "not_applicable")
    assert totals[1] == Total(D(2), D(2), 0, D(2), "scored")


def test_quarter_points_add_up_without_a_trace_of_binary_fractions() -> None:
    items = (Item(0, None, None, False), *(Item(number, 0, D("0.1"), True) for number in range(1, 11)))
    total = roll_up(items, {number: scored("0.1") for number in range(1, 11)}, PLAIN)[0]
    assert str(total.earned) == "1"


def test_an_item_without_points_can_be_pending_and_done_but_earns_nothing() -> None:
    tracked = (Item(1, None, None, False), Item(2, 1, None, True), Item(3, 1, None, True))
    total = roll_up(tracked, {2: scored("0")}, PLAIN)[1]
    assert total == Total(D(0), D(0), 1, D(0), "partial")
    with pytest.raises(ValueError, match="more than its points"):
        roll_up(tracked, {2: scored("1")}, PLAIN)


def test_an_item_with_items_below_it_counts_once_beside_them() -> None:
    items = (Item(1, None, None, False), Item(2, 1, D(3), True), Item(3, 2, D(1), True))
    assert roll_up(items, {2: scored("2"), 3: scored("1")}, PLAIN)[2] == Total(D(3), D(4), 0, D(4), "scored")


@pytest.mark.parametrize(
    ("marks", "trouble"),
    [
        ({2: scored("1")}, "no item"),
        ({77: scored("1")}, "no item"),
        ({21: Mark("scored")}, "without a score"),
        ({21: Mark("not_applicable", D(0))}, "has a score"),
        ({21: Mark("exempt", D("0.5"))}, "has a score"),
        ({21: Mark("unscored")}, "unknown state"),  # type: ignore[arg-type]
        ({21: scored("-0.1")}, "negative"),
        ({21: scored("0.6")}, "more than its points"),
        ({21: scored("0.00001")}, "finer than four places"),
        ({21: scored("NaN")}, "not a number"),
        ({21: scored("Infinity")}, "not a number"),
    ],
)
def test_a_mark_that_cannot_be_is_refused(marks: dict[int, Mark], trouble: str) -> None:
    with pytest.raises(ValueError, match=trouble):
        roll_up(SMALL, marks, PLAIN)


@pytest.mark.parametrize(
    ("items", "trouble"),
    [
        ((), "without a root"),
        ((Item(1, None, None, False), Item(2, None, None, False)), "second root"),
        ((Item(1, None, None, False), Item(3, 2, D(1), True), Item(2, 1, None, False)), "before its parent"),
        ((Item(1, None, None, False), Item(1, 1, D(1), True)), "stands twice"),
        ((Item(1, None, D(-1), True),), "negative"),
        ((Item(1, None, D("0.00005"), True),), "finer than four places"),
    ],
)
def test_a_tree_that_is_none_is_refused(items: tuple[Item, ...], trouble: str) -> None:
    with pytest.raises(ValueError, match=trouble):
        prepare(items)
