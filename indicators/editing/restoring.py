"""One change, or one step of several, taken back by changes of its own; the list of amendments only grows."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from django.db import transaction

from indicators.editing.locking import EditRefused, locked
from indicators.editing.sheaf import LABELS, Sheaf
from indicators.editing.structure import call_back, lay_off, put
from indicators.models import Amendment, Indicator, Ledger
from units.models import User

_CODES = {label: field for field, label in LABELS.items()}


@transaction.atomic
def take_back(ledger: Ledger, done: Sequence[Amendment], *, by: User | None) -> UUID:
    """The step of the changes that undo these; taking that back does them again.

    done: amendments of this ledger, all of one step or a single one. All are undone or none.
    Raises EditRefused, with the change and the reason, when one cannot be undone any more.
    """
    ledger, step = locked(ledger.pk), uuid4()
    newest_first = sorted(done, key=lambda one: -one.pk)
    touched = {one.indicator_id for one in done if one.indicator_id}
    edited: list[Amendment] = []
    for one in newest_first:
        if one.action == Amendment.Action.EDITED and _field(one) != "is_item":
            edited.append(one)
        else:
            # whether something is an item decides what may stand below it: in turn with the moves
            _undo_shape(ledger, one, touched, by, step)
    sheaf = Sheaf(ledger, {one.indicator_id for one in edited if one.indicator_id}, by=by, step=step)
    for one in edited:
        _undo_cell(sheaf, one)
    sheaf.save()
    if not done:
        raise EditRefused("没有可以撤回的修改")
    return step


def _field(one: Amendment) -> str | None:
    return one.detail.get("field") or _CODES.get(one.field)


def _undo_cell(sheaf: Sheaf, one: Amendment) -> None:
    pk = one.indicator_id
    field = _field(one)
    if pk not in sheaf.rows or pk is None or field is None:
        raise EditRefused(f"“{one.field}”所在的指标已不在台账中，不能恢复")
    old, new = (one.detail.get(which, getattr(one, which)) for which in ("old", "new"))
    if field in {"parts", "methods"} and not _is_list(field, old, new):
        raise EditRefused(f"这次“{one.field}”的修改没有留下可恢复的内容，直接在台账中修改")
    there = sheaf.value(pk, field)
    if _shorn(field, there) != _shorn(field, new):
        now = sheaf.text(pk, field) or "空白"
        raise EditRefused(f"“{sheaf.rows[pk]}”的{one.field}之后又改成了“{now}”，不能恢复；直接在台账中修改")
    sheaf.set(pk, field, old, undoes=one)


def _is_list(field: str, *values: object) -> bool:
    """Whether the amendment kept rows, not only words: those of an import and of a check by hand did not."""
    inner = list if field == "parts" else str
    return all(isinstance(value, list) and all(isinstance(one, inner) for one in value) for value in values)


def _shorn(field: str, value: object) -> object:
    """Whether a name was inferred or spelt otherwise does not count."""
    if field == "parts" and isinstance(value, list):
        return [(*row[:3], "" if row[1] or row[2] else row[3]) for row in value]
    return value


def _undo_shape(ledger: Ledger, one: Amendment, touched: set[int], by: User | None, step: UUID) -> None:
    current = Indicator.objects.filter(pk=one.indicator_id or 0, ledger=ledger).first()
    if one.action == Amendment.Action.EDITED:
        _undo_kind(ledger, current, one, by, step)
        return
    if current is None or not one.detail:
        raise EditRefused("这条记录没有留下可恢复的内容，直接在台账中修改")
    if one.action == Amendment.Action.MOVED:
        _put_back(ledger, current, one, by, step)
    elif one.action == Amendment.Action.ADDED:
        below = current.get_descendants(include_self=True).filter(retired_at__isnull=True)
        ids = list(below.values_list("pk", flat=True))
        if set(ids) - touched:
            raise EditRefused(f"“{current}”下面已有别的指标，不能撤回新增；可以停用它")
        lay_off(ledger, current, ids, by=by, step=step, undoes=one)
    elif one.action == Amendment.Action.RETIRED:
        call_back(ledger, current, one.detail["ids"], by=by, step=step, undoes=one)
    else:
        lay_off(ledger, current, one.detail["ids"], by=by, step=step, undoes=one)


def _undo_kind(ledger: Ledger, current: Indicator | None, one: Amendment, by: User | None, step: UUID) -> None:
    if current is None or current.is_item != one.new:
        raise EditRefused(f"“{current or one.field}”之后又改过是否为评估点，不能恢复；直接在台账中修改")
    if one.old and current.get_children().filter(retired_at__isnull=True).exists():
        raise EditRefused(f"“{current}”下面还有指标，不能恢复为评估点")
    sheaf = Sheaf(ledger, {current.pk}, by=by, step=step)
    sheaf.set(current.pk, "is_item", one.old, undoes=one)
    sheaf.save()


def _put_back(ledger: Ledger, current: Indicator, one: Amendment, by: User | None, step: UUID) -> None:
    old, new = one.detail["old"], one.detail["new"]
    if current.parent_id != new["parent"]:
        raise EditRefused(f"“{current}”之后又移到了别处，不能恢复；直接在台账中移动")
    near = Indicator.objects.filter(ledger=ledger, pk__in=[pk for pk in old.values() if pk]).in_bulk()
    parent, after, before = (near.get(old[which] or 0) for which in ("parent", "after", "before"))
    if after is not None and after.parent_id == old["parent"]:
        target, position = after, "right"
    elif before is not None and before.parent_id == old["parent"]:
        target, position = before, "left"
    elif parent is not None:
        target, position = parent, "last-child"
    else:
        raise EditRefused(f"“{current}”原来的上级已不在台账中，不能恢复")
    put(ledger, current, target, position, by=by, step=step, undoes=one)
