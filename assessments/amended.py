"""How corrections (更正) of published scores are said on pages and in files, beside the sealed values."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from assessments import figures
from assessments.models import Entry, ScoreAmendment
from assessments.rollup import SheetSums
from assessments.scoring.amounts import ZERO

NOT_APPLICABLE = "不涉及"


@dataclass(frozen=True, slots=True)
class Correction:
    """What stands beside a sealed score: the corrected one, its reason code in words, its reason, and whose it is."""

    entry_id: int
    score: str
    code: str
    reason: str


def correction(one: ScoreAmendment) -> Correction:
    """The correction as pages and files say it."""
    return Correction(one.entry_id, written(one), one.get_code_display(), one.reason)


def written(one: ScoreAmendment) -> str:
    """The corrected score."""
    return NOT_APPLICABLE if one.score is None else figures.points(one.score)


def by_entry(entry_ids: Collection[int]) -> dict[int, ScoreAmendment]:
    """Entry → the correction that counts, of those that have one. One query."""
    found = ScoreAmendment.objects.in_force().filter(entry__in=entry_ids)
    return {one.entry_id: one for one in found}


def in_round(round_id: int) -> dict[int, Correction]:
    """Entry → its correction, of a whole round. One query."""
    found = ScoreAmendment.objects.in_force().filter(entry__sheet__round=round_id)
    return {one.entry_id: correction(one) for one in found}


def in_sheet(sheet_id: int) -> dict[int, Correction]:
    """The same of one sheet. One query."""
    found = ScoreAmendment.objects.in_force().filter(entry__sheet=sheet_id)
    return {one.entry_id: correction(one) for one in found}


def earned_after(earned: Decimal, here: Iterable[ScoreAmendment]) -> Decimal:
    """What entries earn together once their corrections count. earned: what they earned as published."""
    return earned + sum(((one.score or ZERO) - (one.sealed_score or ZERO) for one in here), ZERO)


def total_after(sheet_id: int, sealed: SheetSums, amended: Mapping[int, SheetSums]) -> str:
    """The total after corrections; empty where nothing about it has changed."""
    one = amended.get(sheet_id)
    if one is None or (one.total, one.strict_possible) == (sealed.total, sealed.strict_possible):
        return ""
    return figures.total(one.total)


def beside(sealed: str, after: str) -> str:
    """公布 63.5 · 更正后 64; the sealed alone where there is nothing beside it."""
    return f"公布 {sealed} · 更正后 {after}" if after else sealed


def stages(entry: Entry) -> list[tuple[str, str, str, str, datetime]]:
    """Label, score, reason, person and time of each correction, the first one first. One query."""
    return [
        (f"更正 {one.number}", written(one), f"{one.get_code_display()}：{one.reason}", str(one.by), one.at)
        for one in entry.amendments.select_related("by").order_by("number")
    ]
