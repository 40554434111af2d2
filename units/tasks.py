"""What a worker is told by name."""

from celery import shared_task

from units import mailing


@shared_task
def send_mail() -> None:
    """Sends what waits in the outbox; a second delivery finds nothing waiting."""
    mailing.deliver()
