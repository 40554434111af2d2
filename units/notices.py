"""Notices (通知): telling people of an event once, in the event's own transaction. What happened, others know.

The e-mail that goes with a notice is the business of `units.mailing`.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone

from units import audit, jobs
from units.models import Mail, Membership, Notice, Organisation, User

SEND_MAIL = "units.tasks.send_mail"
AT_ONCE = timedelta(0)
# more than this nobody counts
MOST_SHOWN = 99


@dataclass(frozen=True, slots=True)
class Letter:
    """One event for some people. kind: a word of ten characters at most. url: a path of this site.

    key: names event and object, such as "opened:12". wait: how long its e-mail waits for others to go with it.
    """

    people: Sequence[Membership]
    kind: str
    subject: str
    url: str
    key: str
    wait: timedelta = AT_ONCE


def notify(
    *, people: Iterable[Membership], kind: str, subject: str, url: str, key: str, wait: timedelta = AT_ONCE
) -> None:
    """Tells each of these people, unless it was told under the same key before. One query; in a transaction."""
    post([Letter(tuple(people), kind, subject, url, key, wait)])


@transaction.atomic
def post(letters: Iterable[Letter]) -> None:
    """The same for many letters at once, in as many queries as one."""
    now = timezone.now()
    made = [_notice(letter, one, now) for letter in letters for one in letter.people if one.user.is_active]
    Notice.objects.bulk_create(made, batch_size=500, ignore_conflicts=True)
    if any(notice.mail == Mail.WAITING for notice in made):
        transaction.on_commit(lambda: jobs.send(SEND_MAIL))


def people_with(organisation: Organisation, *roles: str) -> list[Membership]:
    """The organisation's people in these roles. One query."""
    return list(organisation.memberships.filter(role__in=roles).select_related("user"))


def people_by_unit(unit_ids: Iterable[int], *roles: str) -> dict[int, list[Membership]]:
    """Unit → its people, of these roles where some are named. One query."""
    held = Membership.objects.filter(unit__in=list(unit_ids)).select_related("user").order_by("pk")
    found: dict[int, list[Membership]] = defaultdict(list)
    for one in held.filter(role__in=roles) if roles else held:
        if one.unit_id is not None:
            found[one.unit_id].append(one)
    return dict(found)


def unread(membership: Membership) -> int:
    """How many the person has not read, 100 at most. One query; 0 where the database is away, for error pages."""
    try:
        return len(Notice.objects.of(membership).unread().order_by().values_list("pk", flat=True)[: MOST_SHOWN + 1])
    except DatabaseError:
        return 0


def open_one(notice: Notice) -> str:
    """Marks it as read; where it leads."""
    Notice.objects.unread().filter(pk=notice.pk).update(read_at=timezone.now())
    return notice.url


def read_all(membership: Membership) -> int:
    """How many were marked as read."""
    return Notice.objects.of(membership).unread().update(read_at=timezone.now())


@transaction.atomic
def set_address(membership: Membership, address: str) -> None:
    """Where the person's e-mails go from now on; empty: nowhere."""
    User.objects.filter(pk=membership.user_id).update(email=address)
    audit.record(organisation=membership.organisation, actor=membership.user, action="修改通知邮箱")


def mail_is_on() -> bool:
    """Whether a mail server was named."""
    return bool(settings.EMAIL_HOST)


def _notice(letter: Letter, to: Membership, now: datetime) -> Notice:
    if not letter.url.startswith("/") or letter.url.startswith("//"):
        # said here: a database that skips what is there already may skip this silently too
        raise ValueError(f"a notice leads to a path of this site, not to {letter.url}")
    return Notice(
        organisation_id=to.organisation_id,
        unit_id=to.unit_id,
        person_id=to.user_id,
        kind=letter.kind,
        subject=letter.subject[:300],
        url=letter.url,
        key=letter.key,
        at=now,
        mail=Mail.WAITING if mail_is_on() and to.user.email else Mail.NONE,
        mail_after=now + letter.wait,
    )
