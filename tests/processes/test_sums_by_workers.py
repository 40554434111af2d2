"""Stored sums made by a real worker: after a change at once, after a lost message within a minute."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.site import Site, wait_until

pytestmark = pytest.mark.processes

SAVE = """
from assessments import entries
from assessments.entries import SelfAssessment
from assessments.models import Entry, EntryState
from units.models import User
ours = Entry.objects.filter(unit__name="政策法规处", sheet__round__shape="allocated")
entry = ours.filter(sheet__round__phase="self-assessment", state=EntryState.UNSCORED).in_order().first()
filler = User.objects.get(username="zcfgc-filler")
entries.save(entry, SelfAssessment("0.1", "更新不及时"), version=entry.version, key="{key}", by=filler)
"""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """The demo organisation, without a worker yet."""
    made = Site(tmp_path)
    made.manage("load_demo")
    yield made
    made.stop()


def _stored(site: Site) -> tuple[Decimal, bool]:
    """The open round's stored total, and whether an entry has changed since."""
    row = site.rows(
        "SELECT total, stale_since IS NOT NULL FROM assessments_scoresheet JOIN assessments_round"
        " ON round_id = assessments_round.id WHERE phase = 'self-assessment' AND shape = 'allocated'"
    )[0]
    return Decimal(str(row[0])), bool(row[1])


def _reported(site: Site) -> Decimal:
    rounds = json.loads(site.manage("score_report", "--json").stdout)
    number = next(one["id"] for one in rounds if (one["phase"], one["shape"]) == ("self-assessment", "allocated"))
    return Decimal(json.loads(site.manage("score_report", str(number), "--json").stdout)["sheets"][0]["total"])


def test_a_saved_score_is_reported_at_once_and_stored_by_the_worker(site: Site) -> None:
    site.start_worker()
    wait_until(lambda: not _stored(site)[1], what="the sums of the demo")
    before, _ = _stored(site)
    site.shell(SAVE.format(key="first"))
    assert _reported(site) == before + Decimal("0.1")
    wait_until(lambda: _stored(site) == (before + Decimal("0.1"), False), seconds=10, what="the stored sum")


def test_a_lost_message_delays_the_stored_copy_but_never_the_number(site: Site) -> None:
    site.shell(SAVE.format(key="lost"))
    site.lose_messages()
    stored, is_stale = _stored(site)
    reported = _reported(site)
    assert is_stale
    assert reported == stored + Decimal("0.1")
    site.start_worker()
    wait_until(lambda: _stored(site) == (reported, False), seconds=60, what="the sweeper")
