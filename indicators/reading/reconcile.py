"""Declared against listed points, one function for a draft and for a stored ledger; repairs nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from indicators.reading import findings
from indicators.reading.drafts import Finding, Tally
from indicators.reading.notes import is_extra, is_penalty
from indicators.reading.points import propose

WHOLE = Decimal(100)
ZERO = Decimal(0)
__all__ = ["Sums", "Tally", "check", "declared_total", "listed", "listed_total", "reckon"]


@dataclass(frozen=True, slots=True)
class Sums:
    """What a tree adds up to: node → listed points, node → level of those that are weights, and both totals."""

    listed: Mapping[int, Decimal]
    weights: Mapping[int, int]
    declared_total: Decimal | None
    listed_total: Decimal | None


def reckon(nodes: Sequence[Tally]) -> Sums:
    """All sums of a tree at once. nodes: parents before children."""
    weights = weighted(nodes)
    return Sums(listed(nodes), weights, declared_total(nodes), _in_all(nodes, weights))


def listed(nodes: Sequence[Tally]) -> dict[int, Decimal]:
    """Node → sum of the declared points of all items at or below it; nodes without such items are absent.

    nodes: parents before children.
    """
    found: dict[int, Decimal] = {}
    for node in reversed(nodes):
        if node.is_item and node.declared is not None:
            found[node.id] = found.get(node.id, ZERO) + node.declared
        if node.parent is not None and node.id in found:
            found[node.parent] = found.get(node.parent, ZERO) + found[node.id]
    return found


def declared_total(nodes: Sequence[Tally]) -> Decimal | None:
    """What the document says it is worth in all: the top level, and where that is silent, the level below it.

    Chapters of bonuses stand beside the full score and do not count.
    """
    says: dict[int, Decimal] = {}
    whole: Decimal | None = None
    beside = apart(nodes)
    for node in reversed(nodes):
        value = node.declared if node.declared is not None else says.get(node.id)
        if value is None or node.id in beside:
            continue
        if node.parent is None:
            whole = (whole or ZERO) + value
        else:
            says[node.parent] = says.get(node.parent, ZERO) + value
    return whole


def apart(nodes: Sequence[Tally]) -> set[int]:
    """The nodes in chapters that stand beside the full score: bonuses, and penalties where other chapters have points.

    nodes: parents before children. A chapter of both (奖扣分项目) counts, as offices count it.
    """
    if not any(node.bonus for node in nodes):
        return set()
    kinds: dict[int, str] = {}
    for node in nodes:
        above = kinds.get(node.parent, "") if node.parent is not None else ""
        kinds[node.id] = above or ("extra" if is_extra(node.name) else "penalty" if is_penalty(node.name) else "")
    main = any(node.declared is not None and not kinds[node.id] for node in nodes)
    return {id_ for id_, kind in kinds.items() if kind == "extra" or (kind == "penalty" and main)}


def check(
    nodes: Sequence[Tally], known: Sums | None = None, *, stated: Decimal | None = None, place: str = ""
) -> list[Finding]:
    """Findings on the points of a tree, in document order, the totals last.

    nodes: parents before children, without the ledger itself. known: their sums, where they were reckoned before.
    stated: a total of points printed in the document. place: where the totals stand. A ledger without any points has
    nothing to reconcile.
    """
    if all(node.declared is None for node in nodes):
        return [findings.blank_item(node.place, None) for node in nodes if node.is_item and not node.name]
    known = known or reckon(nodes)
    weights, below = known.weights, known.listed
    shared = per_unit(nodes, below)
    found = list(_nodes(nodes, below, weights.keys() | shared.keys()))
    found.extend(
        findings.points_per_unit(node.name, node.place, node.declared, shared[node.id], below[node.id])
        for node in nodes
        if node.id in shared and node.declared is not None
    )
    if not weights and not shared:
        found.extend(_moves(nodes, below))
    for level in sorted(set(weights.values())):
        found.append(findings.points_weighted(place, level, known.listed_total))
    found.extend(_totals(nodes, known, stated, place, shared=bool(shared)))
    return found


def weighted(nodes: Sequence[Tally]) -> dict[int, int]:
    """Node → its level, for nodes whose points are weights: every family below that level adds up to 100, or to 1.

    nodes: parents before children. Two families at least have to, and one weight has to differ from that.
    """
    levels: dict[int, int] = {}
    families: dict[int, Decimal] = {}
    declared = {node.id: node.declared for node in nodes if node.declared is not None}
    for node in nodes:
        levels[node.id] = levels[node.parent] + 1 if node.parent is not None else 1
        if node.parent in declared and node.parent is not None and node.declared is not None:
            families[node.parent] = families.get(node.parent, ZERO) + node.declared
    whole = full(declared.values())
    if whole not in families.values():
        return {}
    found: dict[int, int] = {}
    for level in sorted(set(levels.values())):
        here = [id_ for id_ in families if levels[id_] == level]
        # A single family says it only below a level that is known to hold weights.
        exact = (len(here) > 1 or level - 1 in found.values()) and all(families[id_] == whole for id_ in here)
        if exact and any(declared[id_] != whole for id_ in here):
            found.update(dict.fromkeys(here, level))
    return found


def full(points_: Iterable[Decimal | None]) -> Decimal:
    """What weights add up to: 1 where they are printed as parts of it (0.3), else 100."""
    return WHOLE if any(value is not None and value > 1 for value in points_) else Decimal(1)


def per_unit(nodes: Sequence[Tally], sums: Mapping[int, Decimal]) -> dict[int, int]:
    """Node → number of units, for nodes whose points hold for each unit below and not for all together."""
    # Only a node that lists a multiple of what it declares can be one: most ledgers end here.
    if not any(node.declared and not node.is_item and sums.get(node.id, ZERO) >= 2 * node.declared for node in nodes):
        return {}
    worth: dict[int, dict[str, Decimal]] = {}
    parents = {node.id: node.parent for node in nodes}
    for node in nodes:
        if not node.is_item or node.declared is None or not node.unit:
            continue
        above = node.parent
        while above is not None:
            units = worth.setdefault(above, {})
            units[node.unit] = units.get(node.unit, ZERO) + node.declared
            above = parents[above]
    found: dict[int, int] = {}
    for node in nodes:
        units = worth.get(node.id, {})
        exact = sum(value == node.declared for value in units.values())
        if len(units) > 2 and exact * 10 >= len(units) * 8 and sums.get(node.id) != node.declared:
            found[node.id] = len(units)
    return found


def listed_total(nodes: Sequence[Tally]) -> Decimal | None:
    """What all items are worth in all, points below a weight counted by it."""
    return _in_all(nodes, weighted(nodes))


def _in_all(nodes: Sequence[Tally], weights: Mapping[int, int]) -> Decimal | None:
    sums: dict[int | None, Decimal] = {}
    beside = apart(nodes)
    whole = full(node.declared for node in nodes)
    for node in reversed(nodes):
        value = sums.get(node.id)
        if node.id in beside:
            continue
        if node.is_item:
            value = node.declared
        elif value is not None and node.id in weights and node.declared is not None:
            value = value * node.declared / whole
        if value is not None:
            sums[node.parent] = sums.get(node.parent, ZERO) + value
    return sums.get(None)


def _moves(nodes: Sequence[Tally], sums: Mapping[int, Decimal]) -> Iterator[Finding]:
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
            moved = _fitting(parts if donor is other else parts[::-1], sums, abs(missing), donor.name, to.name)
            if moved:
                yield findings.move_proposed(to.place, [part.name for part in moved], donor.name, to.name)


def _fitting(
    parts: Sequence[Tally], sums: Mapping[int, Decimal], wanted: Decimal, donor: str, to: str
) -> Sequence[Tally]:
    """The parts to move: those next to their new parent, or a single one, whose points add up to what is wanted.

    parts: the nearest to the new parent first. Numbers alone fit by chance: no part may have more words in common
    with where it stands than with where it would go, and of several choices the one with the most in common is taken.
    """
    runs = [_run(parts, sums, wanted), *([part] for part in parts if sums.get(part.id) == wanted and len(parts) > 1)]
    known = [(sense, run) for run in runs if run and (sense := _sense(run, donor, to)) is not None]
    return max(known, key=lambda one: one[0])[1] if known else []


def _sense(run: Sequence[Tally], donor: str, to: str) -> int | None:
    """How much more the parts' words share with their new place than with the old; None where one shares less."""
    here, there = set(donor) - set(to), set(to) - set(donor)
    scores = [len(there & set(part.name)) - len(here & set(part.name)) for part in run]
    return sum(scores) if min(scores) >= 0 else None


def _run(parts: Sequence[Tally], sums: Mapping[int, Decimal], wanted: Decimal) -> list[Tally]:
    """The first parts, not all, whose points add up to exactly what is wanted."""
    reached = Decimal(0)
    for number, part in enumerate(parts[:-1], 1):
        reached += sums.get(part.id, ZERO)
        if reached == wanted:
            return list(parts[:number])
    return []


def _nodes(nodes: Sequence[Tally], sums: Mapping[int, Decimal], excused: Set[int]) -> Iterator[Finding]:
    proposed = propose(nodes)
    unpointed = _above_unpointed(nodes)
    for node in nodes:
        if node.is_item:
            yield from _item(node, proposed.get(node.id))
        elif node.declared is not None and node.id in sums:
            # An item without points may account for what is missing; its own finding says so.
            short = node.id in unpointed and sums[node.id] < node.declared
            if sums[node.id] != node.declared and not short and node.id not in excused:
                yield findings.points_mismatch(node.name, node.place, node.declared, sums[node.id])


def _item(node: Tally, proposed: Decimal | None) -> Iterator[Finding]:
    if not node.name:
        yield findings.blank_item(node.place, node.declared)
    if node.declared is None and not node.bonus:
        yield findings.points_missing(node.name, node.place, proposed)
    elif node.declared is not None and node.checkpoints is not None and node.checkpoints != node.declared:
        yield findings.checkpoint_mismatch(node.name, node.place, node.declared, node.checkpoints)


def _above_unpointed(nodes: Sequence[Tally]) -> set[int]:
    """Nodes with an item somewhere below that has no points."""
    above: set[int] = set()
    for node in reversed(nodes):
        if node.parent is not None and (node.id in above or (node.is_item and node.declared is None)):
            above.add(node.parent)
    return above


def _totals(
    nodes: Sequence[Tally], known: Sums, stated: Decimal | None, place: str, *, shared: bool
) -> Iterator[Finding]:
    """shared: points of some nodes hold for each unit below, so the items add up to more."""
    declared, items = known.declared_total, None if shared else known.listed_total
    if declared is None:
        return
    if stated is not None and stated != declared:
        yield findings.total_mismatch(place, "表中写明总分", stated, "第一级合计", declared)
    unpointed = any(node.is_item and node.declared is None and not node.bonus for node in nodes)
    if items is not None and items != declared and not unpointed:
        yield findings.total_mismatch(place, "第一级合计", declared, "评估点合计", items)
