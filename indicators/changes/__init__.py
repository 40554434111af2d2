"""A changed file for a ledger that stands already: what differs, and only what is ticked is written."""

from indicators.changes.applying import Applied, apply, comparison, repaired
from indicators.changes.comparing import KINDS, Change, Comparison, compare
from indicators.changes.standing import stamp, standing

__all__ = [
    "KINDS",
    "Applied",
    "Change",
    "Comparison",
    "apply",
    "compare",
    "comparison",
    "repaired",
    "stamp",
    "standing",
]
