"""A draft ledger changed by hand: every verb locks the ledger's row first and writes amendments. No HTTP."""

from indicators.editing.fields import Changes, Keep, Part, edit
from indicators.editing.locking import ChangedMeanwhile, EditRefused
from indicators.editing.rules import accept, refuse, set_rule
from indicators.editing.structure import New, Where, add, move, restore, retire

__all__ = [
    "ChangedMeanwhile",
    "Changes",
    "EditRefused",
    "Keep",
    "New",
    "Part",
    "Where",
    "accept",
    "add",
    "edit",
    "move",
    "refuse",
    "restore",
    "retire",
    "set_rule",
]
