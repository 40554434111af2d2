"""Opening a large round by real workers that are killed and told twice: nothing half opened, nothing twice."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.site import Site, wait_until

pytestmark = pytest.mark.processes
UNITS, ITEMS = 60, 300

PREPARE = """
from assessments import rounds
from assessments.scoring.policy import Policy
from indicators.models import Indicator, Ledger
from indicators.planting import Seed, plant
from units.offices import add_units, found
organisation = found(name="某市人民政府")
units = add_units(organisation, [f"第 {one} 局" for one in range(1, @UNITS@ + 1)], by=None)
ledger = Ledger.objects.create(organisation=organisation, title="台账", year=2026)
items = [Seed(2 + one, 1, Indicator(name=f"评估点 {one}", points=1, is_item=True)) for one in range(@ITEMS@)]
plant(ledger, [Seed(1, None, Indicator(name="公开")), *items])
days = dict.fromkeys(("self_due", "review_due", "objection_due"))
round_ = rounds.prepare(
    ledger, name="大轮次", shape="per-unit", policy=Policy(), participants=units, by=None, **days
)
print(rounds.ask_to_open(round_, by=None).pk)
""".replace("@UNITS@", str(UNITS)).replace("@ITEMS@", str(ITEMS))

SEND = """
from celery import current_app
for _ in range(5):
    current_app.send_task("assessments.tasks.open_round", args=[{job}])
"""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """An installation whose jobs count as lost after two silent seconds."""
    made = Site(tmp_path, JOB_HEARTBEAT_LAPSE_SECONDS="2")
    yield made
    made.stop()


def _stands(site: Site) -> tuple[str, int, int]:
    """The round's phase, its entries, and how often its opening is in the audit trail."""
    phase = site.rows("SELECT phase FROM assessments_round")[0][0]
    entries = site.rows("SELECT count(*) FROM assessments_entry")[0][0]
    return phase, entries, site.rows("SELECT count(*) FROM units_auditevent WHERE action = '开启考核轮次'")[0][0]


def _state(site: Site, job: int) -> tuple[str, int]:
    state, attempts = site.rows(f"SELECT state, attempts FROM units_job WHERE id = {job}")[0]
    return state, attempts


def test_a_worker_killed_while_opening_leaves_nothing_and_the_next_one_opens_once(site: Site) -> None:
    job = int(site.shell(PREPARE))
    worker = site.start_worker()
    wait_until(lambda: _state(site, job) == ("running", 1), what="the first attempt")
    time.sleep(0.2)
    site.kill(worker)
    assert _state(site, job) == ("running", 1)
    assert _stands(site) == ("preparing", 0, 0)
    site.shell(SEND.format(job=job))
    site.start_worker()
    site.start_worker(beat=False)
    wait_until(lambda: _state(site, job)[0] == "done", seconds=60, what="the second attempt")
    assert _stands(site) == ("self-assessment", UNITS * ITEMS, 1)
    site.shell(SEND.format(job=job))
    time.sleep(2)
    assert _stands(site) == ("self-assessment", UNITS * ITEMS, 1)
