"""Background work whose truth is a row: made with its cause, claimed under its lock, ended with a result or a reason.

The queue carries only the row's id. What a broker loses or a killed worker leaves behind, `sweep` sends again.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

from units.models import Job, JobState, Organisation, User

log = logging.getLogger(__name__)

Work = Callable[[Job], dict[str, Any]]

_WHAT_NOW = "可重新提交；仍不成功时联系系统管理员。"


class JobRefused(Exception):
    """The work cannot be done, and trying again would not help; the words are for the person who asked."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def create(*, organisation: Organisation, task: str, title: str, arguments: dict[str, Any], by: User | None) -> Job:
    """A queued job, sent when the caller's transaction is committed."""
    job = Job.objects.create(organisation=organisation, task=task, title=title, arguments=arguments, created_by=by)
    transaction.on_commit(lambda: send(job.task, job.pk))
    return job


def send(task: str, *arguments: int) -> bool:
    """Tell the queue; False, and a line in the log, when the broker does not answer."""
    try:
        current_app.send_task(task, args=list(arguments), retry=False)
    except (BrokerError, RedisError, OSError) as error:
        log.warning("the broker did not take %s%s: %s", task, arguments, error)
        return False
    return True


def run(job_id: int, work: Work, *, before: Callable[[Job], None] | None = None) -> None:
    """Do a job once: claim it, `before` with progress, then `work` and its end in one transaction.

    A second delivery, and one of a job that another worker is doing, returns without doing anything.
    """
    job = _claim(job_id)
    if job is None:
        return
    attempt = job.attempts
    try:
        if before is not None:
            before(job)
        with transaction.atomic():
            _hold(job, attempt)
            _end(job, attempt, state=JobState.DONE, report=work(job), done=F("total"), step="")
    except JobRefused as refusal:
        _end(job, attempt, state=JobState.FAILED, reason=refusal.reason[:500])
    except _Lost:
        log.warning("job %s was taken over by another worker", job_id)
    except Exception:
        log.exception("job %s failed in attempt %s", job_id, attempt)
        _give_up_or_requeue(job, attempt)


class _Lost(Exception):
    """Another worker claimed the job while this one was silent."""


def _claim(job_id: int) -> Job | None:
    """The job in this worker's hands, or None when it is final, gone, or in a living worker's hands."""
    silent = Q(state=JobState.QUEUED) | Q(state=JobState.RUNNING, heartbeat_at__lt=_lapse())
    claimed = Job.objects.filter(silent, pk=job_id, attempts__lt=settings.JOB_MAX_ATTEMPTS).update(
        state=JobState.RUNNING, attempts=F("attempts") + 1, heartbeat_at=timezone.now(), done=0, total=0, step="已开始"
    )
    return Job.objects.get(pk=job_id) if claimed else None


def _hold(job: Job, attempt: int) -> None:
    """Lock the row for the rest of the transaction: nobody else finishes this attempt."""
    held = Job.objects.select_for_update().filter(pk=job.pk, attempts=attempt, state=JobState.RUNNING)
    if held.first() is None:
        raise _Lost


def _end(job: Job, attempt: int, **values: Any) -> None:
    Job.objects.filter(pk=job.pk, attempts=attempt, state=JobState.RUNNING).update(
        finished_at=timezone.now(), heartbeat_at=timezone.now(), **values
    )


def _give_up_or_requeue(job: Job, attempt: int) -> None:
    if attempt >= settings.JOB_MAX_ATTEMPTS:
        reason = f"处理时出错，没有写入任何数据，错误已记录。{_WHAT_NOW}"
        _end(job, attempt, state=JobState.FAILED, reason=reason)
        return
    Job.objects.filter(pk=job.pk, attempts=attempt, state=JobState.RUNNING).update(
        state=JobState.QUEUED, heartbeat_at=timezone.now(), step="出错，稍后重试"
    )


def advance(job: Job, done: int, total: int, step: str) -> None:
    """Say how far it is, and that somebody is still at it; a write of its own, not for inside a transaction."""
    Job.objects.filter(pk=job.pk, attempts=job.attempts, state=JobState.RUNNING).update(
        done=done, total=total, step=step[:200], heartbeat_at=timezone.now()
    )


def sweep() -> None:
    """Send again what waits or is silent too long; end with a reason what was lost too often."""
    now = timezone.now()
    lost = Job.objects.filter(
        state=JobState.RUNNING, heartbeat_at__lt=_lapse(), attempts__gte=settings.JOB_MAX_ATTEMPTS
    ).update(
        state=JobState.FAILED,
        finished_at=now,
        reason=f"处理进程意外中断 {settings.JOB_MAX_ATTEMPTS} 次，没有写入任何数据。{_WHAT_NOW}",
    )
    if lost:
        log.error("%s jobs ended after %s lost attempts", lost, settings.JOB_MAX_ATTEMPTS)
    waiting = now - timedelta(seconds=settings.SWEEP_SECONDS)
    queued = Q(state=JobState.QUEUED, created_at__lt=waiting) & (
        Q(heartbeat_at__isnull=True) | Q(heartbeat_at__lt=waiting)
    )
    silent = Q(state=JobState.RUNNING, heartbeat_at__lt=_lapse())
    for task, job_id in Job.objects.filter(queued | silent).values_list("task", "pk").order_by("pk")[:100]:
        if not send(task, job_id):
            return


def _lapse() -> Any:
    return timezone.now() - timedelta(seconds=settings.JOB_HEARTBEAT_LAPSE_SECONDS)
