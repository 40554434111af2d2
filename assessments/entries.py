"""What a unit and the office do to entries (填报、提交、审核); each verb is one transaction under the sheet's lock.

Every verb takes the version its form was made from and the key of its click: the same click again is answered as the
first time and stored once. `transitions.TABLE` says who may do what when.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from assessments import history, notices, rights, ruled, transitions
from assessments.history import Act
from assessments.models import Entry, EntryStage, Round, ScoreEvent, ScoreSheet
from assessments.refusals import ChangedMeanwhile, KeyReused, NotNow, ReasonNeeded
from assessments.ruled import Taken
from assessments.scoring.amounts import display_points, plain
from assessments.scoring.points import BadScore, parse_score
from assessments.transitions import Action
from units.models import Unit, User

__all__ = [
    "BadScore",
    "Blocked",
    "ChangedMeanwhile",
    "KeyReused",
    "NotNow",
    "ReasonNeeded",
    "SelfAssessment",
    "Submission",
    "accept",
    "accept_undisputed",
    "adjust",
    "give_back",
    "move_on",
    "obstacle",
    "save",
    "submit",
    "typed_score",
]

# SQLite takes only so many values in one statement
BATCH = 5000


@dataclass(frozen=True, slots=True)
class SelfAssessment:
    """What a unit typed for one item; a blank `score_text` takes the score back.

    answers: what was entered for the item's rules, by field; answered whole, they give the score, unless another one
    was typed in its place. None: not asked.
    """

    score_text: str
    reason: str = ""
    not_applicable: bool = False
    answers: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Blocked:
    """An entry that was not submitted, and what its unit has to do first."""

    entry_id: int
    message: str


@dataclass(frozen=True, slots=True)
class Submission:
    """How many entries were handed in, and which were not."""

    count: int
    blocked: tuple[Blocked, ...]


def obstacle(entry: Entry) -> str | None:
    """What keeps an entry from being submitted, as a sentence; None when it is complete.

    A score below full points, or other than the answer to the item's rules gives, can be saved without a reason, but
    not handed in.
    """
    if entry.claims_not_applicable:
        return None if entry.self_reason else "申请不涉及要写明原因。"
    if entry.self_score is None:
        return "还没有填自评得分。"
    if entry.rule_score is not None and entry.is_off_rules and not entry.self_reason:
        return f"自评得分与按细则算出的 {display_points(entry.rule_score)} 分不同，要写明原因。"
    if entry.self_score < entry.maximum and not entry.self_reason:
        return f"自评得分低于满分 {display_points(entry.maximum)} 分，要写明扣分原因。"
    return None


@transaction.atomic
def save(entry: Entry, values: SelfAssessment, *, version: int, key: str, by: User, source: str = "form") -> Entry:
    """The entry with what its unit typed. Typing what already stands there changes nothing and adds no history.

    Raises BadScore, ReasonNeeded (不涉及 without a reason), NotNow and ChangedMeanwhile; then nothing is stored.
    """
    reason = rights.words(values.reason)
    sent = (values.score_text.strip(), reason, values.not_applicable, *sorted((values.answers or {}).items()))
    done = history.act(Action.SAVE, by=by, key=key, sent=sent, reason=reason, source=source)
    entry = history.locked(entry)
    if history.repeated(entry, done):
        return entry
    rights.check(entry, done)
    history.same_version(entry, version)
    typed = _typed(entry, values, reason)
    if all(getattr(entry, name) == value for name, value in typed.items()):
        return entry
    return history.write(entry, {**typed, "self_by": by, "self_at": done.at}, done)


@transaction.atomic
def submit(round_: Round, unit: Unit, *, by: User, key: str) -> Submission:
    """Hands in all of the unit's waiting entries that are complete; the others are named and stay. Constant queries.

    Where the round asks for the signature of the unit's head, they wait for `signing.sign`.
    Raises NotNow when the round's phase or last day does not allow it at all.
    """
    mine = Entry.objects.filter(sheet__round_id=round_.pk, unit=unit, shared_home__isnull=True)
    action = Action.PRESENT if round_.sign_off else Action.SUBMIT
    done = history.act(action, by=by, key=key, sent=(round_.pk, unit.pk), reason="")
    round_, sheets = history.locked_sheets(round_, mine.order_by().values_list("sheet_id", flat=True))
    role = rights.role_towards(by, round_, unit.pk)
    waiting = list(mine.waiting().in_order().select_related("indicator"))
    before = list(ScoreEvent.objects.filter(entry__in=mine, key=key).values_list("content", flat=True))
    if before:
        return _submitted_before(before, done, waiting)
    rights.phase_open(action, round_, role)
    rights.in_time(round_, unit.pk)
    blocked = _blocked(waiting, round_, role, action)
    held = {one.entry_id for one in blocked}
    ready = [entry for entry in waiting if entry.pk not in held]
    to = EntryStage.SIGNING if round_.sign_off else EntryStage.SUBMITTED
    move_on(sheets, ready, to, done)
    if round_.sign_off and ready:
        notices.presented(round_, unit, len(ready), key=done.content)
    return Submission(len(ready), blocked)


@transaction.atomic
def accept(entry: Entry, *, version: int, key: str, by: User) -> Entry:
    """The entry accepted with its self score, or its claim of 不涉及 granted; why it once went back is history."""
    done = history.act(Action.ACCEPT, by=by, key=key, sent=(), reason="")
    entry = history.locked(entry)
    if history.repeated(entry, done):
        return entry
    rights.check(entry, done)
    history.same_version(entry, version)
    score = history.counted(entry)
    new = {
        "stage": EntryStage.ACCEPTED,
        "reviewed_score": score if entry.reviewed_score is None else entry.reviewed_score,
        "review_reason": "",
        "final_score": score,
        "reviewed_by": by,
        "reviewed_at": done.at,
    }
    return history.write(entry, new, done)


@transaction.atomic
def adjust(
    entry: Entry,
    score_text: str,
    reason: str,
    *,
    version: int,
    key: str,
    by: User,
    answers: Mapping[str, str] | None = None,
) -> Entry:
    """The entry accepted with the office's own score; a reason is needed where it is not the unit's.

    answers: as in `SelfAssessment`; they make the score where `score_text` is blank, else they stand beside it.
    Raises BadScore, ReasonNeeded, NotNow and ChangedMeanwhile.
    """
    reason = rights.words(reason)
    sent = (score_text.strip(), reason, *sorted((answers or {}).items()))
    done = history.act(Action.ADJUST, by=by, key=key, sent=sent, reason=reason)
    entry = history.locked(entry)
    if history.repeated(entry, done):
        return entry
    rights.check(entry, done)
    _not_settled(entry)
    history.same_version(entry, version)
    answer, outcome, reworded = ruled.answered(entry, answers, reason) if answers else ({}, None, reason)
    if outcome is not None and not score_text.strip():
        score, reason = outcome.score, reworded if outcome.score != entry.self_score else reason
    else:
        score = parse_score(score_text, entry.maximum, "审核得分")
    if not reason and outcome is not None and score != outcome.score:
        raise ReasonNeeded(f"审核得分与按细则算出的 {display_points(outcome.score)} 分不同，要写明原因。")
    if score != entry.self_score and not reason:
        raise ReasonNeeded("审核得分与自评不同，要写明原因。")
    new: dict[str, object] = {
        "stage": EntryStage.ACCEPTED,
        "reviewed_score": score,
        "review_reason": reason,
        "review_answer": answer,
        "final_score": score,
        "reviewed_by": by,
        "reviewed_at": done.at,
    }
    return history.write(entry, new, replace(done, reason=reason))


@transaction.atomic
def give_back(entry: Entry, reason: str, *, version: int, key: str, by: User) -> Entry:
    """The entry returned to its unit with the reason; a review it already had is withdrawn and kept in its history."""
    reason = rights.words(reason)
    done = history.act(Action.GIVE_BACK, by=by, key=key, sent=(reason,), reason=reason)
    entry = history.locked(entry)
    if history.repeated(entry, done):
        return entry
    rights.check(entry, done)
    _not_settled(entry)
    history.same_version(entry, version)
    if entry.unit_id is None:
        raise NotNow("这一项没有牵头单位，不能退回；可以直接改分。")
    if not reason:
        raise ReasonNeeded("退回要写明原因。")
    new: dict[str, object] = {
        "stage": EntryStage.RETURNED,
        "reviewed_score": None,
        "review_reason": reason,
        "review_answer": {},
        "final_score": None,
        "reviewed_by": by,
        "reviewed_at": done.at,
    }
    entry = history.write(entry, new, done)
    notices.entry_returned(entry, reason)
    return entry


@transaction.atomic
def accept_undisputed(round_: Round, *, unit: Unit | None = None, by: User) -> int:
    """How many submitted entries were accepted with their self scores, of one unit or of all; constant queries.

    Claims of 不涉及 and scores other than the rules give are not among them: the office decides each for itself.
    """
    done = Act(Action.ACCEPT, by, timezone.now())
    round_, sheets = history.locked_sheets(round_)
    rights.phase_open(Action.ACCEPT, round_, rights.held_by(by, round_).role)
    handed_in = Entry.objects.submitted().filter(sheet__round=round_, shared_home__isnull=True)
    if unit is not None:
        handed_in = handed_in.filter(unit=unit)
    ready = list(handed_in.undisputed())
    move_on(sheets, ready, EntryStage.ACCEPTED, done)
    return len(ready)


def move_on(sheets: Sequence[ScoreSheet], ready: Sequence[Entry], to: EntryStage, done: Act) -> None:
    """Moves many entries to their next stage, with the items that share their scores, one history row each.

    sheets: locked, as `history.locked_sheets` gives them. Whether the move is allowed, its caller has asked.
    """
    score = F("self_score")
    own: dict[str, object] = {}
    both: dict[str, object] = {"stage": to}
    if to == EntryStage.ACCEPTED:
        own = {"reviewed_score": score, "final_score": score, "review_reason": ""}
        own |= {"reviewed_by": done.by, "reviewed_at": done.at}
    elif to == EntryStage.RETURNED:
        own = {"review_reason": done.reason}
    else:
        both["submitted_at"] = done.at
    for start in range(0, len(ready), BATCH):
        ids = [entry.pk for entry in ready[start : start + BATCH]]
        Entry.objects.filter(pk__in=ids).update(**own, **both, version=F("version") + 1)
        Entry.objects.filter(shared_home__in=ids).update(**both)
    history.write_rows(sheets, [(one, _changes(one, to, done), done) for one in ready])


def _changes(entry: Entry, to: EntryStage, done: Act) -> dict[str, object]:
    stage: dict[str, object] = {"stage": [entry.stage, to]}
    if to == EntryStage.RETURNED:
        return {**stage, "review_reason": [entry.review_reason, done.reason]}
    if to != EntryStage.ACCEPTED or entry.self_score is None:
        return stage
    score = plain(entry.self_score)
    opinion: dict[str, object] = {"review_reason": [entry.review_reason, ""]} if entry.review_reason else {}
    return {**stage, **opinion, "reviewed_score": [None, score], "final_score": [None, score]}


def _submitted_before(before: Sequence[str], done: Act, waiting: Sequence[Entry]) -> Submission:
    if set(before) != {done.content}:
        raise KeyReused
    named = ((entry, obstacle(entry)) for entry in waiting)
    return Submission(len(before), tuple(Blocked(entry.pk, message) for entry, message in named if message))


def _blocked(waiting: Sequence[Entry], round_: Round, role: str, action: Action) -> tuple[Blocked, ...]:
    found = []
    for entry in waiting:
        place = {"stage": entry.stage, "phase": round_.phase, "role": role}
        if transitions.find(action, **place) is None:
            found.append(Blocked(entry.pk, transitions.why_not(action, **place)))
        elif message := obstacle(entry):
            found.append(Blocked(entry.pk, message))
    return tuple(found)


def _not_settled(entry: Entry) -> None:
    """Raises NotNow where an objection was upheld or a recheck gave points: that score stands."""
    if entry.rectified_score is not None:
        raise NotNow("这一项整改复查后已经恢复得分，不再改分或退回。")
    if entry.objection_score is not None:
        raise NotNow("这一项的申诉已经同意，以复核得分为准，不再改分或退回。")


def _typed(entry: Entry, values: SelfAssessment, reason: str) -> dict[str, object]:
    """The fields as they are stored; where the item has rules, `ruled.taken` weighs answer and typed score."""
    typed = typed_score(values, reason, entry.maximum)
    none = Taken(None, None, {}, reason)
    row = none if values.not_applicable else ruled.taken(entry, typed, values.answers, reason)
    return {
        "self_score": row.score,
        "self_reason": rights.words(row.reason),
        "claims_not_applicable": values.not_applicable,
        "rule_answer": row.answer,
        "rule_score": row.by_rules,
    }


def typed_score(values: SelfAssessment, reason: str, maximum: Decimal) -> Decimal | None:
    """The score that was typed, None for a blank or a claim. Raises BadScore and ReasonNeeded."""
    typed = values.score_text.strip()
    if not values.not_applicable:
        return parse_score(typed, maximum) if typed else None
    if typed:
        raise BadScore("申请不涉及的项不填自评得分")
    if not reason:
        raise ReasonNeeded("申请不涉及要写明原因。")
    return None
