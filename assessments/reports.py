"""A round as one object for outside programs (`score_report`); every number an exact decimal string."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from assessments import rollup
from assessments.models import Entry, Matter, Round, RoundAdjustment, ScoreAmendment
from assessments.scoring import ENGINE_VERSION
from assessments.scoring.amounts import display, plain
from assessments.scoring.rollup import Total
from assessments.sheet_sums import SheetSums
from indicators.models import Adjustment, Indicator
from units.models import Organisation

Json = dict[str, Any]


def round_list(organisation: Organisation | None = None) -> list[Json]:
    """All rounds, or one organisation's, oldest first."""
    rounds = Round.objects.order_by("pk")
    if organisation is not None:
        rounds = rounds.filter(organisation=organisation)
    return [_head(one) | {"ledger": one.ledger_id} for one in rounds]


def score_report(round_: Round) -> Json:
    """Every sheet with both totals, band, rank, the sums of its indicators and its entries. Constant queries.

    Sums are made from the entries now: they are the stored ones and those of the pages, or those are stale. Where a
    published round was corrected (更正), `amended` stands beside: of the sheet with its totals, of the entry its score.
    """
    tree = list(
        Indicator.objects.filter(ledger_id=round_.ledger_id).printed().values_list("pk", "parent_id", "level", "name")
    )
    adjustments = list(Adjustment.objects.filter(ledger_id=round_.ledger_id))
    happened = {
        (one.sheet_id, one.adjustment_id): one.times for one in RoundAdjustment.objects.filter(sheet__round=round_)
    }
    entries = _entries(round_)
    amended = rollup.amended(round_)
    return {
        "round": _head(round_) | {"policy": round_.policy, "engine": round_.engine or ENGINE_VERSION},
        "sheets": [
            {
                **_totals(one),
                "adjustments": [
                    {"text": rule.text, "points": _text(rule.points), "times": happened.get((one.sheet_id, rule.pk), 0)}
                    for rule in adjustments
                ],
                "nodes": _nodes(one, tree),
                "entries": entries[one.sheet_id],
                **({"amended": _totals(amended[one.sheet_id])} if one.sheet_id in amended else {}),
            }
            for one in rollup.computed(round_)
        ],
    }


def _head(round_: Round) -> Json:
    return {"id": round_.pk, "name": round_.name, "shape": round_.shape, "phase": round_.phase}


def _totals(one: SheetSums) -> Json:
    return {
        "unit": one.unit,
        "total": plain(one.total),
        "so_far": _side(one.earned, one.possible, one.so_far_rate),
        "strict": _side(one.earned, one.strict_possible, one.strict_rate),
        "band": one.band or None,
        "rank": one.rank,
    }


def _side(earned: Decimal, possible: Decimal, rate: Decimal | None) -> Json:
    return {"earned": plain(earned), "possible": plain(possible), "rate": None if rate is None else display(rate)}


def _nodes(one: SheetSums, tree: Sequence[tuple[int, int | None, int, str]]) -> list[Json]:
    """The indicators of this sheet, parents before children; a node without items of this sheet is not on it."""
    totals: Mapping[int, Total] = one.nodes | one.items
    return [
        {
            "id": node,
            "parent": parent if level > 1 else None,
            "level": level,
            "name": name,
            "earned": plain(totals[node].earned),
            "possible": plain(totals[node].possible),
            "pending": totals[node].pending,
            "state": totals[node].state,
        }
        for node, parent, level, name in tree
        if node in totals
    ]


def _entries(round_: Round) -> defaultdict[int, list[Json]]:
    """The entries by sheet; a shared score names, on its first item, all items it covers.

    final: the score that counts now, settled once the entry is accepted.
    """
    rows = list(Entry.objects.filter(sheet__round=round_).in_order().select_related("unit"))
    matters = _matters(round_)
    shares: defaultdict[int, list[int]] = defaultdict(list)
    for entry in rows:
        if entry.shared_home_id is not None:
            shares[entry.shared_home_id].append(entry.indicator_id)
    found: defaultdict[int, list[Json]] = defaultdict(list)
    amended = {one.entry_id: one for one in ScoreAmendment.objects.in_force().filter(entry__sheet__round=round_)}
    for entry in rows:
        shared = shares.get(entry.pk, [])
        found[entry.sheet_id].append(
            {
                "item": entry.indicator_id,
                "state": entry.state,
                "possible": plain(entry.points),
                "self": _text(entry.self_score),
                "reviewed": _text(entry.reviewed_score),
                "final": _text(entry.earned if entry.final_score is None else entry.final_score),
                "reason": _reason(entry),
                "shared_with": [entry.indicator_id, *shared] if shared else [],
                **({"amended": _amended(amended[entry.pk])} if entry.pk in amended else {}),
                **({"matter": matters[entry.pk]} if entry.pk in matters else {}),
                # of a task that each unit of a group answers: which of them
                **({"unit": str(entry.unit)} if entry.member_id is not None else {}),
            }
        )
    return found


def _amended(one: ScoreAmendment) -> Json:
    return {"score": _text(one.score), "code": one.code, "reason": one.reason, "number": one.number}


def _matters(round_: Round) -> dict[int, Json]:
    """Of a tracked round: how far each matter is, with its days and when it was answered; completion is its score."""
    rows = Matter.objects.filter(entry__sheet__round=round_) if round_.is_tracked else Matter.objects.none()
    names = ("state", "measures_due", "result_due", "measures_at", "result_at")
    return {
        pk: dict(zip(names, (value and getattr(value, "isoformat", value.__str__)() for value in values), strict=True))
        for pk, *values in rows.values_list("entry_id", *names)
    }


def _reason(entry: Entry) -> str | None:
    """Why points were lost: the office's words where it changed the score, else the unit's."""
    changed = entry.reviewed_score is not None and entry.reviewed_score != entry.self_score
    return (entry.review_reason if changed else entry.self_reason) or None


def _text(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)
