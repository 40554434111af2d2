"""Who has not handed in, and reminding them (催办): the office picks units, each is told at most once a day."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Count, Max, Q
from django.urls import reverse
from django.utils import timezone

from assessments import notices, rights, windows
from assessments.deadlines import Deadline, deadline
from assessments.models import Entry, EntryStage, Phase, Reminder, Round
from assessments.refusals import NotNow
from units import audit
from units.models import Membership, Role, Unit, User

# phases in which a unit can still hand something in
PHASES = (Phase.SELF_ASSESSMENT, Phase.REVIEW)


@dataclass(frozen=True, slots=True)
class Behind:
    """One unit that has something to hand in. people: accounts that would be told. today: reminded today already."""

    unit_id: int
    unit: str
    left: int
    returned: int
    unsigned: int
    deadline: Deadline
    people: int
    last: datetime | None
    reminded: datetime | None
    times: int
    today: bool

    @property
    def can_be_reminded(self) -> bool:
        """Whether a reminder would reach somebody now."""
        return self.people > 0 and not self.today


@dataclass(frozen=True, slots=True)
class Reminded:
    """How many units were told, and which were not because they had been today."""

    told: int
    before: tuple[str, ...]


def behind(round_: Round, today: date) -> list[Behind]:
    """The units that still have something to hand in, the most pressing first. Five queries."""
    left = notices.left_by_unit(round_)
    units = {unit.pk: unit for unit in Unit.objects.filter(pk__in=left).order_by("lft")}
    days = windows.last_days(round_, left)
    counted = _counted(round_, left)
    people = Membership.objects.filter(unit__in=left, user__is_active=True).order_by().values_list("unit")
    accounts: dict[int | None, int] = dict(people.annotate(Count("pk")))
    before = _before(round_)
    rows = []
    for pk, unit in units.items():
        at, times = before.get(pk, (None, 0))
        told = at is not None and timezone.localdate(at, windows.SHANGHAI) == today
        returned, unsigned, last = counted.get(pk, (0, 0, None))
        seen = deadline(days[pk], today)
        rows.append(
            Behind(pk, str(unit), left[pk], returned, unsigned, seen, accounts.get(pk, 0), last, at, times, told)
        )
    return sorted(rows, key=lambda row: (row.deadline.due or date.max, -row.left))


@transaction.atomic
def remind(round_: Round, unit_ids: Collection[int], *, by: User) -> Reminded:
    """Tells the chosen units what they have not handed in; one that was told today is left alone.

    Raises NotNow where the round is in no phase in which units hand in, or none of these units is behind.
    """
    round_ = Round.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=round_.pk)
    if rights.held_by(by, round_).role != Role.OFFICE:
        raise NotNow("只有政务公开办公室可以催办。")
    if round_.phase not in PHASES:
        raise NotNow(f"“{Phase(round_.phase).label}”阶段没有要催办的单位。")
    now = timezone.now()
    today = timezone.localdate(now, windows.SHANGHAI)
    chosen = [row for row in behind(round_, today) if row.unit_id in unit_ids]
    if not chosen:
        raise NotNow("所选单位没有未提交的项，不需要催办。")
    due = [row for row in chosen if row.can_be_reminded]
    Reminder.objects.bulk_create(
        Reminder(round=round_, unit_id=row.unit_id, day=today, left=row.left, by=by, at=now) for row in due
    )
    lines = [(row.unit_id, _words(round_, row)) for row in due]
    url = reverse("worksheet", args=[round_.pk])
    notices.tell_units(round_, lines, kind="催办", url=url, key=f"reminder:{round_.pk}:{today}")
    names = [row.unit for row in due]
    audit.record(organisation=round_.organisation, actor=by, action="催办", target=round_.name, detail={"units": names})
    return Reminded(len(due), tuple(row.unit for row in chosen if row.today))


def _words(round_: Round, row: Behind) -> str:
    back = f"（其中退回 {row.returned} 项）" if row.returned else ""
    return f"政务公开办公室催办：“{round_}”还有 {row.left} 项没有提交{back}，{row.deadline.words}"


def _counted(round_: Round, units: Collection[int]) -> dict[int | None, tuple[int, int, datetime | None]]:
    """Unit → returned, waiting for its own signature, last typed."""
    mine = Entry.objects.filter(sheet__round=round_, unit__in=list(units), shared_home__isnull=True).order_by()
    rows = mine.values("unit").annotate(
        returned=Count("pk", filter=Q(stage=EntryStage.RETURNED)),
        signing=Count("pk", filter=Q(stage=EntryStage.SIGNING)),
        last=Max("self_at"),
    )
    return {row["unit"]: (row["returned"], row["signing"], row["last"]) for row in rows}


def _before(round_: Round) -> dict[int, tuple[datetime, int]]:
    """Unit → when it was last reminded, and how often."""
    rows = Reminder.objects.filter(round=round_).order_by().values_list("unit")
    return {unit: (at, times) for unit, at, times in rows.annotate(Max("at"), Count("pk"))}
