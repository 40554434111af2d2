"""The points columns of a table → what each indicator is worth; adds no tree up."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from indicators.reading import findings, points
from indicators.reading.branches import Branch, Outline
from indicators.reading.columns import Column
from indicators.reading.desk import Desk, Filled, holder, own
from indicators.reading.drafts import CheckpointDraft, Finding
from indicators.reading.formats.grid import Block
from indicators.reading.reconcile import WHOLE
from indicators.reading.refusal import Refused
from indicators.reading.report import plain
from indicators.reading.text import squeeze


@dataclass(slots=True)
class _Doubled:
    """A points column whose items have other points already: its heading, the one kept, and where it differs."""

    column: Column
    kept: Column
    rows: list[int] = field(default_factory=list)


def fill_points(desk: Desk, outline: Outline, owner: dict[int, Branch], filled: dict[int, Filled]) -> None:
    """Set `declared` of the branches. Raises Refused where a cell holds what can never be points."""
    rows = sorted(outline.paths)
    columns = desk.header.of("points")
    slots = {column.index: _slot(desk, outline, column, rows, alone=len(columns) == 1) for column in columns}
    for at, column in enumerate(columns):
        slot = slots[column.index]
        before = next((one for one in columns[:at] if slots[one.index] == slot), None)
        doubled = _Doubled(column, before) if before is not None else None
        for row, block, text in own(desk, column, rows):
            value = _number(desk, block, text)
            if value is not None:
                _give(desk, holder(outline, owner, row, block, slot), row, block, value, filled, doubled)
        if doubled is not None and doubled.rows:
            place = desk.grid.place(doubled.rows[0], column.index)
            names = (doubled.kept.heading, column.heading)
            desk.findings.append(findings.points_second_column(place, *names, len(doubled.rows)))


def _give(
    desk: Desk,
    branch: Branch | None,
    row: int,
    block: Block,
    value: Decimal,
    filled: dict[int, Filled],
    doubled: _Doubled | None,
) -> None:
    """One points cell to the node it speaks of."""
    if branch is None:
        place = desk.grid.span(block)
        desk.findings.append(findings.points_shared(place, value, block.bottom - block.top + 1))
        return
    one = filled[branch.id]
    if doubled is not None and branch.declared is not None and branch.item is not None:
        if branch.declared != value:
            doubled.rows.append(row)
            one.extra[doubled.column.heading] = plain(value)
    elif value < 0:
        one.penalty = value
        place = desk.grid.place(block.top, block.left)
        desk.findings.append(findings.points_negative(branch.name, place, value))
    elif branch.item is not None and row != branch.first and row in branch.item.rows:
        _add(desk, branch, value, row, one)
    elif not (branch.declared is not None and value == WHOLE and _is_share(desk, block)):
        _declare(desk, branch, value, block)
        one.points_block = block


def _is_share(desk: Desk, block: Block) -> bool:
    """Whether a cell says 100 % of a node that has its own points: the whole of it, and nothing new."""
    return desk.grid.rows[block.top][block.left].rstrip().endswith(("%", "％"))


def _add(desk: Desk, branch: Branch, value: Decimal, row: int, filled: Filled) -> None:
    """One more line of points beside one item: the item is worth all of them, each line a part of it."""
    if not filled.parts and branch.declared is not None:
        filled.parts.append(CheckpointDraft(_said(desk, branch.first) or "第1项", branch.declared))
    if branch.graded:
        # The rows are steps of one scale: the highest is what the item is worth.
        filled.parts.clear()
        branch.declared = max(branch.declared or value, value)
        return
    filled.parts.append(CheckpointDraft(_said(desk, row) or f"第{len(filled.parts) + 1}项", value))
    branch.declared = (branch.declared or Decimal(0)) + value


def _said(desk: Desk, row: int) -> str:
    """The words that a row of its own holds beside an item."""
    found = (desk.grid.rows[row][column.index] for column in desk.columns(row) if column.role in {"extra", "remark"})
    return " ".join(squeeze(text) for text in found if text)


def summed(desk: Desk, items: Sequence[Branch], filled: dict[int, Filled]) -> Iterator[Finding]:
    for branch in items:
        parts = filled[branch.id].parts
        if parts and branch.declared is not None:
            yield findings.points_summed(branch.name, desk.grid.span(branch.block), len(parts), branch.declared)


def _slot(desk: Desk, outline: Outline, column: Column, rows: Sequence[int], *, alone: bool) -> int | None:
    """Which level column a points column stands behind, where there are several; None means the item.

    alone: the only points column speaks of a level only where each of its cells covers just what a node there does.
    """
    header = desk.header
    before = [c for c in header.columns if c.index < column.index and (c in header.levels or c in header.contents)]
    if not before or before[-1] in header.contents:
        return None
    slot = header.levels.index(before[-1]) + 1
    if not alone:
        return slot
    if slot == len(header.levels):
        return None
    cells = [(outline.paths[row][slot], block) for row, block, _ in own(desk, column, rows)]
    exact = all(node and (node.first, node.last) == (block.top, block.bottom) for node, block in cells)
    return slot if exact else None


def _number(desk: Desk, block: Block, text: str) -> Decimal | None:
    """A points cell as a number, with a finding where it is none."""
    value = points.parse(text)
    if value is None:
        value = _most(desk, desk.grid.place(block.top, block.left), text)
    if value is None:
        return None
    kept = points.settle(value)
    if kept != value:
        desk.findings.append(findings.points_rounded(desk.grid.place(block.top, block.left), text, kept))
    return kept


def _most(desk: Desk, place: str, text: str) -> Decimal | None:
    """The most that a cell allows which holds no plain number, with a finding; a dash says nothing."""
    if not set(text) - set("—-–/／ "):
        return None
    value = points.most(text)
    if value is not None:
        desk.findings.append(findings.points_ranged(place, text, value))
        return value
    refuse_impossible(place, text, "分值")
    desk.findings.append(findings.points_unreadable(place, text))
    return None


def _declare(desk: Desk, branch: Branch, value: Decimal, block: Block) -> None:
    if branch.declared is not None and branch.declared != value:
        place = desk.grid.place(block.top, block.left)
        desk.findings.append(findings.points_conflict(branch.name, place, branch.declared, value))
        return
    branch.declared = value


def refuse_impossible(place: str, text: str, what: str) -> None:
    """Raises Refused where a cell holds no number that could be reckoned with (1e308, NaN, Infinity)."""
    if points.is_impossible(text):
        raise Refused(
            "number-impossible",
            f"{place} 的{what}“{findings.short(text)}”不是能计算的数；改成正常的{what}后再上传",
        )
