"""The sums of a round: made now, read where fresh, stored and ranked; how they are made, `sheet_sums` knows."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import cast

from django.db import transaction

from assessments import sheet_sums, stored_sums
from assessments.models import NodeScore, Round, ScoreAmendment, ScoreSheet
from assessments.scoring import ENGINE_VERSION
from assessments.scoring.ranking import rank
from assessments.scoring.rollup import State, Total
from assessments.scoring.trace import Step
from assessments.sheet_sums import SheetSums, compute
from units.relations import Row

__all__ = [
    "SheetSums",
    "amended",
    "computed",
    "corrected",
    "current",
    "rank_round",
    "ranked",
    "roll_up",
    "share_steps",
    "shares",
    "sums",
]


def sums(sheet: ScoreSheet) -> SheetSums:
    """The sheet's sums now, from its entries; unranked. Three queries, and those for its round and unit."""
    return compute(sheet.round, [sheet])[0]


def computed(round_: Round) -> list[SheetSums]:
    """All sheets' sums now, from their entries, with ranks, in the order of the units. Four queries."""
    return ranked(compute(round_, _sheets(round_)))


def current(round_: Round, *, nodes: bool = True) -> list[SheetSums]:
    """All sheets' sums with ranks, in the order of the units: stored where fresh, made from the entries where stale.

    nodes: without them only the totals are read. Two queries, three more where a sheet is stale.
    """
    sheets = _sheets(round_)
    stale = [sheet for sheet in sheets if sheet.stale_since is not None or sheet.rolled_up_at is None]
    made = {one.sheet_id: replace(one, outcome=None) for one in compute(round_, stale, items=False)}
    fresh = [sheet.pk for sheet in sheets if sheet.pk not in made]
    kept = _nodes(fresh) if nodes else {}
    return ranked([made.get(sheet.pk) or _stored(sheet, kept.get(sheet.pk, {})) for sheet in sheets])


def corrected(round_: Round) -> dict[int, dict[int, Decimal | None]]:
    """Sheet → item → the score that counts after its amendment, None for 不涉及. One query."""
    found: defaultdict[int, dict[int, Decimal | None]] = defaultdict(dict)
    last = ScoreAmendment.objects.in_force().filter(entry__sheet__round=round_)
    for sheet_id, item, score in last.values_list("entry__sheet_id", "entry__indicator_id", "score"):
        found[sheet_id][item] = score
    return dict(found)


def amended(round_: Round) -> dict[int, SheetSums]:
    """Sheet → its sums and place after amendments (更正), by the same function; empty where nothing was amended.

    The sealed ones stay what `current` and `computed` say. One query, four more where something was amended.
    """
    corrections = corrected(round_)
    if not corrections and not _recomputed(round_):
        return {}
    return {one.sheet_id: one for one in ranked(compute(round_, _sheets(round_), corrections))}


def shares(round_: Round) -> dict[int, SheetSums]:
    """Unit → its own share of an allocated round (分工制), as it counts now, after corrections; `sheet_sums.shares`.

    Empty while the round has no sheet. Six queries.
    """
    sheet = round_.sheets.select_related("unit").first()
    if sheet is None:
        return {}
    return {one.unit_id: one for one in sheet_sums.shares(round_, sheet, corrected(round_))}


def share_steps(round_: Round, unit_id: int) -> tuple[Step, ...]:
    """How one of `shares` adds up; empty for who leads nothing. Five queries."""
    sheet = round_.sheets.select_related("round__ledger").first()
    return () if sheet is None else sheet_sums.share_steps(sheet, unit_id, corrected(round_))


def _recomputed(round_: Round) -> bool:
    """Whether the present scoring program's totals were accepted in the place of an older one's."""
    if round_.engine in ("", ENGINE_VERSION):
        return False
    return round_.engine_changes.filter(engine=ENGINE_VERSION).exists()


def ranked(all_sums: Sequence[SheetSums]) -> list[SheetSums]:
    """The same sums, each with its place within the class of its unit, by the rate of its total.

    A sheet on which nothing has points has no place.
    """
    rates = {one.sheet_id: one.total_rate for one in all_sums if one.total_rate is not None}
    places = rank(rates, {one.sheet_id: one.unit_class_id for one in all_sums})
    return [replace(one, rank=places.get(one.sheet_id)) for one in all_sums]


@transaction.atomic
def roll_up(sheet_ids: Iterable[int]) -> None:
    """Stores these sheets' sums again, as they are now; repeatable, writes only nodes that differ.

    The sheets are locked first, in the order of their ids: what is then marked fresh is what was read. Two statements
    write, however many sheets. A published round's are sealed and only marked fresh.
    """
    locked = ScoreSheet.objects.select_for_update(of=("self",)).filter(pk__in=list(sheet_ids)).order_by("pk")
    by_round: defaultdict[int, list[ScoreSheet]] = defaultdict(list)
    for sheet in locked.select_related("unit"):
        by_round[sheet.round_id].append(sheet)
    for round_ in Round.objects.unsealed().filter(pk__in=by_round).defer("snapshot").select_related("ledger"):
        _store(compute(round_, by_round.pop(round_.pk), items=False))
    sealed = [sheet.pk for sheets in by_round.values() for sheet in sheets if sheet.stale_since is not None]
    if sealed:
        ScoreSheet.objects.filter(pk__in=sealed).update(stale_since=None)


@transaction.atomic
def rank_round(round_: Round) -> None:
    """Stores each sheet's place; sums that are stale are ranked as they are now."""
    places = {one.sheet_id: one.rank for one in current(round_, nodes=False)}
    sheets = list(ScoreSheet.objects.select_for_update().filter(pk__in=places).order_by("pk"))
    moved = [sheet for sheet in sheets if sheet.rank != places[sheet.pk]]
    for sheet in moved:
        sheet.rank = places[sheet.pk]
    ScoreSheet.objects.bulk_update(moved, ["rank"])


def _sheets(round_: Round) -> list[ScoreSheet]:
    return list(round_.sheets.select_related("unit").order_by("unit__lft", "pk"))


def _nodes(sheet_ids: Sequence[int]) -> defaultdict[int, dict[int, Total]]:
    kept: defaultdict[int, dict[int, Total]] = defaultdict(dict)
    rows = (
        NodeScore.objects.filter(sheet_id__in=sheet_ids)
        .order_by()
        .values_list("sheet_id", "indicator_id", "earned", "possible", "pending", "strict_possible", "state")
    )
    for sheet_id, node, earned, possible, pending, strict, state in rows:
        kept[sheet_id][node] = Total(earned, possible, pending, strict, cast(State, state))
    return kept


def _stored(sheet: ScoreSheet, nodes: dict[int, Total]) -> SheetSums:
    return SheetSums(
        sheet_id=sheet.pk,
        unit_id=sheet.unit_id,
        unit=sheet.unit.name,
        unit_class_id=sheet.unit.unit_class_id,
        earned=sheet.earned,
        possible=sheet.possible,
        strict_possible=sheet.strict_possible,
        pending=sheet.pending,
        total=sheet.total,
        so_far_rate=sheet.so_far_rate,
        strict_rate=sheet.strict_rate,
        total_rate=sheet.total_rate,
        band=sheet.band,
        rank=None,
        nodes=nodes,
    )


def _store(made: Sequence[SheetSums]) -> None:
    stored_sums.store_nodes([_node(one.sheet_id, node, total) for one in made for node, total in one.nodes.items()])
    stored_sums.store_sheets([_sheet(one) for one in made])


def _node(sheet_id: int, node: int, total: Total) -> Row:
    return sheet_id, node, total.earned, total.possible, total.strict_possible, total.pending, total.state


def _sheet(one: SheetSums) -> Row:
    points = (one.earned, one.possible, one.strict_possible)
    return one.sheet_id, *points, one.pending, one.total, one.so_far_rate, one.strict_rate, one.total_rate, one.band
