"""What a unit is about to hand in, and what stands in the way; the verb is `entries.submit`."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import F

from assessments import entries, windows, worksheet
from assessments.locks import locked_because
from assessments.models import HANDED_IN, Entry, EntryStage, Round, ScoreEvent
from assessments.scoring.amounts import plain
from assessments.transitions import Action
from units.models import Unit


@dataclass(frozen=True, slots=True)
class Obstacle:
    """An item that stays behind, and why."""

    entry_id: int
    name: str
    words: str


@dataclass(frozen=True, slots=True)
class Change:
    """An item that was handed in once, came back and reads otherwise now."""

    entry_id: int
    name: str
    before: str
    now: str


@dataclass(frozen=True, slots=True)
class Plan:
    """ready: items that would be handed in now. signing: wait for the unit's head. locked: why nothing can be."""

    ready: int
    total: int
    signing: int
    handed_in: int
    obstacles: tuple[Obstacle, ...]
    changes: tuple[Change, ...]
    locked: str


def plan(round_: Round, unit: Unit) -> Plan:
    """The unit's handing-in as it would go now. Four queries."""
    mine = list(
        Entry.objects.filter(sheet__round=round_, unit=unit, shared_home__isnull=True)
        .select_related("indicator")
        .order_by("sheet_id", "indicator__lft")
    )
    limit = windows.last_day(round_, unit.pk)
    signing = sum(entry.stage == EntryStage.SIGNING for entry in mine)
    handed_in = sum(entry.stage in HANDED_IN for entry in mine)
    locks = {entry.pk: locked_because(entry, round_, limit) for entry in mine}
    open_ = [entry for entry in mine if not locks[entry.pk]]
    named = ((entry, entries.obstacle(entry)) for entry in open_)
    obstacles = tuple(Obstacle(entry.pk, str(entry.indicator), words) for entry, words in named if words)
    locked = "" if open_ or handed_in + signing == len(mine) else next(lock for lock in locks.values() if lock)
    ready = len(open_) - len(obstacles)
    return Plan(ready, len(mine), signing, handed_in, obstacles, changes(open_), locked)


def changes(mine: Sequence[Entry]) -> tuple[Change, ...]:
    """Those of the entries that were typed into after they had last been handed in, and read otherwise. One query."""
    later = [entry for entry in mine if entry.submitted_at and entry.self_at and entry.self_at > entry.submitted_at]
    before = _before({entry.pk for entry in later})
    found = []
    for entry in later:
        was = before.get(entry.pk, {})
        then, now = _words({**_said(entry), **was}), _words(_said(entry))
        if then != now:
            found.append(Change(entry.pk, str(entry.indicator), then, now))
    return tuple(found)


def _before(entry_ids: Collection[int]) -> dict[int, dict[str, object]]:
    """Entry → what stood in its cells when it was last handed in, as far as it was changed since."""
    saved = ScoreEvent.objects.filter(
        entry__in=entry_ids, action=Action.SAVE, at__gt=F("entry__submitted_at")
    ).order_by("-pk")
    found: dict[int, dict[str, object]] = {}
    for entry_id, told in saved.values_list("entry_id", "changes"):
        found.setdefault(entry_id, {}).update({name: old for name, (old, _) in told.items()})
    return found


def _said(entry: Entry) -> dict[str, object]:
    score = None if entry.self_score is None else plain(entry.self_score)
    return {
        "self_score": score,
        "self_reason": entry.self_reason,
        "claims_not_applicable": entry.claims_not_applicable,
    }


def _words(said: dict[str, object]) -> str:
    score = worksheet.NOT_APPLICABLE if said["claims_not_applicable"] else said["self_score"]
    return "，".join(str(part) for part in (score, said["self_reason"]) if part is not None and part != "") or "空白"
