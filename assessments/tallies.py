"""A round's entries as bare numbers, read in one query, and counted by whatever a page groups them by."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from assessments.models import Entry, EntryStage, EntryState, Round
from assessments.scoring.amounts import ZERO


@dataclass(frozen=True, slots=True)
class Mark:
    """One entry that stands for itself: items under another's shared score are counted with that one."""

    entry_id: int
    sheet_id: int
    unit_id: int | None
    indicator_id: int
    state: str
    stage: str
    filled: bool
    maximum: Decimal
    earned: Decimal | None

    @property
    def lost(self) -> Decimal:
        """What the score is short of its points; nothing while there is no score."""
        return ZERO if self.earned is None else self.maximum - self.earned


def marks(round_: Round) -> list[Mark]:
    """All of the round's entries, in the ledger's order. One query."""
    rows = Entry.objects.filter(sheet__round=round_, shared_home__isnull=True).order_by("indicator__lft", "sheet_id")
    return [
        Mark(pk, sheet, unit, item, state, stage, score is not None or claimed, maximum, earned)
        for pk, sheet, unit, item, state, stage, score, claimed, maximum, earned in rows.values_list(
            *("pk", "sheet_id", "unit_id", "indicator_id", "state", "stage"),
            *("self_score", "claims_not_applicable", "maximum", "earned"),
        )
    ]


def corrected(of: Iterable[Mark], scores: Mapping[int, Mapping[int, Decimal | None]]) -> list[Mark]:
    """The marks once the corrections (更正) of a published round count; scores: from `rollup.corrected`."""
    return [
        _corrected(mark, scores[mark.sheet_id][mark.indicator_id])
        if mark.indicator_id in scores.get(mark.sheet_id, ())
        else mark
        for mark in of
    ]


def _corrected(mark: Mark, score: Decimal | None) -> Mark:
    state = EntryState.NOT_APPLICABLE if score is None else EntryState.SCORED
    return replace(mark, state=state, earned=score)


@dataclass(frozen=True, slots=True)
class Count:
    """What a set of entries comes to. handed_in: submitted or further; earned and possible: of scored ones."""

    total: int = 0
    filled: int = 0
    handed_in: int = 0
    accepted: int = 0
    returned: int = 0
    scored: int = 0
    losing: int = 0
    earned: Decimal = ZERO
    possible: Decimal = ZERO

    @property
    def lost(self) -> Decimal:
        """Points lost on what has been scored."""
        return self.possible - self.earned

    @property
    def rate(self) -> Decimal | None:
        """Earned per hundred possible; None while nothing is scored, or what is has no points."""
        return self.earned * 100 / self.possible if self.possible else None

    @property
    def waiting(self) -> int:
        """Handed in and not reviewed yet."""
        return self.handed_in - self.accepted


def count(of: Iterable[Mark]) -> Count:
    """The entries counted."""
    given = list(of)
    scored = [mark for mark in given if mark.state == EntryState.SCORED]
    return Count(
        total=len(given),
        filled=sum(mark.filled for mark in given),
        handed_in=sum(mark.stage in (EntryStage.SUBMITTED, EntryStage.ACCEPTED) for mark in given),
        accepted=sum(mark.stage == EntryStage.ACCEPTED for mark in given),
        returned=sum(mark.stage == EntryStage.RETURNED for mark in given),
        scored=len(scored),
        losing=sum(mark.lost > ZERO for mark in scored),
        earned=sum((mark.earned or ZERO for mark in scored), ZERO),
        possible=sum((mark.maximum for mark in scored), ZERO),
    )
