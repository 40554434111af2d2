"""What units and the office do with tracked matters (督办事项); each verb is one transaction under the sheet's lock.

Every verb takes the version its form was made from and the key of its click, as those of `entries`; `transitions.TABLE`
says who may do what when. A day that has passed locks nothing: what is overdue is still wanted, and marked.
"""

from collections.abc import Mapping
from datetime import date

from django.db import transaction

from assessments import history, notices, rights, transitions
from assessments.history import Act
from assessments.models import Entry, Matter, MatterState
from assessments.models.tracking import STAGES
from assessments.refusals import ChangedMeanwhile, NotNow, ReasonNeeded
from assessments.transitions import MatterAction
from units.models import User

__all__ = ["close", "plan", "postpone", "report", "send_back"]

LONGEST = 5000
_NEEDED = {
    MatterAction.PLAN: "措施没有填写。",
    MatterAction.REPORT: "落实情况没有填写。",
    MatterAction.CLOSE: "单位还没有报结果，直接办结要写明原因。",
    MatterAction.SEND_BACK: "退回要写明原因。",
    MatterAction.POSTPONE: "延期要写明原因。",
}


@transaction.atomic
def plan(entry: Entry, measures: str, *, version: int, key: str, by: User) -> Matter:
    """The matter with its unit's measures. Raises NotNow, ReasonNeeded (no words) and ChangedMeanwhile."""
    words = long_words(measures)
    done = history.act(MatterAction.PLAN, by=by, key=key, sent=(words,), reason="")
    return _unit_said(entry, done, version, {"measures": words, "measures_by": by, "measures_at": done.at}, words)


@transaction.atomic
def report(entry: Entry, result: str, *, version: int, key: str, by: User) -> Matter:
    """The matter with its unit's report of the result, now the office's to decide. Raises as `plan`."""
    words = long_words(result)
    done = history.act(MatterAction.REPORT, by=by, key=key, sent=(words,), reason="")
    return _unit_said(entry, done, version, {"result": words, "result_by": by, "result_at": done.at}, words)


@transaction.atomic
def close(entry: Entry, remark: str, *, version: int, key: str, by: User) -> Matter:
    """The matter closed (办结): its entry has earned its one. Before a report the office says why it closes it."""
    return _decide(entry, MatterAction.CLOSE, remark, version=version, key=key, by=by)


@transaction.atomic
def send_back(entry: Entry, remark: str, *, version: int, key: str, by: User) -> Matter:
    """The measures or the report returned with the reason; what was closed is open again. Raises as `plan`."""
    return _decide(entry, MatterAction.SEND_BACK, remark, version=version, key=key, by=by)


@transaction.atomic
def postpone(
    entry: Entry, measures_due: date | None, result_due: date | None, reason: str, *, version: int, key: str, by: User
) -> Matter:
    """The matter with other last days (延期); the old ones stay in its history. Raises as `plan`."""
    said = rights.words(reason)
    done = history.act(MatterAction.POSTPONE, by=by, key=key, sent=(measures_due, result_due, said), reason=said)
    entry = history.locked(entry)
    if history.repeated(entry, done):
        return Matter.objects.get(entry=entry)
    matter = _allowed(entry, done, version, said)
    if measures_due and result_due and result_due < measures_due:
        raise NotNow("结果期限不能早于措施期限。")
    new = {"measures_due": measures_due, "result_due": result_due}
    if all(getattr(matter, name) == value for name, value in new.items()):
        return matter
    return _write(entry, matter, new, done)


def long_words(text: str) -> str:
    """A report's words; raises ReasonNeeded where it is a whole document."""
    said = text.replace("\x00", "").strip()
    if len(said) > LONGEST:
        raise ReasonNeeded(f"最多 {LONGEST} 字，详细材料可作为佐证上传。")
    return said


def _unit_said(entry: Entry, done: Act, version: int, new: Mapping[str, object], words: str) -> Matter:
    entry = history.locked(entry)
    if history.repeated(entry, done):
        return Matter.objects.get(entry=entry)
    matter = _allowed(entry, done, version, words)
    return _write(entry, matter, new, done)


def _decide(entry: Entry, action: MatterAction, remark: str, *, version: int, key: str, by: User) -> Matter:
    said = rights.words(remark)
    done = history.act(action, by=by, key=key, sent=(said,), reason=said)
    entry = history.locked(entry)
    if history.repeated(entry, done):
        return Matter.objects.get(entry=entry)
    matter = _allowed(entry, done, version, said)
    if action == MatterAction.SEND_BACK and entry.unit_id is None:
        raise NotNow("这一项没有牵头单位，不能退回。")
    made = _write(entry, matter, {"remark": said, "decided_by": by, "decided_at": done.at}, done)
    if action == MatterAction.SEND_BACK:
        notices.entry_returned(entry, said)
    return made


def _allowed(entry: Entry, done: Act, version: int, words: str) -> Matter:
    """The matter as it is under the lock. Raises NotNow, ChangedMeanwhile and ReasonNeeded as the table says."""
    round_ = entry.sheet.round
    matter = Matter.objects.filter(entry=entry).first()
    if matter is None:
        raise NotNow("这一项不在督办之列。")
    role = rights.role_towards(done.by, round_, entry.unit_id)
    place = {"stage": matter.state, "phase": round_.phase, "role": role}
    line = transitions.find(done.action, **place)
    if line is None:
        raise NotNow(transitions.why_not(done.action, **place))
    history.same_version(entry, version)
    if line.reason == transitions.ReasonRule.ALWAYS and not words:
        raise ReasonNeeded(_NEEDED[MatterAction(done.action)])
    return matter


def _write(entry: Entry, matter: Matter, new: Mapping[str, object], done: Act) -> Matter:
    """The matter and its entry in their next state, with one history row for both."""
    role = rights.role_towards(done.by, entry.sheet.round, entry.unit_id)
    line = transitions.find(done.action, stage=matter.state, phase=entry.sheet.round.phase, role=role)
    state = MatterState(line.to) if line is not None and line.to else MatterState(matter.state)
    values = {**new, "state": state}
    told = [name for name in values if not name.endswith(("_by", "_at")) and getattr(matter, name) != values[name]]
    beside = {f"matter_{name}": [_said(getattr(matter, name)), _said(values[name])] for name in told}
    if Matter.objects.filter(pk=matter.pk, state=matter.state).update(**values) != 1:
        raise ChangedMeanwhile(entry)
    history.write(entry, _of_entry(entry, state, done), done, beside)
    return Matter.objects.get(pk=matter.pk)


def _of_entry(entry: Entry, state: MatterState, done: Act) -> dict[str, object]:
    """What the entry beside it becomes: its stage, and its one point earned once it is closed."""
    stage = STAGES[state]
    if state == MatterState.CLOSED:
        whole = entry.maximum
        own = {"reviewed_score": whole, "final_score": whole, "reviewed_by": done.by, "reviewed_at": done.at}
        return {"stage": stage, **own}
    if entry.final_score is not None:
        return {"stage": stage, "reviewed_score": None, "final_score": None}
    if state == MatterState.REPORTED:
        return {"stage": stage, "submitted_at": done.at}
    return {"stage": stage}


def _said(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
