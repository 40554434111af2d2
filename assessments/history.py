"""One write to one entry: lock, compare, change, history row, stale sums. What may be written, `entries` decides."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from assessments import chain
from assessments.models import Entry, EntryStage, EntryState, Round, ScoreEvent, ScoreSheet
from assessments.refusals import ChangedMeanwhile, KeyReused, NotNow
from assessments.scoring.amounts import plain
from units import jobs
from units.models import User

# SQLite takes only so many values in one statement
BATCH = 500
ROLL_UP_SHEET = "assessments.tasks.roll_up_sheet"
LONGEST_KEY = 64


@dataclass(frozen=True, slots=True)
class Act:
    """Who does what, and under which click's key; `content` is a digest of what was sent."""

    action: str
    by: User | None
    at: datetime
    key: str | None = None
    content: str = ""
    reason: str = ""
    source: str = "form"


def act(action: str, *, by: User | None, key: str, sent: Iterable[object], reason: str, source: str = "form") -> Act:
    """The act with its digest. Raises NotNow for a key no page of ours has made."""
    if not 1 <= len(key) <= LONGEST_KEY or not key.isprintable():
        raise NotNow("页面已过期，没有保存。刷新页面后再试。")
    words = json.dumps([action, by and by.pk, *map(str, sent)], ensure_ascii=False)
    return Act(action, by, timezone.now(), key, hashlib.sha256(words.encode()).hexdigest(), reason, source)


def locked(entry: Entry) -> Entry:
    """The entry and its round as they are once the sheet's lock is held; two queries, in a transaction.

    The round is read by a statement of its own: one joined to the lock would still see the phase from before the wait.
    """
    ScoreSheet.objects.select_for_update().get(pk=entry.sheet_id)
    known = Entry.objects.annotate(has_shares=Exists(Entry.objects.filter(shared_home=OuterRef("pk"))))
    return known.select_related("sheet__round", "indicator", "unit").get(pk=entry.pk)


def locked_sheets(round_: Round, sheet_ids: Iterable[int] | None = None) -> tuple[Round, list[ScoreSheet]]:
    """The round's sheets, locked in the order of their ids, and the round as it is after that."""
    sheets = ScoreSheet.objects.select_for_update().filter(round_id=round_.pk).order_by("id")
    if sheet_ids is not None:
        sheets = sheets.filter(pk__in=sheet_ids)
    held = list(sheets)
    return Round.objects.get(pk=round_.pk), held


def repeated(entry: Entry, done: Act) -> bool:
    """Whether this very click was stored already. Raises KeyReused where its key came with other content."""
    before = ScoreEvent.objects.filter(entry=entry, key=done.key).values_list("content", flat=True).first()
    if before is not None and before != done.content:
        raise KeyReused
    return before is not None


def same_version(entry: Entry, version: int) -> None:
    """Raises ChangedMeanwhile when the form was made from an older entry."""
    if entry.version != version:
        raise ChangedMeanwhile(entry)


def standing(entry: Entry) -> tuple[str, Decimal | None]:
    """What the sums know of the entry, state and number: the latest stage that has a number counts.

    不涉及 is only claimed until the office has accepted it; until then the item is unscored, which is not zero.
    """
    score = counted(entry)
    if score is not None:
        return EntryState.SCORED, score
    agreed = entry.claims_not_applicable and entry.stage == EntryStage.ACCEPTED
    return (EntryState.NOT_APPLICABLE if agreed else EntryState.UNSCORED), None


def counted(entry: Entry) -> Decimal | None:
    """The score that counts now: rectified, else objection, else reviewed, else self."""
    for score in (entry.rectified_score, entry.objection_score, entry.reviewed_score, entry.self_score):
        if score is not None:
            return score
    return None


def write(entry: Entry, new: Mapping[str, object], done: Act, beside: Mapping[str, object] | None = None) -> Entry:
    """The entry with its new values, next version and state; stored with one history row.

    entry: from `locked`. beside: name → [old, new] of what its caller changed in another row, kept in the same history
    row. Items that share its score follow its state and stage. Raises ChangedMeanwhile when the row is not the one
    that was read, which the lock rules out.
    """
    before = {name: getattr(entry, name) for name in (*new, "state", "earned")}
    for name, value in new.items():
        setattr(entry, name, value)
    entry.state, entry.earned = standing(entry)
    changed = {name: value for name, value in before.items() if value != getattr(entry, name)}
    values = {name: getattr(entry, name) for name in changed}
    moved = Entry.objects.filter(pk=entry.pk, version=entry.version).update(**values, version=entry.version + 1)
    if moved != 1:
        raise ChangedMeanwhile(Entry.objects.get(pk=entry.pk))
    entry.version += 1
    _follow(entry, changed, done.at)
    told = {name: old for name, old in changed.items() if not name.endswith(("_by", "_at"))}
    changes = {name: [_written(old), _written(getattr(entry, name))] for name, old in told.items()}
    _chained(entry, {**changes, **(beside or {})}, done)
    _keep(entry.sheet, done.at if {"state", "earned"} & changed.keys() else None)
    return entry


def append(entry: Entry, changes: Mapping[str, object], done: Act) -> ScoreEvent:
    """A history row of its own, chained; no column of the entry changes. entry: from `locked`."""
    made = _chained(entry, changes, done)
    _keep(entry.sheet, None)
    return made


def _chained(entry: Entry, changes: Mapping[str, object], done: Act) -> ScoreEvent:
    made = event(entry.pk, changes, done)
    chain.link([entry.sheet], [(entry.sheet_id, made)])
    made.save(force_insert=True)
    return made


def write_rows(sheets: Iterable[ScoreSheet], rows: Sequence[tuple[Entry, Mapping[str, object], Act]]) -> None:
    """Stores one history row for each write in `rows`, in their order, each chained to its sheet's row before it.

    sheets: the locked ones, as `locked_sheets` gives them. The entries themselves are their caller's to store.
    """
    made = [(entry.sheet_id, event(entry.pk, changes, done)) for entry, changes, done in rows]
    touched = chain.link(sheets, made)
    ScoreEvent.objects.bulk_create([row for _, row in made], batch_size=BATCH)
    ScoreSheet.objects.bulk_update(touched, ["chain"], batch_size=BATCH)


def event(entry_id: int, changes: Mapping[str, object], done: Act) -> ScoreEvent:
    """The history row of one write, neither chained nor stored yet."""
    return ScoreEvent(
        entry_id=entry_id,
        at=done.at,
        actor=done.by,
        action=done.action,
        changes=dict(changes),
        reason=done.reason,
        source=done.source,
        key=done.key,
        content=done.content,
    )


def make_stale(sheets: Iterable[ScoreSheet], now: datetime) -> None:
    """Marks the locked sheets' sums as older than their entries; a worker hears of it once until it has summed."""
    fresh = [sheet.pk for sheet in sheets if sheet.stale_since is None]
    if fresh:
        ScoreSheet.objects.filter(pk__in=fresh).update(stale_since=now)
        transaction.on_commit(lambda: _ask_for_sums(fresh))


def _keep(sheet: ScoreSheet, changed_at: datetime | None) -> None:
    """The locked sheet with its new end of the chain; changed_at: its sums are older than its entries since then."""
    new: dict[str, object] = {"chain": sheet.chain}
    if changed_at is not None and sheet.stale_since is None:
        new["stale_since"] = changed_at
        transaction.on_commit(lambda: _ask_for_sums([sheet.pk]))
    ScoreSheet.objects.filter(pk=sheet.pk).update(**new)


def _ask_for_sums(sheet_ids: list[int]) -> None:
    """One message a sheet; a broker that does not take the first is not waited for again: the sweeper will do it."""
    for sheet_id in sheet_ids:
        if not jobs.send(ROLL_UP_SHEET, sheet_id):
            return


def _follow(home: Entry, changed: Mapping[str, object], now: datetime) -> None:
    """Items under a shared score stand where its home stands; only the home has the number."""
    if {"state", "stage"} & changed.keys() and getattr(home, "has_shares", True):
        home.shared_items.update(state=home.state, stage=home.stage, submitted_at=home.submitted_at)


def _written(value: object) -> object:
    return plain(value) if isinstance(value, Decimal) else value
