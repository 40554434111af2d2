"""A round that carries on last year's (沿用): its ledger, units, rules of counting and windows, to be gone through."""

import re
from datetime import date

from django.db import transaction

from assessments import rounds
from assessments.models import Phase, Round
from assessments.refusals import NotNow
from assessments.scoring.policy import Policy
from indicators import carrying, versions
from indicators.models import Ledger
from units import audit
from units.models import Unit, User


def ledgers(round_: Round) -> list[Ledger]:
    """The ledgers a round that carries this one on may stand on: later ones of the organisation, newest first."""
    known = Ledger.objects.filter(organisation=round_.organisation_id, pk__gt=round_.ledger_id)
    return list(known.order_by("-pk"))


@transaction.atomic
def carry_on(round_: Round, ledger: Ledger | None, *, name: str, by: User) -> Round:
    """A round in preparation: same shape, policy and units, last days a year later, responsibilities where missing.

    ledger: None begins a new version of the round's own. Raises NotNow for a round still being prepared, a name that
    is taken, or when none of the units exists any more.
    """
    if round_.phase == Phase.PREPARING:
        raise NotNow("这个轮次还没有开启，不能沿用。")
    on = versions.new_version(round_.ledger, by=by) if ledger is None else ledger
    if on.organisation_id != round_.organisation_id:
        raise NotNow("台账要属于本机关。")
    carried = carrying.carry_duties(round_.ledger, on, by=by)
    made = rounds.prepare(
        on,
        name=name,
        shape=round_.shape,
        policy=Policy.from_json(round_.policy),
        self_due=_year_later(round_.self_due),
        review_due=_year_later(round_.review_due),
        objection_due=_year_later(round_.objection_due),
        participants=list(Unit.objects.active().filter(sheets__round=round_).order_by("lft")),
        by=by,
        sign_off=round_.sign_off,
        days_year=round_.days_year and round_.days_year + 1,
    )
    made.copied_from = round_
    made.save(update_fields=["copied_from"])
    detail = {"from": round_.name, "ledger": on.pk, "duties": carried}
    audit.record(organisation=made.organisation, actor=by, action="沿用考核轮次", target=made.name, detail=detail)
    return made


def next_name(round_: Round) -> str:
    """The round's name with every year in it one later; where there is none, with an ending.

    >>> next_name(Round(name="2026 年度考核"))
    '2027 年度考核'
    """
    later = re.sub(r"20[0-9]{2}", lambda year: str(int(year[0]) + 1), round_.name)
    return later if later != round_.name else f"{round_.name[:190]}（新一年）"


def _year_later(day: date | None) -> date | None:
    """The same day of the next year; the 29th of February becomes the 28th.

    >>> _year_later(date(2024, 2, 29))
    datetime.date(2025, 2, 28)
    """
    if day is None:
        return None
    return day.replace(year=day.year + 1, day=min(day.day, 28) if day.month == 2 else day.day)
