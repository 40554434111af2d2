"""Where each node of a reading stands on the sheet it was read from; changes nothing."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from indicators.reading.columns import Header
from indicators.reading.drafts import LedgerDraft, NodeDraft
from indicators.reading.formats.grid import Block, Grid
from indicators.reading.points import split_level
from indicators.reading.text import fold, squeeze
from indicators.writing.page import Slot

_CELLS = re.compile(r"!([A-Z]+)(\d+)(?::([A-Z]+)(\d+))?$")


@dataclass(frozen=True)
class Origin:
    """The sheet, its header, and the reading made of it."""

    grid: Grid
    header: Header
    then: LedgerDraft

    @cached_property
    def nodes(self) -> dict[int, NodeDraft]:
        return {node.id: node for node in self.then.nodes}

    @cached_property
    def spans(self) -> dict[int, Block]:
        """Node → the rows and columns its place names."""
        return {node.id: _span(node.cells) for node in self.then.nodes}

    @cached_property
    def leaves(self) -> set[int]:
        return self.nodes.keys() - {node.parent for node in self.then.nodes}

    @cached_property
    def owner(self) -> dict[int, int]:
        """Row → the leaf whose row it is."""
        found: dict[int, int] = {}
        for node in self.then.nodes:
            if node.id in self.leaves:
                found.update(dict.fromkeys(range(self.spans[node.id].top, self.spans[node.id].bottom + 1), node.id))
        return found

    @cached_property
    def headings(self) -> dict[int, list[int]]:
        """Node → the rows that only name it, above its first item; none for one named above the header."""
        found: dict[int, list[int]] = {}
        table = self.header.rows[-1]
        for node in self.then.nodes:
            top = self.spans[node.id].top
            if node.id not in self.leaves and top not in self.owner:
                block = self.grid.block(top, self.spans[node.id].left)
                rows = range(max(top, table + 1), block.bottom + 1)
                found[node.id] = [row for row in rows if row not in self.owner]
        return found

    @cached_property
    def loose(self) -> dict[int | None, list[int]]:
        """Leaf → rows just above its own that belong to nobody: page headers, blanks; None → those below all."""
        named = {row for rows in self.headings.values() for row in rows}
        found: dict[int | None, list[int]] = {}
        waiting: list[int] = []
        for row in range(self.header.rows[-1] + 1, self.grid.height):
            leaf = self.owner.get(row)
            if leaf is None:
                waiting.extend([row] if row not in named else [])
            elif waiting:
                found.setdefault(leaf, []).extend(waiting)
                waiting = []
        return found | {None: waiting}

    @cached_property
    def named(self) -> dict[int, list[Block]]:
        """Node → the blocks its name is printed in, the first one first; none where it has no name."""
        return {node.id: self._printed(node) for node in self.then.nodes}

    def _printed(self, node: NodeDraft) -> list[Block]:
        span = self.spans[node.id]
        rows = range(span.top, span.bottom + 1)
        if node.id not in self.leaves:
            rows = rows if node.id not in self.headings else range(span.top, span.top + 1)
            blocks = dict.fromkeys(self.grid.block(row, span.left) for row in rows)
            return [one for one in blocks if self._says(one, node.name)]
        columns = [*(one.index for one in self.header.levels), *(one.index for one in self.header.contents)]
        found = (self.grid.block(span.top, column) for column in columns)
        return [block for block in found if self._says(block, node.name)][:1]

    def points_in_name(self, node: int) -> bool:
        """Whether a node's points stand in the cell of its name."""
        return any(split_level(squeeze(self.grid.rows[one.top][one.left]))[1] is not None for one in self.named[node])

    def _says(self, block: Block, name: str) -> bool:
        text = squeeze(self.grid.rows[block.top][block.left])
        return bool(text) and fold(name) in {fold(text), fold(split_level(text)[0])}

    def chain(self, node: int | None) -> list[int]:
        """The node's parents from the top down."""
        found: list[int] = []
        above = self.nodes[node].parent if node is not None else None
        while above is not None:
            found.insert(0, above)
            above = self.nodes[above].parent
        return found

    def line(self, row: int, patches: Mapping[tuple[int, int], str]) -> dict[int, Slot]:
        """A row as it stands, with the words that were changed since. patches: first cell of a block → its words."""
        slots = {}
        for column in range(self.grid.width):
            text, block = self.grid.look(row, column)
            home = (block.top, block.left)
            slots[column] = Slot(("s", *home), patches.get(home, text))
        return slots


def unchanged(then: Sequence[NodeDraft], now: Sequence[NodeDraft], origins: Mapping[int, int]) -> bool:
    """Whether the nodes of now are all those of then, each the same, in the same order."""
    return len(then) == len(now) and all(
        origins.get(new.id) == old.id and origins.get(new.parent or 0) == old.parent and alike(old, new)
        for old, new in zip(then, now, strict=True)
    )


def alike(old: NodeDraft, new: NodeDraft) -> bool:
    """Whether two nodes say the same in every column."""
    return (
        (old.name, old.declared, old.is_item, old.criteria or "", old.methods, old.leaders, old.deadlines)
        == (new.name, new.declared, new.is_item, new.criteria or "", new.methods, new.leaders, new.deadlines)
        and _words(old.extra) == _words(new.extra)
        and same_duties(old, new)
    )


def same_duties(old: NodeDraft, new: NodeDraft) -> bool:
    def told(node: NodeDraft) -> set[tuple[str, str]]:
        return {(one.name, one.role) for one in node.responsibilities}

    return told(old) == told(new)


def _words(extra: Mapping[str, str]) -> dict[str, str]:
    return {heading: text for heading, text in extra.items() if text}


def _span(cells: str) -> Block:
    """`台账!A4:H4` → the block, counted from 0."""
    found = _CELLS.search(cells)
    if found is None:
        return Block(0, 0, 0, 0)
    left, top = _index(found[1]), int(found[2]) - 1
    return Block(top, left, int(found[4]) - 1 if found[4] else top, _index(found[3]) if found[3] else left)


def _index(name: str) -> int:
    number = 0
    for letter in name:
        number = number * 26 + ord(letter) - 64
    return number - 1
