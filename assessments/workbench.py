"""What the office's 工作台 shows: what waits for a decision, and where to go on. Nothing is written here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from assessments import remedy_list
from assessments.models import HANDED_IN, Entry, Matter, MatterState, Objection, Phase, Round
from assessments.models.rounds import SEALED
from assessments.models.tracking import overdue_on
from assessments.progress import Listed, listed
from indicators.models import Ledger, LedgerStatus, Upload, UploadState
from units.models import Organisation

RECENT = 10


@dataclass(frozen=True, slots=True)
class Late:
    """A unit that has not handed in, in a round whose last day is near or over."""

    round: Round
    unit_id: int
    unit: str
    left: int


@dataclass(frozen=True, slots=True)
class Objected:
    """A round with objections that wait for their answer."""

    round_id: int
    round: str
    waiting: int


@dataclass(frozen=True, slots=True)
class Tracked:
    """A tracked round with matters that wait for the office, or for which something is overdue."""

    round_id: int
    round: str
    waiting: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Workbench:
    """The office's own page. empty: nothing has been imported yet."""

    uploads: Sequence[Upload]
    drafts: Sequence[Ledger]
    rounds: Sequence[Listed]
    late: tuple[Late, ...]
    waiting: int
    objections: tuple[Objected, ...]
    tracked: tuple[Tracked, ...]
    remedies: tuple[remedy_list.OfRound, ...]
    empty: bool


def workbench(organisation: Organisation, today: date) -> Workbench:
    """What waits for the office. A constant number of queries."""
    opened = listed(organisation.rounds.unsealed().select_related("ledger"), today)
    pressing = {one.round.pk: one.round for one in opened if _pressing(one)}
    uploads = organisation.uploads.filter(state__in=[UploadState.WAITING, UploadState.READ, UploadState.STORING])
    drafts = organisation.ledgers.filter(status=LedgerStatus.DRAFT).annotate(
        items=Count("indicators", filter=Q(indicators__is_item=True, indicators__retired_at__isnull=True))
    )
    reviewing = Entry.objects.submitted().filter(sheet__round__organisation=organisation, shared_home__isnull=True)
    return Workbench(
        uploads=list(uploads.order_by("-pk")[:RECENT]),
        drafts=list(drafts.order_by("-pk")[:RECENT]),
        rounds=opened,
        late=_late(pressing),
        waiting=reviewing.count(),
        objections=_objected(organisation),
        tracked=_tracked(organisation, today),
        remedies=remedy_list.of_rounds(organisation, today),
        empty=not organisation.ledgers.exists(),
    )


def _objected(organisation: Organisation) -> tuple[Objected, ...]:
    filed = Objection.objects.waiting().filter(entry__sheet__round__organisation=organisation).order_by()
    rows = filed.values_list("entry__sheet__round", "entry__sheet__round__name").annotate(waiting=Count("pk"))
    return tuple(Objected(*row) for row in rows.order_by("entry__sheet__round"))


def _tracked(organisation: Organisation, today: date) -> tuple[Tracked, ...]:
    mine = Matter.objects.filter(entry__sheet__round__organisation=organisation)
    at_work = mine.exclude(entry__sheet__round__phase__in=SEALED).order_by()
    rows = at_work.values_list("entry__sheet__round", "entry__sheet__round__name").annotate(
        waiting=Count("pk", filter=Q(state=MatterState.REPORTED)), overdue=Count("pk", filter=overdue_on(today))
    )
    return tuple(Tracked(*row) for row in rows.order_by("entry__sheet__round") if row[2] or row[3])


def _pressing(one: Listed) -> bool:
    return one.round.phase == Phase.SELF_ASSESSMENT and one.deadline.pressing and not one.round.is_tracked


def _late(pressing: dict[int, Round]) -> tuple[Late, ...]:
    waiting = Entry.objects.filter(sheet__round__in=pressing, unit__isnull=False, shared_home__isnull=True).exclude(
        stage__in=HANDED_IN
    )
    rows = waiting.order_by().values_list("sheet__round", "unit", "unit__name").annotate(left=Count("pk"))
    return tuple(
        Late(pressing[pk], unit_id, unit, left) for pk, unit_id, unit, left in rows.order_by("-left", "unit__name")
    )
