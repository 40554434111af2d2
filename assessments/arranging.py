"""轮次设置: last days and assessed units of a round, as long as they may still be changed."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise

from django.db import transaction
from django.utils import timezone

from assessments import windows
from assessments.models import Phase, Round, ScoreSheet, Shape
from assessments.refusals import NotNow
from units import audit
from units.models import Unit, UnitClass, UnitGroup, User

# the windows in the order of their phases, each with its field
WINDOWS = ((Phase.SELF_ASSESSMENT, "self_due"), (Phase.REVIEW, "review_due"), (Phase.OBJECTION, "objection_due"))
_ORDER = (Phase.PREPARING, *(phase for phase, _ in WINDOWS))


def open_windows(round_: Round) -> list[str]:
    """The fields of the last days that may be changed: of the present phase and those to come."""
    if round_.phase not in _ORDER:
        return []
    here = _ORDER.index(Phase(round_.phase))
    known = WINDOWS[:2] if round_.is_tracked else WINDOWS
    return [field for place, (_, field) in enumerate(known, start=1) if place >= here]


def label(round_: Round, field: str) -> str:
    """What a last day is called: where matters are tracked, measures by the one and results by the other."""
    if round_.is_tracked:
        return {"self_due": "报措施期限", "review_due": "报结果期限"}[field]
    return next(f"{phase.label}截止日" for phase, name in WINDOWS if name == field)


@transaction.atomic
def move_windows(round_: Round, *, by: User, **days: date | None) -> Round:
    """The round with other last days. Days of phases that are over, or the same as before, change nothing.

    days: self_due, review_due, objection_due; only those that are given. Raises NotNow for a phase that is over, a
    changed day that has passed already, and days out of order.
    """
    round_ = Round.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=round_.pk)
    moved = {name: day for name, day in days.items() if getattr(round_, name) != day}
    if not moved:
        return round_
    for name, day in moved.items():
        if name not in open_windows(round_):
            raise NotNow(f"“{round_.get_phase_display()}”阶段不能再改{label(round_, name)}。")
        if day is not None and round_.phase != Phase.PREPARING and day < timezone.localdate(timezone=windows.SHANGHAI):
            raise NotNow(f"{label(round_, name)}最早到今天。")
    before = {name: _said(getattr(round_, name)) for name in moved}
    for name, day in moved.items():
        setattr(round_, name, day)
    in_order([getattr(round_, field) for _, field in WINDOWS])
    round_.save(update_fields=list(moved))
    detail = {name: [before[name], _said(day)] for name, day in moved.items()}
    audit.record(organisation=round_.organisation, actor=by, action="修改轮次期限", target=round_.name, detail=detail)
    return round_


def in_order(days: Iterable[date | None]) -> None:
    """Raises NotNow where a later phase would end first."""
    known = [day for day in days if day is not None]
    if any(later < earlier for earlier, later in pairwise(known)):
        raise NotNow("截止日期要按自评、审核、申诉的先后排列。")


@transaction.atomic
def choose_participants(round_: Round, units: Sequence[Unit], *, by: User) -> Round:
    """The per-unit round in preparation with sheets for exactly these units. Raises NotNow otherwise, or for none."""
    round_ = Round.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=round_.pk)
    if round_.phase != Phase.PREPARING or round_.shape != Shape.PER_UNIT:
        raise NotNow("参评单位只能在对标制轮次的准备阶段修改。")
    if not units:
        raise NotNow("对标制轮次至少要有一个参加考核的单位。")
    if any(unit.organisation_id != round_.organisation_id for unit in units):
        raise NotNow("参加考核的单位要属于本机关。")
    wanted = {unit.pk: unit for unit in units}
    held = dict(round_.sheets.values_list("unit_id", "pk"))
    gone, new = [pk for pk in held if pk not in wanted], [unit for pk, unit in wanted.items() if pk not in held]
    if not gone and not new:
        return round_
    ScoreSheet.objects.filter(round=round_, unit__in=gone).delete()
    ScoreSheet.objects.bulk_create([ScoreSheet(round=round_, unit=unit) for unit in new])
    detail = {"units": len(wanted), "added": len(new), "removed": len(gone)}
    audit.record(organisation=round_.organisation, actor=by, action="修改参评单位", target=round_.name, detail=detail)
    return round_


def gathered(units: Iterable[Unit], groups: Iterable[UnitGroup], classes: Iterable[UnitClass]) -> list[Unit]:
    """Units named directly, by group (单位组) or by class (类别), each once, in the order of the unit tree."""
    found = {unit.pk: unit for unit in units}
    found |= {unit.pk: unit for unit in Unit.objects.active().filter(groups__in=list(groups))}
    found |= {unit.pk: unit for unit in Unit.objects.active().filter(unit_class__in=list(classes))}
    return sorted(found.values(), key=lambda unit: (unit.tree_id, unit.lft))


def _said(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
