"""The last day of a window in words, with the work days left by China's calendar of holidays and moved work days."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast

from holidays.countries.china import China

SOON_DAYS = 3

_calendar: Any = cast(Any, China)()  # the package has no types


@dataclass(frozen=True, slots=True)
class Deadline:
    """A window's last day as seen from `today`.

    urgency: "overdue" · "soon" (three days or fewer) · "later" · "none" (no day was set).
    """

    due: date | None
    words: str
    urgency: str

    @property
    def pressing(self) -> bool:
        """Whether it is printed in red."""
        return self.urgency in {"overdue", "soon"}


def deadline(due: date | None, today: date) -> Deadline:
    """The last day in words. The day itself still counts: it is over only when it has ended."""
    if due is None:
        return Deadline(None, "没有设截止日", "none")
    day = f"{due.month} 月 {due.day} 日" if due.year == today.year else f"{due.year} 年 {due.month} 月 {due.day} 日"
    if due < today:
        return Deadline(due, f"{day}已截止，逾期 {(today - due).days} 天", "overdue")
    if due == today:
        return Deadline(due, f"截止 {day}，就是今天", "soon")
    left = work_days(today, due)
    urgency = "soon" if (due - today).days <= SOON_DAYS else "later"
    return Deadline(due, f"截止 {day}，还有 {left} 个工作日", urgency)


def work_days(after: date, until: date) -> int:
    """Work days after the one day, up to and with the other; weekends that are worked (调休) count.

    >>> work_days(date(2026, 9, 30), date(2026, 10, 10))
    3
    """
    days = (until - after).days
    return sum(bool(_calendar.is_working_day(after + timedelta(days=one))) for one in range(1, days + 1))
