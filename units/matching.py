"""Names in a ledger → units and groups: exact or by alias; what is neither stays unresolved, nothing is guessed."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from units.models import Organisation, Unit, UnitGroup


@dataclass(frozen=True, slots=True)
class Known:
    """Everything of one organisation that a name can lead to."""

    units: dict[str, Unit]
    aliases: dict[str, Unit]
    groups: dict[str, UnitGroup]

    def find(self, name: str) -> Unit | UnitGroup | None:
        """What the name leads to; None when nothing does."""
        return self.units.get(name) or self.aliases.get(name) or self.groups.get(name)


def known(organisation: Organisation) -> Known:
    """Units in use, aliases and groups by name; three queries."""
    return Known(
        units={unit.name: unit for unit in organisation.units.active()},
        aliases={alias.name: alias.unit for alias in organisation.aliases.select_related("unit")},
        groups={group.name: group for group in organisation.groups.all()},
    )


def match(organisation: Organisation, names: Iterable[str]) -> dict[str, Unit | UnitGroup | None]:
    """Each name with what it leads to; None waits for a person."""
    directory = known(organisation)
    return {name: directory.find(name) for name in names}


def near(name: str, directory: Known, *, most: int = 3) -> list[str]:
    """Names of units that look like `name`, likeliest first: for a person to choose from, never to apply."""
    return difflib.get_close_matches(name, [*directory.units, *directory.aliases], n=most, cutoff=0.5)
