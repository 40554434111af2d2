"""The tree of indicators while it is being built: branches, and where the reading of rows stands; reads no cell."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from indicators.reading.columns import Column
from indicators.reading.drafts import Finding
from indicators.reading.formats.grid import Block, Grid

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
    bonus: its name is one of bonuses, penalties or vetoes on the total.
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
    bonus: bool = False
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
class Climb:
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
    rungs: Mapping[int, int] = field(default_factory=dict)
    chapters: list[tuple[int, Branch]] = field(default_factory=list)


def walk(branches: Sequence[Branch]) -> Iterator[Branch]:
    """The branches and all below them, parents before children, in document order."""
    waiting = list(reversed(branches))
    while waiting:
        branch = waiting.pop()
        yield branch
        waiting.extend(reversed(branch.children))
