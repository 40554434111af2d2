"""A whole outline written at once, a level at a time, with bounds reckoned beforehand; decides no content."""

from collections.abc import Sequence
from dataclasses import dataclass

from indicators.models import Indicator, Ledger
from indicators.numbering import number

DEEPEST = 5
_ROOT = 0


@dataclass(frozen=True, slots=True)
class Seed:
    """One indicator to be written. key, parent: numbers of the caller's own, above 0; parent None for level 1."""

    key: int
    parent: int | None
    indicator: Indicator


def plant(ledger: Ledger, seeds: Sequence[Seed]) -> dict[int, Indicator]:
    """Key → stored indicator; the ledger's root is made too. One insert a level, at most six.

    seeds: parents before children, in the order printed. The ledger must be new: it may have no root yet.
    """
    places = number([(_ROOT, None), *((seed.key, seed.parent or _ROOT) for seed in seeds)])
    planted = {_ROOT: Indicator(name=ledger.title)}
    planted.update((seed.key, seed.indicator) for seed in seeds)
    parents = {seed.key: seed.parent or _ROOT for seed in seeds}
    rows: list[list[int]] = [[] for _ in range(DEEPEST + 1)]
    for place in places:
        one = planted[place.id]
        one.ledger_id = one.tree_id = ledger.pk
        one.lft, one.rght, one.level = place.lft, place.rght, place.level
        rows[place.level].append(place.id)
    for keys in rows:
        for key in keys:
            # only now: the parent got its own key with the level above
            planted[key].parent_id = planted[parents[key]].pk if key in parents else None
        Indicator.objects.bulk_create([planted[key] for key in keys])
    del planted[_ROOT]
    return planted
