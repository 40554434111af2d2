"""E-mails by a real worker to a real mail server: a killed worker sends nothing twice."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mail_server import MailServer
from tests.site import Site, wait_until

pytestmark = pytest.mark.processes

RETURN = """
from django.utils import timezone
from assessments import entries
from assessments.models import Entry
from units.models import Notice, User
filler, office = User.objects.get(username="bgs-filler"), User.objects.get(username="office")
User.objects.filter(pk=filler.pk).update(email="filler@example.gov.cn")
entry = Entry.objects.filter(unit__name="办公室", stage="submitted").in_order()[{at}]
entries.give_back(entry, "补充 {at}", version=entry.version, key="return-{at}", by=office)
Notice.objects.filter(mail="waiting").update(mail_after=timezone.now())
"""
LETTERS = "SELECT mail FROM units_notice WHERE subject LIKE '%补充 {}%' AND mail <> 'none'"


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A mail server that can fall silent."""
    with MailServer() as made:
        yield made


@pytest.fixture
def site(tmp_path: Path, server: MailServer) -> Iterator[Site]:
    """The demo organisation with e-mail, without a worker yet."""
    made = Site(tmp_path, EMAIL_HOST="127.0.0.1", EMAIL_PORT=str(server.port), EMAIL_FROM="office@example.gov.cn")
    made.manage("load_demo")
    yield made
    made.stop()


def test_a_worker_killed_while_the_mail_server_answers_sends_nothing_twice(site: Site, server: MailServer) -> None:
    server.hold = threading.Event()
    site.shell(RETURN.format(at=0))
    worker = site.start_worker()
    assert server.taken.wait(60)
    site.kill(worker)
    server.hold.set()
    server.hold = None
    assert site.rows(LETTERS.format(0)) == [("sending",)]
    # the next worker sends what comes later, and leaves the first alone
    site.shell(RETURN.format(at=1))
    site.start_worker()
    wait_until(lambda: site.rows(LETTERS.format(1)) == [("sent",)], seconds=60, what="the second letter")
    told = [str(letter.get_content()) for letter in server.letters]
    assert [sum(f"补充 {at}" in words for words in told) for at in (0, 1)] == [1, 1]


def test_a_message_lost_by_the_broker_delays_a_letter_and_loses_none(site: Site, server: MailServer) -> None:
    site.shell(RETURN.format(at=0))
    site.lose_messages()
    site.start_worker()
    wait_until(lambda: len(server.letters) == 1, seconds=60, what="the sweeper")
