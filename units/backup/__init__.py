"""The whole system in one file, and back: rows of every table and the files they name. Knows no table by name."""

from units.backup.archive import Damaged
from units.backup.restoring import NotEmpty, OtherVersion, restore
from units.backup.saving import Saved, save

__all__ = ["Damaged", "NotEmpty", "OtherVersion", "Saved", "restore", "save"]
