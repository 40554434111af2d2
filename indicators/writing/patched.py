"""A ledger on the sheet it came from: what did not change stays to the letter, what changed is written into it."""

from collections.abc import Mapping, Sequence

from indicators.reading.columns import Column
from indicators.reading.drafts import LedgerDraft, NodeDraft
from indicators.reading.formats.grid import Block
from indicators.reading.points import parse
from indicators.writing import words
from indicators.writing.fresh import value
from indicators.writing.origin import Origin, same_duties
from indicators.writing.page import Canvas, Model, Page, Slot

_ADDED = (("criteria", "评分标准"), ("method", "评估方式"), ("unit", "责任单位"), ("leader", "责任领导"))
_ADDED_LATER = (("deadline", "完成时限"),)
_SAID_BY = {"leader": "leaders", "deadline": "deadlines", "criteria": "criteria", "method": "methods"}


class NoPlace(Exception):
    """The sheet's columns cannot show the tree as it is now."""


def patched(now: LedgerDraft, origin: Origin, origins: Mapping[int, int], *, scores: bool) -> Page:
    """The page. origins: node of now → node of then. scores: keep the words of score columns.

    Raises NoPlace where a node finds no column.
    """
    return _Patching(now, origin, origins, scores=scores).page()


class _Patching:
    """One page while it grows, item by item."""

    def __init__(self, now: LedgerDraft, origin: Origin, origins: Mapping[int, int], *, scores: bool) -> None:
        self.now, self.origin, self.origins, self.scores = now, origin, origins, scores
        self.nodes = {node.id: node for node in now.nodes}
        self.parents = {node.parent for node in now.nodes}
        self.header = origin.header
        self.pointed = bool(self.header.of("points"))
        self.levels = [column.index for column in self.header.levels]
        self.more = self._more()
        once = frozenset(column.index for column in self.header.of("score", "deduction"))
        self.canvas = Canvas(origin.grid.width + len(self.more), once=once)
        self.patches = self._patches()
        self.headed: set[int] = set()
        # node → the cells it had on the line just written, for the next line below it
        # node → the level column found for it, where it had none
        self.placed: dict[int, int] = {}
        self.latest: dict[int, dict[int, Slot]] = {}

    def page(self) -> Page:
        leaves = [node for node in self.now.nodes if node.id not in self.parents]
        bound = self._bound(leaves)
        for row in range(self.header.rows[-1] + 1):
            self._add(row)
        for leaf in leaves:
            self._headings(leaf, bound.get(leaf.id, ()))
            self._leaf(leaf)
        last = len(self.canvas.lines) - 1
        for row in bound.get(None, ()):
            self._add(row)
        rows, merged = self.canvas.cells()
        roles = {one.index: one.role for one in (*self.header.columns, *self.more)}
        models = tuple(self.canvas.models)
        return Page(self.now.sheet, rows, merged, self.header.rows, last, roles, own=True, models=models)

    # ---- what is known before the first line

    def _more(self) -> tuple[Column, ...]:
        """Columns that the sheet lacks for what the office added, behind its last one."""
        # a header printed again half-way may have named columns anew
        known = {column.role for column in self.header.columns} | set(self.origin.then.columns.values())
        headings = {column.heading for column in self.header.columns}
        headings |= {heading for node in self.origin.then.nodes for heading in node.extra}
        found: list[tuple[str, str]] = []
        for role, heading in (*_ADDED, *_ADDED_LATER):
            there = {"criteria", "content"} & known if role == "criteria" else {role} & known
            if not there and role != "unit" and any(getattr(node, _SAID_BY[role]) for node in self.now.nodes):
                found.append((role, heading))
            if role == "unit" and not any(one.startswith("unit") or one == "assessor" for one in known):
                found.extend([(role, heading)] if any(node.responsibilities for node in self.now.nodes) else [])
        extras = dict.fromkeys(heading for node in self.now.nodes for heading in node.extra)
        found.extend(("extra", heading) for heading in extras if heading not in headings)
        width = self.origin.grid.width
        return tuple(Column(width + at, heading, role) for at, (role, heading) in enumerate(found))

    def _patches(self) -> dict[tuple[int, int], str]:
        """New words for the cells of nodes that stand above others."""
        found: dict[tuple[int, int], str] = {}
        for node in self.now.nodes:
            then = self.origins.get(node.id)
            if then is None or node.id not in self.parents or then in self.origin.leaves:
                continue
            old = self.origin.nodes[then]
            cell = None if self.origin.points_in_name(then) else self._points_cell(old)
            if cell is not None and old.declared != node.declared:
                found[cell.top, cell.left] = words.points(node.declared)
            for block in self.origin.named[then]:
                printed = self.origin.grid.rows[block.top][block.left]
                found[block.top, block.left] = words.renamed(printed, old, node, in_name=cell is None)
        return found

    def _points_cell(self, old: NodeDraft) -> Block | None:
        """The cell that declares a node's points, where it is not its name's."""
        span = self.origin.spans[old.id]
        for column in self.header.of("points"):
            text, block = self.origin.grid.look(span.top, column.index)
            fits = block.bottom <= span.bottom and (old.id in self.origin.leaves or block.bottom == span.bottom)
            if text and parse(text) == old.declared and block.top >= span.top and fits:
                return block
        return None

    def _bound(self, leaves: Sequence[NodeDraft]) -> dict[int | None, list[int]]:
        """Leaf of now → rows of nobody that stand above it; those above what is gone go to the next one there."""
        here = {self.origins[leaf.id]: leaf.id for leaf in leaves if leaf.id in self.origins}
        found: dict[int | None, list[int]] = {}
        waiting: list[int] = []
        for then in dict.fromkeys(self.origin.owner[row] for row in sorted(self.origin.owner)):
            waiting.extend(self.origin.loose.get(then, ()))
            if then in here:
                found[here[then]] = waiting
                waiting = []
        found[None] = [*waiting, *self.origin.loose[None]]
        return found

    # ---- lines

    def _add(self, row: int, over: Mapping[int, Slot] | None = None) -> None:
        slots = self.origin.line(row, self.patches)
        if row == self.header.rows[0]:
            slots |= {one.index: Slot(("more", one.index), one.heading) for one in self.more}
        elif row in self.header.rows:
            slots |= {one.index: Slot(("more", one.index), "") for one in self.more}
        if not self.scores and row > self.header.rows[-1]:
            slots |= {one.index: Slot(("blank", row, one.index), "") for one in self.header.of("score", "deduction")}
        self.canvas.add(slots | dict(over or {}), Model(row))

    def _path(self, node: NodeDraft) -> list[NodeDraft]:
        path: list[NodeDraft] = []
        above = node.parent
        while above is not None:
            path.insert(0, self.nodes[above])
            above = self.nodes[above].parent
        return path

    def _headings(self, leaf: NodeDraft, loose: Sequence[int]) -> None:
        """Rows that only name what stands above the leaf, and rows of nobody, each where it was among the others."""
        left = list(loose)
        for node in self._path(leaf):
            then = self.origins.get(node.id)
            if then in self.origin.headings and node.id not in self.headed:
                self.headed.add(node.id)
                rows = self.origin.headings[then]
                while left and rows and left[0] < rows[0]:
                    self._add(left.pop(0))
                for row in rows:
                    self._add(row)
        for row in left:
            self._add(row)

    def _leaf(self, leaf: NodeDraft) -> None:
        then = self.origins.get(leaf.id)
        if then is None or then not in self.origin.leaves:
            blank = {column: Slot(("new", leaf.id, column), "") for column in range(self.canvas.width)}
            like = self._like(leaf)
            self.canvas.add(blank | self._placed(leaf, like) | self._values(leaf), self._model(like))
            self._remember(leaf)
            return
        old = self.origin.nodes[then]
        over = self._changed(leaf, old)
        chain = [self.origins.get(node.id) for node in self._path(leaf)]
        if chain != self.origin.chain(then):
            over = self._placed(leaf, self.origin.named[then][0] if self.origin.named[then] else None) | over
        over |= self._behind(leaf)
        span = self.origin.spans[then]
        for row in range(span.top, span.bottom + 1):
            self._add(row, over)
        self._remember(leaf)

    def _model(self, like: Block | None) -> Model:
        """What a new item looks like: the item above it, else one beside it, else any."""
        above = self.canvas.models[-1]
        row = like.top if like else min(self.origin.owner, default=above.row)
        return Model(above.row if above.row in self.origin.owner else row, itself=False)

    def _remember(self, leaf: NodeDraft) -> None:
        """The cells that the nodes above this leaf have on its line."""
        line = self.canvas.lines[-1]
        self.latest = {
            node.id: {column: line[column] for column in self._columns_of(node, line)} for node in self._path(leaf)
        }

    def _columns_of(self, node: NodeDraft, line: Sequence[Slot]) -> list[int]:
        here = self.placed.get(node.id)
        if here is None:
            then = self.origins.get(node.id)
            if then is None or then in self.origin.headings or then in self.origin.leaves:
                return []
            here = self.origin.spans[then].left
        return [column for column, slot in enumerate(line) if slot.key == line[here].key]

    # ---- cells of one item

    def _changed(self, leaf: NodeDraft, old: NodeDraft) -> dict[int, Slot]:
        """The cells of an item that say something else now."""
        over: dict[int, Slot] = {}
        cell = self._points_cell(old) if old.declared is not None else None
        columns = self.header.of("points")
        if leaf.declared != old.declared and (cell or columns):
            at = cell.left if cell else columns[-1].index
            over[at] = Slot(("v", leaf.id, at), words.points(leaf.declared))
        for block in self.origin.named[old.id]:
            printed = self.origin.grid.rows[block.top][block.left]
            text = words.renamed(printed, old, leaf, in_name=not (cell or columns))
            if text != printed:
                over |= _across(block.left, block.right, ("name", leaf.id), text)
        if not self.origin.named[old.id] and leaf.name != old.name and self.levels:
            over |= _across(self.levels[-1], self.levels[-1], ("name", leaf.id), leaf.name)
        if (old.criteria or "") != (leaf.criteria or ""):
            over |= self._criteria(leaf, self._content_named(old))
        if not same_duties(old, leaf):
            cells = words.unit_cells(self.header, leaf.responsibilities)
            over |= {column: Slot(("v", leaf.id, column), text) for column, text in cells.items()}
        return over | self._plain(leaf, old)

    def _plain(self, leaf: NodeDraft, old: NodeDraft | None) -> dict[int, Slot]:
        """Methods, leaders, deadlines, numbers and the ledger's own columns, where they differ."""
        over: dict[int, Slot] = {}
        for column in self.header.columns:
            if column.role not in {"method", "leader", "deadline", "number", "process", "remark", "extra"}:
                continue
            text = value(leaf, column.role, column.heading)
            if old is None or text != value(old, column.role, column.heading):
                over[column.index] = Slot(("v", leaf.id, column.index), text)
        return over

    def _content_named(self, old: NodeDraft) -> bool:
        contents = {column.index for column in self.header.contents}
        return any(block.left in contents for block in self.origin.named[old.id])

    def _criteria(self, leaf: NodeDraft, content_named: bool) -> dict[int, Slot]:
        columns = self.header.contents[1 if content_named else 0 :]
        return {
            column.index: Slot(("v", leaf.id, column.index), "" if at else leaf.criteria or "")
            for at, column in enumerate(columns)
        }

    def _behind(self, leaf: NodeDraft) -> dict[int, Slot]:
        """The cells of the columns that the sheet did not have."""
        return {one.index: Slot(("v", leaf.id, one.index), value(leaf, one.role, one.heading)) for one in self.more}

    def _values(self, leaf: NodeDraft) -> dict[int, Slot]:
        """Every cell of a new item but its name and what stands above it."""
        over = self._plain(leaf, None) | self._behind(leaf)
        for column in self.header.of("points")[-1:]:
            over[column.index] = Slot(("v", leaf.id, column.index), words.points(leaf.declared))
        cells = words.unit_cells(self.header, leaf.responsibilities)
        like = self._like(leaf)
        named = like is not None and like.left in {column.index for column in self.header.contents}
        over |= {column: Slot(("v", leaf.id, column), text) for column, text in cells.items()}
        return over | (self._criteria(leaf, named) if leaf.criteria else {})

    # ---- where a name stands

    def _like(self, leaf: NodeDraft) -> Block | None:
        """Where the names of the items beside it stand."""
        for other in self.now.nodes:
            then = self.origins.get(other.id)
            if other.parent != leaf.parent or then not in self.origin.leaves or not self.origin.named[then]:
                continue
            if self.origin.chain(then) == [self.origins.get(node.id) for node in self._path(leaf)]:
                return self.origin.named[then][0]
        return None

    def _placed(self, leaf: NodeDraft, own: Block | None) -> dict[int, Slot]:
        """Level cells of an item that is new or stands elsewhere now: those above it, then its own."""
        slots: dict[int, Slot] = {}
        right = -1
        for node in self._path(leaf):
            if self.origins.get(node.id) in self.origin.headings:
                continue
            found, right = self._above(node, right)
            slots |= found
        left, end = self._own(own, right)
        free = [column for column in self.levels if right < column < left]
        slots |= {column: Slot(("none", leaf.id, column), words.NOTHING) for column in free}
        in_name = not self.pointed
        return slots | _across(left, end, ("name", leaf.id), words.named(leaf, with_points=in_name))

    def _above(self, node: NodeDraft, right: int) -> tuple[dict[int, Slot], int]:
        before = self.latest.get(node.id)
        if before and min(before) > right:
            return dict(before), max(before)
        then = self.origins.get(node.id)
        blocks = self.origin.named[then] if then is not None and then not in self.origin.leaves else []
        if blocks and blocks[0].left > right:
            block = blocks[0]
            text = self.patches.get((block.top, block.left), self.origin.grid.rows[block.top][block.left])
            return _across(block.left, block.right, ("s", block.top, block.left), text), block.right
        column = next((one for one in self.levels if one > right), None)
        if column is None:
            raise NoPlace
        self.placed[node.id] = column
        return _across(column, column, ("n", node.id), words.named(node, with_points=True)), column

    def _own(self, own: Block | None, right: int) -> tuple[int, int]:
        if own is not None and own.left > right:
            return own.left, own.right
        left = next((one for one in self.levels if one > right), None)
        if left is not None:
            return left, self.levels[-1]
        if not self.header.contents:
            raise NoPlace
        column = self.header.contents[0].index
        return column, column


def _across(left: int, right: int, key: tuple[object, ...], text: str) -> dict[int, Slot]:
    return {column: Slot(key, text) for column in range(left, right + 1)}
