"""Indicators added, moved, retired and restored under the ledger's lock; mptt does the bounds."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from indicators.editing.fields import Part, link_methods, responsibilities
from indicators.editing.locking import EditRefused, fresh, locked, note
from indicators.models import Amendment, Indicator, Ledger, Responsibility
from indicators.planting import DEEPEST
from indicators.reading.report import plain
from units.models import User

Where = Literal["above", "below", "child"]
_POSITIONS = {"above": "left", "below": "right", "child": "last-child"}


@dataclass(frozen=True, slots=True)
class New:
    """An indicator to be added."""

    name: str
    points: Decimal | None = None
    is_item: bool = True
    criteria: str = ""
    methods: tuple[str, ...] = ()
    parts: tuple[Part, ...] = field(default=())


@transaction.atomic
def add(ledger: Ledger, new: New, *, where: Where = "child", of: Indicator | None = None, by: User | None) -> Indicator:
    """The new indicator above, below or under `of`; without `of`, the last one of level 1.

    Raises EditRefused below an item, below level 5, and when the ledger is no draft.
    """
    ledger = locked(ledger.pk)
    root = Indicator.objects.get(ledger=ledger, parent__isnull=True)
    target = Indicator.objects.get(pk=of.pk, ledger=ledger) if of else root
    if target.pk == root.pk:
        where = "child"
    _refuse_below(target if where == "child" else target.parent or root, height=1)
    added = Indicator(ledger=ledger, name=new.name, points=new.points, is_item=new.is_item, criteria=new.criteria)
    added.insert_at(target, _POSITIONS[where], save=True)
    link_methods(ledger.organisation, added, new.methods)
    Responsibility.objects.bulk_create(responsibilities(ledger.organisation, added, new.parts))
    worth = "" if new.points is None else f"，{plain(new.points)} 分"
    note(ledger, added, Amendment.Action.ADDED, by, new=f"{_path(added)}{worth}").save()
    return added


def _refuse_below(parent: Indicator, *, height: int) -> None:
    """Raises EditRefused where a subtree of this height cannot stand below `parent`."""
    if parent.is_item:
        raise EditRefused(f"“{parent}”是评估点，先在编辑中取消“评估点”，再在它下面放指标")
    if parent.retired_at is not None:
        raise EditRefused(f"“{parent}”已停用，恢复后才能在它下面放指标")
    if parent.level + height > DEEPEST:
        raise EditRefused(f"台账最多 {DEEPEST} 级，“{parent}”下面放不下")


@transaction.atomic
def move(indicator: Indicator, to: Literal["up", "down"] | Indicator, *, by: User | None) -> Indicator:
    """The indicator in its new place, with everything below it. to: one place up or down, or last under another.

    Raises EditRefused at the edge, under itself, under an item, below level 5, and when the ledger is no draft.
    """
    ledger, current = fresh(indicator)
    before = _path(current)
    if isinstance(to, str):
        target, position = _neighbour(current, to)
    else:
        target, position = Indicator.objects.get(pk=to.pk, ledger=ledger), "last-child"
        if target.lft >= current.lft and target.rght <= current.rght:
            raise EditRefused("不能移到自己或自己的下级之下")
        _refuse_below(target, height=_height(current))
    Indicator._tree_manager.move_node(current, target, position=position)
    moved = Indicator.objects.get(pk=current.pk)
    note(ledger, moved, Amendment.Action.MOVED, by, field="位置", old=before, new=_path(moved)).save()
    return moved


def _neighbour(current: Indicator, to: Literal["up", "down"]) -> tuple[Indicator, str]:
    beside = Indicator.objects.living().filter(ledger_id=current.ledger_id, parent_id=current.parent_id)
    if to == "up":
        target, position = beside.filter(lft__lt=current.lft).order_by("-lft").first(), "left"
    else:
        target, position = beside.filter(lft__gt=current.lft).order_by("lft").first(), "right"
    if target is None:
        raise EditRefused("已经是同级的第一项，不能再上移" if to == "up" else "已经是同级的最后一项，不能再下移")
    return target, position


def _height(current: Indicator) -> int:
    deepest = current.get_descendants(include_self=True).order_by("-level").values_list("level", flat=True).first()
    return (deepest or current.level) - current.level + 1


def _path(indicator: Indicator) -> str:
    """`行政权力运行公开 › 决策公开，第 2 项`: where it stands among its living siblings."""
    above = indicator.get_ancestors().filter(level__gt=0).values_list("name", flat=True)
    place = (
        Indicator.objects.living()
        .filter(ledger_id=indicator.ledger_id, parent_id=indicator.parent_id, lft__lt=indicator.lft)
        .count()
    )
    return f"{' › '.join(above) or '第一级'}，第 {place + 1} 项"


@transaction.atomic
def retire(indicator: Indicator, *, by: User | None) -> int:
    """How many indicators are retired with it, itself included; they keep their place and can be restored.

    Raises EditRefused when it is retired already or the ledger is no draft.
    """
    ledger, current = fresh(indicator)
    if current.retired_at is not None:
        raise EditRefused("这项指标已经停用")
    below = current.get_descendants(include_self=True).filter(retired_at__isnull=True)
    count = below.update(retired_at=timezone.now(), edits=F("edits") + 1)
    note(ledger, current, Amendment.Action.RETIRED, by, old=_path(current), new=f"共 {count} 项").save()
    return int(count)


@transaction.atomic
def restore(indicator: Indicator, *, by: User | None) -> int:
    """How many indicators live again: itself and what was retired together with it.

    Raises EditRefused when it lives, when what it stands under does not, and when the ledger is no draft.
    """
    ledger, current = fresh(indicator)
    if current.retired_at is None:
        raise EditRefused("这项指标没有停用")
    parent = current.parent
    if parent is not None:
        _refuse_below(parent, height=_height(current))
    together = current.get_descendants(include_self=True).filter(retired_at=current.retired_at)
    count = together.update(retired_at=None, edits=F("edits") + 1)
    note(ledger, current, Amendment.Action.RESTORED, by, new=f"{_path(current)}，共 {count} 项").save()
    return int(count)
