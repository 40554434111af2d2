"""签审: the head of a unit signs what the filler presented, or hands it back with a reason.

Only rounds with `sign_off` have it. Signing covers everything the unit has presented; handing back, what is chosen.
"""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Prefetch, QuerySet

from assessments import entries, figures, history, notices, rights, transitions, worksheet
from assessments.history import Act
from assessments.models import Entry, EntryStage, Evidence, Round, ScoreEvent, ScoreSheet, SignOff
from assessments.refusals import KeyReused, NotNow, ReasonNeeded
from assessments.scoring.amounts import ZERO, plain
from assessments.transitions import Action
from units import audit
from units.models import Unit, User

HANDED_BACK = "单位负责人："


@transaction.atomic
def sign(round_: Round, unit: Unit, *, by: User, key: str) -> SignOff:
    """The signature under all that the unit has presented, which is handed in by it. The same click is one signature.

    Raises NotNow for anybody but the unit's head, out of phase, and where nothing waits.
    """
    done = history.act(Action.SIGN, by=by, key=key, sent=(round_.pk, unit.pk), reason="")
    round_, sheets, waiting = _waiting(round_, unit)
    before = SignOff.objects.filter(round=round_, unit=unit, key=key).first()
    if before is not None:
        return before
    _allowed(done, round_, unit, waiting)
    items = {str(entry.pk): fingerprint(entry) for entry in waiting}
    made = SignOff.objects.create(
        round=round_, unit=unit, by=by, at=done.at, count=len(items), items=items, digest=_over(items), key=key
    )
    entries.move_on(sheets, waiting, EntryStage.SUBMITTED, done)
    audit.record(
        organisation=round_.organisation,
        actor=by,
        action="签审自评",
        target=f"{round_} · {unit}"[:300],
        detail={"count": made.count, "digest": made.digest},
    )
    return made


@transaction.atomic
def hand_back(round_: Round, unit: Unit, entry_ids: Collection[int], reason: str, *, by: User, key: str) -> int:
    """How many of the presented entries went back to the filler, with the reason.

    Raises ReasonNeeded, and NotNow for anybody but the unit's head, out of phase, and where none of them waits.
    """
    reason = rights.words(reason)
    ids = sorted(entry_ids)
    told = f"{HANDED_BACK}{reason}"
    done = history.act(Action.HAND_BACK, by=by, key=key, sent=(round_.pk, unit.pk, reason, *ids), reason=told)
    round_, sheets, waiting = _waiting(round_, unit)
    mine = ScoreEvent.objects.filter(entry__unit=unit, entry__sheet__round=round_, key=key)
    if before := list(mine.values_list("content", flat=True)):
        if set(before) != {done.content}:
            raise KeyReused
        return len(before)
    chosen = [entry for entry in waiting if entry.pk in set(ids)]
    _allowed(done, round_, unit, chosen)
    if not reason:
        raise ReasonNeeded("退回填报员要写明原因。")
    entries.move_on(sheets, chosen, EntryStage.RETURNED, done)
    notices.handed_back(round_, unit, len(chosen), reason, key=done.content)
    return len(chosen)


@dataclass(frozen=True, slots=True)
class Signed:
    """The last signature of a unit in a round. changed: signed entries that read otherwise now."""

    by: str
    at: datetime
    count: int
    digest: str
    changed: int


def last(round_: Round, unit: Unit) -> Signed | None:
    """The unit's last signature, None where there is none. Three queries."""
    found = SignOff.objects.filter(round=round_, unit=unit).select_related("by").first()
    if found is None:
        return None
    now = {str(entry.pk): fingerprint(entry) for entry in _with_evidence(Entry.objects.filter(pk__in=found.items))}
    changed = sum(now.get(pk) != digest for pk, digest in found.items.items())
    return Signed(str(found.by), found.at, found.count, found.digest, changed)


def fingerprint(entry: Entry) -> str:
    """A digest of what the unit says in one entry: score, reason, claim, evidence. `entry` with its `held` evidence."""
    score = None if entry.self_score is None else plain(entry.self_score)
    held = sorted(one.sha256 or one.url for one in entry.held)  # type: ignore[attr-defined]
    said = [entry.pk, score, entry.self_reason, entry.claims_not_applicable, held]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def agrees(signature: SignOff) -> bool:
    """Whether the stored digests are those that were signed."""
    return signature.digest == _over(signature.items)


def presented(round_: Round, unit: Unit) -> list[Entry]:
    """What waits for the head's signature, in the ledger's order, with indicator and evidence. Two queries."""
    return list(_presented(round_, unit))


def _over(items: dict[str, str]) -> str:
    return hashlib.sha256(json.dumps(sorted(items.items())).encode()).hexdigest()


def _waiting(round_: Round, unit: Unit) -> tuple[Round, list[ScoreSheet], list[Entry]]:
    """The round and the unit's sheets under their locks, and what waits then."""
    mine = Entry.objects.filter(sheet__round_id=round_.pk, unit=unit).order_by()
    round_, sheets = history.locked_sheets(round_, mine.values_list("sheet_id", flat=True))
    return round_, sheets, presented(round_, unit)


def _presented(round_: Round, unit: Unit) -> QuerySet[Entry]:
    waiting = Entry.objects.filter(sheet__round=round_, unit=unit, shared_home__isnull=True, stage=EntryStage.SIGNING)
    return _with_evidence(waiting.select_related("indicator").order_by("sheet_id", "indicator__lft"))


def _with_evidence(mine: QuerySet[Entry]) -> QuerySet[Entry]:
    return mine.prefetch_related(Prefetch("evidence", Evidence.objects.present(), to_attr="held"))


def _allowed(done: Act, round_: Round, unit: Unit, chosen: Collection[Entry]) -> None:
    """Raises NotNow unless table, unit and something to do allow it."""
    role = rights.role_towards(done.by, round_, unit.pk)
    rights.phase_open(done.action, round_, role)
    if not chosen:
        raise NotNow("没有等待签审的项。")
    for entry in chosen:
        place = {"stage": entry.stage, "phase": round_.phase, "role": role}
        if transitions.find(done.action, **place) is None:
            raise NotNow(transitions.why_not(done.action, **place))


# ---- the page ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """One presented item. changed: the last signature stood under other words."""

    ref: str
    name: str
    maximum: str
    score: str
    reason: str
    evidence: int
    changed: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """What the head of a unit has before the signature. total: the sum of the presented self scores."""

    rows: tuple[Row, ...]
    total: str
    full: str
    last: Signed | None


def desk(round_: Round, unit: Unit) -> Desk:
    """What waits for the signature. Five queries."""
    waiting = presented(round_, unit)
    before = SignOff.objects.filter(round=round_, unit=unit).values_list("items", flat=True)
    signed = {pk: digest for items in reversed(before) for pk, digest in items.items()}
    return Desk(
        tuple(_row(entry, signed) for entry in waiting),
        figures.points(sum((entry.self_score or ZERO for entry in waiting), ZERO)),
        figures.points(sum((entry.maximum for entry in waiting), ZERO)),
        last(round_, unit),
    )


def _row(entry: Entry, signed: dict[str, str]) -> Row:
    score, reason = worksheet.cells(entry)
    ref, held = str(entry.pk), len(entry.held)  # type: ignore[attr-defined]
    changed = ref in signed and signed[ref] != fingerprint(entry)
    return Row(ref, str(entry.indicator), figures.points(entry.maximum), score, reason, held, changed)
