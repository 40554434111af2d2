"""Background work: the Job row is the truth, the queue only a hint. What a job does is the business of its task."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from kombu.exceptions import OperationalError as QueueDown
from redis.exceptions import RedisError

from units.models import Job, JobState, Organisation, User, WorkerPulse

logger = logging.getLogger(__name__)

CRASHED = "处理时出错，已记录；没有写入任何数据，把时间告诉系统管理员后再试。"


class JobRefused(Exception):
    """An expected refusal; `reason` is what the job ends with, in the clerk's language."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Superseded(Exception):
    """The job was taken over by another worker while this one was silent."""


def create(*, organisation: Organisation, task: str, title: str, arguments: Mapping[str, Any], by: User | None) -> Job:
    """A queued job in the caller's transaction; the queue hears of it when that commits."""
    job = Job.objects.create(
        organisation=organisation, task=task, title=title[:200], arguments=dict(arguments), created_by=by
    )
    transaction.on_commit(lambda: send(job.task, job.pk))
    return job


def send(task: str, *arguments: int) -> bool:
    """Whether the queue took the hint; a queue that is down is logged, and the sweeper sends again."""
    try:
        current_app.send_task(task, args=list(arguments))
    except (QueueDown, RedisError, OSError) as problem:
        logger.warning("%s%s is not in the queue, the broker is not there: %s", task, arguments, problem)
        return False
    return True


def run(job_id: int, work: Callable[[Job], dict[str, Any]], before: Callable[[Job], None] | None = None) -> None:
    """Claim the job, then `before` with progress, then `work` and the end of the job in one transaction.

    Returns at once when the job is final or another worker holds it. A JobRefused ends the job with its words;
    anything else is logged and tried again, at most JOB_MAX_ATTEMPTS times in all.
    """
    job = _claim(job_id)
    if job is None:
        return
    try:
        if before is not None:
            before(job)
        with transaction.atomic():
            # held to the end: no sweeper and no other worker takes a job whose writes are under way
            if not _mine(job).select_for_update().exists():
                raise Superseded
            _end(job, JobState.DONE, report=work(job))
    except JobRefused as refusal:
        _end(job, JobState.FAILED, reason=refusal.reason)
    except Superseded:
        logger.warning("Job %s was taken over by another worker.", job.pk)
    except Exception:
        logger.exception("Job %s failed at attempt %s.", job.pk, job.attempts)
        _give_back(job, CRASHED)


def advance(job: Job, done: int, total: int, step: str) -> None:
    """Progress and a sign of life; outside the atomic part, where others can see it.

    Raises Superseded when another worker has the job by now.
    """
    now = timezone.now()
    if not _mine(job).update(done=done, total=total, step=step[:200], heartbeat_at=now):
        raise Superseded
    job.done, job.total, job.step, job.heartbeat_at = done, total, step[:200], now


def sweep() -> None:
    """Queue again what waits too long or whose worker fell silent; after the last attempt end it with a reason."""
    now = timezone.now()
    WorkerPulse.objects.update_or_create(name="sweep", defaults={"at": now})
    with transaction.atomic():
        for job in _stranded(now).select_for_update(skip_locked=True):
            if job.state == JobState.RUNNING:
                logger.warning("Job %s lost its worker at attempt %s.", job.pk, job.attempts)
                _give_back(job, _interrupted())
            else:
                _requeue(job)


def seconds_since_sweep() -> int | None:
    """How long ago the background last showed itself; None before its first sweep."""
    pulse = WorkerPulse.objects.filter(name="sweep").first()
    return None if pulse is None else int((timezone.now() - pulse.at).total_seconds())


def oldest_waiting_seconds() -> int:
    """The age of the oldest job that is not finished; 0 when there is none."""
    oldest = Job.objects.unfinished().order_by("created_at").first()
    return 0 if oldest is None else int((timezone.now() - oldest.created_at).total_seconds())


def _claim(job_id: int) -> Job | None:
    """The job, running and counted as one more attempt; None when there is nothing to do for this worker."""
    with transaction.atomic():
        job = Job.objects.unfinished().select_for_update(skip_locked=True).filter(pk=job_id).first()
        if job is None or (job.state == JobState.RUNNING and not _silent(job)):
            return None
        if job.attempts >= settings.JOB_MAX_ATTEMPTS:
            _end(job, JobState.FAILED, reason=_interrupted())
            return None
        job.state, job.attempts, job.heartbeat_at = JobState.RUNNING, job.attempts + 1, timezone.now()
        job.done, job.total, job.step = 0, 0, ""
        job.save(update_fields=["state", "attempts", "heartbeat_at", "done", "total", "step"])
    return job


def _mine(job: Job) -> QuerySet[Job]:
    """The row while it is still this attempt's; `attempts` tells one holder from the next."""
    return Job.objects.unfinished().filter(pk=job.pk, attempts=job.attempts)


def _end(job: Job, state: JobState, *, reason: str = "", report: dict[str, Any] | None = None) -> None:
    now = timezone.now()
    changes: dict[str, Any] = {"state": state, "reason": reason[:500], "finished_at": now, "heartbeat_at": now}
    if report is not None:
        changes |= {"report": report, "step": ""}
    _mine(job).update(**changes)


def _give_back(job: Job, last_reason: str) -> None:
    """To the queue again, or to its end after the last attempt."""
    if job.attempts >= settings.JOB_MAX_ATTEMPTS:
        _end(job, JobState.FAILED, reason=last_reason)
    else:
        with transaction.atomic():
            _requeue(job)


def _requeue(job: Job) -> None:
    now = timezone.now()
    if _mine(job).update(state=JobState.QUEUED, heartbeat_at=now, done=0, total=0, step=""):
        transaction.on_commit(lambda: send(job.task, job.pk))


def _stranded(now: datetime) -> QuerySet[Job]:
    """Queued jobs nobody took, and running ones without a sign of life."""
    waited = now - timedelta(seconds=settings.SWEEP_SECONDS)
    lapsed = now - timedelta(seconds=settings.JOB_HEARTBEAT_LAPSE_SECONDS)
    queued = Q(state=JobState.QUEUED, moved_at__lte=waited)
    return (
        Job.objects.unfinished()
        .annotate(moved_at=Coalesce("heartbeat_at", "created_at"))
        .filter(queued | Q(state=JobState.RUNNING, moved_at__lte=lapsed))
        .order_by("id")
    )


def _silent(job: Job) -> bool:
    last = job.heartbeat_at or job.created_at
    return timezone.now() - last > timedelta(seconds=settings.JOB_HEARTBEAT_LAPSE_SECONDS)


def _interrupted() -> str:
    return f"处理进程意外中断 {settings.JOB_MAX_ATTEMPTS} 次，没有写入任何数据；把文件和时间告诉系统管理员后再试。"
