"""Rows of an item → its points, units, methods, scores and words; builds no tree and adds nothing up."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache

from indicators.reading import findings, points
from indicators.reading.columns import Column, Header
from indicators.reading.drafts import CheckpointDraft, Finding, ResponsibilityDraft
from indicators.reading.formats.grid import Block, Grid
from indicators.reading.lists import methods, people
from indicators.reading.notes import is_bonus
from indicators.reading.outline import Branch, Outline, Strip, names_class
from indicators.reading.text import narrow, squeeze
from units import naming

UNIT_ROLES = {"unit": None, "unit-lead": None, "unit-joint": "joint", "unit-support": "support", "assessor": "assessor"}
FILLED_FROM_ABOVE = {"unit": "unit-inferred", "unit-lead": "unit-inferred", "method": "method-inferred"}
TAKEN_AS_PRINTED = frozenset({"leader", "deadline", "process", "remark", "deduction"})
_RECTIFIED = re.compile(r"已(经)?整改|整改完成|已完成整改")


@dataclass(slots=True)
class Filled:
    """What the columns say of one branch; points stand on the branch itself."""

    number: str | None = None
    criteria: str | None = None
    methods: tuple[str, ...] = ()
    responsibilities: tuple[ResponsibilityDraft, ...] = ()
    leaders: tuple[str, ...] = ()
    deadlines: tuple[str, ...] = ()
    score: Decimal | None = None
    shared_with: tuple[int, ...] = ()
    score_place: str = ""
    points_place: str = ""
    deduction_reason: str | None = None
    rectified: bool | None = None
    extra: dict[str, str] = field(default_factory=dict)
    parts: list[CheckpointDraft] = field(default_factory=list)


@dataclass(slots=True)
class Desk:
    """The table being read, with what the rows above left behind for blank cells below.

    led: a column of its own names who leads. on_total: the row at hand is a bonus or penalty on the total.
    """

    grid: Grid
    header: Header
    findings: list[Finding]
    above: dict[int, str] = field(default_factory=dict)
    later: tuple[Header, ...] = ()
    led: bool = False
    on_total: bool = False

    def columns(self, row: int) -> tuple[Column, ...]:
        """The columns that hold at a row: a header printed again may name some of them anew."""
        for header in reversed(self.later):
            if header.rows[-1] < row:
                return header.columns
        return self.header.columns


def fill(
    grid: Grid, header: Header, outline: Outline, later: tuple[Header, ...] = ()
) -> tuple[dict[int, Filled], list[Finding]]:
    """Branch id → what its columns say, and what was found on the way.

    Sets `declared` of branches from the points columns. later: headers printed again with other headings.
    """
    desk = Desk(grid, header, [], later=later, led=bool(header.of("unit-lead")))
    filled = {branch.id: Filled() for branch in outline.branches}
    items = [branch for branch in outline.branches if branch.item]
    for branch in items:
        assert branch.item is not None  # noqa: S101  (chosen one line above)
        filled[branch.id] = _item(desk, branch, branch.item)
    owner = _owners(items)
    _points(desk, outline, owner, filled)
    _numbers(desk, outline, owner, filled)
    _scores(desk, items, owner, filled)
    desk.findings.extend(_summed(desk, items, filled))
    return filled, desk.findings


def _owners(items: Sequence[Branch]) -> dict[int, Branch]:
    """Row → the item it belongs to."""
    return {row: branch for branch in items if branch.item for row in branch.item.rows}


def _item(desk: Desk, branch: Branch, strip: Strip) -> Filled:
    filled = Filled(criteria=_criteria(desk, branch, strip))
    desk.on_total = is_bonus(branch.name)
    responsibilities: list[ResponsibilityDraft] = []
    for column in desk.columns(strip.rows[0]):
        if column.role in UNIT_ROLES:
            responsibilities.extend(_responsibilities(desk, column, strip))
        elif column.role == "method":
            filled.methods = tuple(dict.fromkeys([*filled.methods, *_methods(desk, column, strip)]))
        elif _is_plain(desk, column, strip.rows[0]):
            _plain(filled, column, _told_words(desk, column, strip))
    filled.responsibilities = _distinct(responsibilities)
    for column in desk.header.levels if desk.header.units_inside is not None else ():
        text = desk.grid.text(strip.rows[0], column.index)
        if names_class(desk.grid, desk.header.units_inside, strip.rows[0], column, text):
            filled.extra[column.heading] = squeeze(text)
    return filled


def _is_plain(desk: Desk, column: Column, row: int) -> bool:
    """Whether the words of a column are taken as they stand; a cell merged from its left is not this column's."""
    if column.role == "extra":
        return desk.grid.block(row, column.index).left == column.index
    return column.role in TAKEN_AS_PRINTED or column.index in desk.header.filled


def _plain(filled: Filled, column: Column, words: Sequence[str]) -> None:
    """The columns whose words are taken as they stand."""
    if not words:
        return
    text = "\n".join(words)
    if column.role == "leader":
        filled.leaders += people(text)
    elif column.role == "deadline":
        filled.deadlines += tuple(squeeze(word) for word in words)
    elif column.role in {"extra", "process", "remark"}:
        filled.extra[column.heading] = squeeze(text) if column.role == "process" else text
    elif column.role == "deduction":
        filled.deduction_reason = text
        filled.rectified = bool(_RECTIFIED.search(text))


def _blocks(desk: Desk, column: Column, strip: Strip) -> Iterator[Block]:
    """The different cells of a column over the rows of an item, top to bottom."""
    last: Block | None = None
    for row in strip.rows:
        block = desk.grid.block(row, column.index)
        if block != last:
            yield block
        last = block


def _words(desk: Desk, column: Column, strip: Strip) -> list[str]:
    if len(strip.rows) == 1:
        text = desk.grid.text(strip.rows[0], column.index)
        return [text] if text else []
    texts = (desk.grid.rows[block.top][block.left] for block in _blocks(desk, column, strip))
    return [text for text in texts if text]


def _criteria(desk: Desk, branch: Branch, strip: Strip) -> str | None:
    """The words of the content columns; the one that already is the name does not count again."""
    columns = desk.header.contents[1 if branch.content_named else 0 :]
    texts = [text for column in columns for text in _words(desk, column, strip)]
    return "\n".join(dict.fromkeys(texts)) or None


def _given(desk: Desk, column: Column, strip: Strip) -> tuple[list[str], bool]:
    """The words of a cell, or those of the row above where it is blank and not merged; and whether they are."""
    block = desk.grid.block(strip.rows[0], column.index)
    # A cell merged from the left is the left column's; this one says nothing on that row.
    words = _words(desk, column, strip) if block.left == column.index else []
    if words:
        desk.above[column.index] = words[-1]
        return words, False
    code = _fill_code(desk.header, column)
    before = desk.above.get(column.index)
    if code is None or before is None or desk.on_total or (block.top, block.left) != (block.bottom, block.right):
        return [], False
    if code == "unit-inferred" and _other_unit(desk, column, strip.rows[0]):
        return [], False
    place = desk.grid.place(block.top, block.left)
    desk.findings.append(findings.inferred(code, place, column.heading, squeeze(before)))
    return [before], True


def _fill_code(header: Header, column: Column) -> str | None:
    """The finding due where a blank is filled from above; None where blanks of this column stay blank."""
    if column.index in header.unfilled:
        return None
    code = FILLED_FROM_ABOVE.get(column.role)
    if code or column.index not in header.filled:
        return code
    return "unit-inferred" if column.role in UNIT_ROLES else "value-inferred"


def _told_words(desk: Desk, column: Column, strip: Strip) -> list[str]:
    """The words of a column, those of the row above where a person said that its blanks mean them."""
    return _given(desk, column, strip)[0] if column.index in desk.header.filled else _words(desk, column, strip)


def _other_unit(desk: Desk, column: Column, row: int) -> bool:
    """Whether another column names a unit on the row: then a blank says that there is no more."""
    others = desk.header.of("unit", "unit-lead")
    return any(desk.grid.text(row, one.index) for one in others if one.index != column.index)


def _responsibilities(desk: Desk, column: Column, strip: Strip) -> list[ResponsibilityDraft]:
    words, inferred = _given(desk, column, strip)
    role = UNIT_ROLES[column.role]
    # Beside a column of those who lead, the one of those responsible names who shares the work.
    lead = "joint" if column.role == "unit" and desk.led else "lead"
    return [one for text in words for one in _named(text, role, lead, inferred)]


@lru_cache(maxsize=4096)
def _named(text: str, role: str | None, lead: str, inferred: bool) -> tuple[ResponsibilityDraft, ...]:
    """Who a cell names. role: what its column says of all of them; lead: what leading means beside other columns."""
    return tuple(
        ResponsibilityDraft(
            one.name, role or (lead if one.role == "lead" else one.role), one.kind, one.open_ended, inferred
        )
        for one in naming.parse(text)
    )


def _distinct(found: Sequence[ResponsibilityDraft]) -> tuple[ResponsibilityDraft, ...]:
    """One responsibility per name and side: a unit that leads may also be the one that assesses."""
    kept: dict[tuple[str, bool], ResponsibilityDraft] = {}
    for one in sorted(found, key=lambda one: one.role != "lead") if len(found) > 1 else found:
        kept.setdefault((one.name, one.role == "assessor"), one)
    return tuple(kept.values())


def first_leading(found: tuple[ResponsibilityDraft, ...]) -> tuple[ResponsibilityDraft, ...]:
    """Where no word told who leads: the first named leads, those behind it share the work."""
    leads = [one for one in found if one.role == "lead"]
    if len(leads) < 2 or any(one.role in {"joint", "support"} for one in found):
        return found
    return tuple(replace(one, role="joint") if one in leads[1:] else one for one in found)


def _methods(desk: Desk, column: Column, strip: Strip) -> list[str]:
    words, _ = _given(desk, column, strip)
    return [method for text in words for method in methods(text)]


def _own(desk: Desk, column: Column, rows: Sequence[int]) -> Iterator[tuple[int, Block, str]]:
    """Row, cell and words of a column where a cell with words begins."""
    for row in rows:
        text = desk.grid.rows[row][column.index]
        if text:
            # Only the first cell of a merged block holds words.
            yield row, desk.grid.block(row, column.index), text


def _points(desk: Desk, outline: Outline, owner: dict[int, Branch], filled: dict[int, Filled]) -> None:
    rows = sorted(outline.paths)
    columns = desk.header.of("points")
    for column in columns:
        slot = _slot(desk.header, column) if len(columns) > 1 else None
        for row, block, text in _own(desk, column, rows):
            value = _number(desk, block, text)
            if value is None:
                continue
            branch = _holder(outline, owner, row, block, slot)
            if branch is not None and branch.item is not None and row != branch.first and row in branch.item.rows:
                _add(desk, branch, value, row, filled[branch.id])
                continue
            if branch is None:
                place = desk.grid.span(block)
                desk.findings.append(findings.points_shared(place, value, block.bottom - block.top + 1))
                continue
            _declare(desk, branch, value, block)
            filled[branch.id].points_place = desk.grid.place(block.top, block.left)


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


def _summed(desk: Desk, items: Sequence[Branch], filled: dict[int, Filled]) -> Iterator[Finding]:
    for branch in items:
        parts = filled[branch.id].parts
        if parts and branch.declared is not None:
            yield findings.points_summed(branch.name, desk.grid.span(branch.block), len(parts), branch.declared)


def _slot(header: Header, column: Column) -> int | None:
    """Which level column a points column stands behind, where there are several; None means the item."""
    before = [c for c in header.columns if c.index < column.index and (c in header.levels or c in header.contents)]
    if not before or before[-1] in header.contents:
        return None
    return header.levels.index(before[-1]) + 1


def _holder(outline: Outline, owner: dict[int, Branch], row: int, block: Block, slot: int | None) -> Branch | None:
    """The node a points cell speaks of: of its level, or the one that covers the same rows."""
    if slot is not None and slot < len(outline.paths[row]):
        reached = [branch for branch in outline.paths[row][: slot + 1] if branch is not None]
        return reached[-1] if reached else None
    item = owner.get(row)
    if item is None:
        return next((branch for branch in reversed(outline.paths[row]) if branch is not None), None)
    if item.item is not None and block.bottom <= item.item.rows[-1]:
        return item
    return next((b for b in item.above() if b.first == block.top and b.last == block.bottom), None)


def _number(desk: Desk, block: Block, text: str) -> Decimal | None:
    """A points cell as a number, with a finding where it is none."""
    place = desk.grid.place(block.top, block.left)
    value = points.parse(text)
    if value is None and not set(text) - set("—-–/／ "):
        return None
    if value is None and (value := points.most(text)) is not None:
        desk.findings.append(findings.points_ranged(place, text, value))
    if value is None or value < 0:
        desk.findings.append(findings.points_unreadable(place, text))
        return None
    kept = points.settle(value)
    if kept != value:
        desk.findings.append(findings.points_rounded(place, text, kept))
    return kept


def _declare(desk: Desk, branch: Branch, value: Decimal, block: Block) -> None:
    if branch.declared is not None and branch.declared != value:
        place = desk.grid.place(block.top, block.left)
        desk.findings.append(findings.points_conflict(branch.name, place, branch.declared, value))
        return
    branch.declared = value


def _numbers(desk: Desk, outline: Outline, owner: dict[int, Branch], filled: dict[int, Filled]) -> None:
    rows = sorted(outline.paths)
    for column in desk.header.of("number"):
        for row, block, text in _own(desk, column, rows):
            branch = _holder(outline, owner, row, block, None) or owner.get(row)
            if branch is not None and block.right == column.index:
                filled[branch.id].number = narrow(squeeze(text)).strip()


def _scores(desk: Desk, items: Sequence[Branch], owner: dict[int, Branch], filled: dict[int, Filled]) -> None:
    columns = desk.header.of("score")
    if not columns:
        return
    # Where an office prints several score columns the last one is the latest judgement.
    for row, block, text in _own(desk, columns[-1], sorted(owner)):
        item, place = owner[row], desk.grid.place(block.top, block.left)
        value = points.parse(text)
        if value is None:
            if set(text) - set("—-–/／ "):
                desk.findings.append(findings.score_unreadable(place, text))
            continue
        one = filled[item.id]
        one.score, one.score_place = points.settle(value), place
        covered = [b.id for b in items if b.first <= block.bottom and b.last >= block.top]
        if len(covered) > 1:
            one.shared_with = tuple(covered)
        _exceeds(desk, [b for b in items if b.id in covered], one)


def _exceeds(desk: Desk, covered: Sequence[Branch], one: Filled) -> None:
    possible = points.total(branch.declared for branch in covered)
    if one.score is not None and possible is not None and one.score > possible:
        desk.findings.append(findings.score_exceeds(covered[0].name, one.score_place, one.score, possible))
