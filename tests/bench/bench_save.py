"""One score saved with its totals, alone and while others save into the same round. Prints median and p95."""

# ruff: noqa: I001 - the database is set up before any model is imported
import threading
import time
import uuid
from collections.abc import Iterator

from tests.bench.database import own_database
from tests.bench.measure import figure, measure, noise, show

from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessments import rollup
from assessments.entries import SelfAssessment, save
from assessments.management.commands.make_load import make
from assessments.models import Entry, Round
from units import jobs
from units.models import Membership, User

UNITS, ITEMS, EDITORS, SAVES = 100, 150, 10, 20
MANY_ITEMS = 2000


def main() -> None:
    """A round of 100 units × 150 items; what is saved is a score that changes."""
    print(noise())
    jobs.send = _unsent
    with own_database("save"):
        _, (round_,) = make(UNITS, ITEMS, 1, 1)
        waiting = iter(list(_entries(round_, 0)))
        filler = _filler(round_, 0)
        show(measure("one score saved", 25, lambda: _save(next(waiting), filler)))
        _with_totals(25, ITEMS, waiting, filler)
        show(figure(f"one score saved while {EDITORS} people save", 1000, _together(round_)))
        _, (large,) = make(2, MANY_ITEMS, 1, 3)
        _with_totals(60, MANY_ITEMS, iter(list(_entries(large, 0))), _filler(large, 0))


def _with_totals(goal: float, items: int, waiting: Iterator[Entry], filler: User) -> None:
    _save(next(waiting), filler, totals=True)
    with CaptureQueriesContext(connection) as queries:
        _save(next(waiting), filler, totals=True)
    asked = sum(not one["sql"].startswith(("BEGIN", "COMMIT")) for one in queries.captured_queries)
    label = f"one score saved with all sums of its {items:,} items ({asked} queries)"
    show(measure(label, goal, lambda: _save(next(waiting), filler, totals=True), times=30))


def _unsent(task: str, *arguments: int) -> bool:
    """The queue is another bench's matter."""
    return bool(task and arguments)


def _entries(round_: Round, at: int) -> list[Entry]:
    sheet = round_.sheets.order_by("pk")[at]
    return list(sheet.entries.filter(points__gt=0).select_related("sheet"))


def _filler(round_: Round, at: int) -> User:
    unit = round_.sheets.order_by("pk")[at].unit_id
    return Membership.objects.select_related("user").get(unit_id=unit).user


def _save(entry: Entry, by: User, *, totals: bool = False) -> None:
    score = "0.25" if entry.self_score == 0 else "0"
    save(entry, SelfAssessment(score, "更新不及时"), version=entry.version, key=uuid.uuid4().hex, by=by)
    if totals:
        rollup.roll_up([entry.sheet_id])


def _together(round_: Round) -> list[float]:
    taken: list[float] = []

    def edit(at: int) -> None:
        filler = _filler(round_, at)
        for entry in _entries(round_, at)[:SAVES]:
            start = time.perf_counter()
            _save(entry, filler, totals=True)
            taken.append((time.perf_counter() - start) * 1000)
        connection.close()

    threads = [threading.Thread(target=edit, args=[at]) for at in range(1, EDITORS + 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken


if __name__ == "__main__":
    main()
