"""Leadership's board of a tracked round (督办看板): completion, lights, and the list behind each number."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from assessments import outlines, tracking_list
from assessments.boards import Card
from assessments.models import Round
from assessments.tracking_list import NO_UNIT, Counts, Group, Row
from units.models import Unit


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One lead unit. id 0: what nobody leads."""

    id: int
    unit: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class Pressing:
    """A matter that is overdue or due soon."""

    entry_id: int
    name: str
    unit: str
    light: str
    said: str


@dataclass(frozen=True, slots=True)
class Board:
    """Everything the board shows. units: the least complete first; pressing: overdue first, by day."""

    round: Round
    counts: Counts
    cards: tuple[Card, ...]
    tops: tuple[Group, ...]
    units: tuple[UnitLine, ...]
    pressing: tuple[Pressing, ...]
    more: int


# how many pressing matters the board itself lists; the rest stand in the list behind the number
LISTED = 12


def board(round_: Round, today: date) -> Board:
    """The board as things stand. Three queries."""
    tree = outlines.outline(round_.ledger_id)
    found = tracking_list.rows(round_, today, tree)
    whole = tracking_list.count(found)
    pressing = tuple(_pressing(found))
    return Board(
        round=round_,
        counts=whole,
        cards=_cards(whole),
        tops=tracking_list.groups(found, tree),
        units=_units(found),
        pressing=pressing[:LISTED],
        more=max(0, len(pressing) - LISTED),
    )


def _cards(whole: Counts) -> tuple[Card, ...]:
    done = "done" if whole.total and whole.closed == whole.total else ""
    return (
        Card("办结率", whole.rate, "%", f"已办结 {whole.closed} 件，共 {whole.total} 件", done, "show=accepted"),
        Card("已报措施", f"{whole.planned}/{whole.total}", "件", "各牵头单位提出的具体措施", "", "show=planned"),
        Card(
            "已报结果", f"{whole.reported}/{whole.total}", "件", f"其中待办结 {whole.waiting} 件", "", "show=handed-in"
        ),
        Card(
            "已逾期",
            str(whole.overdue),
            "件",
            f"3 天内到期 {whole.soon} 件",
            "wrong" if whole.overdue else "",
            "show=overdue",
        ),
        Card("退回", str(whole.returned), "件", f"逾期报送过 {whole.late} 件", "", "show=returned"),
    )


def _units(found: list[Row]) -> tuple[UnitLine, ...]:
    by_unit: defaultdict[int, list[Row]] = defaultdict(list)
    for row in found:
        by_unit[row.unit_id or 0].append(row)
    order = list(Unit.objects.filter(pk__in=by_unit).order_by("lft").values_list("pk", "name"))
    lines = [UnitLine(pk, name, tracking_list.count(by_unit[pk])) for pk, name in order]
    if 0 in by_unit:
        lines.append(UnitLine(0, NO_UNIT, tracking_list.count(by_unit[0])))
    return tuple(sorted(lines, key=lambda line: (line.counts.closed / line.counts.total, -line.counts.overdue)))


def _pressing(found: list[Row]) -> list[Pressing]:
    near = [row for row in found if row.light in ("overdue", "soon")]
    near.sort(key=lambda row: row.due or date.max)
    return [Pressing(row.entry_id, row.name, row.unit, row.light, row.said) for row in near]
