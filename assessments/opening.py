"""Which entries a round's sheets get, whose they are, and until when matters are owed. It writes no phase."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from assessments import tracking_days
from assessments.models import Entry, Matter, Round, ScoreSheet, Shape
from indicators.listing import rules
from indicators.models import Indicator, Ledger, Responsibility, ResponsibilityRole
from units.models import Organisation, UnitGroup
from units.relations import insert
from units.succession import heirs

ZERO = Decimal(0)
# what a tracked matter counts in the place of points: closed it has earned it, open it has not
ONE = Decimal(1)
# how many names a sentence gives before it says 等
NAMED = 5


class Blank(NamedTuple):
    """An entry to be filled in, before it is stored: a round has them by the ten thousand."""

    sheet_id: int
    indicator_id: int
    unit_id: int | None
    member_id: int | None
    points: Decimal
    maximum: Decimal


@dataclass(slots=True)
class _Duty:
    """Who is named for one item: units in the ledger's order, groups already expanded.

    leads: units named themselves, or the only one of a group. together: of leading groups of several, with the leads.
    """

    leads: list[int] = field(default_factory=list)
    together: list[int] = field(default_factory=list)
    named: set[int] = field(default_factory=set)
    empty_groups: list[str] = field(default_factory=list)


def likely_shape(ledger: Ledger) -> str:
    """督办制 for a ledger none of whose items has points, else 分工制; for the form of a new round."""
    scored = Indicator.objects.filter(ledger=ledger).items().filter(points__isnull=False).exists()
    return Shape.ALLOCATED if scored else Shape.TRACKED


def blockers(ledger: Ledger, shape: str) -> list[str]:
    """What keeps a round of this shape from opening on the ledger, a sentence each; empty when nothing does."""
    items = list(Indicator.objects.filter(ledger=ledger).items())
    if not items:
        return ["台账里还没有评估点，先在台账里增加。"]
    if shape == Shape.TRACKED:
        return []
    without = [item for item in items if item.points is None]
    return [f"{len(without)} 个评估点没有分值：{_names(without)}。先在台账里补上分值。"] if without else []


def cautions(ledger: Ledger, shape: str) -> list[str]:
    """What the office should know before opening, a sentence each; none of it keeps the round from opening."""
    items = list(Indicator.objects.filter(ledger=ledger).items())
    duties = _duties(ledger.pk)
    found = []
    if shape != Shape.PER_UNIT:
        tracked = shape == Shape.TRACKED
        each = [item for item in items if tracked and duties[item.pk].together]
        if each:
            found.append(
                f"{len(each)} 个任务由单位组牵头：{_names(each)}。开启后每个成员单位各报各的，汇总在同一个任务下。"
            )
        alone = [item for item in items if not duties[item.pk].leads and item not in each]
        if alone:
            then = "直接办结" if tracked else "直接评分"
            found.append(
                f"{len(alone)} 个评估点没有可以填报的牵头单位：{_names(alone)}。开启后由政务公开办公室{then}。"
            )
    empty = list(dict.fromkeys(name for item in items for name in duties[item.pk].empty_groups))
    if empty:
        found.append(f"单位组还没有成员：{_list(empty)}。先在“单位”页里补上，否则其中的单位不会收到填报项。")
    return found


def undecided(ledger: Ledger, shape: str) -> list[str]:
    """What nobody has said yet about the ledger's scoring rules, a sentence each; matters are tracked without them."""
    return [] if shape == Shape.TRACKED else rules.undecided(ledger).sentences


def entries_for(round_: Round, sheets: Sequence[ScoreSheet]) -> list[Blank]:
    """The entries of these sheets, not stored yet. Three queries.

    Allocated and tracked: every item, filled by its first lead unit, or the only member of a leading group; tracked,
    each counts one, whatever its points, and where a group of several leads, each of its members has an entry of its
    own. Per unit: the items that name the sheet's unit, directly or by group, and those that name nobody we know.
    """
    items = list(Indicator.objects.filter(ledger_id=round_.ledger_id).items().values_list("pk", "points"))
    duties = _duties(round_.ledger_id)
    if round_.is_tracked:
        return [one for sheet in sheets for item, _ in items for one in _tasks(sheet, item, duties[item])]
    asked = [(item, points or ZERO, duties[item]) for item, points in items]
    if round_.shape == Shape.PER_UNIT:
        return [
            Blank(sheet.pk, item, sheet.unit_id, None, points, points)
            for sheet in sheets
            for item, points, duty in asked
            if not duty.named or sheet.unit_id in duty.named
        ]
    return [
        Blank(sheet.pk, item, next(iter(duty.leads), None), None, points, points)
        for sheet in sheets
        for item, points, duty in asked
    ]


def _tasks(sheet: ScoreSheet, item: int, duty: _Duty) -> list[Blank]:
    """One entry, or one for each unit of the group that leads."""
    if not duty.together:
        return [Blank(sheet.pk, item, next(iter(duty.leads), None), None, ONE, ONE)]
    return [Blank(sheet.pk, item, unit, unit, ONE, ONE) for unit in duty.together]


def entry_of(sheet: ScoreSheet, item: int, points: Decimal | None, unit_id: int | None) -> Entry:
    """A blank entry worth the item's points."""
    worth = ZERO if points is None else points
    return Entry(sheet=sheet, indicator_id=item, unit_id=unit_id, points=worth, maximum=worth)


def expected(round_: Round) -> tuple[int, int]:
    """How many sheets the round has, and how many items its ledger."""
    items = Indicator.objects.filter(ledger_id=round_.ledger_id).items()
    return round_.sheets.count(), items.count()


_COLUMNS = {
    "sheet_id": "bigint",
    "indicator_id": "bigint",
    "unit_id": "bigint",
    "member_id": "bigint",
    "points": "numeric",
    "maximum": "numeric",
}


def store(entries: Sequence[Blank]) -> None:
    """All entries, blank, in one statement."""
    insert(Entry, _COLUMNS, entries)


def track(round_: Round) -> None:
    """A matter beside each stored entry, with the days its ledger names, else the round's two. Three queries."""
    items = Indicator.objects.filter(ledger_id=round_.ledger_id).items()
    said = dict(items.values_list("pk", "deadlines")) if round_.days_year else {}
    entries = Entry.objects.filter(sheet__round=round_).order_by("pk").only("sheet_id", "indicator_id")
    Matter.objects.bulk_create([_matter(round_, entry, said.get(entry.indicator_id, [])) for entry in entries])


def _matter(round_: Round, entry: Entry, deadlines: Sequence[str]) -> Matter:
    own = tracking_days.days(deadlines, round_.days_year or 0)
    return Matter(
        entry=entry,
        sheet_id=entry.sheet_id,
        measures_due=own.measures or round_.self_due,
        result_due=own.result or round_.review_due,
    )


def _duties(ledger_id: int) -> defaultdict[int, _Duty]:
    members = _members(ledger_id)
    merged = _heirs(ledger_id)
    found: defaultdict[int, _Duty] = defaultdict(_Duty)
    rows = Responsibility.objects.filter(indicator__ledger_id=ledger_id).exclude(role=ResponsibilityRole.ASSESSOR)
    for item, unit, group, written, role in rows.order_by("indicator_id", "pk").values_list(
        "indicator_id", "unit_id", "group_id", "written", "role"
    ):
        duty = found[item]
        # a published ledger keeps the old name; the work is the successor's
        units = [merged.get(unit, unit)] if unit is not None else members.get(group, [])
        duty.named.update(units)
        if role == ResponsibilityRole.LEAD:
            (duty.leads if len(units) == 1 else duty.together).extend(units)
        if group is not None and not units:
            duty.empty_groups.append(written)
    for duty in found.values():
        if duty.together:
            duty.together = list(dict.fromkeys([*duty.leads, *duty.together]))
    return found


def _heirs(ledger_id: int) -> dict[int, int]:
    return heirs(Organisation.objects.get(ledgers=ledger_id))


def _members(ledger_id: int) -> dict[int | None, list[int]]:
    """Group → its units that still exist, in the order of the units."""
    found: defaultdict[int | None, list[int]] = defaultdict(list)
    groups = UnitGroup.objects.filter(organisation__ledgers=ledger_id, members__abolished_at__isnull=True)
    for group, unit in groups.order_by("pk", "members__lft").values_list("pk", "members"):
        if unit is not None:
            found[group].append(unit)
    return dict(found)


def _names(items: Collection[Indicator]) -> str:
    return _list([str(item) for item in items])


def _list(names: Sequence[str]) -> str:
    more = "等" if len(names) > NAMED else ""
    return "、".join(f"“{name}”" for name in names[:NAMED]) + more
