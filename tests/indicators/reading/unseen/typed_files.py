"""Ledgers typed as plain text beside this file, one a file, in the lines of `typed/`; reads none with the product.

A file says how it is named and kept (`file:`, `encoding:`, `hide:` columns, `percent: yes` where percentages are
numbers), then its sheets (`## 表名` and the rows as in `made`), then after each `@@` what a clerk sees on a ledger:
`key: value`, where the facts of several indicators are `start = value` parted by `;`.
"""

import re
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from openpyxl import load_workbook

from tests.indicators.reading.unseen.made import Made, Seen

FOLDER = Path(__file__).parent / "typed"
NUMBERS = {"year", "depth", "items"}
BY_START = {"points", "units", "methods", "under"}
PERCENT = re.compile(r"[\d.]+%")


@dataclass(frozen=True, slots=True)
class Typed(Made):
    """A typed file with what plain rows cannot say: hidden columns and percentages kept as numbers."""

    hide: str = ""
    percent: bool = False

    @property
    def content(self) -> bytes:
        plain = Made(self.name, self.sheets, self.seen, self.encoding).content
        return self._finished(plain) if self.hide or self.percent else plain

    def _finished(self, plain: bytes) -> bytes:
        book = load_workbook(BytesIO(plain))
        for page in book.worksheets:
            for column in self.hide.split():
                page.column_dimensions[column].hidden = True
            for cell in (cell for row in page.iter_rows() for cell in row if self.percent):
                if PERCENT.fullmatch(str(cell.value)):
                    cell.value, cell.number_format = float(str(cell.value)[:-1]) / 100, "0%"
        out = BytesIO()
        book.save(out)
        return out.getvalue()


def typed(path: Path) -> Typed:
    """The file as typed; raises ValueError where a line is no fact."""
    table, *facts = re.split(r"^@@\n", path.read_text(encoding="utf-8"), flags=re.M)
    head, *sheets = re.split(r"^##[ ]?", table, flags=re.M)
    said = dict(line.split(": ", 1) for line in head.strip().split("\n"))
    named = dict(sheet.split("\n", 1) for sheet in sheets)
    return Typed(
        name=said["file"],
        sheets=named,
        seen=tuple(map(_seen, facts)),
        encoding=said.get("encoding", "utf-8"),
        hide=said.get("hide", ""),
        percent="percent" in said,
    )


def _seen(facts: str) -> Seen:
    said = dict(line.split(": ", 1) for line in facts.strip().split("\n"))
    by_start = {key: dict(one.split(" = ") for one in said.pop(key).split("; ")) for key in BY_START & said.keys()}
    numbers = {key: int(said.pop(key)) for key in NUMBERS & said.keys()}
    return Seen(**said, **numbers, **by_start)  # type: ignore[arg-type]


ALL = tuple(typed(path) for path in sorted(FOLDER.glob("*.txt")))
