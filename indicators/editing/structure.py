"""Indicators added, moved, retired and restored under the ledger's lock; mptt does the bounds."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from indicators.editing.fields import NAMES, Part, link_methods, responsibilities
from indicators.editing.locking import EditRefused, fresh, locked, note
from indicators.editing.rereading import read_anew, take_in
from indicators.models import Amendment, Indicator, Ledger, Responsibility
from indicators.planting import DEEPEST
from indicators.reading.report import plain
from units.models import User

Where = Literal["above", "below", "child"]
Way = Literal["up", "down", "indent", "outdent"]
_POSITIONS = {"above": "left", "below": "right", "child": "last-child", "first": "first-child"}


@dataclass(frozen=True, slots=True)
class New:
    """An indicator to be added."""

    name: str
    points: Decimal | None = None
    is_item: bool = True
    criteria: str = ""
    methods: tuple[str, ...] = ()
    parts: tuple[Part, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in the tree: above, below, or the last one under another indicator."""

    where: Where
    of: Indicator


def stand(indicator: Indicator) -> dict[str, int | None]:
    """Parent and the neighbours on both sides, retired ones counted: enough to put it back there."""
    beside = Indicator.objects.filter(
        Q(rght=indicator.lft - 1) | Q(lft=indicator.rght + 1),
        ledger_id=indicator.ledger_id,
        parent_id=indicator.parent_id,
    )
    found = {"after" if one.lft < indicator.lft else "before": one.pk for one in beside}
    return {"parent": indicator.parent_id, "after": found.get("after"), "before": found.get("before")}


@transaction.atomic
def add(
    ledger: Ledger,
    new: New,
    *,
    where: Where = "child",
    of: Indicator | None = None,
    by: User | None,
    step: UUID | None = None,
    opens: bool = False,
) -> Indicator:
    """The new indicator above, below or under `of`; without `of`, the last one of level 1.

    opens: an item under which it is put stops being one. Raises EditRefused below an item otherwise, below level 5,
    and when the ledger is no draft.
    """
    ledger, step = locked(ledger.pk), step or uuid4()
    root = Indicator.objects.get(ledger=ledger, parent__isnull=True)
    target = Indicator.objects.get(pk=of.pk, ledger=ledger) if of else root
    if target.pk == root.pk:
        where = "child"
    if opens and where == "child":
        _open(ledger, target, by, step)
    refuse_below(target if where == "child" else target.parent or root, height=1)
    added = Indicator(ledger=ledger, name=new.name, points=new.points, is_item=new.is_item, criteria=new.criteria)
    other_words = [added] if take_in(added, "") else []
    added.insert_at(target, _POSITIONS[where], save=True)
    read_anew(other_words)
    link_methods(ledger.organisation, added, new.methods)
    Responsibility.objects.bulk_create(responsibilities(ledger.organisation, added, new.parts))
    worth = "" if new.points is None else f"，{plain(new.points)} 分"
    detail = {"new": stand(added)}
    note(ledger, added, Amendment.Action.ADDED, by, new=f"{path(added)}{worth}", detail=detail, step=step).save()
    return added


def _open(ledger: Ledger, target: Indicator, by: User | None, step: UUID) -> None:
    """An item becomes an indicator with others below it."""
    if target.is_item:
        Indicator.objects.filter(pk=target.pk).update(is_item=False, edits=F("edits") + 1)
        target.is_item = False
        said: dict[str, Any] = {"field": NAMES["is_item"], "old": True, "new": False, "detail": {"field": "is_item"}}
        note(ledger, target, Amendment.Action.EDITED, by, **said, step=step).save()


def refuse_below(parent: Indicator, *, height: int) -> None:
    """Raises EditRefused where a subtree of this height cannot stand below `parent`."""
    if parent.is_item:
        raise EditRefused(f"“{parent}”是评估点，先在编辑中取消“评估点”，再在它下面放指标")
    if parent.retired_at is not None:
        raise EditRefused(f"“{parent}”已停用，恢复后才能在它下面放指标")
    if parent.level + height > DEEPEST:
        raise EditRefused(f"台账最多 {DEEPEST} 级，“{parent}”下面放不下")


@transaction.atomic
def move(
    indicator: Indicator,
    to: Way | Indicator | Spot,
    *,
    by: User | None,
    step: UUID | None = None,
    opens: bool = False,
) -> Indicator:
    """The indicator in its new place, with everything below it.

    to: one place up or down, one level in (under the one above it) or out, last under another, or a spot beside one.
    opens: an item under which it is put stops being one.
    Raises EditRefused at the edge, under itself, under an item, below level 5, and when the ledger is no draft.
    """
    ledger, current = fresh(indicator)
    step = step or uuid4()
    target, position = _destination(ledger, current, to)
    if opens and position == "last-child":
        _open(ledger, target, by, step)
    return put(ledger, current, target, position, by=by, step=step)


def _destination(ledger: Ledger, current: Indicator, to: Way | Indicator | Spot) -> tuple[Indicator, str]:
    if isinstance(to, str):
        return _neighbour(current, to)
    if isinstance(to, Spot):
        return Indicator.objects.get(pk=to.of.pk, ledger=ledger), _POSITIONS[to.where]
    return Indicator.objects.get(pk=to.pk, ledger=ledger), "last-child"


def put(
    ledger: Ledger,
    current: Indicator,
    target: Indicator,
    position: str,
    *,
    by: User | None,
    step: UUID,
    undoes: Amendment | None = None,
) -> Indicator:
    """The indicator moved beside or under `target`, noted. position: as mptt names it. The ledger is locked.

    Raises EditRefused under itself, under an item or a retired one, and below level 5.
    """
    if target.lft >= current.lft and target.rght <= current.rght:
        raise EditRefused("不能移到自己或自己的下级之下")
    parent = target if position in {"last-child", "first-child"} else target.parent
    if parent is None:
        raise EditRefused("指标不能移到台账之外")
    if parent.pk != current.parent_id:
        refuse_below(parent, height=height(current))
    before, stood = path(current), stand(current)
    Indicator._tree_manager.move_node(current, target, position=position)
    moved = Indicator.objects.get(pk=current.pk)
    detail = {"old": stood, "new": stand(moved)}
    said: dict[str, Any] = {"field": "位置", "old": before, "new": path(moved), "detail": detail}
    note(ledger, moved, Amendment.Action.MOVED, by, **said, step=step, undoes=undoes).save()
    return moved


def _neighbour(current: Indicator, to: Way) -> tuple[Indicator, str]:
    beside = Indicator.objects.living().filter(ledger_id=current.ledger_id, parent_id=current.parent_id)
    above, below = beside.filter(lft__lt=current.lft).order_by("-lft"), beside.filter(lft__gt=current.lft)
    if to == "outdent":
        if current.level == 1 or current.parent is None:
            raise EditRefused("已经是一级指标，不能再升级")
        return current.parent, "right"
    target = (below.order_by("lft") if to == "down" else above).first()
    if target is None:
        raise EditRefused(
            {
                "up": "已经是同级的第一项，不能再上移",
                "down": "已经是同级的最后一项，不能再下移",
                "indent": "上面没有同级指标，不能降级",
            }[to]
        )
    return target, {"up": "left", "down": "right", "indent": "last-child"}[to]


def height(current: Indicator) -> int:
    """How many levels it and what stands below it take."""
    deepest = current.get_descendants(include_self=True).order_by("-level").values_list("level", flat=True).first()
    return (deepest or current.level) - current.level + 1


def path(indicator: Indicator) -> str:
    """`行政权力运行公开 › 决策公开，第 2 项`: where it stands among its living siblings."""
    return told(*place(indicator))


def place(indicator: Indicator) -> tuple[list[str], int]:
    """The names above it, and which one of its living siblings it is, counted from 1."""
    above = indicator.get_ancestors().filter(level__gt=0).values_list("name", flat=True)
    before = Indicator.objects.living().filter(
        ledger_id=indicator.ledger_id, parent_id=indicator.parent_id, lft__lt=indicator.lft
    )
    return list(above), before.count() + 1


def told(above: Sequence[str], number: int) -> str:
    """A place in words."""
    return f"{' › '.join(above) or '第一级'}，第 {number} 项"


@transaction.atomic
def retire(indicator: Indicator, *, by: User | None, step: UUID | None = None) -> int:
    """How many indicators are retired with it, itself included; they keep their place and can be restored.

    Raises EditRefused when it is retired already or the ledger is no draft.
    """
    ledger, current = fresh(indicator)
    below = current.get_descendants(include_self=True).filter(retired_at__isnull=True)
    return lay_off(ledger, current, list(below.values_list("pk", flat=True)), by=by, step=step or uuid4())


def lay_off(
    ledger: Ledger,
    current: Indicator,
    ids: Sequence[int],
    *,
    by: User | None,
    step: UUID,
    undoes: Amendment | None = None,
) -> int:
    """How many of these are retired, `current` the uppermost of them. Raises EditRefused when it is already."""
    if current.retired_at is not None:
        raise EditRefused("这项指标已经停用")
    gone = Indicator.objects.living().filter(ledger=ledger, pk__in=ids)
    known = list(gone.values_list("pk", flat=True))
    count = gone.update(retired_at=timezone.now(), edits=F("edits") + 1)
    said: dict[str, Any] = {"old": path(current), "new": f"共 {count} 项", "detail": {"ids": known}}
    note(ledger, current, Amendment.Action.RETIRED, by, **said, step=step, undoes=undoes).save()
    return int(count)


@transaction.atomic
def restore(indicator: Indicator, *, by: User | None, step: UUID | None = None) -> int:
    """How many indicators live again: itself and what was retired together with it.

    Raises EditRefused when it lives, when what it stands under does not, and when the ledger is no draft.
    """
    ledger, current = fresh(indicator)
    together = current.get_descendants(include_self=True).filter(retired_at=current.retired_at)
    return call_back(ledger, current, list(together.values_list("pk", flat=True)), by=by, step=step or uuid4())


def call_back(
    ledger: Ledger,
    current: Indicator,
    ids: Sequence[int],
    *,
    by: User | None,
    step: UUID,
    undoes: Amendment | None = None,
) -> int:
    """How many of these live again, `current` the uppermost of them."""
    if current.retired_at is None:
        raise EditRefused("这项指标没有停用")
    if current.parent is not None:
        refuse_below(current.parent, height=height(current))
    back = Indicator.objects.filter(ledger=ledger, pk__in=ids, retired_at__isnull=False)
    known = list(back.values_list("pk", flat=True))
    count = back.update(retired_at=None, edits=F("edits") + 1)
    said: dict[str, Any] = {"new": f"{path(current)}，共 {count} 项", "detail": {"ids": known}}
    note(ledger, current, Amendment.Action.RESTORED, by, **said, step=step, undoes=undoes).save()
    return int(count)
