"""What 我的任务 shows a unit: the rounds in which it has something to do. Nothing is written here."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q

from assessments import windows
from assessments.deadlines import Deadline, deadline
from assessments.models import HANDED_IN, Entry, EntryStage, LateException, Matter, Objection, Phase, Round
from assessments.models.entries import DISPUTABLE
from assessments.models.tracking import OWES_MEASURES, PAST_MEASURES, overdue_on
from assessments.visible import supported_by
from units.models import Unit

OPEN_STAGES = (EntryStage.FILLING, EntryStage.RETURNED)
FILLED = Q(self_score__isnull=False) | Q(claims_not_applicable=True)
# 督办制: the measures are there
MEASURED = Q(matter__measures_at__isnull=False, matter__state__in=PAST_MEASURES)


@dataclass(frozen=True, slots=True)
class Task:
    """One round in which a unit has items; `handed_in` have left its hands, `signing` wait for its head.

    disputable: items whose score it may object to, those among them whose objection is `waiting` for its answer.
    measured, overdue: of a tracked round, matters with measures, and those of which something is overdue.
    """

    round: Round
    total: int
    filled: int
    returned: int
    handed_in: int
    signing: int
    disputable: int
    waiting: int
    deadline: Deadline
    measured: int = 0
    overdue: int = 0

    @property
    def objecting(self) -> bool:
        """Whether the unit can object to scores now."""
        return self.round.phase == Phase.OBJECTION and self.disputable > 0 and self.deadline.urgency != "overdue"

    @property
    def open(self) -> bool:
        """Whether something is left that the unit can do in the round's present phase."""
        if self.round.phase == Phase.SELF_ASSESSMENT:
            return self.handed_in < self.total
        return self.round.phase == Phase.REVIEW and self.returned + self.signing > 0

    @property
    def missed(self) -> int:
        """Items that were never handed in and cannot be any more."""
        return 0 if self.open else self.total - self.handed_in


@dataclass(frozen=True, slots=True)
class TaskGroup:
    """逾期 · 三天内截止 · 本轮 · 可以申诉 · 配合其他单位 · 已提交、已公布."""

    title: str
    tone: str
    tasks: tuple[Task, ...]


def tasks(unit: Unit, today: date) -> list[TaskGroup]:
    """The unit's rounds by urgency, empty groups left out. Six queries."""
    counted = (
        Entry.objects.filter(unit=unit, shared_home__isnull=True)
        .in_opened_rounds()
        .order_by()
        .values("sheet__round")
        .annotate(
            total=Count("pk"),
            filled=Count("pk", filter=FILLED),
            returned=Count("pk", filter=Q(stage=EntryStage.RETURNED)),
            handed_in=Count("pk", filter=Q(stage__in=HANDED_IN)),
            signing=Count("pk", filter=Q(stage=EntryStage.SIGNING)),
            disputable=Count("pk", filter=DISPUTABLE),
            measured=Count("pk", filter=MEASURED),
            overdue=Count("pk", filter=overdue_on(today, "matter__")),
        )
    )
    counts: dict[int, dict[str, Any]] = {}
    for row in counted:
        found: dict[str, Any] = dict(row)
        counts[found.pop("sheet__round")] = found
    late = {
        (round_id, phase): until
        for round_id, phase, until in LateException.objects.filter(unit=unit).values_list("round_id", "phase", "until")
    }
    rounds = Round.objects.filter(pk__in=counts).select_related("ledger").order_by("self_due", "-id")
    next_ = _next_days(unit)
    limits = {one.pk: deadline(_due(one, late.get((one.pk, one.phase)), next_.get(one.pk)), today) for one in rounds}
    filed = Counter(Objection.objects.waiting().filter(entry__unit=unit).values_list("entry__sheet__round", flat=True))
    known = [Task(round=one, deadline=limits[one.pk], waiting=filed[one.pk], **counts[one.pk]) for one in rounds]
    beside = [
        Task(one, 0, 0, 0, 0, 0, 0, 0, deadline(None, today)) for one in supported_by(unit).exclude(pk__in=counts)
    ]
    groups = [
        TaskGroup("逾期", "wrong", tuple(t for t in known if t.open and t.deadline.urgency == "overdue")),
        TaskGroup("三天内截止", "attention", tuple(t for t in known if t.open and t.deadline.urgency == "soon")),
        TaskGroup("本轮", "now", tuple(t for t in known if t.open and t.deadline.urgency in {"later", "none"})),
        TaskGroup("可以申诉", "now", tuple(t for t in known if t.objecting)),
        TaskGroup("配合其他单位", "quiet", tuple(beside)),
        TaskGroup("已提交、已公布", "done", tuple(t for t in known if not t.open and not t.objecting)),
    ]
    return [group for group in groups if group.tasks]


def _next_days(unit: Unit) -> dict[int, date]:
    """Tracked round → the earliest day of what the unit owes in it. One query."""
    found: dict[int, date] = {}
    owed = Matter.objects.owed().filter(entry__unit=unit)
    for round_id, state, measures, result in owed.values_list(
        "entry__sheet__round", "state", "measures_due", "result_due"
    ):
        due = measures if state in OWES_MEASURES else result
        if due is not None:
            found[round_id] = min(due, found.get(round_id, due))
    return found


def _due(round_: Round, until: date | None, next_: date | None) -> date | None:
    """As `windows.last_day`, over exceptions already fetched; of a tracked round the day of what is owed next."""
    if round_.is_tracked:
        return next_
    known = windows.due_in(round_)
    return max(known, until) if known and until else known
