"""Leadership's board of one round (看板): cards, first-level scores, units, most lost items. Nothing is stored."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from assessments import amended, figures, outlines, rollup, tallies
from assessments.models import Round, Shape
from assessments.outlines import Node, Outline
from assessments.rollup import SheetSums
from assessments.scoring.amounts import ZERO
from assessments.scoring.policy import Policy
from assessments.standing import standing
from assessments.tallies import Count, Mark
from units.models import Unit

WORST = 12
# more first-level indicators than this and the heat map takes the whole width
NARROW = 7
# the least rate of each step of the heat map above the lowest
HEAT_STEPS = tuple(Decimal(least) for least in (60, 70, 80, 85, 90, 95))
NO_UNIT = "未定牵头单位"


@dataclass(frozen=True, slots=True)
class Card:
    """A figure with its name and what it rests on. list: the filter of the list behind it; None leads to the sheet."""

    label: str
    value: str
    unit: str = ""
    note: str = ""
    tone: str = ""
    list: str | None = None
    sheet_id: int | None = None


@dataclass(frozen=True, slots=True)
class Top:
    """A first-level indicator over all sheets of the round. amended: what it is after corrections, in words."""

    id: int
    name: str
    points: str
    earned: str
    possible: str
    rate: str
    lost: str
    pending: int
    amended: str = ""


@dataclass(frozen=True, slots=True)
class Heat:
    """One unit's rate in one first-level indicator. step: 1 (low) … 7, 0 where nothing is scored."""

    top_id: int
    words: str
    step: int
    has_items: bool


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One unit: how far it is, and what it has lost. query: the filter that finds its items. amended: as in `Top`."""

    unit: str
    query: str
    count: Count
    done: str
    lost: str
    rate: str
    heat: tuple[Heat, ...]
    amended: str = ""


@dataclass(frozen=True, slots=True)
class Worst:
    """An item with what was lost on it. entry_id: where it stands on one sheet only. amended: after corrections."""

    place: int
    indicator_id: int
    entry_id: int | None
    name: str
    path: str
    units: str
    lost: str
    cumulative: str
    amended: str = ""


@dataclass(frozen=True, slots=True)
class Ranked:
    """One sheet's place within its class. group: the class (类别), empty where the unit has none."""

    sheet_id: int
    group: str
    rank: int | None
    unit: str
    total: str
    rate: str
    band: str
    pending: int
    amended: str
    amended_rank: int | None


@dataclass(frozen=True, slots=True)
class Board:
    """Everything the board shows, every number written. amended: how many published scores were corrected (更正)."""

    round: Round
    cards: tuple[Card, ...]
    tops: tuple[Top, ...]
    units: tuple[UnitLine, ...]
    worst: tuple[Worst, ...]
    ranks: tuple[Ranked, ...]
    wide: bool
    amended: int


def board(round_: Round) -> Board:
    """The board from sums that are fresh: stored ones where nothing has changed since. At most nine queries.

    One more where it is published, six more where scores were corrected.
    """
    tree = outlines.outline(round_.ledger_id)
    all_sums = rollup.current(round_)
    marks = tallies.marks(round_)
    whole = tallies.count(marks)
    top_of = {item: tree.top(item) for item in {mark.indicator_id for mark in marks}}
    tops = tuple(_top(tree, top, all_sums, marks, top_of) for top in tree.tops if top in top_of.values())
    after = rollup.amended(round_) if round_.is_sealed else {}
    scores = rollup.corrected(round_) if after else {}
    later = tallies.corrected(marks, scores)
    units = _units(round_, marks, top_of, [top for top in tree.tops if top in top_of.values()], all_sums)
    names = {line_id: line.unit for line_id, line in units.items()}
    worst = _worst(round_, marks, tree, names, whole.lost)
    if scores:
        sums = [after[one.sheet_id] for one in all_sums]
        tops = tuple(_top_beside(top, _top(tree, tree.nodes[top.id], sums, later, top_of)) for top in tops)
        units = {key: _unit_beside(line, _of(round_, key, later)) for key, line in units.items()}
        worst = tuple(_worst_beside(one, later) for one in worst)
    return Board(
        round=round_,
        cards=_cards(round_, all_sums, whole, after, tallies.count(later)),
        tops=tops,
        units=tuple(sorted(units.values(), key=lambda line: (line.count.rate is None, line.count.rate or ZERO))),
        worst=worst,
        ranks=_ranks(round_, all_sums, after) if len(all_sums) > 1 else (),
        wide=len(tops) > NARROW,
        amended=sum(map(len, scores.values())),
    )


# ---- beside what was published -------------------------------------------------------------------


def _of(round_: Round, key: int, marks: Sequence[Mark]) -> Count:
    """What one line of `_units` comes to."""
    by_sheet = round_.shape == Shape.PER_UNIT
    return tallies.count(mark for mark in marks if (mark.sheet_id if by_sheet else mark.unit_id or 0) == key)


def _top_beside(top: Top, after: Top) -> Top:
    same = (top.earned, top.possible) == (after.earned, after.possible)
    return top if same else replace(top, amended=_told(after.rate, after.lost))


def _unit_beside(line: UnitLine, after: Count) -> UnitLine:
    same = (line.count.earned, line.count.possible) == (after.earned, after.possible)
    return line if same else replace(line, amended=_told(figures.rate(after.rate), figures.points(after.lost)))


def _worst_beside(one: Worst, marks: Sequence[Mark]) -> Worst:
    lost = figures.lost(sum((mark.lost for mark in marks if mark.indicator_id == one.indicator_id), ZERO))
    return one if lost == one.lost else replace(one, amended=lost)


def _told(rate: str, lost: str) -> str:
    return f"{rate}{'' if rate == figures.NONE else '%'}，失 {lost}"


# ---- cards ---------------------------------------------------------------------------------------


def _cards(
    round_: Round, all_sums: Sequence[SheetSums], whole: Count, after: Mapping[int, SheetSums], later: Count
) -> tuple[Card, ...]:
    progress = Card(
        "提交进度",
        f"{whole.handed_in}/{whole.total}",
        "项",
        f"已填 {whole.filled}，已审 {whole.accepted}，退回 {whole.returned}",
        "done" if whole.total and whole.accepted == whole.total else "",
        "",
    )
    beside = f"；更正后失 {figures.points(later.lost)} 分" if later.lost != whole.lost else ""
    lost = Card("失分", figures.points(whole.lost), "分", f"{whole.losing} 项有失分{beside}", "", "show=lost")
    if len(all_sums) == 1:
        return (*_sheet_cards(round_, all_sums[0], after), progress, lost)
    return (*_field_cards(all_sums), progress, lost)


def _sheet_cards(round_: Round, sums: SheetSums, after: Mapping[int, SheetSums]) -> tuple[Card, ...]:
    so_far = f"已评部分满分 {figures.total(sums.possible)}，得分率 {figures.rate(sums.so_far_rate)}%"
    left = f"还有 {sums.pending} 项未评" if sums.pending else "全部已评"
    strict = f"全部满分 {figures.total(sums.strict_possible)}，{left}"
    later = amended.total_after(sums.sheet_id, sums, after)
    name = "公布得分" if later else "当前得分"
    so_far = f"{amended.beside(figures.total(sums.total), later)}；{so_far}" if later else so_far
    return (
        Card(name, figures.total(sums.total), "分", so_far, "", None, sums.sheet_id),
        Card("按未填计零", figures.rate(sums.total_rate), "%", strict, "", "show=unscored", sums.sheet_id),
        _band_card(round_, sums),
    )


def _band_card(round_: Round, sums: SheetSums) -> Card:
    bands = Policy.from_json(round_.policy).bands
    higher = [band for band in bands if sums.total_rate is not None and band.least > sums.total_rate]
    note = ""
    if higher:
        gap = higher[-1].least * sums.strict_possible / 100 - sums.total
        note = f"距{higher[-1].name} {figures.rate(gap)} 分"
    said = standing(sums, round_)
    if said.note:
        return Card("等次", said.band, "", said.note, "", None, sums.sheet_id)
    tone = "done" if not higher and sums.band else "attention" if sums.band == bands[-1].name else ""
    return Card("等次", sums.band or figures.NONE, "", note, tone, None, sums.sheet_id)


def _field_cards(all_sums: Sequence[SheetSums]) -> tuple[Card, ...]:
    rated = [one for one in all_sums if one.total_rate is not None]
    if not rated:
        return (Card("参评单位", str(len(all_sums)), "个", "还没有得分"),)
    best = max(rated, key=lambda one: one.total_rate or ZERO)
    least = min(rated, key=lambda one: one.total_rate or ZERO)
    mean = sum((one.total_rate or ZERO for one in rated), ZERO) / len(rated)
    return (
        Card("平均得分率", figures.rate(mean), "%", f"{len(rated)} 个单位，按未填计零", "", ""),
        Card("最高", figures.total(best.total), "分", best.unit, "", None, best.sheet_id),
        Card("最低", figures.total(least.total), "分", least.unit, "", None, least.sheet_id),
    )


# ---- first level, units, items -------------------------------------------------------------------


def _top(
    tree: Outline, top: Node, all_sums: Sequence[SheetSums], marks: Sequence[Mark], top_of: Mapping[int, Node]
) -> Top:
    stored = [one.nodes[top.id] for one in all_sums if top.id in one.nodes]
    own = tallies.count(mark for mark in marks if top_of[mark.indicator_id] is top)
    earned = sum((total.earned for total in stored), ZERO) if stored else own.earned
    possible = sum((total.possible for total in stored), ZERO) if stored else own.possible
    return Top(
        id=top.id,
        name=top.name,
        points=figures.points(top.points),
        earned=figures.points(earned),
        possible=figures.points(possible),
        rate=figures.rate(figures.share(earned, possible)),
        lost=figures.points(possible - earned),
        pending=sum(total.pending for total in stored) if stored else own.total - own.scored,
    )


def _units(
    round_: Round,
    marks: Sequence[Mark],
    top_of: Mapping[int, Node],
    tops: Sequence[Node],
    all_sums: Sequence[SheetSums],
) -> dict[int, UnitLine]:
    """By lead unit; where every unit has its own sheet, by sheet. Keys: unit id or sheet id, 0 for no unit."""
    by_sheet = round_.shape == Shape.PER_UNIT
    found: defaultdict[int, list[Mark]] = defaultdict(list)
    for mark in marks:
        found[mark.sheet_id if by_sheet else mark.unit_id or 0].append(mark)
    names = {one.sheet_id: one.unit for one in all_sums} if by_sheet else _names(found)
    param = "sheet" if by_sheet else "unit"
    return {
        key: _unit_line(names.get(key, NO_UNIT), f"{param}={key}", found[key], top_of, tops)
        for key in sorted(found, key=lambda key: list(names).index(key) if key in names else len(names))
    }


def _names(unit_ids: Mapping[int, object]) -> dict[int, str]:
    return dict(Unit.objects.filter(pk__in=unit_ids).order_by("lft").values_list("pk", "name"))


def _unit_line(
    name: str, query: str, marks: Sequence[Mark], top_of: Mapping[int, Node], tops: Sequence[Node]
) -> UnitLine:
    by_top: defaultdict[int, list[Mark]] = defaultdict(list)
    for mark in marks:
        by_top[top_of[mark.indicator_id].id].append(mark)
    whole = tallies.count(marks)
    return UnitLine(
        unit=name,
        query=query,
        count=whole,
        done=f"{whole.handed_in * 100 // whole.total}%",
        lost=figures.points(whole.lost),
        rate=figures.rate(whole.rate),
        heat=tuple(_heat(top.id, tallies.count(by_top[top.id])) for top in tops),
    )


def _heat(top_id: int, found: Count) -> Heat:
    if found.rate is None:
        return Heat(top_id, "未评" if found.total else "", 0, bool(found.total))
    step = 1 + sum(found.rate >= least for least in HEAT_STEPS)
    return Heat(top_id, f"{found.rate.quantize(Decimal(1), rounding='ROUND_DOWN')}", step, True)


def _worst(
    round_: Round, marks: Sequence[Mark], tree: Outline, names: Mapping[int, str], lost: Decimal
) -> tuple[Worst, ...]:
    by_item: defaultdict[int, list[Mark]] = defaultdict(list)
    for mark in marks:
        if mark.lost > ZERO:
            by_item[mark.indicator_id].append(mark)
    order = sorted(by_item, key=lambda item: -sum(mark.lost for mark in by_item[item]))[:WORST]
    running = ZERO
    lines = []
    for place, item in enumerate(order, start=1):
        found = by_item[item]
        here = sum((mark.lost for mark in found), ZERO)
        running += here
        keys = [mark.sheet_id if round_.shape == Shape.PER_UNIT else mark.unit_id or 0 for mark in found]
        lines.append(
            Worst(
                place=place,
                indicator_id=item,
                entry_id=found[0].entry_id if len(found) == 1 else None,
                name=tree.nodes[item].name,
                path=outlines.words(tree.above(item)),
                units=names.get(keys[0], NO_UNIT) if len(found) == 1 else f"{len(found)} 个单位",
                lost=figures.lost(here),
                cumulative=f"{figures.rate(running * 100 / lost)}%",
            )
        )
    return tuple(lines)


def _ranks(round_: Round, all_sums: Sequence[SheetSums], after: Mapping[int, SheetSums]) -> tuple[Ranked, ...]:
    """Class after class as the office orders them, units without one last."""
    classes = {one.pk: (at, one.name) for at, one in enumerate(round_.organisation.classes.all())}
    without, last = (len(classes), ""), len(all_sums) + 1
    placed = [(classes.get(one.unit_class_id or 0, without), one) for one in all_sums]
    return tuple(
        Ranked(
            sheet_id=one.sheet_id,
            group=group,
            rank=one.rank,
            unit=one.unit,
            total=figures.total(one.total),
            rate=figures.rate(one.total_rate),
            band=standing(one, round_).band,
            pending=one.pending,
            amended=amended.total_after(one.sheet_id, one, after),
            amended_rank=after[one.sheet_id].rank if one.sheet_id in after else None,
        )
        for (_, group), one in sorted(placed, key=lambda pair: (pair[0], pair[1].rank or last))
    )
