"""The text of a cell ↔ the value behind it, as people type it and as spreadsheets carry it; stores nothing."""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from indicators.editing.locking import EditRefused
from indicators.reading import points as points_
from indicators.reading.report import plain
from indicators.reading.text import clean, narrow
from units import naming
from units.matching import Known
from units.models import Unit, UnitGroup

LONGEST = {"name": 2000, "criteria": 20000, "number": 20}
_PLACES, _DIGITS, _EXTRA, _METHOD, _WRITTEN = 4, 8, 2000, 50, 200
_LABELS = {"lead": "牵头", "joint": "会同", "support": "配合", "assessor": "考核"}
_ASSESSORS = re.compile(r"[；;\n]?\s*考核\s*[:：]([^；;\n]*)")
_BETWEEN = re.compile(r"[、，,;；+\n]+")
# role, unit, group, written, open-ended, inferred
UnitRow = list[Any]


def points(text: str) -> Decimal | None:
    """The points a person typed, None for a blank; full-width digits and `分` are fine.

    Raises EditRefused with what to do for anything that is no plain number of at most four places.

    >>> points("２.５分"), points("")
    (Decimal('2.5'), None)
    """
    if not text.strip():
        return None
    number = points_.parse(text)
    exponent = number.as_tuple().exponent if number is not None else 0
    if number is None or not isinstance(exponent, int):
        raise EditRefused("分值填数字，例如 0.5")
    if number < 0:
        raise EditRefused("分值不能小于 0")
    if exponent < -_PLACES or number >= Decimal(10) ** _DIGITS:
        raise EditRefused("分值最多四位小数，整数不超过八位")
    return number


def words(field: str, text: str) -> str:
    """The text of a plain cell as it is stored. Raises EditRefused where it is too long, or a name is empty."""
    shorn = clean(text)[0]
    most = LONGEST.get(field, _EXTRA)
    if len(shorn) > most:
        raise EditRefused(f"最多 {most} 个字，现在有 {len(shorn)} 个")
    if field == "name" and not shorn:
        raise EditRefused("填写指标名称")
    return shorn


def names(text: str) -> list[str]:
    """The names of methods or people in a cell, once each.

    >>> names("网站采集、报送材料，网站采集")
    ['网站采集', '报送材料']
    """
    found = (one.strip() for one in _BETWEEN.split(narrow(clean(text)[0])))
    kept = [one for one in dict.fromkeys(found) if one]
    if any(len(one) > _METHOD for one in kept):
        raise EditRefused(f"每个名称最多 {_METHOD} 个字，用顿号分开")
    return kept


def units(text: str, known: Known) -> list[UnitRow]:
    """The units and groups a cell names, each with its role, as rows; a name nobody knows is kept as written."""
    shorn = clean(text)[0]
    assessors = [name for part in _ASSESSORS.findall(shorn) for name in names(part)]
    found = [(one.role, one.name, one.open_ended) for one in naming.parse(_ASSESSORS.sub("", shorn))]
    found += [("assessor", name, False) for name in assessors]
    rows: dict[tuple[Any, ...], UnitRow] = {}
    for role, name, open_ended in found:
        if len(name) > _WRITTEN:
            raise EditRefused(f"单位名称最多 {_WRITTEN} 个字，用顿号分开")
        meant = known.find(name)
        unit = meant.pk if isinstance(meant, Unit) else None
        group = meant.pk if isinstance(meant, UnitGroup) else None
        rows.setdefault((role, unit, group, "" if meant else name), [role, unit, group, name, open_ended, False])
    return list(rows.values())


def units_text(named: Iterable[tuple[str, str, bool]]) -> str:
    """What a cell says of its units, so that typing it again means the same. named: (name, role, open-ended).

    >>> units_text([("甲局", "lead", False), ("乙局", "joint", False)])
    '甲局会同乙局'
    >>> units_text([("甲局", "lead", False), ("乙局", "support", True)])
    '牵头：甲局；配合：乙局等'
    """
    by_role: dict[str, list[str]] = {role: [] for role in _LABELS}
    for name, role, open_ended in named:
        by_role[role].append(f"{name}等" if open_ended else name)
    if not by_role["support"] and not by_role["assessor"] and by_role["lead"]:
        simple = "、".join(by_role["lead"])
        if by_role["joint"]:
            simple = f"{simple}会同{'、'.join(by_role['joint'])}"
        if _reads_back(simple, by_role):
            return simple
    return "；".join(f"{label}：{'、'.join(by_role[role])}" for role, label in _LABELS.items() if by_role[role])


def _reads_back(text: str, by_role: dict[str, list[str]]) -> bool:
    said = [(one.role, f"{one.name}等" if one.open_ended else one.name) for one in naming.parse(text)]
    return said == [(role, name) for role in ("lead", "joint") for name in by_role[role]]


def points_text(value: Decimal | None) -> str:
    """Points as a cell holds them.

    >>> points_text(Decimal("0.5000"))
    '0.5'
    """
    return "" if value is None else plain(value)


def same(field: str, one: str, other: str) -> bool:
    """Whether two texts of a cell mean the same.

    >>> same("points", "0.50", "0.5"), same("name", "甲\\r\\n乙", "甲\\n乙 ")
    (True, True)
    """
    if field == "points":
        try:
            return points(one) == points(other)
        except EditRefused:
            return False
    return clean(one)[0] == clean(other)[0]
