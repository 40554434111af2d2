"""An indicator's own words, points, methods and units changed in one go, an amendment for each; moves nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import uuid4

from django.db import transaction

from indicators.editing.locking import ChangedMeanwhile, EditRefused, fresh, note
from indicators.editing.rereading import read_anew, take_in
from indicators.models import (
    Amendment,
    EvaluationMethod,
    Indicator,
    IndicatorMethod,
    Ledger,
    Responsibility,
    ResponsibilityRole,
)
from indicators.proposing import said
from indicators.reading.report import plain
from units.models import Organisation, Unit, UnitGroup, User

NAMES = {
    "name": "名称",
    "points": "分值",
    "criteria": "评分标准",
    "is_item": "评估点",
    "methods": "评估方式",
    "parts": "责任单位",
}


class Keep(Enum):
    """Marks a field that an edit leaves as it is."""

    IT = "keep"


@dataclass(frozen=True, slots=True)
class Part:
    """A unit's or group's part in an indicator; with neither, `written` keeps a name that is not matched yet."""

    role: str
    unit: int | None = None
    group: int | None = None
    written: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """What an edit sets. methods: names, unknown ones are added to the organisation's list.

    confirmed: a person has checked the units and methods that were taken from the row above.
    """

    name: str | Keep = Keep.IT
    points: Decimal | Keep | None = Keep.IT
    criteria: str | Keep = Keep.IT
    is_item: bool | Keep = Keep.IT
    methods: tuple[str, ...] | Keep = Keep.IT
    parts: tuple[Part, ...] | Keep = Keep.IT
    confirmed: bool = False


@transaction.atomic
def edit(indicator: Indicator, changes: Changes, *, edits: int, by: User | None) -> list[Amendment]:
    """What was changed, one amendment a field; nothing where all values were already so.

    edits: the indicator's counter when its form was opened.
    Raises ChangedMeanwhile when a colleague was faster, EditRefused when the ledger is no draft.
    """
    ledger, current = fresh(indicator)
    if current.edits != edits:
        raise ChangedMeanwhile(current)
    if changes.is_item is True and current.get_children().filter(retired_at__isnull=True).exists():
        raise EditRefused(f"“{current}”下面还有指标，不能作为评估点")
    step, before = uuid4(), said(current)
    done = [
        note(
            *(ledger, current, Amendment.Action.EDITED, by),
            field=NAMES[field],
            old=old,
            new=new,
            detail={"field": field, **detail},
            step=step,
        )
        for field, old, new, detail in _write(ledger, current, changes)
    ]
    if done:
        current.edits += 1
        other_words = [current] if take_in(current, before) else []
        current.save(update_fields=["name", "pinyin", "points", "criteria", "checkpoints", "is_item", "edits"])
        read_anew(other_words)
        Amendment.objects.bulk_create(done)
    return done


Done = tuple[str, Any, Any, dict[str, Any]]


def _write(ledger: Ledger, current: Indicator, changes: Changes) -> list[Done]:
    """Every field that differs, as (field, old, new, detail), already set on the indicator or its rows."""
    found: list[Done] = []
    for field in ("name", "points", "criteria", "is_item"):
        new = getattr(changes, field)
        old = getattr(current, field)
        if new is not Keep.IT and new != old:
            setattr(current, field, new)
            found.append((field, _words(old), _words(new), {}))
    if not isinstance(changes.methods, Keep):
        found.extend(_set_methods(ledger, current, changes.methods))
    if not isinstance(changes.parts, Keep):
        found.extend(_set_parts(ledger, current, changes.parts))
    if changes.confirmed:
        found.extend(_confirm(current))
    return found


def _words(value: Any) -> Any:
    return plain(value) if isinstance(value, Decimal) else value


def _set_methods(ledger: Ledger, current: Indicator, names: Sequence[str]) -> list[Done]:
    before = list(current.method_links.select_related("method"))
    old = [link.method.name for link in before]
    new = list(dict.fromkeys(names))
    if old == new:
        return []
    link_methods(ledger.organisation, current, new, inferred={link.method.name for link in before if link.inferred})
    return [("methods", old, new, {})]


def link_methods(
    organisation: Organisation, indicator: Indicator, names: Sequence[str], *, inferred: set[str] | None = None
) -> None:
    """The indicator's methods are these from now on; names nobody knows are added to the organisation's list."""
    EvaluationMethod.objects.bulk_create(
        [EvaluationMethod(organisation=organisation, name=name) for name in names], ignore_conflicts=True
    )
    methods = {method.name: method for method in organisation.methods.filter(name__in=names)}
    indicator.method_links.all().delete()
    IndicatorMethod.objects.bulk_create(
        IndicatorMethod(indicator=indicator, method=methods[name], inferred=name in (inferred or ())) for name in names
    )


def _set_parts(ledger: Ledger, current: Indicator, parts: Sequence[Part]) -> list[Done]:
    before = list(current.responsibilities.select_related("unit", "group"))
    after = responsibilities(ledger.organisation, current, parts, before)
    old, new = [_part_words(one) for one in before], [_part_words(one) for one in after]
    if old == new:
        return []
    current.responsibilities.all().delete()
    Responsibility.objects.bulk_create(after)
    return [("parts", old, new, {"old": [_raw(one) for one in before], "new": [_raw(one) for one in after]})]


def _raw(one: Responsibility) -> list[Any]:
    return [one.role, one.unit_id, one.group_id, one.written, one.open_ended, one.inferred]


def responsibilities(
    organisation: Organisation,
    indicator: Indicator,
    parts: Sequence[Part],
    before: Sequence[Responsibility] = (),
) -> list[Responsibility]:
    """The rows for these parts, not yet stored, once each; what was open-ended or inferred stays so.

    Raises EditRefused for a unit or group that is not the organisation's.
    """
    units = {unit.pk: unit for unit in organisation.units.filter(pk__in=[one.unit for one in parts if one.unit])}
    groups = {one.pk: one for one in organisation.groups.filter(pk__in=[one.group for one in parts if one.group])}
    known = {(one.role, one.unit_id, one.group_id, _loose(one)): one for one in before}
    rows: dict[tuple[str, int | None, int | None, str], Responsibility] = {}
    for part in parts:
        unit, group = _named(part, units, groups)
        written = str(unit or group or part.written)[:200]
        key = (part.role, part.unit, part.group, "" if unit or group else written)
        same = known.get(key)
        rows[key] = Responsibility(
            indicator=indicator,
            unit=unit,
            group=group,
            written=same.written if same else written,
            role=part.role,
            open_ended=bool(same and same.open_ended),
            inferred=bool(same and same.inferred),
        )
    return list(rows.values())


def _loose(one: Responsibility) -> str:
    return "" if one.unit_id or one.group_id else one.written


def _named(part: Part, units: dict[int, Unit], groups: dict[int, UnitGroup]) -> tuple[Unit | None, UnitGroup | None]:
    if part.role not in ResponsibilityRole.values:
        raise EditRefused("分工只能是牵头、会同、配合或考核")
    unit = units.get(part.unit) if part.unit else None
    group = groups.get(part.group) if part.group else None
    if (part.unit and not unit) or (part.group and not group) or not (unit or group or part.written):
        raise EditRefused("责任单位不在本机关的单位名录中，重新选择后再保存")
    return unit, group


def _part_words(one: Responsibility) -> str:
    return f"{one.get_role_display()} {one.unit or one.group or one.written}"


def _confirm(current: Indicator) -> list[Done]:
    found: list[Done] = []
    if current.responsibilities.filter(inferred=True).update(inferred=False):
        found.append(("parts", "推定", "已核对", {}))
    if current.method_links.filter(inferred=True).update(inferred=False):
        found.append(("methods", "推定", "已核对", {}))
    return found
