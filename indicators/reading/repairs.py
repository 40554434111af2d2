"""Plain repairs of a draft, offered one by one and done only for those a person ticked; finds no trouble itself."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from indicators.reading import findings, points, reconcile
from indicators.reading.drafts import Finding, LedgerDraft, NodeDraft, Tally
from indicators.reading.findings import called, short
from indicators.reading.notes import is_bonus
from indicators.reading.report import plain

MOVE, SHARE = "move", "share"
_REDONE = frozenset({"points-mismatch", "points-missing", "total-mismatch", "move-proposed"})


@dataclass(frozen=True, slots=True)
class Repair:
    """One repair. key: stable for one reading. nodes: what it moves or gives points to. to: where they are moved."""

    key: str
    words: str
    place: str
    nodes: tuple[int, ...]
    to: int | None = None
    points: tuple[Decimal, ...] = ()


def offered(draft: LedgerDraft) -> tuple[Repair, ...]:
    """What could be put right: parts that stand under the wrong neighbour, items that share what is left."""
    return (*_moves(draft), *_shares(draft))


def applied(draft: LedgerDraft, keys: Collection[str]) -> LedgerDraft:
    """The draft with these repairs done, reckoned anew, each named in its findings. Unknown keys do nothing."""
    chosen = [one for one in offered(draft) if one.key in keys]
    if not chosen:
        return draft
    nodes = list(draft.nodes)
    for repair in chosen:
        nodes = _moved(nodes, repair) if repair.to is not None else _shared(nodes, repair)
    reckoned = tallies(nodes)
    listed = reconcile.listed(reckoned)
    found = [
        *(findings.repaired(repair.place, repair.words) for repair in chosen),
        *(one for one in draft.findings if one.code not in _REDONE),
        *(
            one
            for one in reconcile.check(reckoned, stated=draft.stated_total, place=draft.sheet)
            if one.code in _REDONE
        ),
    ]
    return replace(
        draft,
        nodes=tuple(node._replace(listed=listed.get(node.id)) for node in nodes),
        listed_total=reconcile.listed_total(reckoned),
        findings=tuple(found),
    )


def _moves(draft: LedgerDraft) -> Iterator[Repair]:
    """The moves that the findings propose, with the nodes they speak of."""
    for finding in draft.findings:
        if finding.code == "move-proposed":
            repair = _move(draft, finding)
            if repair is not None:
                yield repair


def _move(draft: LedgerDraft, finding: Finding) -> Repair | None:
    names, from_, to = finding.data["names"], finding.data["from"], finding.data["to"]
    goal = next((node for node in draft.nodes if node.name == to and _start(node) == finding.cells), None)
    if goal is None:
        return None
    beside = [node for node in draft.nodes if node.parent == goal.parent and node.name == from_]
    for donor in beside:
        parts = [node for node in draft.nodes if node.parent == donor.id and node.name in names]
        if len(parts) == len(names):
            ids = tuple(node.id for node in parts)
            words = f"把“{'、'.join(short(name) for name in names)}”从{called(from_)}移到{called(to)}下"
            return Repair(f"{MOVE}-{goal.id}-{ids[0]}", words, finding.cells, ids, to=goal.id)
    return None


def _shares(draft: LedgerDraft) -> Iterator[Repair]:
    """Items without points share what their siblings leave: one repair for each first-level chapter."""
    shares = points.propose(tallies(draft.nodes))
    tops = _tops(draft.nodes)
    names = {node.id: node for node in draft.nodes}
    chapters: dict[int, list[int]] = {}
    for item in shares:
        chapters.setdefault(tops[item], []).append(item)
    for top, items in chapters.items():
        values = [shares[item] for item in items]
        lowest, highest = plain(min(values)), plain(max(values))
        each = f"每项 {lowest} 分" if lowest == highest else f"每项 {lowest}–{highest} 分"
        words = f"{called(names[top].name)}下 {len(items)} 项没有分值：由上级余下的分值平均补上，{each}"
        yield Repair(f"{SHARE}-{top}-{len(items)}", words, _start(names[items[0]]), tuple(items), points=tuple(values))


def _start(node: NodeDraft) -> str:
    return node.cells.split(":")[0]


def _tops(nodes: Sequence[NodeDraft]) -> dict[int, int]:
    """Node → the first-level node above it."""
    tops: dict[int, int] = {}
    for node in nodes:
        tops[node.id] = node.id if node.parent is None else tops[node.parent]
    return tops


def _moved(nodes: Sequence[NodeDraft], repair: Repair) -> list[NodeDraft]:
    """The parts with all below them stand under their new parent: last of it, or first where they came from above."""
    parents: Mapping[int, int | None] = {node.id: node.parent for node in nodes}
    under = set(repair.nodes)
    for node in nodes:
        if node.parent in under:
            under.add(node.id)
    moved = [node._replace(parent=repair.to) if node.id in repair.nodes else node for node in nodes if node.id in under]
    rest = [node for node in nodes if node.id not in under]
    goal = next(at for at, node in enumerate(rest) if node.id == repair.to)
    order = [node.id for node in nodes]
    comes_from_below = order.index(repair.nodes[0]) > order.index(repair.to or 0)
    at = goal + 1
    while comes_from_below and at < len(rest) and _is_under(rest[at].id, repair.to, parents):
        at += 1
    return [*rest[:at], *moved, *rest[at:]]


def _is_under(node: int, above: int | None, parents: Mapping[int, int | None]) -> bool:
    here = parents[node]
    while here is not None and here != above:
        here = parents[here]
    return here == above


def _shared(nodes: Sequence[NodeDraft], repair: Repair) -> list[NodeDraft]:
    given = dict(zip(repair.nodes, repair.points, strict=True))
    return [node._replace(declared=given.get(node.id, node.declared)) for node in nodes]


def tallies(nodes: Sequence[NodeDraft]) -> list[Tally]:
    """What reckoning needs of each node of a draft."""
    bonus: dict[int | None, bool] = {None: False}
    found = []
    for node in nodes:
        bonus[node.id] = bonus[node.parent] or is_bonus(node.name)
        found.append(
            Tally(
                id=node.id,
                parent=node.parent,
                name=node.name,
                declared=node.declared,
                is_item=node.is_item,
                checkpoints=points.total(one.points for one in node.checkpoints),
                place=_start(node),
                unit=next((one.name for one in node.responsibilities if one.role == "lead"), ""),
                bonus=bonus[node.id],
            )
        )
    return found
