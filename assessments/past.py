"""历年得分: a unit's own final scores in published rounds. Nothing of any other unit is read."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from assessments import amended, figures
from assessments.models import Entry, Round, ScoreAmendment, Shape
from assessments.models.rounds import SEALED
from assessments.scoring.amounts import ZERO
from units.models import Unit


@dataclass(frozen=True, slots=True)
class Lost:
    """An item on which the unit lost points."""

    entry_id: int
    name: str
    maximum: str
    final: str
    lost: str
    reason: str
    amended: str


@dataclass(frozen=True, slots=True)
class Result:
    """One published round, as far as the unit led in it. amended: what it earned after corrections, empty without."""

    round: Round
    items: int
    earned: str
    possible: str
    rate: str
    lost: str
    losses: tuple[Lost, ...]
    amended: str


def results(unit: Unit) -> list[Result]:
    """The unit's published rounds, newest first. Three queries."""
    mine = (
        Entry.objects.filter(unit=unit, shared_home__isnull=True, sheet__round__phase__in=SEALED)
        # 督办制 has no scores
        .exclude(sheet__round__shape=Shape.TRACKED)
        .select_related("indicator", "sheet")
        .order_by("indicator__lft")
    )
    found: defaultdict[int, list[Entry]] = defaultdict(list)
    for entry in mine:
        found[entry.sheet.round_id].append(entry)
    corrected = amended.by_entry([entry.pk for entries in found.values() for entry in entries])
    rounds = Round.objects.filter(pk__in=found).select_related("ledger").order_by("-published_at", "-pk")
    return [_result(round_, found[round_.pk], corrected) for round_ in rounds]


def _result(round_: Round, entries: list[Entry], corrected: Mapping[int, ScoreAmendment]) -> Result:
    scored = [entry for entry in entries if entry.final_score is not None]
    earned = sum((_final(entry) for entry in scored), ZERO)
    possible = sum((entry.maximum for entry in scored), ZERO)
    losing = [entry for entry in entries if _final(entry) < entry.maximum or entry.pk in corrected]
    losing = [entry for entry in losing if entry.final_score is not None or entry.pk in corrected]
    here = [corrected[entry.pk] for entry in entries if entry.pk in corrected]
    after = amended.earned_after(earned, here)
    return Result(
        round=round_,
        items=len(entries),
        earned=figures.points(earned),
        possible=figures.points(possible),
        rate=figures.rate(figures.share(earned, possible)),
        lost=figures.points(possible - earned),
        losses=tuple(_lost(entry, corrected.get(entry.pk)) for entry in losing),
        amended=figures.points(after) if here else "",
    )


def _final(entry: Entry) -> Decimal:
    return entry.final_score or ZERO


def _lost(entry: Entry, after: ScoreAmendment | None) -> Lost:
    return Lost(
        entry_id=entry.pk,
        name=str(entry.indicator),
        maximum=figures.points(entry.maximum),
        final=figures.points(entry.final_score),
        lost=figures.lost(entry.maximum - _final(entry)),
        reason=entry.review_reason or entry.self_reason,
        amended="" if after is None else f"{amended.written(after)}（{after.get_code_display()}：{after.reason}）",
    )
