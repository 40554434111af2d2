"""Rows of an item → its points, units, methods, scores and words; builds no tree and adds nothing up."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from indicators.reading import findings, points
from indicators.reading.branches import Branch, Outline, Strip
from indicators.reading.columns import Column, Header
from indicators.reading.desk import Desk, Filled, holder, own
from indicators.reading.drafts import Finding, ResponsibilityDraft
from indicators.reading.formats.grid import Block, Grid
from indicators.reading.lists import methods, people
from indicators.reading.outline import names_class
from indicators.reading.text import narrow, squeeze
from indicators.reading.worth import fill_points, refuse_impossible, summed
from units import naming

UNIT_ROLES = {"unit": None, "unit-lead": None, "unit-joint": "joint", "unit-support": "support", "assessor": "assessor"}
FILLED_FROM_ABOVE = {"unit": "unit-inferred", "unit-lead": "unit-inferred", "method": "method-inferred"}
TAKEN_AS_PRINTED = frozenset({"leader", "deadline", "process", "remark", "deduction"})
_WORTH = re.compile(r"[(（]\s*\d{1,4}(?:\.\d{1,4})?\s*分\s*[)）]")
_RECTIFIED = re.compile(r"已(经)?整改|整改完成|已完成整改")


def fill(
    grid: Grid, header: Header, outline: Outline, later: tuple[Header, ...] = ()
) -> tuple[dict[int, Filled], list[Finding]]:
    """Branch id → what its columns say, and what was found on the way.

    Sets `declared` of branches from the points columns. later: headers printed again with other headings.
    """
    desk = Desk(grid, header, [], later=later, led=bool(header.of("unit-lead")))
    filled = {one.id: _item(desk, one, one.item) if one.item else Filled() for one in outline.branches}
    items = [branch for branch in outline.branches if branch.item]
    owner = _owners(items)
    fill_points(desk, outline, owner, filled)
    _numbers(desk, outline, owner, filled)
    _scores(desk, items, owner, filled)
    desk.findings.extend(summed(desk, items, filled))
    return filled, desk.findings


def _owners(items: Sequence[Branch]) -> dict[int, Branch]:
    """Row → the item it belongs to."""
    return {row: branch for branch in items if branch.item for row in branch.item.rows}


def _item(desk: Desk, branch: Branch, strip: Strip) -> Filled:
    filled = Filled(criteria=_criteria(desk, branch, strip))
    desk.on_total = branch.bonus
    responsibilities: list[tuple[ResponsibilityDraft, ...]] = []
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
        return desk.grid.begins(row, column.index)
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
    if not columns:
        return None
    texts = [text for column in columns for text in _words(desk, column, strip)]
    return "\n".join(dict.fromkeys(texts)) or None


def _given(desk: Desk, column: Column, strip: Strip) -> tuple[list[str], bool]:
    """The words of a cell, or those of the row above where it is blank and not merged; and whether they are."""
    # A cell merged from the left is the left column's; this one says nothing on that row.
    words = _words(desk, column, strip) if desk.grid.begins(strip.rows[0], column.index) else []
    if words:
        desk.above[column.index] = words[-1]
        return words, False
    block = desk.grid.block(strip.rows[0], column.index)
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


def _responsibilities(desk: Desk, column: Column, strip: Strip) -> list[tuple[ResponsibilityDraft, ...]]:
    """Who each cell of a column names, over the rows of an item."""
    words, inferred = _given(desk, column, strip)
    role = UNIT_ROLES[column.role]
    # Beside a column of those who lead, the one of those responsible names who shares the work.
    lead = "joint" if column.role == "unit" and desk.led else "lead"
    return [_named(text, role, lead, inferred) for text in words]


@lru_cache(maxsize=4096)
def _named(text: str, role: str | None, lead: str, inferred: bool) -> tuple[ResponsibilityDraft, ...]:
    """Who a cell names, each once, those that lead before the others.

    role: what its column says of all of them; lead: what leading means beside other columns.
    """
    found = [
        ResponsibilityDraft(
            one.name, role or (lead if one.role == "lead" else one.role), one.kind, one.open_ended, inferred
        )
        for one in naming.parse(_WORTH.sub("", text) if "分" in text else text)
    ]
    return _once(found)


def _distinct(cells: Sequence[tuple[ResponsibilityDraft, ...]]) -> tuple[ResponsibilityDraft, ...]:
    """Who all cells of an item name, each once. cells: as `_named` gives them."""
    return cells[0] if len(cells) == 1 else _once([one for cell in cells for one in cell])


def _once(found: Sequence[ResponsibilityDraft]) -> tuple[ResponsibilityDraft, ...]:
    """One responsibility per name and side: a unit that leads may also be the one that assesses."""
    kept: dict[tuple[str, bool], ResponsibilityDraft] = {}
    for one in sorted(found, key=lambda one: one.role != "lead"):
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


def _numbers(desk: Desk, outline: Outline, owner: dict[int, Branch], filled: dict[int, Filled]) -> None:
    rows = sorted(outline.paths)
    for column in desk.header.of("number"):
        for row, block, text in own(desk, column, rows):
            branch = holder(outline, owner, row, block, None) or owner.get(row)
            if branch is not None and block.right == column.index:
                filled[branch.id].number = narrow(squeeze(text)).strip()


def _scores(desk: Desk, items: Sequence[Branch], owner: dict[int, Branch], filled: dict[int, Filled]) -> None:
    columns = desk.header.of("score")
    if not columns:
        return
    # Where an office prints several score columns the last one is the latest judgement.
    for row, block, text in own(desk, columns[-1], sorted(owner)):
        item, place = owner[row], desk.grid.place(block.top, block.left)
        value = points.parse(text)
        if value is None:
            refuse_impossible(place, text, "得分")
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
