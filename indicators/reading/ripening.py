"""Rows that hang on a branch → its item, or items below it; follows no level column."""

from decimal import Decimal

from indicators.reading import findings, points
from indicators.reading.branches import DEEPEST, Branch, Climb, Strip, walk
from indicators.reading.columns import Header
from indicators.reading.formats.grid import Grid
from indicators.reading.notes import is_bonus
from indicators.reading.rules import checkpoints
from indicators.reading.text import squeeze


def ripen(climb: Climb, header: Header, branch: Branch, level: int) -> None:
    """Turn the rows of a branch into its item, or into items below it when there are several."""
    parted = branch.children or (branch.heading and len(branch.strips) > 1)
    if parted and branch.strips and _is_heading(climb.grid, header, branch):
        branch.strips.pop(0)
        branch.heading = True
    if not branch.children and len(branch.strips) == 1 and not _is_bonus_chapter(climb.grid, header, branch):
        branch.item = branch.strips[0]
        return
    highest = None if branch.children else _graded(climb.grid, header, branch)
    if highest is not None:
        climb.findings.append(findings.graded(branch.name, climb.grid.span(branch.block), highest))
        branch.item = Strip([row for strip in branch.strips for row in strip.rows])
        branch.graded = True
        return
    for strip in branch.strips:
        branch.children.append(_content_item(climb, header, branch, strip))
    branch.children.sort(key=lambda child: child.first)
    for child in list(branch.children):
        if child.item is None:
            ripen(climb, header, child, level + 1)
        if level + 1 == DEEPEST and child.children:
            _lift(climb, branch, child)


def _graded(grid: Grid, header: Header, branch: Branch) -> Decimal | None:
    """The highest step, where the rows below a node are alternatives of falling points and not its parts.

    They are where the last is worth nothing, or where the node's own points are those of the first row.
    """
    columns = header.of("points")
    rows = [strip.rows[0] for strip in branch.strips]
    if len(columns) != 1 or len(rows) < 2 or branch.heading:
        return None
    column = columns[0].index
    first, last = points.parse(grid.rows[rows[0]][column]), points.parse(grid.rows[rows[-1]][column])
    if first is None or last is None or first <= last or (last and branch.declared != first):
        return None
    values = [points.parse(grid.rows[row][column]) for row in rows]
    numbers = [value for value in values if value is not None]
    if len(numbers) < len(values) or numbers != sorted(set(numbers), reverse=True):
        return None
    return first


def _is_bonus_chapter(grid: Grid, header: Header, branch: Branch) -> bool:
    """A chapter of bonuses and penalties without points of its own: what its row says is its one part."""
    if not (branch.heading and branch.declared is None and header.contents and is_bonus(branch.name)):
        return False
    row = branch.strips[0].rows[0]
    return not any(grid.text(row, column.index) for column in header.of("points"))


def _lift(climb: Climb, branch: Branch, child: Branch) -> None:
    """A tree has five levels: items below the fifth take its place, with its name before theirs."""
    climb.findings.append(findings.too_deep(child.name, climb.grid.span(child.block)))
    items = [one for one in walk(child.children) if one.item]
    for item in items:
        item.parent = branch
        item.name = f"{child.name}：{item.name}"
    at = branch.children.index(child)
    branch.children[at : at + 1] = items


def _is_heading(grid: Grid, header: Header, branch: Branch) -> bool:
    """A first row that only names the branch whose parts follow below: its points are the branch's."""
    row = branch.strips[0].rows[0]
    if branch.heading:
        return True
    if row != branch.first or branch.block.bottom > branch.block.top:
        return False
    return not any(grid.text(row, column.index) for column in header.of("content", "criteria", "unit", "method"))


def _content_item(climb: Climb, header: Header, branch: Branch, strip: Strip) -> Branch:
    """One content row as an item below the node that covers several; without content it has no name."""
    row = strip.rows[0]
    column = header.contents[0].index if header.contents else climb.columns[-1].index
    name = squeeze(climb.grid.text(row, column)) if header.contents else ""
    # A sentence may end in a bracketed number that is no points, so where a column holds them it must say 分.
    says_points = name.count("分") == 1 or not header.of("points")
    plain_name, declared = points.split_name(name) if says_points else (name, None)
    parts = checkpoints(name) if not header.of("points") else ()
    if len(parts) > 1:
        # Several parts each with points of its own: the row is worth their sum, not the last of them.
        declared = points.total(one.points for one in parts)
    else:
        name = plain_name
    block = climb.grid.block(row, column)
    return Branch(name, declared, branch, block, row, strip.rows[-1], content_named=True, item=strip)
