"""Which indicator of a changed file is which of the ledger: by identity, by name and place, then by likeness."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from indicators.listing.outline import Node
from indicators.reading.text import fold

SURE, LIKELY, ELSEWHERE = 85, 60, 88
MOST = 400


@dataclass(frozen=True, slots=True)
class Pair:
    """One indicator on both sides; a pair that is not sure is asked about."""

    old: int
    new: int
    sure: bool = True


def pair(
    old: Sequence[Node],
    new: Sequence[Node],
    identities: Mapping[int, str],
    apart: Collection[tuple[int, int]] = frozenset(),
) -> list[Pair]:
    """Every pair, in no particular order; each node stands in at most one.

    old, new: parents before children. identities: new node → the identity it would have in the ledger.
    apart: old and new nodes of which a person said that they are two.
    """
    pairing = _Pairing(old, new, apart)
    known = {node.identity: node.id for node in old}
    for node in new:
        if identities.get(node.id) in known:
            pairing.join(known[identities[node.id]], node.id)
    pairing.down([(None, None)])
    pairing.elsewhere_exact()
    pairing.alike_inside()
    pairing.alike_elsewhere()
    return [Pair(one, other, other not in pairing.doubtful) for other, one in pairing.old_of.items()]


class _Pairing:
    """The pairs while they grow."""

    def __init__(self, old: Sequence[Node], new: Sequence[Node], apart: Collection[tuple[int, int]]) -> None:
        self.apart = apart
        self.old = {node.id: node for node in old}
        self.new = {node.id: node for node in new}
        self.below_old = _children(old)
        self.below_new = _children(new)
        self.old_of: dict[int, int] = {}
        self.new_of: dict[int, int] = {}
        self.doubtful: set[int] = set()

    def join(self, old: int, new: int, *, sure: bool = True) -> None:
        if old in self.new_of or new in self.old_of or (old, new) in self.apart:
            return
        self.old_of[new] = old
        self.new_of[old] = new
        if not sure:
            self.doubtful.add(new)

    def down(self, parents: Iterable[tuple[int | None, int | None]]) -> None:
        """Children of paired parents that have one name are one, in their order; then theirs, to the bottom."""
        todo = list(parents)
        while todo:
            one, other = todo.pop()
            named: dict[str, list[int]] = defaultdict(list)
            for child in self.below_old[one]:
                if child not in self.new_of:
                    named[_key(self.old[child])].append(child)
            for child in self.below_new[other]:
                if child not in self.old_of and named[_key(self.new[child])]:
                    self.join(named[_key(self.new[child])].pop(0), child)
            todo.extend((self.old_of[child], child) for child in self.below_new[other] if child in self.old_of)

    def elsewhere_exact(self) -> None:
        """A name that is left once on each side was moved."""
        for new, olds in self._left(lambda node: (_key(node), node.is_item)):
            if len(olds) == len(new) == 1 and len(self.new[new[0]].name) > 1:
                self.join(olds[0], new[0])
                self.down([(olds[0], new[0])])

    def _left(self, key: Callable[[Node], object]) -> list[tuple[list[int], list[int]]]:
        olds: dict[object, list[int]] = defaultdict(list)
        for node in self.old.values():
            if node.id not in self.new_of:
                olds[key(node)].append(node.id)
        news: dict[object, list[int]] = defaultdict(list)
        for node in self.new.values():
            if node.id not in self.old_of:
                news[key(node)].append(node.id)
        return [(found, olds[name]) for name, found in news.items()]

    def alike_inside(self) -> None:
        """Below paired parents, what reads alike is one that was renamed; from the top down."""
        todo: list[tuple[int | None, int | None]] = [(None, None)]
        while todo:
            one, other = todo.pop(0)
            olds = [child for child in self.below_old[one] if child not in self.new_of]
            news = [child for child in self.below_new[other] if child not in self.old_of]
            for old, new, score in self._nearest(olds, news, LIKELY):
                self.join(old, new, sure=score >= SURE)
                self.down([(old, new)])
            todo.extend((self.old_of[child], child) for child in self.below_new[other] if child in self.old_of)

    def alike_elsewhere(self) -> None:
        """What is left and reads almost the same somewhere else was moved and renamed; that is always asked."""
        olds = [one for one, node in self.old.items() if one not in self.new_of and node.is_item]
        news = [one for one, node in self.new.items() if one not in self.old_of and node.is_item]
        for old, new, _ in self._nearest(olds, news, ELSEWHERE):
            self.join(old, new, sure=False)

    def _nearest(self, olds: Sequence[int], news: Sequence[int], least: int) -> list[tuple[int, int, float]]:
        """Pairs from the most alike down, each node once. Beyond 400 on a side likeness is not asked."""
        if not olds or not news or len(olds) > MOST or len(news) > MOST:
            return []
        words = {new: _words(self.new[new]) for new in news}
        found = [
            (score, old, new)
            for old in olds
            for new in news
            if self.old[old].is_item == self.new[new].is_item
            and (score := fuzz.ratio(_words(self.old[old]), words[new], score_cutoff=least))
        ]
        used: set[tuple[str, int]] = set()
        pairs = []
        for score, old, new in sorted(found, key=lambda one: (-one[0], one[1], one[2])):
            if ("old", old) not in used and ("new", new) not in used:
                used |= {("old", old), ("new", new)}
                pairs.append((old, new, score))
        return pairs


def _children(nodes: Sequence[Node]) -> dict[int | None, list[int]]:
    found: dict[int | None, list[int]] = defaultdict(list)
    for node in nodes:
        found[node.parent].append(node.id)
    return found


def _key(node: Node) -> str:
    return fold(node.name)


def _words(node: Node) -> str:
    return fold(node.name or node.criteria)
