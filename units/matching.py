"""Names in a ledger → units and groups of the organisation: exact, alias or unresolved. It never guesses."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from units.models import Organisation, Unit, UnitGroup


@dataclass(frozen=True, slots=True)
class Known:
    """Everything of one organisation that a name can mean; names are folded (full and half width, blanks)."""

    units: Mapping[str, Unit]
    aliases: Mapping[str, Unit]
    groups: Mapping[str, UnitGroup]

    def find(self, name: str) -> Unit | UnitGroup | None:
        """What the name means: a unit, a unit by its other spelling, a group, or nothing."""
        folded = fold(name)
        return self.units.get(folded) or self.aliases.get(folded) or self.groups.get(folded)


def known(organisation: Organisation) -> Known:
    """The organisation's names, in three queries."""
    units = {unit.pk: unit for unit in organisation.units.active()}
    aliases = organisation.aliases.all().values_list("name", "unit_id")
    return Known(
        units={fold(unit.name): unit for unit in units.values()},
        aliases={fold(name): units[pk] for name, pk in aliases if pk in units},
        groups={fold(group.name): group for group in organisation.groups.all()},
    )


def match(organisation: Organisation, names: Iterable[str]) -> dict[str, Unit | UnitGroup | None]:
    """Each name as given → what it means, None where nobody knows it; three queries for any number of names."""
    everything = known(organisation)
    return {name: everything.find(name) for name in names}


def near(name: str, everything: Known) -> list[str]:
    """At most three names of units and groups that look alike, nearest first; suggestions, never a match."""
    by_fold = {folded: unit.name for folded, unit in {**everything.units, **everything.aliases}.items()}
    by_fold |= {folded: group.name for folded, group in everything.groups.items()}
    found = get_close_matches(fold(name), by_fold, n=6, cutoff=0.5)
    return list(dict.fromkeys(by_fold[folded] for folded in found))[:3]


def fold(name: str) -> str:
    """The name without blanks, in half width.

    >>> fold("执法 监察局（县）")
    '执法监察局(县)'
    """
    return "".join(unicodedata.normalize("NFKC", name).split())
