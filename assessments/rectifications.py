"""Putting a lost point right (整改): the office orders it, the unit answers, the office closes it (销号) or not.

Every verb is a line of `transitions.TABLE` and a row of the entry's history, also after publishing: the sealed score
stays, and points a recheck gives back are an amendment beside it. A day that has passed locks nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from assessments import amending, history, notices, rights, transitions
from assessments.history import Act
from assessments.models import AmendmentCode, Entry, Rectification, RectificationState, Round
from assessments.refusals import NotNow, ReasonNeeded
from assessments.scoring.amounts import plain
from assessments.scoring.points import BadScore, parse_score
from assessments.scoring.policy import Policy
from assessments.transitions import ReasonRule, RemedyAction
from units import audit
from units.models import Role, User

__all__ = ["BadScore", "NotNow", "Order", "ReasonNeeded", "answer", "close", "extend", "order", "reopen"]

_web_address = URLValidator(schemes=["http", "https"])
_NEEDED = {
    RemedyAction.ORDER: "要求整改要写明问题。",
    RemedyAction.ANSWER: "整改情况没有填写。",
    RemedyAction.CLOSE: "单位还没有报整改情况，直接销号要写明原因。",
    RemedyAction.REOPEN: "退回重新整改要写明原因。",
    RemedyAction.EXTEND: "改期限要写明原因。",
}


@dataclass(frozen=True, slots=True)
class Order:
    """One lost point that is to be put right: what is wrong, and what should be done about it."""

    entry: Entry
    problem: str
    measure: str = ""


@transaction.atomic
def order(orders: Iterable[Order], due: date, *, by: User, key: str) -> list[Rectification]:
    """The orders, all of them or none; the same click again is the same orders.

    Raises NotNow (phase, role, no lost point, one is open already, a day that has passed) and ReasonNeeded.
    """
    wanted = list(orders)
    if not wanted:
        raise NotNow("没有选择要整改的项。")
    if due < timezone.localdate():
        raise NotNow("整改期限最早到今天。")
    made = [_order(one, due, by, key) for one in sorted(wanted, key=lambda one: (one.entry.sheet_id, one.entry.pk))]
    for one in made:
        notices.rectification_ordered(one, url=reverse("rectification", args=[one.pk]))
    return made


@transaction.atomic
def answer(one: Rectification, measure: str, said: str, url: str, *, version: int, key: str, by: User) -> Rectification:
    """The order with its unit's measure, what was done, and where it can be seen; now the office's to recheck."""
    measure, said, address = rights.words(measure), rights.words(said), url.strip()
    done = history.act(RemedyAction.ANSWER, by=by, key=key, sent=(measure, said, address), reason="")
    held, entry = _locked(one)
    if history.repeated(entry, done):
        return held
    _allowed(held, entry, done, said, version)
    if address:
        _check_address(address)
    new = {"measure": measure, "answer": said, "url": address, "answered_by": by, "answered_at": done.at}
    return _write(held, entry, new, done)


@transaction.atomic
def close(one: Rectification, remark: str, score_text: str = "", *, version: int, key: str, by: User) -> Rectification:
    """The order closed (销号). With `score_text` the recheck gives points back, where the round's policy does.

    Unpublished, that score is a stage of its own and counts; published, it is an amendment with the code 整改.
    """
    said, typed = rights.words(remark), score_text.strip()
    done = history.act(RemedyAction.CLOSE, by=by, key=key, sent=(said, typed), reason=said)
    held, entry = _locked(one)
    if history.repeated(entry, done):
        return held
    _allowed(held, entry, done, said, version)
    score = _restored(entry, typed, by) if typed else None
    new = {"remark": said, "rechecked_by": by, "rechecked_at": done.at, "closed_by": by, "closed_at": done.at}
    return _write(held, entry, {**new, "restored": score}, done)


@transaction.atomic
def reopen(one: Rectification, remark: str, *, version: int, key: str, by: User) -> Rectification:
    """The answer not enough: the unit has to go on, and reads why."""
    said = rights.words(remark)
    done = history.act(RemedyAction.REOPEN, by=by, key=key, sent=(said,), reason=said)
    held, entry = _locked(one)
    if history.repeated(entry, done):
        return held
    _allowed(held, entry, done, said, version)
    made = _write(held, entry, {"remark": said, "rechecked_by": by, "rechecked_at": done.at}, done)
    notices.rectification_ordered(made, url=reverse("rectification", args=[made.pk]))
    return made


@transaction.atomic
def extend(one: Rectification, due: date, reason: str, *, version: int, key: str, by: User) -> Rectification:
    """The order with another last day; the old one stays in its history."""
    said = rights.words(reason)
    done = history.act(RemedyAction.EXTEND, by=by, key=key, sent=(due, said), reason=said)
    held, entry = _locked(one)
    if history.repeated(entry, done):
        return held
    _allowed(held, entry, done, said, version)
    if due < timezone.localdate():
        raise NotNow("整改期限最早到今天。")
    return _write(held, entry, {"due": due}, done)


def obstacle(entry: Entry) -> str | None:
    """Why nothing can be ordered for the entry, as a sentence; None when it can. Phase and role are not looked at."""
    if entry.sheet.round.is_tracked:
        return "督办制的轮次没有失分，不能要求整改。"
    if entry.unit_id is None:
        return "这一项没有牵头单位，不能要求整改。"
    if entry.shared_home_id is not None:
        return "这一项与其他项合并计分，在合并的第一项上要求整改。"
    now = _counts_now(entry)
    if now is None or now >= entry.maximum:
        return "这一项没有失分，不需要整改。"
    if entry.rectifications.exclude(state=RectificationState.CLOSED).exists():
        return "这一项已经在整改。"
    return None


def may_order(entry: Entry, role: str) -> bool:
    """Whether a person of this role may order it now, for the page that offers it; `order` decides again."""
    place = {"stage": entry.stage, "phase": entry.sheet.round.phase, "role": role}
    return transitions.find(RemedyAction.ORDER, **place) is not None and obstacle(entry) is None


def open_order(entry: Entry) -> Rectification | None:
    """The entry's order its unit has to answer: while there is one, the unit may add evidence. One query."""
    return entry.rectifications.owed().first()


def _counts_now(entry: Entry) -> Decimal | None:
    """The score that counts: a correction (更正) of a published one, else the entry's own."""
    amended = amending.last_of(entry)
    return entry.earned if amended is None else amended.score


def restores(round_: Round) -> bool:
    """Whether the round's policy lets a recheck give points back."""
    return Policy.from_json(round_.policy).rectification == "restore"


def _order(wanted: Order, due: date, by: User, key: str) -> Rectification:
    problem, measure = rights.words(wanted.problem), rights.words(wanted.measure)
    sent = (problem, measure, due)
    done = history.act(RemedyAction.ORDER, by=by, key=key, sent=sent, reason=problem)
    entry = history.locked(wanted.entry)
    if history.repeated(entry, done):
        return entry.rectifications.filter(ordered_by=by, problem=problem).latest("pk")
    _in_table(entry, entry.stage, done)
    if why := obstacle(entry):
        raise NotNow(f"“{entry.indicator}”：{why}")
    if not problem:
        raise ReasonNeeded(f"“{entry.indicator}”：{_NEEDED[RemedyAction.ORDER]}")
    made = Rectification.objects.create(entry=entry, problem=problem, measure=measure, due=due, ordered_by=by)
    changes = {
        "remedy_state": [None, made.state],
        "remedy_problem": ["", problem],
        "remedy_due": [None, due.isoformat()],
    }
    history.append(entry, changes, done)
    _record(made, entry, done, {})
    return made


def _locked(one: Rectification) -> tuple[Rectification, Entry]:
    entry = history.locked(one.entry)
    return Rectification.objects.get(pk=one.pk), entry


def _in_table(entry: Entry, stage: str, done: Act) -> ReasonRule:
    role = rights.role_towards(done.by, entry.sheet.round, entry.unit_id)
    place = {"stage": stage, "phase": entry.sheet.round.phase, "role": role}
    line = transitions.find(done.action, **place)
    if line is None:
        raise NotNow(transitions.why_not(done.action, **place))
    return line.reason


def _allowed(held: Rectification, entry: Entry, done: Act, words: str, version: int) -> None:
    """Raises NotNow and ReasonNeeded as the table says, and NotNow where somebody else was faster."""
    rule = _in_table(entry, held.state, done)
    if held.version != version:
        raise NotNow("这件整改刚刚被别人办理过，没有保存。核对后再办理。")
    if rule == ReasonRule.ALWAYS and not words:
        raise ReasonNeeded(_NEEDED[RemedyAction(done.action)])


def _write(held: Rectification, entry: Entry, new: Mapping[str, object], done: Act) -> Rectification:
    """The order in its next state, with a history row of its entry; a restored score counts from now on."""
    role = rights.role_towards(done.by, entry.sheet.round, entry.unit_id)
    line = transitions.find(done.action, stage=held.state, phase=entry.sheet.round.phase, role=role)
    values = {**new, "state": line.to if line is not None and line.to else held.state}
    told = [name for name in values if not name.endswith(("_by", "_at")) and getattr(held, name) != values[name]]
    told = [name for name in told if name != "remark"]
    beside = {f"remedy_{name}": [_said(getattr(held, name)), _said(values[name])] for name in told}
    moved = Rectification.objects.filter(pk=held.pk, state=held.state, version=held.version)
    if moved.update(**values, version=held.version + 1) != 1:
        raise NotNow("这件整改刚刚被别人办理过，没有保存。核对后再办理。")
    score = values.get("restored")
    if isinstance(score, Decimal) and not entry.sheet.round.is_sealed:
        history.write(entry, {"rectified_score": score, "final_score": score}, done, beside)
    else:
        history.append(entry, beside, done)
    if isinstance(score, Decimal) and entry.sheet.round.is_sealed:
        _amend(held, entry, score, done)
    _record(held, entry, done, beside)
    return Rectification.objects.select_related("entry__indicator").get(pk=held.pk)


def _amend(held: Rectification, entry: Entry, score: Decimal, done: Act) -> None:
    if done.by is None:
        raise NotNow("您的账号不能办理这项工作。")
    reason = f"整改复查通过：{done.reason or held.problem}"[: rights.LONGEST_REASON]
    code, key = AmendmentCode.RECTIFICATION, f"remedy-{held.pk}"
    amending.amend(entry=entry, score=score, code=code, reason=reason, by=done.by, key=key)


def _restored(entry: Entry, typed: str, by: User) -> Decimal:
    """The score a recheck gives. Raises NotNow where the policy gives none, or not by this person; BadScore."""
    round_ = entry.sheet.round
    if not restores(round_):
        raise NotNow("本轮次的计分办法是整改后不恢复得分。")
    if rights.held_by(by, round_).role != Role.OFFICE:
        raise NotNow("恢复得分由政务公开办公室办理。")
    score = parse_score(typed, entry.maximum, "整改后得分")
    now = _counts_now(entry)
    if now is not None and score <= now:
        raise BadScore(f"整改后得分要高于现得分 {plain(now)}；不恢复得分的，不用填写")
    return score


def _check_address(address: str) -> None:
    try:
        _web_address(address)
    except ValidationError as failure:
        raise NotNow("网址要以 http:// 或 https:// 开头，写完整的地址。") from failure
    if not address.isprintable() or len(address) > 1000:
        raise NotNow("网址里有不可见的字符，或超过 1000 个字符，重新复制后再填。")


def _said(value: object) -> object:
    if isinstance(value, Decimal):
        return plain(value)
    return value.isoformat() if isinstance(value, date) else value


def _record(one: Rectification, entry: Entry, done: Act, changes: Mapping[str, object]) -> None:
    audit.record(
        organisation=entry.sheet.round.organisation,
        actor=done.by,
        action=transitions.LABELS[done.action],
        target=f"{entry.sheet.round} · {entry.indicator}"[:300],
        detail={"entry": entry.pk, "rectification": one.pk, "reason": done.reason, **changes},
    )
