"""lft, rght and level for a whole outline, and the check of stored ones; pure, knows no model and no database."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node stands in its tree, as django-mptt stores it: the root has lft 1 and level 0."""

    id: int
    lft: int
    rght: int
    level: int


@dataclass(frozen=True, slots=True)
class Stored:
    """A node's row as it is stored."""

    id: int
    parent: int | None
    lft: int
    rght: int
    level: int
    tree_id: int


@dataclass(frozen=True, slots=True)
class Fault:
    """A row whose place contradicts the tree. code: stable short name; message: a sentence for the log."""

    id: int
    tree_id: int
    code: str
    message: str


def number(outline: Sequence[tuple[int, int | None]]) -> list[Place]:
    """A place for each node, in the order given; linear in the number of nodes.

    outline: (id, parent) pairs, parents before children, the root first with parent None. Children of one
    parent keep their order.
    Raises ValueError when the pairs are not one such tree.

    >>> [(p.id, p.lft, p.rght, p.level) for p in number([(1, None), (2, 1), (3, 2), (4, 1)])]
    [(1, 1, 8, 0), (2, 2, 5, 1), (3, 3, 4, 2), (4, 6, 7, 1)]
    """
    children, levels = _hung(outline)
    lft: dict[int, int] = {}
    rght: dict[int, int] = {}
    counter = 0
    # A node is met twice: going down it gets lft, coming back rght.
    todo = [(id_, False) for id_, parent in outline[:1]]
    while todo:
        id_, back = todo.pop()
        counter += 1
        if back:
            rght[id_] = counter
            continue
        lft[id_] = counter
        todo.append((id_, True))
        todo.extend((child, False) for child in reversed(children[id_]))
    return [Place(id_, lft[id_], rght[id_], levels[id_]) for id_, _ in outline]


def _hung(outline: Sequence[tuple[int, int | None]]) -> tuple[dict[int, list[int]], dict[int, int]]:
    children: dict[int, list[int]] = {}
    levels: dict[int, int] = {}
    for id_, parent in outline:
        if id_ in children:
            raise ValueError(f"node {id_} stands twice")
        if parent is None:
            if children:
                raise ValueError(f"node {id_} is a second root")
            levels[id_] = 0
        elif parent not in children:
            raise ValueError(f"node {id_} stands before its parent {parent}, or the parent is missing")
        else:
            children[parent].append(id_)
            levels[id_] = levels[parent] + 1
        children[id_] = []
    return children, levels


def faults(rows: Iterable[Stored]) -> list[Fault]:
    """Every row that contradicts its tree, tree by tree; an empty list when all is well.

    Looks at parents, levels, bounds and their nesting, one root a tree, and that lft and rght together are
    exactly 1 … 2n.
    """
    ordered = sorted(rows, key=lambda row: (row.tree_id, row.lft, row.id))
    known = {row.id: row for row in ordered}
    found: list[Fault] = []
    for _, tree in groupby(ordered, key=lambda row: row.tree_id):
        nodes = list(tree)
        found.extend(_roots(nodes))
        found.extend(_bounds(nodes))
        found.extend(_nesting(nodes))
        for row in nodes:
            found.extend(_row(row, known))
    return found


def _fault(row: Stored, code: str, message: str) -> Fault:
    return Fault(row.id, row.tree_id, code, f"tree {row.tree_id}, node {row.id}: {message}")


def _roots(nodes: Sequence[Stored]) -> Iterator[Fault]:
    roots = [row for row in nodes if row.parent is None]
    if not roots:
        yield _fault(nodes[0], "no-root", "the tree has no root")
    for row in roots[1:]:
        yield _fault(row, "second-root", "the tree has more than one root")


def _bounds(nodes: Sequence[Stored]) -> Iterator[Fault]:
    """lft and rght of n nodes use each number from 1 to 2n once."""
    top = 2 * len(nodes)
    used: set[int] = set()
    for row in nodes:
        for name, bound in (("lft", row.lft), ("rght", row.rght)):
            if not 1 <= bound <= top:
                yield _fault(row, "out-of-range", f"{name} {bound} is outside 1..{top}")
            elif bound in used:
                yield _fault(row, "bound-twice", f"{name} {bound} is used twice")
            used.add(bound)


def _nesting(nodes: Sequence[Stored]) -> Iterator[Fault]:
    """The innermost node around each node is its parent, and no two nodes cross."""
    around: list[Stored] = []
    for row in nodes:
        while around and around[-1].rght < row.lft:
            around.pop()
        if around and row.rght > around[-1].rght:
            yield _fault(row, "crossing", f"[{row.lft}, {row.rght}] crosses node {around[-1].id}")
        elif around and row.parent != around[-1].id:
            yield _fault(row, "wrong-nesting", f"stands inside node {around[-1].id}, its parent is {row.parent}")
        elif not around and row.parent is not None:
            yield _fault(row, "wrong-nesting", f"stands inside no node, its parent is {row.parent}")
        around.append(row)


def _row(row: Stored, known: dict[int, Stored]) -> Iterator[Fault]:
    if row.lft >= row.rght:
        yield _fault(row, "crossed", f"lft {row.lft} is not below rght {row.rght}")
    if row.parent is None:
        if row.level != 0:
            yield _fault(row, "level", f"a root of level {row.level}")
        return
    parent = known.get(row.parent)
    if parent is None:
        yield _fault(row, "no-parent", f"parent {row.parent} does not exist")
        return
    if parent.tree_id != row.tree_id:
        yield _fault(row, "other-tree", f"parent {parent.id} belongs to tree {parent.tree_id}")
    if row.level != parent.level + 1:
        yield _fault(row, "level", f"level {row.level} under a parent of level {parent.level}")
