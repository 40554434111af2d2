"""The chain over a sheet's history: each row carries a digest over its words and the row before it.

The digest of the last row stands on the sheet, whose row is locked whenever one is written: a row changed, put in,
moved or taken away by hand breaks the chain there. `walk` finds where.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC

from django.utils import timezone

from assessments.models import Round, ScoreEvent, ScoreSheet
from assessments.transitions import AFTER_SEAL, LABELS

CHUNK = 2000


@dataclass(frozen=True, slots=True)
class Break:
    """The first row of one sheet that no longer agrees. event_id: None where the last rows are missing or too many."""

    sheet_id: int
    event_id: int | None
    sentence: str


def digest(before: str, event: ScoreEvent) -> str:
    """The row's digest after the row with the digest `before`; the first row of a sheet comes after an empty one."""
    parts = [
        before,
        event.entry_id,
        event.at.astimezone(UTC).isoformat(),
        event.actor_id,
        event.action,
        event.changes,
        event.reason,
        event.source,
        event.key,
        event.content,
    ]
    words = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(words.encode()).hexdigest()


def link(sheets: Iterable[ScoreSheet], rows: Sequence[tuple[int, ScoreEvent]]) -> list[ScoreSheet]:
    """The sheets that got rows; rows (sheet, event) get their digests in the order they are stored in.

    sheets: locked, as they are after the lock. Neither sheets nor rows are stored here.
    """
    known = {sheet.pk: sheet for sheet in sheets}
    for sheet_id, event in rows:
        event.digest = known[sheet_id].chain = digest(known[sheet_id].chain, event)
    return [known[pk] for pk in dict.fromkeys(sheet_id for sheet_id, _ in rows)]


def walk(round_: Round) -> list[Break]:
    """The first bad row of each sheet that has one; empty while every chain holds. Two queries, in portions."""
    found = []
    rows = _rows(round_)
    held = next(rows, None)
    for sheet in round_.sheets.select_related("unit").order_by("pk"):
        before, bad = "", None
        place = 0
        while held is not None and held.entry.sheet_id == sheet.pk:
            place += 1
            if bad is None and held.digest != digest(before, held):
                bad = Break(sheet.pk, held.pk, _named(sheet, held, place))
            before, held = held.digest, next(rows, None)
        if bad is None and before != sheet.chain:
            told = f"“{sheet.unit}”的得分记录在第 {place} 条之后与校验值不符，最后的记录被删去或增添过。"
            bad = Break(sheet.pk, None, told)
        if bad is not None:
            found.append(bad)
    return found


def grown(round_: Round, ends: Mapping[int, str]) -> set[int]:
    """The sheets whose chain went on after `ends` with nothing but what may follow publishing. Two queries.

    ends: sheet → the digest that was its chain's end when the round was sealed.
    """
    reached = {sheet for sheet, end in ends.items() if not end}
    broken: set[int] = set()
    last = dict.fromkeys(ends, "")
    rows = ScoreEvent.objects.filter(entry__sheet__round=round_).order_by("id")
    for sheet, own, action in rows.values_list("entry__sheet_id", "digest", "action").iterator(chunk_size=CHUNK):
        if sheet in reached and action not in AFTER_SEAL:
            broken.add(sheet)
        if own == ends.get(sheet):
            reached.add(sheet)
        last[sheet] = own
    held = {sheet for sheet, end in round_.sheets.values_list("pk", "chain") if last.get(sheet) == end}
    return (reached & held) - broken


def _rows(round_: Round) -> Iterator[ScoreEvent]:
    events = ScoreEvent.objects.filter(entry__sheet__round=round_).order_by("entry__sheet_id", "id")
    return events.select_related("entry__indicator", "actor").iterator(chunk_size=CHUNK)


def _named(sheet: ScoreSheet, event: ScoreEvent, place: int) -> str:
    done = LABELS.get(event.action, event.action)
    at = timezone.localtime(event.at)
    what = f"{at:%Y-%m-%d %H:%M:%S} {event.actor or '系统'} {done}“{event.entry.indicator}”"
    return f"“{sheet.unit}”的得分记录从第 {place} 条起与校验值不符：{what}（编号 {event.pk}）。"
