"""What a worker is told by name, and what happens when it is told twice or not at all."""

from datetime import timedelta

import pytest
from celery import Celery
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from assessments import tasks
from assessments.models import Entry, ScoreSheet
from indicators.importing import import_file
from indicators.models import Ledger
from tests.assessments import office as o
from tests.assessments.test_scored import FILE
from units import jobs
from units.models import Job, JobState

pytestmark = pytest.mark.django_db


def test_the_task_stores_the_sums_of_a_stale_sheet_and_a_second_delivery_does_nothing() -> None:
    who = o.office()
    round_ = o.opened(who)
    o.fill(o.entry(round_, "主动公开"), "3", who.fillers[0])
    sheet = o.sheet(round_)
    tasks.roll_up_sheet(sheet.pk)
    sheet.refresh_from_db()
    assert (sheet.total, sheet.stale_since) == (3, None)
    made = sheet.rolled_up_at
    tasks.roll_up_sheet(sheet.pk)
    sheet.refresh_from_db()
    assert sheet.rolled_up_at == made


def test_the_sweeper_sums_what_no_message_ever_announced() -> None:
    who = o.office()
    round_ = o.opened(who)
    o.fill(o.entry(round_, "主动公开"), "3", who.fillers[0])
    ScoreSheet.objects.update(stale_since=timezone.now() - timedelta(seconds=tasks.STALE_SECONDS + 1))
    tasks.sweep()
    assert (o.sheet(round_).total, o.sheet(round_).stale_since) == (3, None)


def test_the_sweeper_leaves_a_sheet_that_became_stale_just_now_to_its_message() -> None:
    who = o.office()
    round_ = o.opened(who)
    o.fill(o.entry(round_, "主动公开"), "3", who.fillers[0])
    tasks.sweep()
    assert o.sheet(round_).stale_since is not None


def test_a_score_is_stored_though_the_broker_is_away(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = o.office()
    round_ = o.opened(who)
    ScoreSheet.objects.update(stale_since=None)
    # an application of its own, whose broker listens nowhere
    away = Celery("away", broker="redis://127.0.0.1:1/0", set_as_current=False)
    monkeypatch.setattr(jobs, "current_app", away)
    with django_capture_on_commit_callbacks(execute=True) as told:
        o.fill(o.entry(round_, "主动公开"), "3", who.fillers[0])
    assert len(told) == 1
    assert Entry.objects.get(indicator__name="主动公开").earned == 3
    assert o.sheet(round_).stale_since is not None


def test_opening_a_large_round_waits_only_once_for_a_broker_that_is_away(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    who = o.office(units=[f"单位 {at}" for at in range(5)])
    monkeypatch.setattr(jobs, "current_app", Celery("away", broker="redis://127.0.0.1:1/0", set_as_current=False))
    with django_capture_on_commit_callbacks(execute=True):
        o.opened(who, shape="per-unit")
    assert sum("roll_up_sheet" in one.getMessage() for one in caplog.records) == 1
    assert ScoreSheet.objects.filter(stale_since__isnull=False).count() == 5


def test_many_saves_before_the_sums_are_made_send_one_message(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    who = o.office()
    round_ = o.opened(who)
    tasks.roll_up_sheet(o.sheet(round_).pk)
    with django_capture_on_commit_callbacks() as told:
        for name, score in (("主动公开", "3"), ("政策解读", "1"), ("回应关切", "2")):
            o.fill(o.entry(round_, name), score, who.fillers[0])
    assert len(told) == 1


def scored_job() -> tuple[Ledger, Job]:
    """The county's ledger, and the job that makes its round."""
    organisation = o.office().organisation
    ledger = import_file(FILE.name, FILE.read_bytes(), organisation=organisation, by=None)[0]
    job = jobs.create(
        organisation=organisation,
        task="assessments.tasks.round_from_scores",
        title="生成轮次",
        arguments={"ledger": ledger.pk},
        by=None,
    )
    return ledger, job


def test_the_job_makes_the_round_once_however_often_it_is_delivered() -> None:
    ledger, job = scored_job()
    tasks.round_from_scores(job.pk)
    tasks.round_from_scores(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.DONE
    assert [one.pk for one in ledger.rounds.all()] == [job.report["round"]]
    assert job.report["url"] == f"/rounds/{job.report['round']}/"


def test_a_ledger_without_scores_ends_the_job_with_a_reason() -> None:
    who = o.office()
    job = jobs.create(
        organisation=who.organisation,
        task="assessments.tasks.round_from_scores",
        title="生成轮次",
        arguments={"ledger": o.ledger(who.organisation).pk},
        by=None,
    )
    tasks.round_from_scores(job.pk)
    job.refresh_from_db()
    assert (job.state, job.reason) == (JobState.FAILED, "这份台账的文件里没有得分，不能生成轮次。")


def test_another_organisations_ledger_is_as_if_it_did_not_exist() -> None:
    who, stranger = o.office(), o.office("邻县人民政府")
    job = jobs.create(
        organisation=who.organisation,
        task="assessments.tasks.round_from_scores",
        title="生成轮次",
        arguments={"ledger": o.ledger(stranger.organisation).pk},
        by=None,
    )
    tasks.round_from_scores(job.pk)
    job.refresh_from_db()
    assert (job.state, job.reason) == (JobState.FAILED, "这份台账已不存在。")
