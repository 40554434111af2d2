"""Rows added behind another all at once, as a pasted block needs them: the tree is shifted once for all of them."""

from uuid import UUID

from django.db.models import Case, F, PositiveIntegerField, When

from indicators.editing.acts import NEW_NAME
from indicators.editing.locking import EditRefused, note
from indicators.editing.structure import place, refuse_below, told
from indicators.models import Amendment, Indicator, Ledger
from units.models import User

MOST = 1000


def append(ledger: Ledger, below: int, count: int, *, by: User | None, step: UUID) -> list[Indicator]:
    """So many empty rows behind that indicator, beside it and of its kind; seven queries for any number.

    The ledger is locked. Raises EditRefused for more than 1,000, and where the indicator is gone.
    """
    if count > MOST:
        raise EditRefused(f"一次最多增加 {MOST} 行，分几次再粘贴")
    last = Indicator.objects.filter(ledger=ledger, pk=below, level__gt=0).select_related("parent").first()
    if last is None or last.parent is None:
        raise EditRefused("最后一行的指标已不在台账中，重新载入页面后再粘贴")
    refuse_below(last.parent, height=1)
    following = Indicator.objects.filter(ledger=ledger, parent=last.parent, lft=last.rght + 1).first()
    above, number = place(last)
    rows = Indicator.objects.bulk_create(_rows(ledger, last, count))
    # what follows a row when it is added: the next one of them does not stand there yet
    before = following and following.pk
    Amendment.objects.bulk_create(
        note(
            *(ledger, row, Amendment.Action.ADDED, by),
            new=told(above, number + at),
            detail={"new": {"parent": last.parent_id, "after": after, "before": before}},
            step=step,
        )
        for at, (row, after) in enumerate(zip(rows, [last.pk, *(row.pk for row in rows)], strict=False), 1)
    )
    return rows


def _rows(ledger: Ledger, last: Indicator, count: int) -> list[Indicator]:
    """The rows with their bounds, not yet stored; what stands behind them has made room."""
    edge, room = last.rght, 2 * count
    # both bounds in one statement: between two of them lft would not be below rght
    Indicator.objects.filter(ledger=ledger, rght__gt=edge).update(
        lft=Case(When(lft__gt=edge, then=F("lft") + room), default=F("lft"), output_field=PositiveIntegerField()),
        rght=F("rght") + room,
    )
    return [
        Indicator(
            ledger=ledger,
            tree_id=ledger.pk,
            parent_id=last.parent_id,
            level=last.level,
            lft=edge + 1 + 2 * at,
            rght=edge + 2 + 2 * at,
            name=NEW_NAME,
            is_item=last.is_item,
        )
        for at in range(count)
    ]
