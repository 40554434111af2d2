"""What the apps above add to the units' own work, by dotted name; imports no model and knows no app.

`succession`: (old unit, new unit, by) → a sentence of what went over, or nothing; runs in the merge's transaction.
`holdings`: (membership) → sentences of what its role and unit have still to do.
`filled`: (organisation, indicators) → sentences of what was filled in on them.
`search`: (membership, words, most) → the hits of one kind, as units.searching has them.
"""

from collections import defaultdict
from typing import Any

from django.utils.module_loading import import_string

_known: dict[str, list[str]] = defaultdict(list)


def register(kind: str, *names: str) -> None:
    """Called by an app when it is ready. names: dotted, for models are not loaded yet then."""
    _known[kind].extend(name for name in names if name not in _known[kind])


def of(kind: str) -> list[Any]:
    """The functions of this kind, in the order of the apps."""
    return [import_string(name) for name in _known[kind]]
