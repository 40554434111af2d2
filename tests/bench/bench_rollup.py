"""Full roll-up of 100 units × 150 and × 2,000 items, opening such a round, and reading the stored sums."""

# ruff: noqa: I001 - the database is set up before any model is imported
import time
from dataclasses import replace

from tests.bench.database import own_database
from tests.bench.measure import Figure, figure, measure, noise, show

from django.db import connection

from assessments import rollup, rounds
from assessments.management.commands.make_load import make
from assessments.models import NodeScore, Round, Shape
from assessments.scoring.policy import Policy
from indicators.models import Ledger
from units.models import Unit

UNITS, ITEMS, MANY_ITEMS, TIMES = 100, 150, 2000, 15


def main() -> None:
    """One organisation, one round, every way its sums are made or read."""
    print(noise())
    with own_database("rollup"):
        _, (round_,) = make(UNITS, ITEMS, 1, 1)
        ids = list(round_.sheets.values_list("pk", flat=True))
        show(measure(f"roll-up {UNITS} × {ITEMS}, nothing changed", 200, lambda: rollup.roll_up(ids)))
        show(_all_changed(ids, ITEMS, 200, TIMES))
        show(_without_triggers(ids))
        show(measure("sums of a round, all stored", 100, lambda: rollup.current(round_)))
        show(measure("sums of a round, made from the entries", 300, lambda: rollup.computed(round_)))
        show(_opening())
        _, (large,) = make(UNITS, MANY_ITEMS, 1, 3)
        show(_all_changed(list(large.sheets.values_list("pk", flat=True)), MANY_ITEMS, 1200, 5))


def _without_triggers(ids: list[int]) -> Figure:
    """The same, were sums of published rounds not protected: what is missing is what the triggers cost."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE assessments_nodescore DISABLE TRIGGER USER")
        found = _all_changed(ids, ITEMS, 200, TIMES)
        cursor.execute("ALTER TABLE assessments_nodescore ENABLE TRIGGER USER")
    return replace(found, label="the same without the triggers of sealed rounds")


def _all_changed(ids: list[int], items: int, goal: float, times: int) -> Figure:
    taken = []
    for _ in range(times):
        NodeScore.objects.filter(sheet__in=ids).update(earned=0, pending=999)
        start = time.perf_counter()
        rollup.roll_up(ids)
        taken.append((time.perf_counter() - start) * 1000)
    return figure(f"roll-up {UNITS} × {items:,}, every sum changed", goal, taken)


def _opening() -> Figure:
    organisation, (other,) = make(100, 300, 1, 2)
    ledger = Ledger.objects.get(pk=other.ledger_id)
    units = list(organisation.units.offices())
    prepared = iter([_prepared(ledger, units, number) for number in range(4)])
    opened = lambda: rounds.open_round(next(prepared), by=None)  # noqa: E731
    return measure("a round opened, 100 units × 300 items", 3000, opened, times=3, warm=1)


def _prepared(ledger: Ledger, units: list[Unit], number: int) -> Round:
    return rounds.prepare(
        ledger,
        name=f"开启 {number}",
        shape=Shape.PER_UNIT,
        policy=Policy(),
        self_due=None,
        review_due=None,
        objection_due=None,
        participants=units,
        by=None,
    )


if __name__ == "__main__":
    main()
