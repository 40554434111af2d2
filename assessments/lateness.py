"""延期: the office gives one unit a later last day for one phase, and may shorten or withdraw it until it was used.

`windows.last_day` heeds it; the round's own last day stays what it is for everybody else.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from assessments import rights, windows
from assessments.models import Entry, LateException, Phase, Round, ScoreEvent
from assessments.refusals import NotNow, ReasonNeeded
from assessments.transitions import Action
from units import audit
from units.models import Unit, User

# phases in which a unit has something to do until a last day
WINDOWS = (Phase.SELF_ASSESSMENT, Phase.REVIEW, Phase.OBJECTION)
LONGEST_REASON = 300
UNIT_ACTS = (Action.SAVE, Action.SUBMIT, Action.OBJECT)


@transaction.atomic
def grant(round_: Round, unit: Unit, phase: str, until: date, reason: str, *, by: User) -> LateException:
    """The unit's later last day; asked again with the same day and reason, the same one.

    Raises NotNow (the phase is over or has no last day, the unit has nothing in the round, it has one already, the day
    is not later) and ReasonNeeded.
    """
    round_ = _open(round_, phase)
    reason = _reason(reason)
    before = LateException.objects.filter(round=round_, unit=unit, phase=phase).first()
    if before is not None:
        if (before.until, before.reason) == (until, reason):
            return before
        raise NotNow(f"{unit}在这个阶段已经延期到 {_said(before.until)}，在原来的延期上修改。")
    if not Entry.objects.filter(sheet__round=round_, unit=unit).exists():
        raise NotNow(f"{unit}在本轮次没有填报项，不需要延期。")
    _later(round_, phase, until)
    made = LateException.objects.create(round=round_, unit=unit, phase=phase, until=until, reason=reason, granted_by=by)
    _record("批准延期", made, by)
    return made


@transaction.atomic
def change(exception: LateException, until: date, reason: str, *, by: User) -> LateException:
    """The exception with another last day or reason. What was used is not shortened to a day that has passed."""
    round_ = _open(exception.round, exception.phase)
    held = LateException.objects.select_related("unit").get(pk=exception.pk)
    reason, was = _reason(reason), held.until
    if (held.until, held.reason) == (until, reason):
        return held
    _later(round_, held.phase, until)
    held.until, held.reason, held.granted_by = until, reason, by
    held.save(update_fields=["until", "reason", "granted_by"])
    _record("修改延期", held, by, was=was)
    return held


@transaction.atomic
def withdraw(exception: LateException, *, by: User) -> None:
    """Takes it back: the round's last day counts for the unit again. Raises NotNow once the unit has used it."""
    round_ = _open(exception.round, exception.phase)
    held = LateException.objects.select_related("unit").filter(pk=exception.pk).first()
    if held is None:
        return
    if used(held):
        raise NotNow(f"{held.unit}已在延期内填报，不能撤销；可以把期限改早，最早到今天。")
    held.round = round_
    _record("撤销延期", held, by)
    held.delete()


def used(exception: LateException) -> bool:
    """Whether the unit has written anything after the round's own last day had ended, in that phase. One query."""
    due = windows.due_of(exception.round, exception.phase)
    if due is None:
        return False
    ended = datetime.combine(due + timedelta(days=1), time.min, windows.SHANGHAI)
    mine = ScoreEvent.objects.filter(entry__sheet__round=exception.round_id, entry__unit=exception.unit_id)
    return mine.filter(action__in=UNIT_ACTS, at__gte=max(ended, exception.granted_at)).exists()


@dataclass(frozen=True, slots=True)
class Listed:
    """One exception on the round's page. over: its phase is done, and nothing is changed any more."""

    id: int
    unit: str
    phase: str
    until: date
    reason: str
    granted_by: str
    granted_at: datetime
    over: bool


def listed(round_: Round) -> list[Listed]:
    """The round's exceptions, the phase to come first. One query."""
    rows = LateException.objects.filter(round=round_).select_related("unit", "granted_by").order_by("unit__lft", "pk")
    found = [_listed(one, round_) for one in rows]
    return sorted(found, key=lambda one: one.over)


def phases_open(round_: Round) -> list[Phase]:
    """The phases for which an exception can be granted now."""
    return [phase for phase in WINDOWS if not _over(round_, phase) and windows.due_of(round_, phase)]


def _listed(one: LateException, round_: Round) -> Listed:
    label = Phase(one.phase).label
    over = _over(round_, one.phase)
    return Listed(one.pk, str(one.unit), str(label), one.until, one.reason, str(one.granted_by), one.granted_at, over)


def _over(round_: Round, phase: str) -> bool:
    """Whether nothing can be granted for the phase any more, or not yet."""
    if round_.phase not in WINDOWS or phase not in WINDOWS:
        return True
    return WINDOWS.index(Phase(phase)) < WINDOWS.index(Phase(round_.phase))


def _open(round_: Round, phase: str) -> Round:
    """The round, locked against publishing and another's grant, while the phase is still to come or under way."""
    fresh = Round.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=round_.pk)
    if phase not in WINDOWS:
        raise NotNow("这个阶段没有单位要办理的事项，不能延期。")
    if fresh.is_sealed or fresh.phase == Phase.PREPARING:
        raise NotNow(f"本轮次{fresh.get_phase_display()}，不能办理延期。")
    if _over(fresh, phase):
        raise NotNow(f"{Phase(phase).label}阶段已经结束；确需延期的，先把轮次退回{Phase(phase).label}阶段。")
    return fresh


def _later(round_: Round, phase: str, until: date) -> None:
    due = windows.due_of(round_, phase)
    if due is None:
        raise NotNow(f"{Phase(phase).label}阶段没有设截止日，不需要延期。")
    if until <= due:
        raise NotNow(f"延期要晚于{Phase(phase).label}截止日 {_said(due)}。")
    if until < timezone.localdate():
        raise NotNow("延期最早到今天。")


def _reason(text: str) -> str:
    said = rights.words(text)
    if not said:
        raise ReasonNeeded("延期要写明原因。")
    if len(said) > LONGEST_REASON:
        raise ReasonNeeded(f"延期原因最多 {LONGEST_REASON} 字。")
    return said


def _said(day: date) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日"


def _record(action: str, one: LateException, by: User, was: date | None = None) -> None:
    detail = {"phase": one.phase, "until": one.until.isoformat(), "reason": one.reason}
    audit.record(
        organisation=one.round.organisation,
        actor=by,
        action=action,
        target=f"{one.round} · {one.unit}"[:300],
        detail=detail | ({"was": was.isoformat()} if was else {}),
    )
