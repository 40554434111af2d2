"""Two trees → the list of what differs, each with the words a person decides by; writes nothing."""

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from indicators.changes.pairing import Pair, pair
from indicators.listing.outline import Duty, Node, Outline
from indicators.listing.sheet import ROLE_WORDS
from indicators.reading.findings import called
from indicators.reading.report import plain
from indicators.reading.text import fold

KINDS = {
    "asked": "疑似同一项",
    "added": "新增",
    "removed": "移除",
    "renamed": "改名",
    "moved": "移动",
    "points": "改分",
    "units": "改单位",
    "methods": "改方式",
    "criteria": "改评分标准",
    "item": "改评估点",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. key: stable for one comparison. old, new: nodes; path: where it stands; place: in the file.

    before, after: words. alternative: for an asked pair, the key that takes the two for different indicators.
    """

    key: str
    kind: str
    name: str
    path: str
    before: str = ""
    after: str = ""
    place: str = ""
    old: int | None = None
    new: int | None = None
    alternative: str = ""

    @property
    def word(self) -> str:
        return KINDS[self.kind]

    @property
    def words(self) -> str:
        """One line for the report."""
        change = " → ".join(one for one in (self.before, self.after) if one)
        return f"{self.word} {self.name}" + (f"：{change}" if change else "")


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that differs, in the file's order, what is gone last. same: how many indicators do not differ."""

    changes: tuple[Change, ...]
    pairs: tuple[Pair, ...]
    same: int


def compare(
    old: Outline, new: Outline, identities: Mapping[int, str], apart: Collection[tuple[int, int]] = frozenset()
) -> Comparison:
    """old: the ledger as it stands. new: the file. Duties of both carry keys of the same organisation.

    apart: pairs of which a person said that they are two.
    """
    pairs = pair(old.nodes, new.nodes, identities, apart)
    view = _View(old, new, pairs)
    changes = [change for node in new.nodes for change in view.of(node)]
    changes += [view.removed(node) for node in old.nodes if view.is_top_removed(node)]
    touched = {change.new for change in changes if change.new is not None}
    return Comparison(tuple(changes), tuple(pairs), sum(1 for one in pairs if one.new not in touched))


class _View:
    """Both trees, looked at from each new node."""

    def __init__(self, old: Outline, new: Outline, pairs: Sequence[Pair]) -> None:
        self.old, self.new = old, new
        self.olds = {node.id: node for node in old.nodes}
        self.news = {node.id: node for node in new.nodes}
        self.old_of = {one.new: one.old for one in pairs}
        self.new_of = {one.old: one.new for one in pairs}
        self.asked = {one.new for one in pairs if not one.sure}
        self.leaves = {node.id for node in new.nodes} - {node.parent for node in new.nodes}
        self.out_of_order = self._out_of_order()

    def of(self, node: Node) -> Iterator[Change]:
        if node.id not in self.old_of:
            if node.parent is None or node.parent in self.old_of:
                yield self._added(node)
            return
        before = self.olds[self.old_of[node.id]]
        found = list(self._differences(before, node))
        if node.id in self.asked and node.id in self.leaves:
            yield self._ask(before, node, found)
        else:
            yield from found

    def _differences(self, before: Node, node: Node) -> Iterator[Change]:
        if fold(before.name) != fold(node.name):
            yield self._change("renamed", before, node, before.name, node.name)
        yield from self._moved(before, node)
        if before.declared != node.declared:
            yield self._change("points", before, node, _points(before.declared), _points(node.declared))
        duties = (self.old.duties.get(before.id, ()), self.new.duties.get(node.id, ()))
        if _parts(duties[0]) != _parts(duties[1]):
            yield self._change("units", before, node, _duties(duties[0]), _duties(duties[1]))
        means = [[one.name for one in self.old.means.get(before.id, ())]]
        means.append([one.name for one in self.new.means.get(node.id, ())])
        if sorted(means[0]) != sorted(means[1]):
            yield self._change("methods", before, node, "、".join(means[0]) or "无", "、".join(means[1]) or "无")
        if fold(before.criteria) != fold(node.criteria):
            yield self._change("criteria", before, node, before.criteria or "无", node.criteria or "无")
        if before.is_item != node.is_item:
            words = ("评估点", "上级指标")
            yield self._change("item", before, node, words[not before.is_item], words[not node.is_item])

    def _moved(self, before: Node, node: Node) -> Iterator[Change]:
        goes_to = self.old_of.get(node.parent) if node.parent is not None else None
        stays = (before.parent is None and node.parent is None) or (
            before.parent is not None and goes_to == before.parent
        )
        if not stays:
            yield self._change("moved", before, node, _path(before, self.olds), _path(node, self.news))
        elif node.id in self.out_of_order:
            yield self._change("moved", before, node, "同级内换了位置", self._behind(node))

    def _behind(self, node: Node) -> str:
        beside = [one for one in self.new.nodes if one.parent == node.parent]
        at = beside.index(node)
        return f"排到{called(beside[at - 1].name)}之后" if at else "排到最前"

    def _change(self, kind: str, before: Node, node: Node, old: str, new: str) -> Change:
        return Change(
            key=f"{kind}:{before.identity}",
            kind=kind,
            name=called(before.name),
            path=_path(before, self.olds),
            before=old,
            after=new,
            place=node.place,
            old=before.id,
            new=node.id,
        )

    def _ask(self, before: Node, node: Node, found: Sequence[Change]) -> Change:
        """One question for a doubtful pair: the same indicator with all that changed, or another one."""
        more = [f"{one.word}：{one.before} → {one.after}" for one in found if one.kind != "renamed"]
        asked = self._change("asked", before, node, before.name, "；".join([node.name, *more]))
        return Change(
            key=asked.key,
            kind="asked",
            name=asked.name,
            path=asked.path,
            before=asked.before,
            after=asked.after,
            place=asked.place,
            old=asked.old,
            new=asked.new,
            alternative=f"replaced:{before.identity}",
        )

    def _added(self, node: Node) -> Change:
        below = self._unpaired(node.id, self.new, self.old_of)
        worth = [_points(node.declared)] if node.declared is not None else []
        words = [*worth, *([f"连同下级 {below} 项"] if below else [])]
        path = _path(node, self.news)
        return Change(
            f"added:{node.id}", "added", called(node.name), path, "", "，".join(words), node.place, new=node.id
        )

    def is_top_removed(self, node: Node) -> bool:
        return node.id not in self.new_of and (node.parent is None or node.parent in self.new_of)

    def removed(self, node: Node) -> Change:
        below = self._unpaired(node.id, self.old, self.new_of)
        words = f"停用，连同下级 {below} 项" if below else "停用，可以恢复"
        key = f"removed:{node.identity}"
        return Change(key, "removed", called(node.name), _path(node, self.olds), "", words, old=node.id)

    def _unpaired(self, top: int, outline: Outline, paired: Mapping[int, int]) -> int:
        under = {top}
        for node in outline.nodes:
            if node.parent in under and node.id not in paired:
                under.add(node.id)
        return len(under) - 1

    def _out_of_order(self) -> set[int]:
        """New nodes that left their place among siblings; as few as explain the new order."""
        position = {node.id: at for at, node in enumerate(self.old.nodes)}
        families: dict[int | None, list[int]] = {}
        for node in self.new.nodes:
            if node.id in self.old_of:
                families.setdefault(node.parent, []).append(node.id)
        moved: set[int] = set()
        for family in families.values():
            places = [position[self.old_of[one]] for one in family]
            kept = set(_longest_rising(places))
            moved |= {one for at, one in enumerate(family) if at not in kept}
        return moved


def _longest_rising(places: Sequence[int]) -> list[int]:
    """Indexes of a longest rising run.

    >>> _longest_rising([4, 1, 2, 3])
    [1, 2, 3]
    """
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for at, place in enumerate(places):
        length = bisect_left(tails, place)
        before.append(ends[length - 1] if length else -1)
        if length == len(tails):
            tails.append(place)
            ends.append(at)
        else:
            tails[length], ends[length] = place, at
    found: list[int] = []
    here = ends[-1] if ends else -1
    while here >= 0:
        found.append(here)
        here = before[here]
    return found[::-1]


def _path(node: Node, nodes: Mapping[int, Node]) -> str:
    names: list[str] = []
    while node.parent is not None:
        node = nodes[node.parent]
        names.append(node.name)
    return " › ".join(names[::-1]) or "第一级"


def _points(value: Decimal | None) -> str:
    return "无分值" if value is None else f"{plain(value)} 分"


def _parts(duties: Sequence[Duty]) -> set[tuple[str, str]]:
    return {(duty.role, duty.key or fold(duty.name)) for duty in duties}


def _duties(duties: Sequence[Duty]) -> str:
    return "、".join(f"{ROLE_WORDS.get(duty.role, '牵头')} {duty.name}" for duty in duties) or "无"
