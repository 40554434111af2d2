"""A table while its rows are read, and what its columns say of one indicator; reads no cell's meaning."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from indicators.reading.branches import Branch, Outline
from indicators.reading.columns import Column, Header
from indicators.reading.drafts import CheckpointDraft, Finding, ResponsibilityDraft
from indicators.reading.formats.grid import Block, Grid


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
    points_block: Block | None = None
    deduction_reason: str | None = None
    rectified: bool | None = None
    penalty: Decimal | None = None
    extra: dict[str, str] = field(default_factory=dict)
    parts: list[CheckpointDraft] = field(default_factory=list)


# What these say is told with the tree; all others are asked once for each item.
_TOLD_APART = frozenset({"content", "criteria", "points", "score", "number"})


@dataclass(slots=True)
class Desk:
    """The table being read, with what the rows above left behind for blank cells below.

    led: a column of its own names who leads. on_total: the row at hand is a bonus or penalty on the total.
    asked: for each header, the last one first, the row above those it speaks for, and the columns asked there.
    """

    grid: Grid
    header: Header
    findings: list[Finding]
    above: dict[int, str] = field(default_factory=dict)
    later: tuple[Header, ...] = ()
    led: bool = False
    on_total: bool = False
    asked: tuple[tuple[int, tuple[Column, ...]], ...] = field(init=False)

    def __post_init__(self) -> None:
        later = [(one.rows[-1], tuple(filter(self._is_asked, one.columns))) for one in reversed(self.later)]
        self.asked = (*later, (-1, tuple(filter(self._is_asked, self.header.columns))))

    def columns(self, row: int) -> tuple[Column, ...]:
        """The columns beside the tree that hold at a row: a header printed again may name some of them anew."""
        for above, columns in self.asked:
            if above < row:
                return columns
        return ()

    def _is_asked(self, column: Column) -> bool:
        in_tree = column.role in _TOLD_APART or column.role.startswith("level-")
        return not in_tree or column.index in self.header.filled


def own(desk: Desk, column: Column, rows: Sequence[int]) -> Iterator[tuple[int, Block, str]]:
    """Row, cell and words of a column where a cell with words begins."""
    for row in rows:
        text = desk.grid.rows[row][column.index]
        if text:
            # Only the first cell of a merged block holds words.
            yield row, desk.grid.block(row, column.index), text


def holder(outline: Outline, owner: dict[int, Branch], row: int, block: Block, slot: int | None) -> Branch | None:
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
