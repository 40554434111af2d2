"""When a unit's window closes: at the end of a named day in Asia/Shanghai, by the server's clock."""

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

from assessments.models import LateException, Phase, Round

SHANGHAI = ZoneInfo("Asia/Shanghai")


def due_in(round_: Round) -> date | None:
    """The last day that was set for the round's present phase, for everybody."""
    return due_of(round_, round_.phase)


def due_of(round_: Round, phase: str) -> date | None:
    """The last day that was set for a phase; None where none was, or the phase has no window.

    Where matters are tracked (督办制) no window closes: each has days of its own, and overdue it is still wanted.
    """
    if round_.is_tracked:
        return None
    days = {
        Phase.SELF_ASSESSMENT: round_.self_due,
        Phase.REVIEW: round_.review_due,
        Phase.OBJECTION: round_.objection_due,
    }
    return days.get(Phase(phase))


def last_day(round_: Round, unit_id: int) -> date | None:
    """The last day on which the unit may write in the round's present phase; None when no day was set.

    A late exception (延期) of this unit and phase counts where it is later. One query where a day was set.
    """
    return last_days(round_, [unit_id])[unit_id]


def last_days(round_: Round, unit_ids: Iterable[int]) -> dict[int, date | None]:
    """The same of several units. One query where a day was set."""
    wanted, due = list(unit_ids), due_in(round_)
    if due is None:
        return dict.fromkeys(wanted)
    granted = LateException.objects.filter(round=round_, unit_id__in=wanted, phase=round_.phase)
    later = dict(granted.values_list("unit_id", "until"))
    return {unit: max(due, later.get(unit, due)) for unit in wanted}


def is_over(day: date | None, now: datetime | None = None) -> bool:
    """Whether that day has ended in Shanghai; without a day nothing ends.

    >>> is_over(date(2026, 7, 30), datetime(2026, 7, 30, 15, 59, 59, tzinfo=ZoneInfo("UTC")))
    False
    >>> is_over(date(2026, 7, 30), datetime(2026, 7, 30, 16, 0, tzinfo=ZoneInfo("UTC")))
    True
    """
    return day is not None and timezone.localdate(now or timezone.now(), SHANGHAI) > day


def closed(day: date, what: str = "填报") -> str:
    """The sentence for a window that has closed."""
    return f"{what}已于 {day.year} 年 {day.month} 月 {day.day} 日截止。需要延期的，可与政务公开办公室联系。"
