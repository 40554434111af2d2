"""The two last days of a task, read from the words of its ledger (7月30日前提出措施…): pure, no Django.

What names measures is about the measures, what names the report or the result about the report. Days that name neither
are the task's own: the result has to be there by then, unless a report has a day of its own.
"""

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

_DAY = re.compile(
    r"(?:(20\d\d)\s*年)?\s*(?:(\d{1,2})\s*月(?:(\d{1,2})\s*日|(上旬|中旬|下旬|底|末|份)?)|(年\s*底|年\s*末))"
)
_MEASURES = re.compile("措施|方案|计划|打算|安排")
_REPORT = re.compile("落实情况|完成情况|进展情况|工作情况|情况报|总结|结果|报告")
_THIRDS = {"上旬": 10, "中旬": 20}


@dataclass(frozen=True, slots=True)
class Days:
    """The last day for the measures and for the report of the result; None where nothing is said."""

    measures: date | None = None
    result: date | None = None


def days(deadlines: Iterable[str], year: int) -> Days:
    """The days a task's deadlines name, in `year` where they do not say one.

    >>> days(["7月30日前提出贯彻落实的具体措施报办公室", "12月20日前将贯彻落实情况报办公室"], 2019)
    Days(measures=datetime.date(2019, 7, 30), result=datetime.date(2019, 12, 20))
    >>> days(["2月底前"], 2024)
    Days(measures=None, result=datetime.date(2024, 2, 29))
    >>> days(["长期坚持"], 2024)
    Days(measures=None, result=None)
    """
    measures, report, own = None, None, None
    for words in deadlines:
        day = last_day(words, year)
        if day is None:
            continue
        if _MEASURES.search(words) and not _REPORT.search(words):
            measures = measures or day
        elif _REPORT.search(words):
            report = report or day
        else:
            own = own or day
    return Days(measures, report or own)


def last_day(words: str, year: int) -> date | None:
    """The first day the words name; None where they name none, or one the calendar does not have.

    >>> last_day("2025年3月上旬", 2024), last_day("年底前", 2024), last_day("2月30日前", 2024)
    (datetime.date(2025, 3, 10), datetime.date(2024, 12, 31), None)
    """
    found = _DAY.search(words)
    if found is None:
        return None
    said, month, day, third, year_end = found.groups()
    at = int(said) if said else year
    if year_end:
        return date(at, 12, 31)
    number = int(month)
    if not 1 <= number <= 12:
        return None
    longest = calendar.monthrange(at, number)[1]
    wanted = int(day) if day else _THIRDS.get(third or "", longest)
    return date(at, number, wanted) if 1 <= wanted <= longest else None
