"""How near a last day is, in words."""

from datetime import date

import pytest

from assessments.deadlines import deadline, work_days


@pytest.mark.parametrize(
    ("due", "today", "words", "urgency"),
    [
        (date(2026, 7, 30), date(2026, 7, 27), "截止 7 月 30 日，还有 3 个工作日", "soon"),
        (date(2026, 7, 30), date(2026, 7, 26), "截止 7 月 30 日，还有 4 个工作日", "later"),
        (date(2026, 7, 30), date(2026, 7, 30), "截止 7 月 30 日，就是今天", "soon"),
        (date(2026, 7, 30), date(2026, 8, 1), "7 月 30 日已截止，逾期 2 天", "overdue"),
        (date(2027, 1, 4), date(2026, 12, 31), "截止 2027 年 1 月 4 日，还有 1 个工作日", "later"),
        (None, date(2026, 7, 27), "没有设截止日", "none"),
    ],
)
def test_a_last_day_is_said_with_the_work_days_left(due: date | None, today: date, words: str, urgency: str) -> None:
    said = deadline(due, today)
    assert (said.words, said.urgency) == (words, urgency)


def test_holidays_do_not_count_and_weekends_that_are_worked_do() -> None:
    # 2026: 1–7 October are holidays, Saturday the 10th is worked
    assert work_days(date(2026, 9, 30), date(2026, 10, 7)) == 0
    assert work_days(date(2026, 10, 9), date(2026, 10, 11)) == 1
    assert work_days(date(2026, 10, 16), date(2026, 10, 18)) == 0
