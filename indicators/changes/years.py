"""Two ledgers side by side: what was added, removed, renamed, moved, re-pointed, re-assigned; edits no ledger."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from indicators.changes.comparing import KINDS, Change, Comparison, compare
from indicators.editing import EditRefused
from indicators.listing.outline import Node, Outline, from_ledger
from indicators.models import Indicator, Ledger, PairAnswer
from indicators.reading.report import plain
from units import audit
from units.models import Organisation, User

ORDER = ("asked", "added", "removed", "renamed", "moved", "points", "units", "methods", "criteria", "item")


@dataclass(frozen=True, slots=True)
class Side:
    """An indicator as one of the two ledgers has it."""

    id: int
    level: int
    name: str
    points: str
    units: str
    path: str


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator in both ledgers, or in one of them. changes: what differs; asked: a person has to say whether
    both are one.
    """

    old: Side | None
    new: Side | None
    changes: tuple[Change, ...]
    kinds: tuple[str, ...]

    @property
    def asked(self) -> bool:
        return "asked" in self.kinds

    @property
    def sides(self) -> tuple[Side | None, Side | None]:
        return self.old, self.new

    @property
    def words(self) -> str:
        return "、".join(KINDS[kind] for kind in self.kinds)


@dataclass(frozen=True, slots=True)
class Years:
    """Every line in the newer ledger's order, what is gone where it stood. counts: (kind, word, how many)."""

    lines: tuple[Line, ...]
    counts: tuple[tuple[str, str, int], ...]
    same: int

    def of(self, kind: str) -> list[Line]:
        """The lines of one kind; `all` for every line, anything else for those that differ."""
        if kind == "all":
            return list(self.lines)
        return [line for line in self.lines if (kind in line.kinds if kind in KINDS else line.kinds)]


def side_by_side(older: Ledger, newer: Ledger) -> Years:
    """The two ledgers; seven queries for any number of indicators."""
    old, new = from_ledger(older), from_ledger(newer)
    answers = PairAnswer.objects.filter(old__ledger=older, new__ledger=newer).values_list("old_id", "new_id", "same")
    joined = {fresh: known for known, fresh, same in answers if same}
    apart = {(known, fresh) for known, fresh, same in answers if not same}
    by_id = {node.id: node.identity for node in old.nodes}
    identities = {node.id: by_id.get(joined.get(node.id, 0), node.identity) for node in new.nodes}
    found = compare(old, new, identities, apart)
    lines = tuple(_lines(old, new, found))
    counts = Counter(kind for line in lines for kind in line.kinds)
    return Years(
        lines,
        tuple((kind, KINDS[kind], counts[kind]) for kind in ORDER if counts[kind]),
        sum(1 for line in lines if not line.kinds),
    )


@transaction.atomic
def answer(organisation: Organisation, old: int, new: int, *, same: bool, by: User) -> PairAnswer:
    """What a person said of a doubtful pair; said again, the last word counts.

    Raises EditRefused for indicators that are not the organisation's or stand in one ledger.
    """
    rows = Indicator.objects.filter(ledger__organisation=organisation, pk__in=[old, new]).select_related("ledger")
    found = {one.pk: one for one in rows}
    if len(found) != 2 or found[old].ledger_id == found[new].ledger_id:
        raise EditRefused("没有这两项指标；重新打开对照页再选")
    said, _ = PairAnswer.objects.update_or_create(
        old=found[old], new=found[new], defaults={"same": same, "answered_by": by}
    )
    audit.record(
        organisation=organisation,
        actor=by,
        action="确认指标对照",
        target=str(found[new])[:200],
        detail={"原指标": str(found[old])[:200], "同一项": same},
    )
    return said


def _lines(old: Outline, new: Outline, found: Comparison) -> Iterator[Line]:
    olds, news = _sides(old), _sides(new)
    old_of = {one.new: one.old for one in found.pairs}
    by_new: dict[int, list[Change]] = defaultdict(list)
    for change in found.changes:
        if change.new is not None:
            by_new[change.new].append(change)
    gone = _gone(old, found)
    for node in gone[None]:
        yield Line(olds[node.id], None, (), ("removed",))
    for node in new.nodes:
        changes = tuple(by_new[node.id])
        before = old_of.get(node.id)
        kinds = tuple(dict.fromkeys(one.kind for one in changes)) if before else ("added",)
        yield Line(olds[before] if before else None, news[node.id], changes, kinds)
        for lost in gone[before] if before else ():
            yield Line(olds[lost.id], None, (), ("removed",))


def _gone(old: Outline, found: Comparison) -> dict[int | None, list[Node]]:
    """Indicator that is still there → those that stood behind it and are not."""
    paired = {one.old for one in found.pairs}
    gone: dict[int | None, list[Node]] = defaultdict(list)
    last = None
    for node in old.nodes:
        if node.id in paired:
            last = node.id
        else:
            gone[last].append(node)
    return gone


def _sides(outline: Outline) -> dict[int, Side]:
    nodes = {node.id: node for node in outline.nodes}
    return {
        node.id: Side(
            node.id,
            node.level,
            node.name or "（名称空缺）",
            "" if node.declared is None else plain(node.declared),
            "、".join(duty.name for duty in outline.duties.get(node.id, ())),
            " › ".join(_above(node, nodes)),
        )
        for node in outline.nodes
    }


def _above(node: Node, nodes: Mapping[int, Node]) -> Sequence[str]:
    names: list[str] = []
    while node.parent is not None:
        node = nodes[node.parent]
        names.insert(0, node.name)
    return names
