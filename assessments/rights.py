"""Whether a person may do something to an entry as things stand: table, unit, last day. Nothing is written."""

from assessments import transitions, windows
from assessments.history import Act
from assessments.models import Entry, EntryStage, EntryState, Phase, Round
from assessments.refusals import NotNow, ReasonNeeded
from assessments.transitions import Action
from units.models import UNIT_ROLES, Membership, User

LONGEST_REASON = 2000
TRACKED = "督办制的轮次报措施和落实情况，不评分。"


def check(entry: Entry, done: Act) -> None:
    """Raises NotNow unless table, unit, last day and shared score allow the act; `entry` from `history.locked`."""
    round_ = entry.sheet.round
    role = role_towards(done.by, round_, entry.unit_id)
    if round_.is_tracked:
        raise NotNow(TRACKED)
    place = {"stage": entry.stage, "phase": round_.phase, "role": role}
    if transitions.find(done.action, **place) is None:
        raise NotNow(transitions.why_not(done.action, **place))
    if entry.state == EntryState.EXEMPT and done.action != Action.AMEND:
        raise NotNow("台账的新版已移出这一项，不再填报和审核。")
    if entry.shared_home_id is not None:
        raise NotNow("这一项与其他项合并计分，得分填在合并的第一项上。")
    if role in UNIT_ROLES and entry.unit_id is not None:
        in_time(round_, entry.unit_id)


def held_by(person: User | None, round_: Round) -> Membership:
    """What the person is in the round's organisation. Raises NotNow for another's people."""
    held = Membership.objects.filter(user=person, organisation_id=round_.organisation_id).first()
    if held is None:
        raise NotNow("您的账号不能办理这项工作。")
    return held


def role_towards(person: User | None, round_: Round, unit_id: int | None) -> str:
    """The person's role towards what this unit fills in. Raises NotNow for another unit's people."""
    held = held_by(person, round_)
    if held.role in UNIT_ROLES and held.unit_id != unit_id:
        raise NotNow("这不是本单位的填报项。")
    return held.role


def phase_open(action: str, round_: Round, role: str) -> None:
    """Raises NotNow when the role may not do this to any entry in the round's phase."""
    if round_.is_tracked:
        raise NotNow(TRACKED)
    stages = [stage for stage in EntryStage if transitions.find(action, stage=stage, phase=round_.phase, role=role)]
    if not stages:
        raise NotNow(transitions.why_not(action, stage=EntryStage.FILLING, phase=round_.phase, role=role))


def in_time(round_: Round, unit_id: int) -> None:
    """Raises NotNow after the unit's last day in the round's phase."""
    day = windows.last_day(round_, unit_id)
    if day is not None and windows.is_over(day):
        raise NotNow(windows.closed(day, "申诉" if round_.phase == Phase.OBJECTION else "填报"))


def words(text: str) -> str:
    """A reason without what no database stores; raises ReasonNeeded where it is a whole document."""
    said = text.replace("\x00", "").strip()
    if len(said) > LONGEST_REASON:
        raise ReasonNeeded(f"原因最多 {LONGEST_REASON} 字，详细材料可作为佐证上传。")
    return said
