import time
from decimal import Decimal

from assessments.scoring.policy import Policy
from assessments.scoring.rollup import Item, Mark, prepare, roll_up


def test_a_hundred_sheets_of_150_items_are_summed_while_nobody_waits() -> None:
    # a full roll-up may take 0.3 s with its database; the sums alone were measured at 0.05 s
    items = [Item(0, None, None, False), *(Item(chapter, 0, None, False) for chapter in range(1, 31))]
    items += [Item(100 + number, 1 + number % 30, Decimal("0.5"), True) for number in range(150)]
    marks = {100 + number: Mark("scored", Decimal("0.25")) for number in range(150)}
    outline, policy = prepare(items), Policy()
    started = time.process_time()
    totals = [roll_up(outline, marks, policy)[0] for _ in range(100)]
    assert time.process_time() - started < 0.2
    assert {total.earned for total in totals} == {Decimal("37.5")}
