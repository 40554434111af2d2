"""A ledger's tree as plain rows for a page, from the database or from a draft; lays out and judges nothing."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import BigIntegerField, CharField, Q, Value

from indicators.models import Indicator, IndicatorMethod, Ledger, Responsibility
from indicators.models.tree import IndicatorQuerySet
from indicators.reading.drafts import LedgerDraft, ResponsibilityDraft, Tally

CRITERIA = "评分标准"
LEADERS, DEADLINES = "责任领导", "时限"
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Node:
    """One indicator. parent: None at level 1. edits: what an edit has to name so as not to overwrite another."""

    id: int
    parent: int | None
    level: int
    name: str
    number: str = ""
    is_item: bool = False
    declared: Decimal | None = None
    criteria: str = ""
    checkpoints: Decimal | None = None
    place: str = ""
    identity: str = ""
    retired: bool = False
    edits: int = 0
    extra: Mapping[str, str] = field(default_factory=dict)

    def tally(self, unit: str = "", *, bonus: bool = False) -> Tally:
        """The node for reckoning; its place is its id, so that a finding leads back to it."""
        checkpoints, place = self.checkpoints, str(self.id)
        return Tally(
            self.id, self.parent, self.name, self.declared, self.is_item, checkpoints, place, unit=unit, bonus=bonus
        )


@dataclass(frozen=True, slots=True)
class Duty:
    """A unit or group and its part in one indicator. key: `u12`, `g3`, or empty where the name is not matched."""

    name: str
    role: str
    key: str = ""
    written: str = ""
    open_ended: bool = False
    inferred: bool = False


@dataclass(frozen=True, slots=True)
class Means:
    """One 评估方式 of one indicator."""

    name: str
    id: int = 0
    inferred: bool = False


@dataclass(frozen=True, slots=True)
class Outline:
    """All nodes, parents before children, with who does them and how they are evaluated.

    headings: level → what the ledger calls its column. extras: headings of columns of the ledger's own.
    criteria: the heading of what the items are judged by. sounding: the nodes whose initials hold what is looked for.
    """

    nodes: tuple[Node, ...]
    duties: Mapping[int, tuple[Duty, ...]] = field(default_factory=dict)
    means: Mapping[int, tuple[Means, ...]] = field(default_factory=dict)
    headings: Mapping[int, str] = field(default_factory=dict)
    extras: tuple[str, ...] = ()
    criteria: str = CRITERIA
    stated: Decimal | None = None
    sounding: frozenset[int] = frozenset()


# lft and rght of a subtree, or questions for them
Span = tuple[Any, Any]


def from_ledger(ledger: Ledger, *, retired: bool = False, sound: str = "") -> Outline:
    """The stored tree, in two queries; retired indicators only where asked for.

    sound: initials that are looked for; then it takes a third query.
    """
    nodes = tuple(_stored(row) for row in _asked(ledger, retired, None).values(*_FIELDS))
    return _outline(ledger, nodes, None, sound)


def skeleton(ledger: Ledger, *, retired: bool = False, spans: Sequence[Span] | None = None) -> tuple[Node, ...]:
    """The tree with names and points, without what only rows show: one query, cheap for thousands of indicators.

    spans: only what stands in these.
    """
    rows = _asked(ledger, retired, spans).values_list(*_SKELETON)
    return tuple(
        Node(pk, parent if level > 1 else None, level, name, is_item=is_item, declared=points, retired=bool(gone))
        for pk, parent, level, name, is_item, points, gone in rows
    )


def filled(
    ledger: Ledger, nodes: Sequence[Node], ids: Collection[int], read: Iterable[Indicator] = (), *, sound: str = ""
) -> Outline:
    """The skeleton with all that the rows of `ids` show, in two queries; one where they were `read` already.

    sound: as in `from_ledger`.
    """
    known = {one.pk: {name: getattr(one, name) for name in _FIELDS} for one in read}
    missing = [pk for pk in ids if pk not in known]
    if missing:
        known |= {row["id"]: row for row in Indicator.objects.filter(ledger=ledger, pk__in=missing).values(*_FIELDS)}
    wanted = set(ids)
    full = tuple(_stored(known[one.id]) if one.id in wanted and one.id in known else one for one in nodes)
    return _outline(ledger, full, list(ids), sound)


def bodies(nodes: Sequence[Node]) -> list[Node]:
    """Those that have a printed row of their own: items, and what has nothing below it."""
    parents = {node.parent for node in nodes}
    return [node for node in nodes if node.id not in parents or node.is_item]


def _asked(ledger: Ledger, retired: bool, spans: Sequence[Span] | None) -> IndicatorQuerySet:
    indicators = Indicator.objects.filter(ledger=ledger).printed()
    if spans is not None:
        indicators = indicators.filter(_inside(spans))
    return indicators if retired else indicators.living()


def _outline(ledger: Ledger, nodes: tuple[Node, ...], only: Sequence[int] | None, sound: str) -> Outline:
    levels, extras, criteria = columns(dict(ledger.layout.get("columns", ())), nodes)
    duties, means = _hanging(ledger, only)
    sounding = Indicator.objects.filter(ledger=ledger, pinyin__contains=sound) if sound else Indicator.objects.none()
    return Outline(
        *(nodes, duties, means, levels, extras, criteria),
        stated=ledger.stated_total,
        sounding=frozenset(sounding.values_list("pk", flat=True)),
    )


def _inside(spans: Sequence[Span]) -> Q:
    found = Q(pk__in=[])
    for lft, rght in spans:
        found |= Q(lft__gte=lft, rght__lte=rght)
    return found


_SKELETON = ("id", "parent_id", "level", "name", "is_item", "points", "retired_at")
_FIELDS = (
    *("id", "parent_id", "level", "name", "number", "is_item", "points", "criteria", "checkpoints"),
    *("cells", "identity", "retired_at", "edits", "extra", "leaders", "deadlines"),
)


def _stored(row: dict[str, Any]) -> Node:
    return Node(
        id=row["id"],
        parent=row["parent_id"] if row["level"] > 1 else None,
        level=row["level"],
        name=row["name"],
        number=row["number"],
        is_item=row["is_item"],
        declared=row["points"],
        criteria=row["criteria"],
        checkpoints=_sum(Decimal(one["points"]) for one in row["checkpoints"]),
        place=row["cells"],
        identity=str(row["identity"]),
        retired=row["retired_at"] is not None,
        edits=row["edits"],
        extra=_beside(row["extra"], row["leaders"], row["deadlines"]),
    )


def _beside(extra: Mapping[str, str], leaders: Sequence[str], deadlines: Sequence[str]) -> Mapping[str, str]:
    """What stands in columns of its own behind those that every ledger has."""
    if not leaders and not deadlines:
        return extra
    more = {LEADERS: "、".join(leaders), DEADLINES: "、".join(deadlines)}
    return {**extra, **{heading: words for heading, words in more.items() if words}}


def _sum(values: Iterable[Decimal]) -> Decimal | None:
    numbers = list(values)
    return sum(numbers, Decimal(0)) if numbers else None


def _of(ledger: Ledger, only: Sequence[int] | None) -> dict[str, Any]:
    return {"indicator__ledger": ledger} if only is None else {"indicator__in": only}


def _hanging(
    ledger: Ledger, only: Sequence[int] | None
) -> tuple[dict[int, tuple[Duty, ...]], dict[int, tuple[Means, ...]]]:
    """Who does the indicators and how they are evaluated, asked in one question. only: these indicators."""
    of = _of(ledger, only)
    rows = Responsibility.objects.filter(**of).order_by().values_list(Value(0), *_DUTY)
    links = IndicatorMethod.objects.filter(**of).order_by().values_list(Value(1), *_MEANS)
    duties: dict[int, list[Duty]] = defaultdict(list)
    means: dict[int, list[Means]] = defaultdict(list)
    for is_means, _, indicator, unit, unit_name, group, group_name, written, role, open_ended, inferred in sorted(
        rows.union(links, all=True)
    ):
        if is_means:
            means[indicator].append(Means(unit_name, unit, inferred))
            continue
        key = f"u{unit}" if unit else f"g{group}" if group else ""
        name = unit_name or group_name or written
        duties[indicator].append(Duty(name, role, key, written, open_ended, inferred))
    return (
        {indicator: tuple(found) for indicator, found in duties.items()},
        {indicator: tuple(found) for indicator, found in means.items()},
    )


_NOTHING = Value("")
_DUTY = (
    *("id", "indicator_id", "unit_id", "unit__name", "group_id", "group__name"),
    *("written", "role", "open_ended", "inferred"),
)
# the same columns for a method: its id and name in the place of the unit's
_MEANS = (
    *("id", "indicator_id", "method_id", "method__name", Value(None, BigIntegerField()), Value(None, CharField())),
    *(_NOTHING, _NOTHING, Value(False), "inferred"),
)


def from_draft(draft: LedgerDraft, key_of: Callable[[str], str]) -> Outline:
    """The tree as it would be stored. key_of: a written name → the key of the unit or group it stands for."""
    nodes = tuple(
        Node(
            id=node.id,
            parent=node.parent,
            level=node.level,
            name=node.name,
            number=node.number or "",
            is_item=node.is_item,
            declared=node.declared,
            criteria=node.criteria or "",
            checkpoints=_sum(one.points for one in node.checkpoints),
            place=node.cells,
            identity=str(node.id),
            extra=_beside(node.extra, node.leaders, node.deadlines),
        )
        for node in draft.nodes
    )
    duties = {node.id: _drafted(node.responsibilities, key_of) for node in draft.nodes}
    means = {node.id: tuple(Means(name) for name in node.methods) for node in draft.nodes}
    return Outline(nodes, duties, means, *columns(draft.columns, nodes), stated=stated_points(draft))


def stated_points(draft: LedgerDraft) -> Decimal | None:
    """The total of points that the document prints; a sheet filled in already may print that of its scores instead."""
    scores = _sum(node.score for node in draft.nodes if node.score is not None)
    return None if draft.stated_total == scores else draft.stated_total


def _drafted(responsibilities: Sequence[ResponsibilityDraft], key_of: Callable[[str], str]) -> tuple[Duty, ...]:
    return tuple(
        Duty(one.name, one.role, key_of(one.name), one.name, one.open_ended, one.inferred) for one in responsibilities
    )


def columns(roles: Mapping[str, str], nodes: Sequence[Node]) -> tuple[dict[int, str], tuple[str, ...], str]:
    """The ledger's own headings: of its level columns, of columns with a meaning of their own, of its criteria.

    >>> node = Node(1, None, 1, "机构设置", extra={"环节": "决策"})
    >>> columns({"一级指标": "level-1", "考察点": "content", "环节": "process"}, [node])
    ({1: '一级指标'}, ('环节',), '考察点')
    """
    levels = {int(role[-1]): heading for heading, role in roles.items() if role.startswith("level-")}
    filled = {heading for node in nodes for heading, words in node.extra.items() if words}
    extras = (*(heading for heading in roles if heading in filled), *sorted(filled - roles.keys()))
    criteria = [heading for heading, role in roles.items() if role in {"criteria", "content"}]
    return levels, extras, criteria[0] if criteria else CRITERIA


def targets(ledger: Ledger, moved: Indicator) -> list[tuple[str, str]]:
    """Where an indicator may be moved under: (id, indented name) of living indicators that are no items."""
    rows = Indicator.objects.filter(ledger=ledger, is_item=False).in_order().living()
    return [
        (str(one.pk), f"{'　' * one.level}{(one.name or '（名称空缺）')[:_SHOWN]}" if one.level else "（第一级）")
        for one in rows.exclude(lft__gte=moved.lft, rght__lte=moved.rght)
    ]
