"""Bonuses, penalties and vetoes on a sheet's total."""

from decimal import Decimal

import pytest

from assessments import rollup
from assessments.adjustments import register_adjustment
from assessments.models import Phase, RoundAdjustment
from assessments.refusals import NotNow, ReasonNeeded
from indicators.models import Adjustment, AdjustmentKind
from tests.assessments import office as o

pytestmark = pytest.mark.django_db


def test_a_penalty_comes_off_the_total_and_not_off_the_items() -> None:
    who = o.office()
    round_ = o.handed_in(who, o.opened(who), {"主动公开": "3"})
    leak = Adjustment.objects.create(ledger=round_.ledger, text="泄露隐私", kind=AdjustmentKind.PENALTY, points=-1)
    sheet = o.sheet(round_)
    register_adjustment(sheet, leak, 2, "两次公开身份证号", by=who.office)
    one = rollup.current(round_)[0]
    assert (one.earned, one.total, one.strict_rate, one.total_rate) == (3, 1, 30, 10)
    register_adjustment(sheet, leak, 0, "", by=who.office)
    assert rollup.current(round_)[0].total == 3
    assert RoundAdjustment.objects.count() == 1


def test_a_veto_makes_the_total_zero() -> None:
    who = o.office()
    round_ = o.handed_in(who, o.opened(who), {"主动公开": "4"})
    veto = Adjustment.objects.create(ledger=round_.ledger, text="瞒报", kind=AdjustmentKind.VETO)
    register_adjustment(o.sheet(round_), veto, 1, "核查属实", by=who.office)
    one = rollup.current(round_)[0]
    assert (one.earned, one.total, one.band) == (4, 0, "不合格")


def test_what_happened_needs_words_and_a_number_that_makes_sense() -> None:
    who = o.office()
    round_ = o.opened(who)
    bonus = Adjustment.objects.create(
        ledger=round_.ledger, text="表扬", kind=AdjustmentKind.BONUS, points=Decimal("0.5")
    )
    with pytest.raises(ReasonNeeded, match="事由"):
        register_adjustment(o.sheet(round_), bonus, 1, " ", by=who.office)
    with pytest.raises(NotNow, match="次数"):
        register_adjustment(o.sheet(round_), bonus, -1, "误", by=who.office)


def test_another_ledgers_adjustment_and_one_without_points_are_refused() -> None:
    who = o.office()
    round_ = o.opened(who)
    other = o.ledger(who.organisation)
    foreign = Adjustment.objects.create(ledger=other, text="表扬", kind=AdjustmentKind.BONUS, points=1)
    with pytest.raises(NotNow, match="不属于"):
        register_adjustment(o.sheet(round_), foreign, 1, "通报表扬", by=who.office)
    empty = Adjustment.objects.create(ledger=round_.ledger, text="表扬", kind=AdjustmentKind.BONUS)
    with pytest.raises(NotNow, match="没有分值"):
        register_adjustment(o.sheet(round_), empty, 1, "通报表扬", by=who.office)


def test_before_opening_nothing_can_be_registered() -> None:
    who = o.office()
    round_ = o.in_phase(o.opened(who), Phase.PREPARING)
    bonus = Adjustment.objects.create(ledger=round_.ledger, text="表扬", kind=AdjustmentKind.BONUS, points=1)
    with pytest.raises(NotNow, match="准备"):
        register_adjustment(o.sheet(round_), bonus, 1, "通报表扬", by=who.office)
