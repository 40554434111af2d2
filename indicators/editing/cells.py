"""Cells of a draft typed, pasted or filled, many at once: good ones are saved, others come back with the reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import QuerySet

from indicators.editing import texts
from indicators.editing.appending import append
from indicators.editing.locking import EditRefused, locked
from indicators.editing.sheaf import LABELS, Sheaf, is_field
from indicators.models import Amendment, Indicator, Ledger
from units.models import User

MOST = 5000
State = Literal["saved", "refused", "conflict"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as a person changed it. field: name, points, criteria, parts, methods, number, `x:` and a heading.

    was: what the person saw there before; the cell is only written where that still stands.
    """

    indicator: int
    field: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one cell. theirs, by: on a conflict, what stands there now and who wrote it."""

    cell: Cell
    state: State
    message: str = ""
    theirs: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class More:
    """Lines of a pasted block for which there was no row: they become rows behind the indicator `below`.

    rows: of each line its cells as (field, text); a blank one stays as a new row has it.
    """

    below: int
    rows: tuple[tuple[tuple[str, str], ...], ...]


@dataclass(frozen=True, slots=True)
class Written:
    """step: what to take back to undo it all, None where nothing changed. ledger: as it was locked. added: new rows."""

    step: UUID | None
    outcomes: tuple[Outcome, ...]
    ledger: Ledger
    added: tuple[int, ...] = ()


@transaction.atomic
def write(
    ledger: Ledger | QuerySet[Ledger], cells: Sequence[Cell], *, by: User | None, more: More | None = None
) -> Written:
    """What became of each cell, in the order given; all good ones are one step. The same few queries for any number.

    ledger: or the question for it, which is then asked once, under the lock; it may raise Ledger.DoesNotExist.
    more: rows to be added; the outcomes of their cells stand behind the others.
    Raises EditRefused when the ledger is no draft, and for more than 5,000 cells or 1,000 new rows.
    """
    if len(cells) + sum(len(line) for line in (more.rows if more else ())) > MOST:
        raise EditRefused(f"一次最多改 {MOST} 个单元格，分几次再做")
    current = locked(ledger.pk if isinstance(ledger, Ledger) else ledger)
    step = uuid4()
    added = append(current, more.below, len(more.rows), by=by, step=step) if more else []
    new = _in_new_rows(added, more.rows) if more else []
    sheaf = Sheaf(current, {cell.indicator for cell in (*cells, *new)}, by=by, step=step)
    outcomes = tuple(_write(sheaf, cell) for cell in (*cells, *new))
    changed = bool(sheaf.save()) or bool(added)
    return Written(step if changed else None, outcomes, current, tuple(row.pk for row in added))


def _in_new_rows(added: Sequence[Indicator], rows: Sequence[Sequence[tuple[str, str]]]) -> list[Cell]:
    return [
        Cell(row.pk, field, row.name if field == "name" else "", text)
        for row, line in zip(added, rows, strict=True)
        for field, text in line
        if text
    ]


def _write(sheaf: Sheaf, cell: Cell) -> Outcome:
    if cell.indicator not in sheaf.rows or not is_field(cell.field):
        return Outcome(cell, "refused", "这项指标已不在台账中")
    try:
        value = sheaf.read(cell.field, cell.now)
        there = sheaf.text(cell.indicator, cell.field)
        if texts.same(cell.field, there, cell.now):
            return Outcome(cell, "saved")
        if not _still(sheaf, cell, there):
            return _conflict(sheaf, cell, there)
        sheaf.set(cell.indicator, cell.field, value)
    except EditRefused as refused:
        return Outcome(cell, "refused", refused.message)
    return Outcome(cell, "saved")


def _still(sheaf: Sheaf, cell: Cell, there: str) -> bool:
    """Whether what the person saw is what stands there, be it spelt as they typed it themselves a moment ago."""
    if texts.same(cell.field, there, cell.was):
        return True
    if cell.field not in {"parts", "methods"}:
        return False
    shorn = [[row[:3] for row in sheaf.read("parts", text)] for text in (there, cell.was)]
    return shorn[0] == shorn[1] if cell.field == "parts" else texts.names(there) == texts.names(cell.was)


def _conflict(sheaf: Sheaf, cell: Cell, there: str) -> Outcome:
    """Both values stand beside each other; nothing is overwritten."""
    label = LABELS.get(cell.field, cell.field[2:][:30])
    last = (
        Amendment.objects.filter(indicator=cell.indicator, field=label).select_related("actor").order_by("-pk").first()
    )
    who = str(last.actor) if last and last.actor else "别人"
    return Outcome(cell, "conflict", f"{who}已改成“{there or '空白'}”", there, who)
