"""责任分工 carried from one ledger into the draft of the next: only onto items that name nobody yet."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from indicators.models import Indicator, Ledger, LedgerStatus, Responsibility
from indicators.reading.text import fold
from units import audit
from units.models import User


@transaction.atomic
def carry_duties(old: Ledger, new: Ledger, *, by: User | None) -> int:
    """How many items of the draft `new` got the units and groups of their counterpart in `old`. Constant queries.

    A counterpart has the same identity, else the same name at the same place. A published ledger is left as it is.
    """
    held = Ledger.objects.select_for_update().get(pk=new.pk)
    if held.status != LedgerStatus.DRAFT:
        return 0
    named = Responsibility.objects.filter(indicator__ledger=held).values("indicator")
    empty = set(Indicator.objects.filter(ledger=held).items().exclude(pk__in=named).values_list("pk", flat=True))
    pairs = {was: now for was, now in counterparts(old, held).items() if now in empty}
    rows = Responsibility.objects.filter(indicator__in=pairs).order_by("id")
    made = [
        Responsibility(
            indicator_id=pairs[one.indicator_id],
            unit_id=one.unit_id,
            group_id=one.group_id,
            written=one.written,
            role=one.role,
            open_ended=one.open_ended,
            inferred=one.inferred,
        )
        for one in rows
    ]
    Responsibility.objects.bulk_create(made)
    count = len({one.indicator_id for one in made})
    if count:
        audit.record(
            organisation=held.organisation, actor=by, action="沿用责任分工", target=held.title, detail={"items": count}
        )
    return count


def counterparts(old: Ledger, new: Ledger) -> dict[int, int]:
    """Item of the old ledger → the same one of the new: by identity, else by name and place. Two queries."""
    was, now = _items(old), _items(new)
    by_identity = {identity: pk for pk, (identity, _) in now.items()}
    by_path = {path: pk for pk, (_, path) in now.items()}
    found = {pk: by_identity[identity] for pk, (identity, _) in was.items() if identity in by_identity}
    taken = set(found.values())
    for pk, (_, path) in was.items():
        if pk not in found and path in by_path and by_path[path] not in taken:
            found[pk] = by_path[path]
            taken.add(by_path[path])
    return found


def _items(ledger: Ledger) -> Mapping[int, tuple[object, tuple[str, ...]]]:
    """Item → its identity, and its name below the names above it."""
    fields = ("pk", "parent_id", "name", "identity", "is_item")
    rows = list(Indicator.objects.filter(ledger=ledger).living().in_order().values_list(*fields))
    paths: dict[int | None, tuple[str, ...]] = {}
    for pk, parent, name, _, _ in rows:
        paths[pk] = (*paths.get(parent, ()), fold(name)) if parent is not None else ()
    return {pk: (identity, paths[pk]) for pk, _, _, identity, is_item in rows if is_item}


@transaction.atomic
def keep_retired(items: Iterable[Indicator], ledger: Ledger) -> dict[int, int]:
    """Old item → a retired one in `ledger`, which may be published: nothing it prints or asks changes.

    For what was filled in on items that a new version no longer has. Asked again, the same rows.
    """
    wanted = list(items)
    held = Ledger.objects.select_for_update().get(pk=ledger.pk)
    known = dict(Indicator.objects.filter(ledger=held).values_list("identity", "pk"))
    found = {one.pk: known[one.identity] for one in wanted if one.identity in known}
    for one in wanted:
        if one.pk not in found:
            root = Indicator.objects.get(ledger=held, parent__isnull=True)
            new: Any = Indicator
            kept = new(
                ledger=held,
                identity=one.identity,
                name=one.name,
                number=one.number,
                is_item=True,
                points=one.points,
                criteria=one.criteria,
                cells=one.cells,
                retired_at=timezone.now(),
            )
            kept.insert_at(root, "last-child", save=True)
            found[one.pk] = kept.pk
    return found
