import socket
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.test import Client, RequestFactory
from django.utils import timezone

from units import jobs
from units.models import Job, WorkerPulse
from units.offices import found
from units.views import faults


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(16)
        yield int(listener.getsockname()[1])


@pytest.mark.django_db(transaction=True)
def test_a_ready_site_says_so_and_how_its_background_is() -> None:
    assert Client().get("/healthz").json() == {"ok": True}
    told = Client().get("/readyz")
    assert told.status_code == 200
    assert (told.json()["database"], told.json()["migrations"], told.json()["broker"]) == ("ok", "ok", "ok")
    assert told.json()["worker"] == "unknown"
    jobs.sweep()
    assert Client().get("/readyz").json()["worker"] == "ok"
    assert Client().get("/readyz").json()["oldest_job_seconds"] == 0
    Job.objects.create(organisation=found(name="会稽县"), task="units.nothing", title="任务")
    Job.objects.update(created_at=timezone.now() - timedelta(seconds=300))
    assert Client().get("/readyz").json()["oldest_job_seconds"] in {300, 301}
    WorkerPulse.objects.update(at=timezone.now() - timedelta(seconds=121))
    late = Client().get("/readyz")
    assert (late.status_code, late.json()["worker"], late.json()["worker_silent_seconds"]) == (200, "late", 121)


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_hangs_or_is_absent_is_named_within_two_seconds(settings: Any, silent_port: int) -> None:
    for port in (silent_port, 1):
        settings.REDIS_URL = f"redis://127.0.0.1:{port}/0"
        began = time.monotonic()
        told = Client().get("/readyz")
        assert time.monotonic() - began < 2
        assert told.status_code == 503
        assert told.json()["broker"] != "ok"
        assert told.json()["database"] == "ok"


@pytest.mark.django_db
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite knows no such limits")
def test_no_statement_of_a_page_runs_on_for_ever_and_its_end_is_the_friendly_page(settings: Any) -> None:
    shown = []
    with connection.cursor() as cursor:
        for name in ("statement_timeout", "lock_timeout"):
            cursor.execute(f"SHOW {name}")
            shown += cursor.fetchone()
    assert shown == ["15s", "5s"]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 50")
        with pytest.raises(OperationalError), transaction.atomic():
            cursor.execute("SELECT pg_sleep(5)")


def test_a_database_that_is_away_gives_a_friendly_page_that_asks_for_nothing() -> None:
    request = RequestFactory().get("/")
    try:
        raise OperationalError("server closed the connection")
    except OperationalError:
        answer = faults.broken(request)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert "系统暂时不能使用" in answer.content.decode()


def test_a_fault_of_ours_gives_a_page_without_the_database() -> None:
    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        answer = faults.broken(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert "系统出错" in answer.content.decode()
    assert "ZeroDivision" not in answer.content.decode()
