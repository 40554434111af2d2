"""What the worker does for indicators: an id in, one call."""

from celery import shared_task

from indicators import importing
from units import jobs


@shared_task(name="indicators.tasks.read_upload")
def read_upload(job_id: int) -> None:
    """Read the job's upload."""
    jobs.run(job_id, importing.read_upload, before=importing.parse)


@shared_task(name="indicators.tasks.store_upload")
def store_upload(job_id: int) -> None:
    """Store the ledgers of the job's upload."""
    jobs.run(job_id, importing.store_upload)
