from decimal import Decimal

import pytest

from assessments.scoring.amounts import display, display_points
from assessments.scoring.policy import Policy
from assessments.scoring.rollup import Item, Mark, Total, roll_up
from assessments.scoring.totals import Occurred, rate, settle
from tests.assessments.scoring import county

D = Decimal


def sheet(earned: str, possible: str = "100", strict: str | None = None) -> Total:
    pending = 0 if strict is None else 1
    return Total(D(earned), D(possible), pending, D(strict or possible), "partial" if pending else "scored")


def penalty(points: str, times: int = 1, cap: str | None = None) -> Occurred:
    return Occurred("个人信息泄露", D(points), "penalty", times, D(cap) if cap else None)


def bonus(points: str, times: int = 1, cap: str | None = None) -> Occurred:
    return Occurred("被国家级媒体表扬", D(points), "bonus", times, D(cap) if cap else None)


VETO = Occurred("发生重大失泄密", None, "veto", 1)


def test_an_item_of_0_64_beside_a_hundred_gives_81_34() -> None:
    items = (Item(1, None, None, False), Item(2, 1, D(100), True), Item(3, 1, D("0.64"), True))
    marks = {2: Mark("scored", D("81.22")), 3: Mark("scored", D("0.64"))}
    root = roll_up(items, marks, Policy())[1]
    outcome = settle(root, [], Policy())
    assert outcome.strict_rate is not None
    assert display(outcome.strict_rate) == "81.34"
    assert outcome.strict_rate == rate(D("81.86"), D("100.64"))


def test_the_county_department_passes_with_63_5() -> None:
    root = roll_up(county.ITEMS, county.MARKS, Policy())[county.ROOT]
    outcome = settle(root, [penalty("-1", times=0)], Policy(), D(100))
    assert (outcome.total, outcome.so_far_rate, outcome.strict_rate) == (D("63.5"), D("63.5"), D("63.5"))
    assert outcome.band == "合格"


def test_each_leak_of_personal_data_costs_the_county_department_a_point() -> None:
    root = roll_up(county.ITEMS, county.MARKS, Policy())[county.ROOT]
    assert settle(root, [penalty("-1", times=4)], Policy()).total == D("59.5")
    assert settle(root, [penalty("-1", times=4)], Policy()).band == "不合格"


def test_blanks_count_nothing_in_the_total_and_are_left_out_of_the_rate_so_far() -> None:
    outcome = settle(sheet("18", "20", "100"), [], Policy())
    assert (outcome.total, outcome.so_far_rate, outcome.strict_rate) == (D(18), D(90), D(18))


def test_a_penalty_weighs_on_the_whole_sheet_however_little_of_it_is_scored() -> None:
    outcome = settle(sheet("18", "20", "100"), [penalty("-3")], Policy())
    assert (outcome.total, outcome.so_far_rate, outcome.strict_rate) == (D(15), D(87), D(15))


def test_a_sheet_without_any_score_has_no_rate_so_far() -> None:
    outcome = settle(sheet("0", "0", "100"), [], Policy())
    assert (outcome.so_far_rate, outcome.strict_rate, outcome.so_far_trace) == (None, D(0), ())


def test_deductions_together_stop_at_their_cap() -> None:
    policy = Policy(deduction_cap=D(5))
    assert settle(sheet("90"), [penalty("-2", 2), penalty("-3")], policy).total == D(85)
    assert settle(sheet("90"), [penalty("-2", 2)], policy).total == D(86)


def test_one_adjustment_stops_at_its_own_cap() -> None:
    assert settle(sheet("90"), [penalty("-1", 9, "3"), bonus("0.5", 9, "2")], Policy()).total == D(89)


def test_bonuses_together_stop_at_their_cap_after_the_deductions() -> None:
    assert settle(sheet("90"), [bonus("3", 3), penalty("-1")], Policy(bonus_cap=D(5))).total == D(94)


@pytest.mark.parametrize(
    ("earned", "total"),
    [("80.01", "83.01"), ("80", "80"), ("79.99", "79.99"), ("80.0001", "83.0001"), ("79.9999", "79.9999")],
)
def test_bonuses_count_only_above_the_gate_by_the_unrounded_rate(earned: str, total: str) -> None:
    assert settle(sheet(earned), [bonus("3")], Policy(bonus_gate=D(80))).total == D(total)


def test_the_gate_looks_at_the_total_after_deductions() -> None:
    assert settle(sheet("82"), [bonus("3"), penalty("-2")], Policy(bonus_gate=D(80))).total == D(80)


def test_gate_and_band_judge_the_rate_so_they_mean_the_same_on_a_sheet_of_60_points() -> None:
    outcome = settle(sheet("54", "60"), [bonus("3")], Policy(bonus_gate=D(80)))
    assert (outcome.total, outcome.strict_rate, outcome.band) == (D(57), D(95), "优秀")


def test_a_bonus_is_never_in_the_denominator() -> None:
    assert settle(sheet("99", "100"), [bonus("3")], Policy()).strict_rate == D(102)


def test_the_ceiling_holds_the_total_and_both_rates() -> None:
    outcome = settle(sheet("49.5", "50", "100"), [bonus("60")], Policy(ceiling=D(105)))
    assert (outcome.total, outcome.so_far_rate, outcome.strict_rate) == (D(105), D(105), D(105))


def test_a_total_never_falls_below_zero() -> None:
    assert settle(sheet("2"), [penalty("-3")], Policy()).total == 0


def test_a_bonus_comes_after_a_deduction_that_took_more_than_there_was() -> None:
    # 2 − 3 + 2 = 1: the floor stands after the bonuses, not between
    assert settle(sheet("2"), [penalty("-3"), bonus("2")], Policy()).total == 1


def test_a_veto_leaves_nothing_and_no_bonus_lifts_it() -> None:
    outcome = settle(sheet("95"), [VETO, bonus("3")], Policy())
    assert (outcome.total, outcome.so_far_rate, outcome.strict_rate, outcome.band) == (D(0), D(0), D(0), "不合格")


def test_a_veto_that_did_not_happen_changes_nothing() -> None:
    assert settle(sheet("95"), [Occurred("发生重大失泄密", None, "veto", 0)], Policy()).total == D(95)


def test_where_items_were_dropped_the_office_chooses_what_a_penalty_is_measured_against() -> None:
    dropped = sheet("65", "80")
    in_its_own_points = settle(dropped, [penalty("-3")], Policy())
    brought_to_100 = settle(dropped, [penalty("-3")], Policy(), D(100))
    assert (in_its_own_points.total, in_its_own_points.strict_rate) == (D(62), D("77.5"))
    assert (brought_to_100.total, brought_to_100.strict_rate) == (D("78.25"), D("78.25"))


def test_the_band_is_judged_before_rounding() -> None:
    outcome = settle(sheet("89.9999"), [], Policy())
    assert outcome.strict_rate is not None
    assert (display(outcome.strict_rate), outcome.band) == ("90.00", "良好")


@pytest.mark.parametrize(
    ("points", "kind", "times", "cap", "trouble"),
    [
        (D(1), "penalty", 1, None, "正负不对"),
        (D(-1), "bonus", 1, None, "正负不对"),
        (None, "penalty", 1, None, "没有分值"),
        (D(-1), "penalty", -1, None, "次数不能是负数"),
        (D(-1), "penalty", 1, D(-1), "上限不能是负数"),
    ],
)
def test_an_adjustment_that_cannot_be_is_refused(
    points: Decimal | None, kind: str, times: int, cap: Decimal | None, trouble: str
) -> None:
    with pytest.raises(ValueError, match=trouble):
        Occurred("通报", points, kind, times, cap)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "shown"), [("81.335", "81.34"), ("81.3349", "81.33"), ("0.005", "0.01"), ("5", "5.00"), ("0", "0.00")]
)
def test_rates_are_shown_with_two_places_rounded_half_up(value: str, shown: str) -> None:
    assert display(D(value)) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("0.25", "0.25"),
        ("5.0000", "5"),
        ("63.50", "63.5"),
        ("1E+2", "100"),
        ("0.0001", "0.0001"),
        ("16.66667", "16.67"),
    ],
)
def test_points_are_shown_exactly_up_to_four_places(value: str, shown: str) -> None:
    assert display_points(D(value)) == shown
