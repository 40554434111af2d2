"""What a unit is about to hand in, and what stands in the way; the verb is `entries.submit`."""

from dataclasses import dataclass

from assessments import entries, windows
from assessments.locks import locked_because
from assessments.models import Entry, Round
from assessments.worklist import OPEN_STAGES
from units.models import Unit


@dataclass(frozen=True, slots=True)
class Obstacle:
    """An item that stays behind, and why."""

    entry_id: int
    name: str
    words: str


@dataclass(frozen=True, slots=True)
class Plan:
    """ready: items that would be handed in now. locked: why nothing can be."""

    ready: int
    total: int
    handed_in: int
    obstacles: tuple[Obstacle, ...]
    locked: str


def plan(round_: Round, unit: Unit) -> Plan:
    """The unit's handing-in as it would go now. Three queries."""
    mine = list(
        Entry.objects.filter(sheet__round=round_, unit=unit, shared_home__isnull=True)
        .select_related("indicator")
        .order_by("sheet_id", "indicator__lft")
    )
    limit = windows.last_day(round_, unit.pk)
    handed_in = sum(entry.stage not in OPEN_STAGES for entry in mine)
    locks = {entry.pk: locked_because(entry, round_, limit) for entry in mine}
    open_ = [entry for entry in mine if not locks[entry.pk]]
    named = ((entry, entries.obstacle(entry)) for entry in open_)
    obstacles = tuple(Obstacle(entry.pk, str(entry.indicator), words) for entry, words in named if words)
    locked = "" if open_ or handed_in == len(mine) else next(lock for lock in locks.values() if lock)
    return Plan(len(open_) - len(obstacles), len(mine), handed_in, obstacles, locked)
