"""退回后已改: what a unit changed after an entry came back and before it was handed in again. Nothing is written."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import DateTimeField, Exists, OuterRef, Q, QuerySet, Subquery

from assessments.dossier import FIELD_LABELS, told
from assessments.models import HANDED_IN, Entry, Evidence, ScoreEvent
from assessments.transitions import Action

# what a unit types; what follows from it (现得分, 状态) is no change of its own
TYPED = ("self_score", "claims_not_applicable", "rule_answer", "self_reason")


@dataclass(frozen=True, slots=True)
class Change:
    """One cell: what stood there when it came back, and now."""

    label: str
    before: str
    now: str


@dataclass(frozen=True, slots=True)
class Again:
    """What is different. added, removed: pieces of evidence."""

    changes: tuple[Change, ...]
    added: int
    removed: int

    @property
    def count(self) -> int:
        """How many places."""
        return len(self.changes) + bool(self.added) + bool(self.removed)


def changed() -> Q:
    """Entries that are in again and were typed into, or got other evidence, after they last came back."""
    returned = ScoreEvent.objects.filter(entry=OuterRef("entry"), action=Action.GIVE_BACK).order_by("-pk")
    last = Subquery(returned.values("at")[:1], output_field=DateTimeField())
    saved = ScoreEvent.objects.filter(entry=OuterRef("pk"), action=Action.SAVE, at__gt=last)
    held = Evidence.objects.filter(entry=OuterRef("pk"))
    other = held.filter(added_at__gt=last) | held.filter(removed_at__gt=last)
    return Q(stage__in=HANDED_IN) & (Q(Exists(saved)) | Q(Exists(other)))


def since_return(entries: Collection[Entry]) -> Mapping[int, Again]:
    """Entry → what its unit changed since it last came back, of those that are in again. At most two queries."""
    mine = [entry.pk for entry in entries if entry.stage in HANDED_IN]
    returned, changes = _saved(mine)
    evidence = _evidence(returned)
    found = {pk: Again(_told(changes.get(pk, {})), *evidence.get(pk, (0, 0))) for pk in returned}
    return {pk: again for pk, again in found.items() if pk in changes or again.count}


def _saved(entry_ids: Collection[int]) -> tuple[dict[int, datetime], defaultdict[int, dict[str, list[object]]]]:
    """When each entry last came back, and its cells since, first old and last new value."""
    rows = ScoreEvent.objects.filter(entry__in=entry_ids, action__in=[Action.GIVE_BACK, Action.SAVE]).order_by("pk")
    returned: dict[int, datetime] = {}
    changes: defaultdict[int, dict[str, list[object]]] = defaultdict(dict)
    for pk, at, action, told_ in rows.values_list("entry_id", "at", "action", "changes"):
        if action == Action.GIVE_BACK:
            returned[pk] = at
            changes.pop(pk, None)
        elif pk in returned:
            for name, (old, new) in told_.items():
                changes[pk].setdefault(name, [old, new])[1] = new
    return returned, changes


def _evidence(returned: Mapping[int, datetime]) -> dict[int, tuple[int, int]]:
    """Entry → pieces of evidence added and taken back since."""
    found: dict[int, tuple[int, int]] = {}
    if not returned:
        return found
    rows: QuerySet[Evidence] = Evidence.objects.filter(entry__in=returned)
    for pk, added_at, removed_at in rows.values_list("entry_id", "added_at", "removed_at"):
        new, gone = added_at > returned[pk], removed_at is not None and removed_at > returned[pk]
        added, removed = found.get(pk, (0, 0))
        # what came and went in between is nothing new
        found[pk] = (added + (new and removed_at is None), removed + (gone and not new))
    return found


def _told(changes: Mapping[str, list[object]]) -> tuple[Change, ...]:
    return tuple(
        Change(FIELD_LABELS[name], told(name, changes[name][0]), told(name, changes[name][1]))
        for name in TYPED
        if name in changes and changes[name][0] != changes[name][1]
    )
