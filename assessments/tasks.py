"""What a worker is told by name: an id in, one call."""

from datetime import timedelta
from typing import Any

from celery import shared_task
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from assessments import notices, opening, rollup, rounds
from assessments.models import Round, ScoreSheet
from assessments.refusals import NotNow
from assessments.scored import from_scores
from indicators.editing import EditRefused
from indicators.models import Ledger
from units import jobs, mailing
from units.models import Job

STALE_SECONDS = 5
# one message too many costs a query; a sheet forgotten costs a wrong number
SWEPT_AT_ONCE = 200


@shared_task
def roll_up_sheet(sheet_id: int) -> None:
    """Stores one sheet's sums again; a second delivery finds nothing stale."""
    rollup.roll_up(ScoreSheet.objects.filter(pk=sheet_id, stale_since__isnull=False).values_list("pk", flat=True))


@shared_task
def round_from_scores(job_id: int) -> None:
    """Makes the round of a ledger that came with its scores."""
    jobs.run(job_id, _from_scores)


@shared_task
def open_round(job_id: int) -> None:
    """Opens a round; told twice, or again after a worker was lost, it is opened once and wholly."""
    jobs.run(job_id, _open, before=_say_what_opens)


@shared_task
def sweep() -> None:
    """Sends lost jobs again, and stores the sums of sheets whose message was lost."""
    jobs.sweep()
    mailing.sweep()
    before = timezone.now() - timedelta(seconds=STALE_SECONDS)
    waiting = ScoreSheet.objects.filter(Q(stale_since__lt=before)).order_by("stale_since")
    for sheet_id in waiting.values_list("pk", flat=True)[:SWEPT_AT_ONCE]:
        rollup.roll_up([sheet_id])


@shared_task
def tell_deadlines() -> None:
    """Tells units whose last day is near or over; run again, it tells nobody twice."""
    today = timezone.localdate()
    notices.tell_deadlines(today)
    notices.tell_matters(today)
    notices.tell_rectifications(today)


def _round_of(job: Job) -> Round:
    found = Round.objects.filter(pk=job.arguments["round"], organisation=job.organisation_id).first()
    if found is None:
        raise jobs.JobRefused("这个轮次已不存在。")
    return found


def _say_what_opens(job: Job) -> None:
    sheets, items = opening.expected(_round_of(job))
    jobs.advance(job, 0, sheets, f"正在固定台账，为 {sheets} 张评分表按 {items} 个评估点建立填报项")


def _open(job: Job) -> dict[str, Any]:
    round_ = _round_of(job)
    try:
        rounds.open_round(round_, by=job.created_by)
    except (NotNow, EditRefused) as refusal:
        raise jobs.JobRefused(refusal.message) from refusal
    return {"round": round_.pk, "url": reverse("round", args=[round_.pk])}


def _from_scores(job: Job) -> dict[str, Any]:
    ledger = Ledger.objects.filter(pk=job.arguments["ledger"], organisation=job.organisation_id).first()
    if ledger is None:
        raise jobs.JobRefused("这份台账已不存在。")
    try:
        round_ = from_scores(ledger, by=job.created_by)
    except NotNow as refusal:
        raise jobs.JobRefused(refusal.message) from refusal
    return {"round": round_.pk, "url": reverse("round", args=[round_.pk])}
