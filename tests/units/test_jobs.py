from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from celery.signals import after_task_publish
from django.conf import settings as project
from django.db import connection, connections, transaction
from django.utils import timezone

from units import jobs
from units.models import Job, JobState, Organisation, WorkerPulse
from units.offices import found

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def organisation() -> Organisation:
    return found(name="某县")


@pytest.fixture
def job(organisation: Organisation) -> Job:
    return jobs.create(organisation=organisation, task="units.nothing", title="导入台账", arguments={"a": 1}, by=None)


@pytest.fixture
def sent() -> Iterator[list[int]]:
    """The ids that went to the real queue during the test."""
    published: list[int] = []

    def note(sender: str, body: Any, **_: Any) -> None:
        published.extend(body[0])

    after_task_publish.connect(note)
    yield published
    after_task_publish.disconnect(note)


def _found_another(job: Job) -> dict[str, Any]:
    found(name=f"第 {job.attempts} 次写的")
    return {"url": "/ledgers/1/"}


def _silence(job: Job, seconds: int) -> None:
    moment = timezone.now() - timedelta(seconds=seconds)
    Job.objects.filter(pk=job.pk).update(heartbeat_at=moment, created_at=moment)


def _written() -> int:
    return Organisation.objects.filter(name__startswith="第").count()


def test_a_job_is_done_once_and_keeps_its_report(job: Job) -> None:
    jobs.run(job.pk, _found_another)
    jobs.run(job.pk, _found_another)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.report) == (JobState.DONE, 1, {"url": "/ledgers/1/"})
    assert job.finished_at is not None
    assert _written() == 1


def test_a_refusal_ends_the_job_with_its_words_and_writes_nothing(job: Job) -> None:
    def refuse(job: Job) -> dict[str, Any]:
        _found_another(job)
        raise jobs.JobRefused("这个文件没有指标。")

    jobs.run(job.pk, refuse)
    job.refresh_from_db()
    assert (job.state, job.reason, job.attempts) == (JobState.FAILED, "这个文件没有指标。", 1)
    assert _written() == 0


def test_an_error_is_tried_three_times_and_then_ends_with_a_reason(job: Job) -> None:
    def break_down(job: Job) -> dict[str, Any]:
        _found_another(job)
        raise ZeroDivisionError

    for expected in (JobState.QUEUED, JobState.QUEUED, JobState.FAILED, JobState.FAILED):
        jobs.run(job.pk, break_down)
        job.refresh_from_db()
        assert job.state == expected
    assert job.attempts == project.JOB_MAX_ATTEMPTS == 3
    assert "没有写入任何数据" in job.reason
    assert _written() == 0


def test_a_job_in_living_hands_is_left_alone(job: Job) -> None:
    def deliver_again(held: Job) -> dict[str, Any]:
        return _found_another(held)

    def before(held: Job) -> None:
        jobs.run(job.pk, deliver_again)
        jobs.sweep()
        assert _written() == 0

    jobs.run(job.pk, _found_another, before=before)
    job.refresh_from_db()
    assert (job.state, job.attempts, _written()) == (JobState.DONE, 1, 1)


def test_a_job_whose_worker_fell_silent_is_done_by_the_next(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, attempts=1)
    _silence(job, project.JOB_HEARTBEAT_LAPSE_SECONDS + 1)
    jobs.run(job.pk, _found_another)
    job.refresh_from_db()
    assert (job.state, job.attempts, _written()) == (JobState.DONE, 2, 1)


def test_a_worker_that_wakes_up_too_late_writes_nothing(job: Job) -> None:
    def before(held: Job) -> None:
        _silence(held, project.JOB_HEARTBEAT_LAPSE_SECONDS + 1)
        jobs.run(job.pk, _found_another)

    jobs.run(job.pk, _found_another, before=before)
    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.DONE, 2)
    assert list(Organisation.objects.filter(name__startswith="第").values_list("name", flat=True)) == ["第 2 次写的"]


def test_a_late_worker_hears_at_its_next_step_that_it_lost_the_job(job: Job) -> None:
    late = Job.objects.get(pk=job.pk)
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, attempts=2, heartbeat_at=timezone.now())
    late.attempts = 1
    with pytest.raises(jobs.Superseded):
        jobs.advance(late, 1, 3, "读取")


def test_progress_is_seen_while_the_job_runs(job: Job) -> None:
    seen: list[tuple[int, int, str]] = []

    def before(held: Job) -> None:
        jobs.advance(held, 1, 3, "读取第 1 个表")
        row = Job.objects.get(pk=job.pk)
        seen.append((row.done, row.total, row.step))

    jobs.run(job.pk, _found_another, before=before)
    assert seen == [(1, 3, "读取第 1 个表")]


def test_the_sweeper_sends_again_what_waits_and_takes_back_what_is_lost(job: Job, sent: list[int]) -> None:
    jobs.sweep()
    assert sent == []
    _silence(job, project.SWEEP_SECONDS + 1)
    jobs.sweep()
    assert sent == [job.pk]
    jobs.sweep()
    assert sent == [job.pk]
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, attempts=2)
    _silence(job, project.JOB_HEARTBEAT_LAPSE_SECONDS + 1)
    jobs.sweep()
    job.refresh_from_db()
    assert (job.state, sent) == (JobState.QUEUED, [job.pk, job.pk])


def test_the_third_lost_attempt_is_the_last(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, attempts=3)
    _silence(job, project.JOB_HEARTBEAT_LAPSE_SECONDS + 1)
    jobs.sweep()
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert job.reason.startswith("处理进程意外中断 3 次，没有写入任何数据")
    jobs.run(job.pk, _found_another)
    assert _written() == 0


def test_the_sweep_leaves_a_sign_of_life() -> None:
    assert jobs.seconds_since_sweep() is None
    jobs.sweep()
    assert jobs.seconds_since_sweep() == 0
    WorkerPulse.objects.update(at=timezone.now() - timedelta(minutes=5))
    assert jobs.seconds_since_sweep() == 300


def test_a_job_is_made_with_its_cause_or_not_at_all(organisation: Organisation, sent: list[int]) -> None:
    def create() -> Job:
        return jobs.create(organisation=organisation, task="units.nothing", title="导入", arguments={}, by=None)

    @transaction.atomic
    def upload_that_fails() -> None:
        create()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        upload_that_fails()
    assert (Job.objects.count(), sent) == (0, [])
    with transaction.atomic():
        made = create()
        assert sent == []
    assert sent == [made.pk]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer and no row locks")
def test_a_job_whose_writes_are_under_way_is_not_taken_over_however_long_they_last(job: Job) -> None:
    def work(held: Job) -> dict[str, Any]:
        other = connections.create_connection("default")
        try:
            _silence_seen_by_others(other, job)
        finally:
            other.close()
        return _found_another(held)

    def before(held: Job) -> None:
        _silence(held, project.JOB_HEARTBEAT_LAPSE_SECONDS + 1)

    jobs.run(job.pk, work, before=before)
    job.refresh_from_db()
    assert (job.state, job.attempts, _written()) == (JobState.DONE, 1, 1)


def _silence_seen_by_others(other: Any, job: Job) -> None:
    """The question the sweeper asks, from another connection: the row is locked, so nothing is found."""
    with other.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT id FROM units_job WHERE id = %s FOR UPDATE SKIP LOCKED", [job.pk])
        assert cursor.fetchall() == []
        cursor.execute("ROLLBACK")
