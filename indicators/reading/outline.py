"""Rows → the tree of indicators: carry-down, sideways merges, reprinted pages; reads no content but names."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from indicators.reading import findings, points
from indicators.reading.columns import Column, Header
from indicators.reading.drafts import Finding
from indicators.reading.formats.grid import Block, Grid
from indicators.reading.notes import is_bonus
from indicators.reading.rows import Line
from indicators.reading.rules import checkpoints
from indicators.reading.text import fold, squeeze
from units import naming

NO_LEVEL = "—-–/／\\－─―"
DEEPEST = 5


@dataclass(slots=True, eq=False)
class Strip:
    """The rows that make one item, normally one."""

    rows: list[int]


@dataclass(slots=True, eq=False)
class Branch:
    """A node while the tree is being built.

    block: the cells its name stands in; printed: those it was last printed in. first, last: the rows it
    covers. strips: rows that hang on it directly.
    content_named: the name came from the content column, below a node that covers several rows.
    graded: its rows are steps of one scale (2/1/0), of which an item earns one.
    """

    name: str
    declared: Decimal | None
    parent: "Branch | None"
    block: Block
    first: int
    last: int
    heading: bool = False
    content_named: bool = False
    graded: bool = False
    item: Strip | None = None
    children: list["Branch"] = field(default_factory=list)
    strips: list[Strip] = field(default_factory=list)
    printed: Block | None = None
    id: int = 0
    level: int = 0

    def above(self) -> "Iterator[Branch]":
        """The branch itself, then its parents up to the top."""
        here: Branch | None = self
        while here is not None:
            yield here
            here = here.parent


@dataclass(slots=True)
class Outline:
    """The finished tree: its branches parents before children, and which of them each row passes through."""

    branches: list[Branch]
    paths: dict[int, list[Branch | None]]
    findings: list[Finding]


@dataclass(slots=True)
class _Climb:
    """Where the reading of rows stands: slot 0 is the chapter, the others are the level columns."""

    grid: Grid
    columns: tuple[Column, ...]
    flat: frozenset[int]
    leaf: int | None
    roots: list[Branch]
    path: list[Branch | None]
    findings: list[Finding]
    units: int | None = None
    unfilled: frozenset[int] = frozenset()


def build(grid: Grid, header: Header, lines: Sequence[Line]) -> Outline:
    """The tree that the lines of one table make, in document order."""
    columns = header.levels
    climb = _Climb(
        grid=grid,
        columns=columns,
        flat=_flat(grid, columns, lines),
        leaf=None if header.contents or not columns else columns[-1].index,
        roots=[],
        path=[None] * (len(columns) + 1),
        findings=[],
        units=header.units_inside,
        unfilled=header.unfilled,
    )
    paths: dict[int, list[Branch | None]] = {}
    for line in lines:
        deepest = _section(climb, line) if line.section is not None else _step(climb, line)
        if deepest is None:
            words = " ".join(cell.text for cell in grid.cells(line.row) if cell.text)
            climb.findings.append(findings.row_skipped(grid.place(line.row, 0), words))
            continue
        _attach(climb, header, deepest, line.row)
        paths[line.row] = list(climb.path)
    for root in climb.roots:
        _ripen(climb, header, root, 1)
    if header.of("points"):
        _prune(climb, header, climb.roots, paths)
    branches = list(_walk(climb.roots))
    for branch in branches:
        branch.level = branch.parent.level + 1 if branch.parent else 1
    return Outline(branches, paths, climb.findings)


def _prune(climb: _Climb, header: Header, family: list[Branch], paths: dict[int, list[Branch | None]]) -> None:
    """Take rows away that name a level and leave all else blank, where others go deeper: nobody filled them in."""
    last = climb.columns[-1].index if climb.columns else -1
    for branch in list(family):
        _prune(climb, header, branch.children, paths)
        if branch.item is None or branch.heading or branch.content_named or branch.declared is not None:
            continue
        if branch.block.right >= last or len(climb.columns) < 2 or not _is_blank(climb.grid, header, branch.item):
            continue
        family.remove(branch)
        for row in branch.item.rows:
            paths.pop(row, None)
        climb.findings.append(findings.placeholder(branch.name, climb.grid.span(branch.block)))


def _is_blank(grid: Grid, header: Header, strip: Strip) -> bool:
    columns = [one for one in header.columns if one not in header.levels and one.role != "number"]
    # What is merged down from a row above speaks of more than this row.
    return not any(grid.rows[row][column.index] for row in strip.rows for column in columns)


def _flat(grid: Grid, columns: Sequence[Column], lines: Sequence[Line]) -> frozenset[int]:
    """The level columns of a table that merges none of them downwards, nothing otherwise.

    There the name is printed on every row, and the same name on the next row is the same node.
    """
    for line in lines:
        for column in columns:
            block = grid.block(line.row, column.index)
            if block.bottom > block.top:
                return frozenset()
    return frozenset(column.index for column in columns)


def _section(climb: _Climb, line: Line) -> Branch:
    """A chapter row starts its own branch above all level columns."""
    row = line.row
    left = next((c.index for c in climb.columns if climb.grid.text(row, c.index)), 0)
    name, declared = points.split_name(line.section or "")
    current = climb.path[0]
    if not (line.page and current is not None and fold(current.name) == fold(name)):
        current = Branch(name, declared, None, climb.grid.block(row, left), row, row, heading=True)
        climb.roots.append(current)
    climb.path = [current] + [None] * len(climb.columns)
    return current


def _step(climb: _Climb, line: Line) -> Branch | None:
    """Follow one row through the level columns; the deepest branch it reaches."""
    parent = climb.path[0]
    broken = False
    deepest = parent
    if parent is not None:
        parent.last = line.row
    for slot, column in enumerate(climb.columns, 1):
        text, block = climb.grid.look(line.row, column.index)
        if slot > 1 and block.left < column.index and block.left >= climb.columns[0].index:
            # One name over several level columns is one node, not two.
            climb.path[slot] = None
            continue
        if climb.units is not None and names_class(climb.grid, climb.units, line.row, column, text):
            climb.path[slot] = None
            broken = True
            continue
        known, broken = _enter(climb, slot, block, text, parent, broken, line.page)
        if known is not None:
            known.last = line.row
            parent = deepest = known
    return deepest


def names_class(grid: Grid, units: int | None, row: int, column: Column, text: str) -> bool:
    """Whether a level cell names a class of the units in the column behind it (重点考核部门 | 县水利局)."""
    if units is None or column.index != units - 1 or not text:
        return False
    return grid.block(row, units).left == units and any(one.kind == naming.GROUP for one in naming.parse(text))


def _enter(
    climb: _Climb, slot: int, block: Block, text: str, parent: Branch | None, broken: bool, page: bool
) -> tuple[Branch | None, bool]:
    """The branch a level cell stands for, and whether the cells to the right start afresh."""
    current = climb.path[slot]
    if text and current is not None and not broken and block in (current.printed, current.block):
        return current, False
    name = squeeze(text)
    if not name:
        column = climb.columns[slot - 1].index
        if broken or column == climb.leaf or column in climb.unfilled:
            climb.path[slot] = None
        return climb.path[slot], broken
    if not name.strip(NO_LEVEL):
        climb.path[slot] = None
        return None, broken or current is not None
    plain_name, declared = points.split_level(name)
    if current is not None and not broken and _continues(climb, slot, current, block, plain_name, page):
        _compare(climb, current, declared, block)
        return current, False
    branch = Branch(plain_name, declared, parent, block, block.top, block.top)
    (parent.children if parent else climb.roots).append(branch)
    climb.path[slot] = branch
    return branch, True


def _continues(climb: _Climb, slot: int, current: Branch, block: Block, name: str, page: bool) -> bool:
    """Whether this cell is the branch that the row above ended in."""
    if block in (current.block, current.printed):
        return True
    column = climb.columns[slot - 1].index
    if column == climb.leaf:
        return False
    return (page or column in climb.flat) and fold(current.name) == fold(name)


def _compare(climb: _Climb, branch: Branch, declared: Decimal | None, block: Block) -> None:
    """A parent printed again with other points is told, and keeps its first ones."""
    if block in (branch.block, branch.printed) or declared is None:
        branch.printed = block
        return
    branch.printed = block
    if branch.declared is None:
        branch.declared = declared
    elif branch.declared != declared:
        place = climb.grid.place(block.top, block.left)
        climb.findings.append(findings.points_conflict(branch.name, place, branch.declared, declared))


def _attach(climb: _Climb, header: Header, branch: Branch, row: int) -> None:
    """Hang the row on its branch: as an item of its own, or as a further line of the item above it."""
    follows = bool(branch.strips) and branch.strips[-1].rows[-1] == row - 1
    if follows and (_same_item(climb.grid, header, row) or _inside_leaf(climb, branch, row)):
        branch.strips[-1].rows.append(row)
    else:
        branch.strips.append(Strip([row]))


def _inside_leaf(climb: _Climb, branch: Branch, row: int) -> bool:
    """Whether the row stands beside one cell of the deepest level: its lines are parts of one item."""
    return branch.block.left == climb.leaf and branch.block.top < row <= branch.block.bottom


def _same_item(grid: Grid, header: Header, row: int) -> bool:
    """Whether the row only goes on with the item above: no content, points, score or number of its own."""
    for column in header.columns:
        if column.role not in {"content", "criteria", "points", "score", "number"}:
            continue
        if grid.text(row, column.index) and grid.block(row, column.index).top == row:
            return False
    return True


def _ripen(climb: _Climb, header: Header, branch: Branch, level: int) -> None:
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
            _ripen(climb, header, child, level + 1)
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


def _lift(climb: _Climb, branch: Branch, child: Branch) -> None:
    """A tree has five levels: items below the fifth take its place, with its name before theirs."""
    climb.findings.append(findings.too_deep(child.name, climb.grid.span(child.block)))
    items = [one for one in _walk(child.children) if one.item]
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


def _content_item(climb: _Climb, header: Header, branch: Branch, strip: Strip) -> Branch:
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


def _walk(branches: Sequence[Branch]) -> Iterator[Branch]:
    for branch in branches:
        yield branch
        yield from _walk(branch.children)
