"""The tree a sheet is scored along, prepared once and used for every sheet of a round."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from assessments.scoring.amounts import ten_thousandths


@dataclass(frozen=True, slots=True)
class Item:
    """A node of the ledger's tree; `is_item` when it is scored itself (评估点).

    points: what an item is worth. Declared points of other nodes are not counted: their sums come from below.
    """

    id: int
    parent: int | None
    points: Decimal | None
    is_item: bool


@dataclass(frozen=True, slots=True)
class Outline:
    """The tree by position: parents before children, 0 is the whole sheet. Made by `prepare`."""

    ids: tuple[int, ...]
    position: dict[int, int]
    parents: tuple[int, ...]  # the sheet's own parent is -1
    children: tuple[tuple[int, ...], ...]
    depths: tuple[int, ...]
    points: tuple[int, ...]  # ten-thousandths; 0 for what is no item, and for an item without points
    items: tuple[int, ...]
    item_ids: frozenset[int]

    def meeting(self, positions: Iterable[int]) -> int:
        """The lowest node that has all these positions in or below it."""
        found = -1
        for position in positions:
            found = position if found < 0 else self._meet(found, position)
        return found

    def _meet(self, one: int, other: int) -> int:
        while one != other:
            if self.depths[one] >= self.depths[other]:
                one = self.parents[one]
            else:
                other = self.parents[other]
        return one


def prepare(items: Iterable[Item]) -> Outline:
    """The outline of a ledger.

    items: parents before children, as the tree is stored; the first is the root, and the only one.
    Raises ValueError when a parent does not stand before its child, an id is used twice, there is not exactly
    one root, or points are negative or finer than four places.
    """
    given = tuple(items)
    position: dict[int, int] = {}
    parents: list[int] = []
    depths: list[int] = []
    below: list[list[int]] = []
    for index, item in enumerate(given):
        parent = _parent(item, position)
        position[item.id] = index
        parents.append(parent)
        depths.append(depths[parent] + 1 if index else 0)
        below.append([])
        if index:
            below[parent].append(index)
    if not given:
        raise ValueError("a sheet without a root")
    return Outline(
        ids=tuple(position),
        position=position,
        parents=tuple(parents),
        children=tuple(map(tuple, below)),
        depths=tuple(depths),
        points=tuple(_points(item) for item in given),
        items=tuple(index for index, item in enumerate(given) if item.is_item),
        item_ids=frozenset(item.id for item in given if item.is_item),
    )


def _parent(item: Item, position: dict[int, int]) -> int:
    if item.id in position:
        raise ValueError(f"node {item.id} stands twice")
    if item.parent is None:
        if position:
            raise ValueError(f"node {item.id} is a second root")
        return -1
    if item.parent not in position:
        raise ValueError(f"node {item.id} stands before its parent {item.parent}")
    return position[item.parent]


def _points(item: Item) -> int:
    return ten_thousandths(item.points) if item.is_item and item.points is not None else 0
