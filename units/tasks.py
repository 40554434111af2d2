"""What a worker is told by name."""

from celery import shared_task
from django.utils import timezone

from units import anchors, mailing


@shared_task
def send_mail() -> None:
    """Sends what waits in the outbox; a second delivery finds nothing waiting."""
    mailing.deliver()


@shared_task
def cast_anchors() -> None:
    """Keeps today's last line of each audit trail outside the database; once a day, however often it is told."""
    anchors.cast(timezone.localdate())
