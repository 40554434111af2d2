"""A draft ledger changed by hand: every verb locks the ledger's row first and writes amendments. No HTTP."""

from indicators.editing.acts import Act, Bulk, perform, set_all
from indicators.editing.cells import Cell, More, Outcome, Written, write
from indicators.editing.combining import Piece, distribute, split
from indicators.editing.fields import Changes, Keep, Part, edit
from indicators.editing.locking import ChangedMeanwhile, EditRefused
from indicators.editing.merging import Merged, merge
from indicators.editing.restoring import take_back
from indicators.editing.rules import accept, refuse, set_rule
from indicators.editing.structure import New, Spot, Way, Where, add, move, restore, retire

__all__ = [
    "Act",
    "Bulk",
    "Cell",
    "ChangedMeanwhile",
    "Changes",
    "EditRefused",
    "Keep",
    "Merged",
    "More",
    "New",
    "Outcome",
    "Part",
    "Piece",
    "Spot",
    "Way",
    "Where",
    "Written",
    "accept",
    "add",
    "distribute",
    "edit",
    "merge",
    "move",
    "perform",
    "refuse",
    "restore",
    "retire",
    "set_all",
    "set_rule",
    "split",
    "take_back",
    "write",
]
