"""Rows → the tree of indicators: carry-down, sideways merges, reprinted pages; reads no content but names."""

from collections.abc import Sequence
from decimal import Decimal

from indicators.reading import findings, points
from indicators.reading.branches import DEEPEST, Branch, Climb, Outline, Strip, walk
from indicators.reading.columns import Column, Header
from indicators.reading.formats.grid import Block, Grid
from indicators.reading.ladder import kind_of, rungs
from indicators.reading.notes import is_bonus
from indicators.reading.ripening import ripen
from indicators.reading.rows import Line
from indicators.reading.text import fold, squeeze
from units import naming

NO_LEVEL = "—-–/／\\－─―"


def build(grid: Grid, header: Header, lines: Sequence[Line]) -> Outline:
    """The tree that the lines of one table make, in document order."""
    columns = header.levels
    climb = Climb(
        grid=grid,
        columns=columns,
        flat=_flat(grid, columns, lines),
        leaf=None if header.contents or not columns else columns[-1].index,
        roots=[],
        path=[None] * (max(len(columns), DEEPEST) + 1),
        findings=[],
        units=header.units_inside,
        unfilled=header.unfilled,
        rungs=rungs(grid, header, lines),
    )
    paths: dict[int, list[Branch | None]] = {}
    for line in lines:
        deepest = _reach(climb, header, line)
        if deepest is None:
            words = " ".join(cell.text for cell in grid.cells(line.row) if cell.text)
            climb.findings.append(findings.row_skipped(grid.place(line.row, 0), words))
            continue
        _attach(climb, header, deepest, line.row)
        paths[line.row] = list(climb.path)
    for root in climb.roots:
        ripen(climb, header, root, 1)
    if header.of("points"):
        _prune(climb, header, climb.roots, paths)
    branches = list(walk(climb.roots))
    for branch in branches:
        branch.level = branch.parent.level + 1 if branch.parent else 1
        branch.bonus = is_bonus(branch.name)
    return Outline(branches, paths, climb.findings)


def _reach(climb: Climb, header: Header, line: Line) -> Branch | None:
    """The deepest branch a line reaches: a chapter, a rung told by its serial, or a name in the level columns."""
    if line.section is not None:
        return _section(climb, line)
    if line.row in climb.rungs:
        return _rung(climb, header, line)
    return _step(climb, line)


def _rung(climb: Climb, header: Header, line: Line) -> Branch | None:
    """A row whose serial tells how deep it stands: below the last row that stands higher."""
    depth = climb.rungs[line.row]
    text, block = climb.grid.look(line.row, climb.columns[0].index)
    above = [branch for branch in climb.path[:depth] if branch is not None]
    for branch in (*above, *(chapter for _, chapter in climb.chapters)):
        branch.last = line.row
    if not squeeze(text):
        return climb.path[depth] or (above[-1] if above else None)
    name, declared = points.split_cell(text)
    heading = not any(climb.grid.text(line.row, column.index) for column in header.contents)
    branch = Branch(name, declared, above[-1] if above else None, block, line.row, line.row)
    branch.heading = heading and climb.rungs.get(line.row + 1, 0) > depth
    (above[-1].children if above else climb.roots).append(branch)
    climb.path[depth:] = [branch] + [None] * (len(climb.path) - depth - 1)
    return branch


def _prune(climb: Climb, header: Header, family: list[Branch], paths: dict[int, list[Branch | None]]) -> None:
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


def _section(climb: Climb, line: Line) -> Branch:
    """A chapter row starts its own branch above all level columns, below the chapter that a higher mark opened."""
    row = line.row
    left = next((c.index for c in climb.columns if climb.grid.text(row, c.index)), 0)
    name, declared = points.split_name(line.section or "")
    current = climb.path[0]
    if not (line.page and current is not None and fold(current.name) == fold(name)):
        kind = kind_of(name) or 0
        while climb.chapters and climb.chapters[-1][0] >= kind:
            climb.chapters.pop()
        parent = climb.chapters[-1][1] if climb.chapters else None
        current = Branch(name, declared, parent, climb.grid.block(row, left), row, row, heading=True)
        climb.chapters.append((kind, current))
        (parent.children if parent else climb.roots).append(current)
    for _, chapter in climb.chapters:
        chapter.last = row
    climb.path = [current] + [None] * (len(climb.path) - 1)
    return current


def _step(climb: Climb, line: Line) -> Branch | None:
    """Follow one row through the level columns; the deepest branch it reaches."""
    parent = climb.path[0]
    broken = False
    deepest = parent
    for _, chapter in climb.chapters:
        chapter.last = line.row
    path, look, leftmost = climb.path, climb.grid.look, climb.columns[0].index if climb.columns else 0
    for slot, column in enumerate(climb.columns, 1):
        text, block = look(line.row, column.index)
        if slot > 1 and leftmost <= block.left < column.index:
            # One name over several level columns is one node, not two.
            path[slot] = None
            continue
        if climb.units is not None and names_class(climb.grid, climb.units, line.row, column, text):
            path[slot] = None
            broken = True
            continue
        known = path[slot]
        if known is None or broken or not text or block not in (known.block, known.printed):
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
    climb: Climb, slot: int, block: Block, text: str, parent: Branch | None, broken: bool, page: bool
) -> tuple[Branch | None, bool]:
    """The branch for which a level cell stands that does not go on, and whether those to the right start afresh."""
    current = climb.path[slot]
    name = squeeze(text)
    if not name:
        column = climb.columns[slot - 1].index
        if broken or column == climb.leaf or column in climb.unfilled:
            climb.path[slot] = None
        return climb.path[slot], broken
    if not name.strip(NO_LEVEL):
        climb.path[slot] = None
        return None, broken or current is not None
    if current is not None and not broken and _is_worth(climb, slot, name):
        _compare(climb, current, points.parse(name), block)
        return current, False
    plain_name, declared = points.split_cell(text)
    if current is not None and not broken and _continues(climb, slot, current, plain_name, page):
        _compare(climb, current, declared, block)
        return current, False
    branch = Branch(plain_name, declared, parent, block, block.top, block.top)
    (parent.children if parent else climb.roots).append(branch)
    climb.path[slot] = branch
    return branch, True


def _is_worth(climb: Climb, slot: int, name: str) -> bool:
    """Whether a cell holds nothing but the points of the name in the cell above it, in brackets: （15分）."""
    return name[0] in "(（" and climb.columns[slot - 1].index != climb.leaf and points.parse(name) is not None


def _continues(climb: Climb, slot: int, current: Branch, name: str, page: bool) -> bool:
    """Whether this cell is the branch that the row above ended in, printed again."""
    column = climb.columns[slot - 1].index
    if column == climb.leaf:
        return False
    return (page or column in climb.flat) and fold(current.name) == fold(name)


def _compare(climb: Climb, branch: Branch, declared: Decimal | None, block: Block) -> None:
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


def _attach(climb: Climb, header: Header, branch: Branch, row: int) -> None:
    """Hang the row on its branch: as an item of its own, or as a further line of the item above it."""
    follows = bool(branch.strips) and branch.strips[-1].rows[-1] == row - 1
    if follows and (_same_item(climb.grid, header, row) or _inside_leaf(climb, header, branch, row)):
        branch.strips[-1].rows.append(row)
    else:
        branch.strips.append(Strip([row]))


def _inside_leaf(climb: Climb, header: Header, branch: Branch, row: int) -> bool:
    """Whether the row stands beside one cell of the deepest level: its lines are parts of one item.

    Beside lines of how to score, they are where one cell of points covers them all.
    """
    block = branch.block
    if not block.top < row <= block.bottom:
        return False
    if block.left == climb.leaf:
        return True
    if any(column.role == "content" for column in header.contents) or block.left != climb.columns[-1].index:
        return False
    shared = [climb.grid.block(row, column.index) for column in header.of("points")]
    return any((one.top, one.bottom) == (block.top, block.bottom) for one in shared)


def _same_item(grid: Grid, header: Header, row: int) -> bool:
    """Whether the row only goes on with the item above: no content, points, score or number of its own."""
    for column in header.columns:
        if column.role not in {"content", "criteria", "points", "score", "number"}:
            continue
        if grid.text(row, column.index) and grid.block(row, column.index).top == row:
            return False
    return True
