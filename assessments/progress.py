"""How far a round is: phases with their last days, units with what they have done, what its ledger lacks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import Coalesce

from assessments import rounds, windows
from assessments.deadlines import Deadline, deadline
from assessments.models import Entry, EntryStage, Objection, ObjectionState, Phase, Round
from assessments.worklist import FILLED, MEASURED
from units.models import Job, JobState, Unit

NO_DAY = Deadline(None, "", "none")
ORDER = (Phase.PREPARING, Phase.SELF_ASSESSMENT, Phase.REVIEW, Phase.OBJECTION, Phase.PUBLISHED, Phase.ARCHIVED)


@dataclass(frozen=True, slots=True)
class Step:
    """One phase on the round's bar."""

    label: str
    state: str
    due: str


@dataclass(frozen=True, slots=True)
class Tally:
    """What one unit, or the whole round, has to do and has done."""

    unit_id: int
    unit: str
    total: int
    filled: int
    handed_in: int
    accepted: int
    returned: int
    last: datetime | None = None
    deadline: Deadline = NO_DAY

    @property
    def tone(self) -> str:
        """Green when everything is handed in."""
        return "done" if self.total == self.handed_in else ""


@dataclass(frozen=True, slots=True)
class Progress:
    """The round's own page. moves: phases it can go to now."""

    round: Round
    steps: tuple[Step, ...]
    deadline: Deadline
    units: tuple[Tally, ...]
    whole: Tally
    moves: tuple[tuple[str, str], ...]
    publishable: bool
    objections: int
    unanswered: int


def progress(round_: Round, today: date) -> Progress:
    """The round's page. Four queries."""
    filled = MEASURED if round_.is_tracked else FILLED
    counted = _counts(Entry.objects.filter(sheet__round=round_, shared_home__isnull=True), "unit", filled)
    names = dict(Unit.objects.filter(pk__in=[pk for pk in counted if pk]).order_by("lft").values_list("pk", "name"))
    names[0] = "未定牵头单位"
    days = {} if round_.is_sealed else windows.last_days(round_, [pk for pk in counted if pk])
    units = tuple(
        Tally(pk, name, **counted[pk], deadline=deadline(days.get(pk), today) if days.get(pk) else NO_DAY)
        for pk, name in names.items()
        if pk in counted
    )
    phase = Phase(round_.phase)
    moves = rounds.moves(round_)
    return Progress(
        round=round_,
        steps=tuple(_steps(round_)),
        deadline=deadline(_dues(round_).get(phase), today),
        units=units,
        whole=_whole(units),
        moves=tuple((to.value, _move(round_, to)) for to in moves),
        publishable=phase in rounds.PUBLISHABLE,
        **Objection.objects.filter(entry__sheet__round=round_).aggregate(
            objections=Count("pk"), unanswered=Count("pk", filter=Q(state=ObjectionState.FILED))
        ),
    )


def _move(round_: Round, to: Phase) -> str:
    back = ORDER.index(to) < ORDER.index(Phase(round_.phase))
    return f"退回{round_.phase_words(to)}阶段" if back else "归档" if to == Phase.ARCHIVED else f"转入{to.label}阶段"


def _dues(round_: Round) -> Mapping[Phase, date | None]:
    if round_.is_tracked:
        return {Phase.SELF_ASSESSMENT: round_.review_due}
    return {
        Phase.SELF_ASSESSMENT: round_.self_due,
        Phase.REVIEW: round_.review_due,
        Phase.OBJECTION: round_.objection_due,
    }


def _steps(round_: Round) -> list[Step]:
    here = ORDER.index(Phase(round_.phase))
    dues = _dues(round_)
    steps = []
    for place, phase in enumerate(ORDER):
        if phase == Phase.OBJECTION and round_.is_tracked:
            continue
        due = dues.get(phase)
        state = "done" if place < here else "now" if place == here else ""
        steps.append(Step(round_.phase_words(phase), state, f"{due.month} 月 {due.day} 日止" if due else ""))
    return steps


def _counts(entries: QuerySet[Entry], by: str, filled: Q = FILLED) -> dict[int, dict[str, Any]]:
    """By unit or round; what has none stands under 0. One query."""
    counted = (
        entries.order_by()
        .values(by)
        .annotate(
            total=Count("pk"),
            filled=Count("pk", filter=filled),
            handed_in=Count("pk", filter=Q(stage__in=[EntryStage.SUBMITTED, EntryStage.ACCEPTED])),
            accepted=Count("pk", filter=Q(stage=EntryStage.ACCEPTED)),
            returned=Count("pk", filter=Q(stage=EntryStage.RETURNED)),
            last=Max(Coalesce("matter__result_at", "matter__measures_at", "self_at")),
        )
    )
    found: dict[int, dict[str, Any]] = {}
    for row in counted:
        one: dict[str, Any] = dict(row)
        found[one.pop(by) or 0] = one
    return found


def _whole(units: tuple[Tally, ...]) -> Tally:
    names = ("total", "filled", "handed_in", "accepted", "returned")
    return Tally(0, "合计", *(sum(getattr(one, name) for one in units) for name in names))


def opening(round_: Round) -> Job | None:
    """The job that is opening the round now; None where none waits or runs."""
    job = round_.opening
    return job if job is not None and job.state in (JobState.QUEUED, JobState.RUNNING) else None


def not_opened(round_: Round) -> str:
    """Why the last try to open the round ended without it; empty where none did."""
    job = round_.opening
    failed = job is not None and job.state == JobState.FAILED and round_.phase == Phase.PREPARING
    return job.reason if job is not None and failed else ""


@dataclass(frozen=True, slots=True)
class Listed:
    """One round in the list of rounds."""

    round: Round
    total: int
    handed_in: int
    accepted: int
    deadline: Deadline

    @property
    def waiting(self) -> int:
        """Handed in and not reviewed yet."""
        return self.handed_in - self.accepted


def listed(of: QuerySet[Round], today: date) -> list[Listed]:
    """The rounds with how far they are. Two queries."""
    known = list(of)
    counted = _counts(Entry.objects.filter(sheet__round__in=known, shared_home__isnull=True), "sheet__round")
    return [_listed(round_, counted.get(round_.pk, {}), today) for round_ in known]


def _listed(round_: Round, counts: Mapping[str, int], today: date) -> Listed:
    total, handed_in, accepted = (counts.get(name, 0) for name in ("total", "handed_in", "accepted"))
    return Listed(round_, total, handed_in, accepted, deadline(_dues(round_).get(Phase(round_.phase)), today))


def consequences(now: Progress, to: Phase) -> list[str]:
    """What moving to a phase means, for the page that asks."""
    left = now.whole.total - now.whole.handed_in
    if now.round.is_tracked and to in TRACKED:
        return [TRACKED[to], *([f"还有 {left} 件没有报结果。"] if left else [])]
    if to != Phase.REVIEW or not left:
        return [CONSEQUENCES[to]]
    return [CONSEQUENCES[to], f"还有 {left} 项没有提交，转入后单位不能再提交，由审核员直接评分或退回。"]


TRACKED: Mapping[Phase, str] = {
    Phase.SELF_ASSESSMENT: "各单位可以继续报措施和落实情况，办结的事项保留。",
    Phase.REVIEW: "各单位不能再报，只能修改被退回的事项；由办公室逐件办结。",
}
CONSEQUENCES: Mapping[Phase, str] = {
    Phase.SELF_ASSESSMENT: "各单位可以继续填报没有提交的项；审核暂停，已审的结果保留。",
    Phase.REVIEW: "各单位不能再填报，只能修改被退回的项；审核台开始办理。",
    Phase.OBJECTION: "审核结果不再改动，各单位可以对审核得分提出申诉。",
    Phase.ARCHIVED: "轮次移入归档，结果照常可以查看。",
}
