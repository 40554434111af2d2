"""Random sheets for the properties, and the sums done over again, slowly and another way."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from hypothesis import strategies as st

from assessments.scoring.policy import Policy
from assessments.scoring.rollup import Item, Mark

AMOUNTS = [Decimal(text) for text in ("0.25", "0.5", "1", "1.3333", "2", "3", "7", "10", "30")]
POLICIES = [Policy(not_applicable=way) for way in ("drop", "proportional", "equal_share", "full_marks")]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A tree and the marks on it."""

    items: tuple[Item, ...]
    marks: dict[int, Mark]

    def below(self, node: int) -> set[int]:
        """The node and everything under it."""
        found = {node}
        for item in self.items:
            if item.parent in found:
                found.add(item.id)
        return found

    def points(self, item: int) -> Fraction:
        return Fraction(next(one for one in self.items if one.id == item).points or 0)


@st.composite
def trees(draw: st.DrawFn) -> tuple[Item, ...]:
    """Up to 12 nodes; the leaves are items, and now and then a node with items below it is one too."""
    size = draw(st.integers(2, 12))
    parents = [draw(st.integers(0, node - 1)) for node in range(1, size)]
    items = [Item(100, None, None, False)]
    for node, parent in enumerate(parents, start=1):
        scored_itself = node not in parents or draw(st.integers(0, 9)) == 0
        points = draw(st.sampled_from([None, Decimal(0), *AMOUNTS * 3])) if scored_itself else None
        items.append(Item(100 + node, 100 + parent, points, scored_itself))
    return tuple(items)


STATES = ("", "scored", "not_applicable", "exempt")


@st.composite
def sheets(draw: st.DrawFn, states: tuple[str, ...] = STATES) -> Drawn:
    return draw(marked(draw(trees()), states))


@st.composite
def marked(draw: st.DrawFn, items: tuple[Item, ...], states: tuple[str, ...] = STATES) -> Drawn:
    """One body's marks on a tree."""
    own = [item for item in items if item.is_item]
    together = draw(st.lists(st.sampled_from(own), unique=True, max_size=3)) if "scored" in states else []
    marks: dict[int, Mark] = {}
    for item in own:
        state = draw(st.sampled_from(states))
        if item in together or not state:
            continue
        score = draw(scores(item.points or Decimal(0))) if state == "scored" else None
        marks[item.id] = Mark(state, score)  # type: ignore[arg-type]
    if len(together) > 1:
        most = sum((item.points or Decimal(0) for item in together), Decimal(0))
        marks[together[0].id] = Mark("scored", draw(scores(most)), tuple(item.id for item in together))
    elif together:
        marks[together[0].id] = Mark("not_applicable") if "not_applicable" in states else Mark("exempt")
    return Drawn(items, marks)


def scores(most: Decimal) -> st.SearchStrategy[Decimal]:
    return st.integers(0, int(most * 10000)).map(lambda amount: Decimal(amount) / 10000)


def slow_own(drawn: Drawn, policy: Policy, node: int) -> Fraction:
    """What a node earns itself, and not through what stands below it: its own score, and shared ones that meet here."""
    points, own = slow_points(drawn, policy), Fraction(0)
    mark = drawn.marks.get(node)
    if mark is not None and mark.state == "not_applicable" and policy.not_applicable == "full_marks":
        own += drawn.points(node)
    for item, one in drawn.marks.items():
        covers = set(one.shared_with) or {item}
        inside = covers <= drawn.below(node)
        lower = any(covers <= drawn.below(other.id) for other in drawn.items if other.parent == node)
        if one.score is not None and inside and not lower:
            before = sum(drawn.points(other) for other in covers)
            own += Fraction(one.score) * sum(points[other] for other in covers) / before if before else 0
    return own


def slow_points(drawn: Drawn, policy: Policy) -> dict[int, Fraction]:
    """What each applicable item is worth under the policy."""
    worth = {item.id: Fraction(item.points or 0) for item in drawn.items if item.is_item}
    idle = {item for item, mark in drawn.marks.items() if mark.state == "not_applicable"}
    out = {item for item, mark in drawn.marks.items() if mark.state != "scored"}
    left = {item: points for item, points in worth.items() if item not in out}
    freed = sum((worth[item] for item in idle), Fraction(0))
    remaining = sum(left.values(), Fraction(0))
    if policy.not_applicable == "proportional" and remaining:
        return {item: points + freed * points / remaining for item, points in left.items()}
    if policy.not_applicable == "equal_share":
        _spread(drawn, drawn.items[0].id, Fraction(0), worth, left, idle)
    return left


def _spread(
    drawn: Drawn, node: int, extra: Fraction, worth: dict[int, Fraction], left: dict[int, Fraction], idle: set[int]
) -> None:
    children = [item.id for item in drawn.items if item.parent == node]
    living = [
        child for child in children if any(worth[item] and item in left for item in drawn.below(child) & set(worth))
    ]
    takers = [*living, node] if node in left and worth[node] else living
    if not takers:
        return
    dead = {item for child in children if child not in living for item in drawn.below(child)} | {node}
    part = (extra + sum((worth[item] for item in dead & idle), Fraction(0))) / len(takers)
    for child in living:
        _spread(drawn, child, part, worth, left, idle)
    if node in takers:
        left[node] += part


def slow_sums(drawn: Drawn, policy: Policy, node: int) -> tuple[Fraction, Fraction, Fraction, int]:
    """Earned, possible, strict possible and pending of a node, one item at a time."""
    points = slow_points(drawn, policy)
    inside = drawn.below(node)
    earned = possible = blank = Fraction(0)
    pending = 0
    covered = {other for mark in drawn.marks.values() for other in mark.shared_with}
    for item in inside & {one.id for one in drawn.items if one.is_item}:
        mark = drawn.marks.get(item)
        if mark is None and item not in covered:
            pending += 1
            blank += points[item]
        elif mark is not None and mark.state == "not_applicable" and policy.not_applicable == "full_marks":
            earned += drawn.points(item)
            possible += drawn.points(item)
    for item, mark in drawn.marks.items():
        covers = set(mark.shared_with) or {item}
        if mark.score is not None and covers <= inside:
            before = sum(drawn.points(other) for other in covers)
            now = sum(points[other] for other in covers)
            earned += Fraction(mark.score) * now / before if before else 0
            possible += now
    return earned, possible, possible + blank, pending
