"""A round sealed under an older scoring program: what the present one gives beside it, and accepting that."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from assessments import figures, rights, rollup
from assessments.models import EngineChange, Round
from assessments.refusals import NotNow, ReasonNeeded
from assessments.rollup import SheetSums
from assessments.scoring import ENGINE_VERSION
from assessments.scoring.amounts import from_text, plain
from assessments.scoring.versions import Changed, Standing, compare
from units import audit
from units.models import User


@dataclass(frozen=True, slots=True)
class Line:
    """One sheet with both numbers, as a page writes them."""

    unit: str
    sealed: str
    sealed_band: str
    sealed_rank: int | None
    now: str
    band: str
    rank: int | None


def differences(round_: Round) -> tuple[Changed, ...]:
    """What the present program would publish otherwise; empty for a round of its own version. Four queries."""
    if not round_.is_sealed or round_.engine == ENGINE_VERSION or round_.snapshot is None:
        return ()
    sealed = {int(pk): _sealed(sheet) for pk, sheet in round_.snapshot["sheets"].items()}
    return compare(sealed, {one.sheet_id: _standing(one) for one in rollup.computed(round_)})


def lines(round_: Round, found: tuple[Changed, ...]) -> list[Line]:
    """The differences in words. One query."""
    units = {sheet.pk: str(sheet.unit) for sheet in round_.sheets.select_related("unit")}
    return [_line(units.get(one.sheet, ""), one) for one in found]


@transaction.atomic
def accept(round_: Round, reason: str, *, by: User) -> EngineChange:
    """The change accepted: from now on the round's corrected totals are the present program's, beside the sealed ones.

    Accepting twice is the same once. Raises NotNow where nothing differs, and ReasonNeeded.
    """
    round_ = Round.objects.select_for_update(of=("self",)).select_related("organisation", "ledger").get(pk=round_.pk)
    before = round_.engine_changes.filter(engine=ENGINE_VERSION).first()
    if before is not None:
        return before
    reason = rights.words(reason)
    if not reason:
        raise ReasonNeeded("采用要写明原因。")
    found = differences(round_)
    if not found:
        raise NotNow("按现在的计分程序，公布的结果没有变化。")
    changes = {str(one.sheet): [one.sealed.total, one.now.total if one.now else None] for one in found}
    made = EngineChange.objects.create(
        round=round_, sealed_engine=round_.engine, engine=ENGINE_VERSION, reason=reason, changes=changes, by=by
    )
    audit.record(
        organisation=round_.organisation,
        actor=by,
        action="采用新计分程序",
        target=round_.name,
        detail={"from": made.sealed_engine, "to": made.engine, "reason": reason[:200], "changes": changes},
    )
    return made


def _sealed(sheet: Mapping[str, Any]) -> Standing:
    return Standing(sheet["total"], sheet["total_rate"], sheet["band"], sheet["rank"])


def _standing(one: SheetSums) -> Standing:
    return Standing(plain(one.total), None if one.total_rate is None else plain(one.total_rate), one.band, one.rank)


def _line(unit: str, one: Changed) -> Line:
    now = one.now or Standing("", None, "", None)
    written = figures.total(from_text(now.total)) if now.total else figures.NONE
    return Line(
        unit, figures.total(from_text(one.sealed.total)), one.sealed.band, one.sealed.rank, written, now.band, now.rank
    )
