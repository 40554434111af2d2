"""Several people at once, on a database with more than one writer."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from django.db import connection

from units import audit, jobs, offices
from units.models import AuditEvent, Job, Organisation, Unit

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time"),
]


def _at_once(work: Callable[[int], Any], times: int, hands: int = 4) -> None:
    def alone(number: int) -> None:
        try:
            work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(hands) as pool:
        list(pool.map(alone, range(times)))


def test_four_people_rebuild_the_tree_and_it_stays_right() -> None:
    body = offices.found(name="某县")
    units = offices.add_units(body, [f"局{at}" for at in range(8)], by=None)

    def change(number: int) -> None:
        with suppress(offices.Refused):
            if number % 3 == 0:
                offices.add_unit(body, f"新{number}", parent=units[number % 8], by=None)
            elif number % 3 == 1:
                offices.move(units[number % 8], to=units[(number * 5 + 3) % 8], by=None)
            else:
                offices.shift(units[number % 8], up=bool(number % 2), by=None)

    _at_once(change, 60)
    rows = list(Unit.objects.filter(organisation=body).order_by("lft"))
    assert len(rows) == 29
    assert sorted(edge for row in rows for edge in (row.lft, row.rght)) == list(range(1, 59))
    for row in rows:
        inside = [one.pk for one in rows if row.lft < one.lft and one.rght < row.rght and one.level == row.level + 1]
        assert sorted(inside) == sorted(one.pk for one in rows if one.parent_id == row.pk)


def test_lines_written_at_once_make_one_chain() -> None:
    body = offices.found(name="某县")
    _at_once(lambda number: audit.record(organisation=body, actor=None, action="评分", target=str(number)), 60, 6)
    assert AuditEvent.objects.filter(organisation=body, action="评分").count() == 60
    assert audit.verify(body) is None


def test_a_job_delivered_to_four_workers_is_done_by_one() -> None:
    body = offices.found(name="某县")
    made = [
        jobs.create(organisation=body, task="units.nothing", title="导入", arguments={}, by=None) for _ in range(10)
    ]

    def work(job: Job) -> dict[str, Any]:
        Organisation.objects.create(name=f"第 {job.pk} 号任务写的")
        return {}

    _at_once(lambda number: jobs.run(made[number % 10].pk, work), 40)
    assert Organisation.objects.filter(name__startswith="第").count() == 10
    assert set(Job.objects.values_list("state", "attempts")) == {("done", 1)}
