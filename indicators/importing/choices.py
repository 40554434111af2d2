"""What a person decided on the preview, as plain data and as the JSON that an upload keeps."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

UNIT, GROUP, NONE, ALIAS = "unit", "group", "none", "alias:"


@dataclass(frozen=True, slots=True)
class LedgerChoice:
    """One sheet of the file: whether it becomes a ledger, and under which heading."""

    store: bool
    title: str
    issuer: str
    year: int | None


@dataclass(frozen=True, slots=True)
class Choices:
    """ledgers: by their place in the reading. names: a name nobody knows → unit, group, none or `alias:<unit id>`.

    repairs: sheet → keys of the repairs that were ticked. turn: which reading was looked at, None for whichever.
    """

    ledgers: tuple[LedgerChoice, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    repairs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    turn: int | None = None


def as_json(choices: Choices) -> dict[str, Any]:
    return {
        "ledgers": [
            {"store": one.store, "title": one.title, "issuer": one.issuer, "year": one.year} for one in choices.ledgers
        ],
        "names": dict(choices.names),
        "repairs": {sheet: list(keys) for sheet, keys in choices.repairs.items()},
    }


def from_json(obj: Mapping[str, Any]) -> Choices:
    return Choices(
        tuple(LedgerChoice(one["store"], one["title"], one["issuer"], one["year"]) for one in obj.get("ledgers", ())),
        dict(obj.get("names", {})),
        {sheet: tuple(keys) for sheet, keys in obj.get("repairs", {}).items()},
    )


def everything(kinds: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Every name as what the ledger says it is. kinds: (name, `unit` or `group`)."""
    return {name: GROUP if kind == "group" else UNIT for name, kind in kinds}
