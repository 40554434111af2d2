"""Imports by real workers that are killed, started again and told twice: nothing half stored, nothing stored twice."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.ledger_files import ledger_file
from tests.site import Site, wait_until

pytestmark = pytest.mark.processes
ROWS = 6000

RECEIVE = """
from pathlib import Path
from indicators import importing
from units import offices
from units.models import Organisation
organisation = Organisation.objects.first() or offices.found(name="示范机关")
with Path({path!r}).open("rb") as file:
    upload = importing.receive(file, "台账.xlsx", organisation=organisation, by=None)
print(upload.pk)
"""

RECEIVE_ALL = """
from pathlib import Path
from indicators import importing
from units import offices
organisation = offices.found(name="示范机关")
for path in sorted(Path({folder!r}).glob("ledger-*.xlsx")):
    with path.open("rb") as file:
        importing.receive(file, path.name, organisation=organisation, by=None)
"""

CONFIRM = """
from indicators import importing
from indicators.importing.choices import Choices, everything
from indicators.models import Upload
upload = Upload.objects.get(pk={upload})
drafts = importing.unpack(upload.reading).ledgers
headings = tuple(importing.heading(one, upload.name) for one in drafts)
choices = Choices(headings, everything(importing.names(drafts).items()))
print(importing.confirm(upload, choices, by=None).pk)
"""

SEND = """
from celery import current_app
for _ in range({times}):
    current_app.send_task("indicators.tasks.store_upload", args=[{job}])
"""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """An installation whose jobs count as lost after two silent seconds."""
    made = Site(tmp_path, JOB_HEARTBEAT_LAPSE_SECONDS="2")
    yield made
    made.stop()


def _read(site: Site, tmp_path: Path) -> int:
    """An upload that a worker has read, waiting to be confirmed; the worker is gone again."""
    path = tmp_path / "large.xlsx"
    path.write_bytes(ledger_file(ROWS))
    upload = int(site.shell(RECEIVE.format(path=str(path))))
    worker = site.start_worker()
    wait_until(lambda: site.rows("SELECT state FROM indicators_upload")[0][0] == "read", what="the reading")
    site.kill(worker)
    return upload


def _job(site: Site, job: int) -> Any:
    return site.rows(f"SELECT state, attempts, reason FROM units_job WHERE id = {job}")[0]


def _stored(site: Site) -> tuple[int, int]:
    ledgers = site.rows("SELECT count(*) FROM indicators_ledger")[0][0]
    return ledgers, site.rows("SELECT count(*) FROM indicators_indicator WHERE is_item")[0][0]


def _kill_while_storing(site: Site, job: int, attempt: int, after: float) -> None:
    worker = site.start_worker()
    wait_until(lambda: _job(site, job)[:2] == ("running", attempt), what=f"attempt {attempt}")
    time.sleep(after)
    site.kill(worker)


def test_a_worker_killed_while_storing_leaves_nothing_and_the_next_one_finishes(site: Site, tmp_path: Path) -> None:
    job = int(site.shell(CONFIRM.format(upload=_read(site, tmp_path))))
    _kill_while_storing(site, job, attempt=1, after=0.3)
    assert _job(site, job)[0] == "running"
    assert _stored(site) == (0, 0)
    site.start_worker()
    wait_until(lambda: _job(site, job)[0] == "done", seconds=60, what="the second attempt")
    assert _stored(site) == (1, ROWS)
    assert site.manage("check_trees").returncode == 0


def test_a_job_whose_worker_dies_three_times_ends_with_a_reason_and_stores_nothing(site: Site, tmp_path: Path) -> None:
    job = int(site.shell(CONFIRM.format(upload=_read(site, tmp_path))))
    for attempt, after in ((1, 0.05), (2, 0.2), (3, 0.4)):
        _kill_while_storing(site, job, attempt, after)
        assert _stored(site) == (0, 0)
    site.start_worker()
    wait_until(lambda: _job(site, job)[0] == "failed", seconds=60, what="the end of the job")
    assert "没有写入任何数据" in _job(site, job)[2]
    assert _stored(site) == (0, 0)


def test_a_message_delivered_ten_times_stores_one_ledger(site: Site, tmp_path: Path) -> None:
    job = int(site.shell(CONFIRM.format(upload=_read(site, tmp_path))))
    site.shell(SEND.format(times=9, job=job))
    site.start_worker()
    site.start_worker(beat=False)
    wait_until(lambda: _job(site, job)[0] == "done", seconds=60, what="the import")
    site.shell(SEND.format(times=3, job=job))
    time.sleep(3)
    assert _stored(site) == (1, ROWS)
    assert _job(site, job)[:2] == ("done", 1)


def test_an_upload_made_while_no_broker_answers_is_read_once_one_does(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "ledger.xlsx"
    path.write_bytes(ledger_file(20))
    site.lose_messages()
    site.shell(RECEIVE.format(path=str(path)))
    site.lose_messages()
    assert site.rows("SELECT state FROM indicators_upload") == [("waiting",)]
    site.start_worker()
    wait_until(lambda: site.rows("SELECT state FROM indicators_upload") == [("read",)], what="the reading")


def _states(site: Site) -> list[tuple[str, int]]:
    return site.rows("SELECT state, attempts FROM units_job ORDER BY id")  # type: ignore[return-value]


def test_workers_stopped_for_a_deploy_lose_none_of_thirty_jobs_and_do_none_twice(site: Site, tmp_path: Path) -> None:
    for at in range(30):
        (tmp_path / f"ledger-{at}.xlsx").write_bytes(ledger_file(100 + at))
    site.shell(RECEIVE_ALL.format(folder=str(tmp_path)))
    for finished in (1, 10):
        worker = site.start_worker()
        wait_until(lambda: _states(site).count(("done", 1)) >= finished, what=f"the first {finished}")  # noqa: B023
        worker.terminate()
        worker.wait(timeout=30)
        # what was begun is finished, what was not still waits: a stopped worker leaves nothing in between
        assert {state for state, _ in _states(site)} <= {"done", "queued"}
    assert _states(site).count(("done", 1)) < 30, "stopped too late to show anything"
    site.start_worker()
    wait_until(lambda: _states(site).count(("done", 1)) == 30, seconds=60, what="all thirty")
    assert site.rows("SELECT count(*) FROM indicators_upload WHERE state = 'read'") == [(30,)]
