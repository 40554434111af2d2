"""Declared against listed points, one function for a draft and for a stored ledger; repairs nothing."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

from indicators.reading import findings
from indicators.reading.drafts import Finding, Tally
from indicators.reading.points import propose, total

__all__ = ["Tally", "check", "declared_total", "listed"]


def listed(nodes: Sequence[Tally]) -> dict[int, Decimal]:
    """Node → sum of the declared points of all items at or below it; nodes without such items are absent.

    nodes: parents before children.
    """
    sums: dict[int, Decimal] = {}
    for node in reversed(nodes):
        if node.is_item and node.declared is not None:
            sums[node.id] = sums.get(node.id, Decimal(0)) + node.declared
        if node.parent is not None and node.id in sums:
            sums[node.parent] = sums.get(node.parent, Decimal(0)) + sums[node.id]
    return sums


def declared_total(nodes: Sequence[Tally]) -> Decimal | None:
    """What the document says it is worth in all: the top level, and where that is silent, the level below it."""
    says: dict[int, Decimal] = {}
    whole: Decimal | None = None
    for node in reversed(nodes):
        value = node.declared if node.declared is not None else says.get(node.id)
        if value is None:
            continue
        if node.parent is None:
            whole = (whole or Decimal(0)) + value
        else:
            says[node.parent] = says.get(node.parent, Decimal(0)) + value
    return whole


def check(nodes: Sequence[Tally], *, stated: Decimal | None = None, place: str = "") -> list[Finding]:
    """Findings on the points of a tree, in document order, the totals last.

    nodes: parents before children, without the ledger itself. stated: a total of points printed in the
    document. place: where the totals stand. A ledger without any points has nothing to reconcile.
    """
    if all(node.declared is None for node in nodes):
        return [findings.blank_item(node.place, None) for node in nodes if node.is_item and not node.name]
    sums = listed(nodes)
    found = list(_nodes(nodes, sums))
    found.extend(_moves(nodes, sums))
    found.extend(_totals(nodes, sums, stated, place))
    return found


def _moves(nodes: Sequence[Tally], sums: dict[int, Decimal]) -> Iterator[Finding]:
    """Repairs to propose: the first parts of a node that make it exact and the one before it too, or the reverse."""
    children: dict[int | None, list[Tally]] = {}
    for node in nodes:
        children.setdefault(node.parent, []).append(node)
    for family in children.values():
        for one, other in pairwise(family):
            if one.declared is None or other.declared is None or one.id not in sums or other.id not in sums:
                continue
            missing = one.declared - sums[one.id]
            if not missing or missing != sums[other.id] - other.declared:
                continue
            donor, to = (other, one) if missing > 0 else (one, other)
            parts = children.get(donor.id, [])
            moved = _run(parts if donor is other else parts[::-1], sums, abs(missing))
            if moved:
                yield findings.move_proposed(to.place, [part.name for part in moved], donor.name, to.name)


def _run(parts: Sequence[Tally], sums: dict[int, Decimal], wanted: Decimal) -> list[Tally]:
    """The first parts, not all, whose points add up to exactly what is wanted."""
    reached = Decimal(0)
    for number, part in enumerate(parts[:-1], 1):
        reached += sums.get(part.id, Decimal(0))
        if reached == wanted:
            return list(parts[:number])
    return []


def _nodes(nodes: Sequence[Tally], sums: dict[int, Decimal]) -> Iterator[Finding]:
    proposed = propose(nodes)
    unpointed = _above_unpointed(nodes)
    for node in nodes:
        if node.is_item:
            yield from _item(node, proposed.get(node.id))
        elif node.declared is not None and node.id in sums:
            # An item without points may account for what is missing; its own finding says so.
            short = node.id in unpointed and sums[node.id] < node.declared
            if sums[node.id] != node.declared and not short:
                yield findings.points_mismatch(node.name, node.place, node.declared, sums[node.id])


def _item(node: Tally, proposed: Decimal | None) -> Iterator[Finding]:
    if not node.name:
        yield findings.blank_item(node.place, node.declared)
    if node.declared is None:
        yield findings.points_missing(node.name, node.place, proposed)
    elif node.checkpoints is not None and node.checkpoints != node.declared:
        yield findings.checkpoint_mismatch(node.name, node.place, node.declared, node.checkpoints)


def _above_unpointed(nodes: Sequence[Tally]) -> set[int]:
    """Nodes with an item somewhere below that has no points."""
    above: set[int] = set()
    for node in reversed(nodes):
        if node.parent is not None and (node.id in above or (node.is_item and node.declared is None)):
            above.add(node.parent)
    return above


def _totals(nodes: Sequence[Tally], sums: dict[int, Decimal], stated: Decimal | None, place: str) -> Iterator[Finding]:
    declared = declared_total(nodes)
    items = total(sums.get(node.id) for node in nodes if node.parent is None)
    if declared is None:
        return
    if stated is not None and stated != declared:
        yield findings.total_mismatch(place, "表中写明总分", stated, "第一级合计", declared)
    if items is not None and items != declared and not any(n.is_item and n.declared is None for n in nodes):
        yield findings.total_mismatch(place, "第一级合计", declared, "评估点合计", items)
