"""The last day of a window ends at midnight in Shanghai, whatever the machine's clock is set to."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from assessments import windows
from assessments.entries import NotNow, SelfAssessment, save, submit
from assessments.models import Entry, LateException, Phase
from tests.assessments import office as o

DUE = date(2026, 7, 30)
OPEN = ["2026-07-30T15:59:59.999+00:00", "2026-07-30T23:59:59+08:00", "2026-07-30T08:59:59-07:00"]
OVER = ["2026-07-30T16:00:00+00:00", "2026-07-31T00:00:00+08:00", "2026-07-30T09:00:00-07:00"]


@pytest.mark.parametrize(("moment", "over"), [(one, False) for one in OPEN] + [(one, True) for one in OVER])
def test_a_day_ends_at_midnight_in_shanghai(moment: str, over: bool) -> None:
    assert windows.is_over(DUE, datetime.fromisoformat(moment)) is over


_DAYS = [date(2026, 7, 30), date(2026, 12, 31), date(2028, 2, 29), date(2026, 2, 28)]
_ZONES = ["Asia/Shanghai", "UTC", "America/Los_Angeles"]


@pytest.mark.parametrize(("day", "zone"), [(day, zone) for day in _DAYS for zone in _ZONES])
def test_the_last_second_of_the_day_is_in_time_and_the_next_one_is_not(day: date, zone: str) -> None:
    midnight = datetime.combine(day + timedelta(days=1), time.min, ZoneInfo("Asia/Shanghai"))
    last, next_ = ((midnight - timedelta(microseconds=off)).astimezone(ZoneInfo(zone)) for off in (1, 0))
    assert (windows.is_over(day, last), windows.is_over(day, next_)) == (False, True)


def test_without_a_last_day_nothing_ends() -> None:
    assert windows.is_over(None, datetime(2099, 1, 1, tzinfo=UTC)) is False


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "UTC", "America/Los_Angeles"])
@pytest.mark.parametrize(("moment", "over"), [(OPEN[0], False), (OVER[0], True)])
def test_a_unit_saves_until_the_end_of_the_last_day_and_not_after(zone: str, moment: str, over: bool) -> None:
    who = o.office()
    round_ = o.opened(who, self_due=DUE)
    entry = o.entry(round_, "主动公开")
    with time_machine.travel(datetime.fromisoformat(moment).astimezone(ZoneInfo(zone)), tick=False):
        if over:
            with pytest.raises(NotNow, match="填报已于 2026 年 7 月 30 日截止"):
                o.fill(entry, "3", who.fillers[0])
            with pytest.raises(NotNow, match="截止"):
                submit(round_, who.units[0], by=who.fillers[0], key=o.key())
            assert Entry.objects.get(pk=entry.pk).self_score is None
        else:
            assert o.fill(entry, "3", who.fillers[0]).self_score == 3


@pytest.mark.django_db
def test_a_late_exception_keeps_the_window_open_for_its_unit_and_no_other() -> None:
    who = o.office()
    round_ = o.opened(who, shape="per-unit", self_due=DUE)
    LateException.objects.create(
        round=round_,
        unit=who.units[1],
        phase=Phase.SELF_ASSESSMENT,
        until=date(2026, 8, 2),
        reason="系统迁移",
        granted_by=who.office,
    )
    with time_machine.travel("2026-08-02T15:59:00+00:00", tick=False):
        assert o.fill(o.entry(round_, "主动公开", who.units[1]), "3", who.fillers[1]).self_score == 3
        with pytest.raises(NotNow, match="截止"):
            o.fill(o.entry(round_, "主动公开", who.units[0]), "3", who.fillers[0])
    with time_machine.travel("2026-08-02T16:00:00+00:00", tick=False), pytest.raises(NotNow, match="2026 年 8 月 2 日"):
        o.fill(o.entry(round_, "主动公开", who.units[1]), "4", who.fillers[1])


@pytest.mark.django_db
def test_a_late_exception_that_is_earlier_shortens_nothing() -> None:
    who = o.office()
    round_ = o.opened(who, self_due=DUE)
    LateException.objects.create(
        round=round_, unit=who.units[0], phase=round_.phase, until=date(2026, 7, 1), reason="误", granted_by=who.office
    )
    assert windows.last_day(round_, who.units[0].pk) == DUE


@pytest.mark.django_db
def test_a_returned_entry_is_bound_to_the_last_day_of_the_review() -> None:
    who = o.office()
    round_ = o.opened(who, self_due=DUE, review_due=date(2026, 8, 20))
    Entry.objects.update(stage="returned")
    o.in_phase(round_, Phase.REVIEW)
    entry = o.entry(round_, "主动公开")
    with time_machine.travel("2026-08-20T23:59:59+08:00", tick=False):
        assert save(entry, SelfAssessment("2"), version=0, key=o.key(), by=who.fillers[0]).self_score == 2
    with time_machine.travel("2026-08-21T00:00:00+08:00", tick=False), pytest.raises(NotNow, match="截止"):
        o.fill(entry, "3", who.fillers[0])
