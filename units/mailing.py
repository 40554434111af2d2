"""The outbox: what waits in `Notice` goes out by e-mail, all that one person has at once in one letter, never twice.

A notice is claimed by a filtered UPDATE that is committed before the mail server is spoken to. A worker killed after
that leaves it claimed: whether the server took it nobody knows, so it ends as `unsure` and is not sent again; the
notice itself stands in the product.
"""

import logging
import smtplib
import uuid
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F
from django.utils import timezone

from units import jobs
from units.models import Mail, Membership, Notice
from units.notices import SEND_MAIL, mail_is_on

logger = logging.getLogger(__name__)

PEOPLE_AT_ONCE = 200
LINES = 50
MOST_ATTEMPTS = 5
# longer than a task may run
LAPSE = timedelta(minutes=15)
RETRY = timedelta(minutes=5)
REFUSED_FOR_GOOD = 500


def deliver() -> int:
    """How many e-mails went out. One connection for all; where the server is not there, everything waits on."""
    if not mail_is_on():
        return 0
    waiting = Notice.objects.filter(mail=Mail.WAITING, mail_after__lte=timezone.now())
    people = list(waiting.order_by("person").values_list("person", flat=True).distinct()[:PEOPLE_AT_ONCE])
    if not people:
        return 0
    connection = get_connection()
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as problem:
        logger.warning("The mail server cannot be reached: %s", problem)
        waiting.update(mail_after=timezone.now() + RETRY)
        return 0
    try:
        return sum(_to_person(person, connection) for person in people)
    finally:
        connection.close()


def sweep() -> None:
    """Asks for what is due again, and gives up what was claimed by a worker that is no more."""
    if not mail_is_on():
        return
    now = timezone.now()
    Notice.objects.filter(mail=Mail.SENDING, mailed_at__lt=now - LAPSE).update(mail=Mail.UNSURE)
    if Notice.objects.filter(mail=Mail.WAITING, mail_after__lte=now).exists():
        jobs.send(SEND_MAIL)


def _to_person(person: int, connection: BaseEmailBackend) -> int:
    """Claim all that waits for one person, then send it as one letter; 1 when it went out."""
    now, claim = timezone.now(), uuid.uuid4().hex
    waiting = Notice.objects.filter(person=person, mail=Mail.WAITING, mail_after__lte=now)
    waiting.update(mail=Mail.SENDING, mail_claim=claim, mailed_at=now, mail_attempts=F("mail_attempts") + 1)
    held = Notice.objects.filter(mail_claim=claim, mail=Mail.SENDING)
    to = Membership.objects.select_related("user").filter(user=person, user__is_active=True).first()
    # what was said to a unit the person has left meanwhile is not sent after them
    mine = list(Notice.objects.of(to).filter(pk__in=held.values("pk")).order_by("pk")) if to else []
    held.exclude(pk__in=[one.pk for one in mine]).update(mail=Mail.NONE)
    if to is None or not mine or not to.user.email:
        held.update(mail=Mail.NONE)
        return 0
    state = _sent(_letter(to.user.email, mine, claim), connection)
    if state == Mail.WAITING:
        tired = held.filter(mail_attempts__gte=MOST_ATTEMPTS)
        tired.update(mail=Mail.FAILED)
        held.update(mail=Mail.WAITING, mail_after=now + RETRY)
    else:
        held.update(mail=state)
    return int(state == Mail.SENT)


def _sent(letter: EmailMessage, connection: BaseEmailBackend) -> Mail:
    """What became of it. Only a clear answer of the server leads to another try."""
    try:
        connection.send_messages([letter])
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException) as refusal:
        logger.warning("The mail server refused a letter: %s", type(refusal).__name__)
        return Mail.FAILED if _code(refusal) >= REFUSED_FOR_GOOD else Mail.WAITING
    except (OSError, smtplib.SMTPException) as problem:
        logger.warning("Whether a letter went out is not known: %s", type(problem).__name__)
        return Mail.UNSURE
    return Mail.SENT


def _code(refusal: smtplib.SMTPException) -> int:
    if isinstance(refusal, smtplib.SMTPResponseException):
        return int(refusal.smtp_code)
    codes = [code for code, _ in refusal.args[0].values()] if refusal.args else []
    return min(codes, default=REFUSED_FOR_GOOD)


def _letter(address: str, held: list[Notice], claim: str) -> EmailMessage:
    first = held[0].subject if len(held) == 1 else f"{len(held)} 条通知"
    lines = [f"{number}. 【{one.kind}】{one.subject}" for number, one in enumerate(held[:LINES], 1)]
    more = [f"……共 {len(held)} 条，其余在系统的“通知”里查看。"] if len(held) > LINES else []
    where = f"登录查看：{settings.SITE_ADDRESS}/notices/" if settings.SITE_ADDRESS else "登录系统后在“通知”里查看。"
    return EmailMessage(
        subject=f"政务公开考核：{' '.join(first.split())}"[:150],
        body="\n".join([*lines, *more, "", where, "本邮件由系统自动发出，不用回复。"]),
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[address],
        headers={"Message-ID": f"<notice-{claim}@{settings.DEFAULT_FROM_EMAIL.rpartition('@')[2].rstrip('>')}>"},
    )
