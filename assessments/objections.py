"""What is said for and against a reviewed score (申诉、复核): a unit files, the office answers once.

Filing and answering are lines of `transitions.TABLE`, and each leaves a row in the entry's history. An objection is not
withdrawn; after an answer the unit may file again until its last day, and the whole exchange stays visible to both.
"""

from decimal import Decimal

from django.db import transaction

from assessments import history, notices, rights, transitions
from assessments.models import Entry, EntryStage, Objection, ObjectionState, Phase, ScoreEvent
from assessments.refusals import ChangedMeanwhile, NotNow, ReasonNeeded
from assessments.scoring.amounts import display_points, plain
from assessments.scoring.points import BadScore, parse_score
from assessments.transitions import Action
from units import audit
from units.models import Role, User

__all__ = [
    "BadScore",
    "ChangedMeanwhile",
    "NotNow",
    "ReasonNeeded",
    "answer",
    "file",
    "may_add_evidence",
    "may_file",
    "obstacle",
    "waiting_of",
]


@transaction.atomic
def file(entry: Entry, reason: str, *, version: int, key: str, by: User) -> Objection:
    """The unit's objection to the score that stands there. The same click again is the same objection.

    Raises NotNow (phase, last day, nothing to object to, one is open already), ReasonNeeded and ChangedMeanwhile.
    """
    reason = rights.words(reason)
    done = history.act(Action.OBJECT, by=by, key=key, sent=(reason,), reason=reason)
    entry = history.locked(entry)
    if history.repeated(entry, done):
        return entry.objections.filter(reason=reason).latest("pk")
    rights.check(entry, done)
    history.same_version(entry, version)
    if why := obstacle(entry):
        raise NotNow(why)
    if not reason:
        raise ReasonNeeded("申诉要写明理由。")
    entry = history.write(entry, {}, done)
    made = Objection.objects.create(entry=entry, reason=reason, filed_by=by, score_before=entry.earned)
    notices.objection_filed(made)
    _record(made, entry, "提出申诉", {"score": plain(entry.earned) if entry.earned is not None else None}, by)
    return made


@transaction.atomic
def answer(objection: Objection, upheld: bool, words: str, score_text: str | None, *, by: User) -> Objection:
    """The objection, answered. Upheld: `score_text` counts from now on, and is higher than what did; refused: nothing.

    Raises NotNow (phase, role, answered otherwise before), ReasonNeeded (an answer has words) and BadScore.
    """
    words, typed = rights.words(words), (score_text or "").strip() if upheld else ""
    told = ObjectionState.UPHELD if upheld else ObjectionState.REFUSED
    key = f"objection-{objection.pk}"
    done = history.act(Action.ANSWER, by=by, key=key, sent=(told, words, typed), reason=f"{told.label}：{words}")
    entry = history.locked(objection.entry)
    objection = Objection.objects.select_related("answered_by").get(pk=objection.pk)
    if objection.state != ObjectionState.FILED:
        return _answered_before(objection, entry, done)
    rights.check(entry, done)
    if not words:
        raise ReasonNeeded("答复要写明理由。")
    score = _new_score(entry, typed) if upheld else None
    history.write(entry, {} if score is None else {"objection_score": score, "final_score": score}, done)
    new = {"state": told, "answer": words, "score": score, "answered_by": by, "answered_at": done.at}
    if Objection.objects.waiting().filter(pk=objection.pk).update(**new) != 1:
        raise NotNow("这件申诉刚刚由别人答复，没有保存。")
    scores = {"before": objection.score_before, "after": entry.earned if score is None else score}
    detail = {name: None if value is None else plain(value) for name, value in scores.items()}
    answered = Objection.objects.select_related("entry__indicator").get(pk=objection.pk)
    notices.objection_answered(answered)
    _record(objection, entry, "答复申诉", {"outcome": told.label, **detail}, by)
    return answered


def obstacle(entry: Entry) -> str | None:
    """Why the unit cannot object to the entry's score, as a sentence; None when it can, while the window is open."""
    if waiting_of(entry) is not None:
        return "这一项的申诉还没有答复，答复后才能再提出。"
    if not Entry.objects.disputable().filter(pk=entry.pk).exists():
        return (
            "这一项没有失分，也与自评一致，不需要申诉。" if entry.earned is not None else "这一项没有得分，不能申诉。"
        )
    return None


def waiting_of(entry: Entry) -> Objection | None:
    """The entry's objection that has no answer yet."""
    return entry.objections.filter(state=ObjectionState.FILED).first()


def may_add_evidence(entry: Entry, *, over: bool) -> Objection | None:
    """The open objection under which the unit may add to its evidence; over: its last day has passed."""
    if over or entry.sheet.round.phase != Phase.OBJECTION or entry.stage != EntryStage.ACCEPTED:
        return None
    return waiting_of(entry)


def may_file(entry: Entry, *, over: bool) -> bool:
    """Whether the entry's unit may object now, for the page that offers it; `file` decides again."""
    line = transitions.find(Action.OBJECT, stage=entry.stage, phase=entry.sheet.round.phase, role=Role.FILLER)
    return line is not None and not over and entry.unit_id is not None and obstacle(entry) is None


def _answered_before(objection: Objection, entry: Entry, done: history.Act) -> Objection:
    """The same answer again is the same answer; another one is refused."""
    if ScoreEvent.objects.filter(entry=entry, key=done.key, content=done.content).exists():
        return objection
    raise NotNow(f"这件申诉已由 {objection.answered_by} 答复：{objection.get_state_display()}。")


def _new_score(entry: Entry, typed: str) -> Decimal:
    score = parse_score(typed, entry.maximum, "复核得分")
    if entry.earned is not None and score <= entry.earned:
        raise BadScore(f"同意申诉的，复核得分要高于现得分 {display_points(entry.earned)}；维持原分的，选择不同意")
    return score


def _record(objection: Objection, entry: Entry, action: str, detail: dict[str, object], by: User) -> None:
    audit.record(
        organisation=entry.sheet.round.organisation,
        actor=by,
        action=action,
        target=f"{entry.sheet.round} · {entry.indicator}"[:300],
        detail={"entry": entry.pk, "objection": objection.pk, **detail},
    )
