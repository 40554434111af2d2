"""Several items become one: what it will say, shown before it is done, and the act, which is undone whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID, uuid4

from django.db import transaction

from indicators.editing import texts
from indicators.editing.locking import EditRefused, locked
from indicators.editing.sheaf import Sheaf
from indicators.editing.structure import retire
from indicators.models import Indicator, Ledger, ScoringRule
from indicators.reading.report import plain
from units import registry
from units.models import User


@dataclass(frozen=True, slots=True)
class Merged:
    """What comes of merging `items`, the first of which stays. Cells as the ledger shows them, points as text.

    kept, dropped: accepted rules of the first item, which go on computing, and of the others, which do not.
    scores: sentences about what was filled in on these items in rounds.
    """

    items: tuple[Indicator, ...]
    parts_before: tuple[str, ...]
    methods_before: tuple[str, ...]
    name: str
    criteria: str
    points: str
    parts: str
    methods: str
    kept: int
    dropped: int
    scores: tuple[str, ...]

    @property
    def first(self) -> Indicator:
        return self.items[0]

    @property
    def others(self) -> int:
        return len(self.items) - 1


def beside(indicator: Indicator) -> list[Indicator]:
    """The items under the same indicator, itself among them, in order: what it can be merged with."""
    return list(Indicator.objects.filter(ledger=indicator.ledger_id, parent=indicator.parent_id).items())


def preview(ledger: Ledger, ids: Sequence[int]) -> Merged:
    """What `merge` would do now; writes nothing. Raises EditRefused as it does."""
    rows = _rows(ledger, ids)
    sheaf = Sheaf(ledger, {one.pk for one in rows}, by=None, step=uuid4())
    first = rows[0].pk
    before = {field: tuple(sheaf.text(one.pk, field) for one in rows) for field in ("parts", "methods")}
    _join(sheaf, rows)
    accepted = list(ScoringRule.objects.accepted().filter(indicator__in=rows).values_list("indicator_id", flat=True))
    return Merged(
        items=tuple(rows),
        parts_before=before["parts"],
        methods_before=before["methods"],
        **{field: sheaf.text(first, field) for field in ("name", "criteria", "points", "parts", "methods")},
        kept=accepted.count(first),
        dropped=len(accepted) - accepted.count(first),
        scores=tuple(line for ask in registry.of("filled") for line in ask(ledger.organisation, rows)),
    )


@transaction.atomic
def merge(ledger: Ledger, ids: Sequence[int], *, by: User | None) -> tuple[UUID, Indicator]:
    """The step, and the first of these items, which takes the others in; those are retired.

    Names and criteria are put below each other, points are added up, units and methods put together.
    Raises EditRefused unless they are two and more living items under one indicator.
    """
    current, step = locked(ledger.pk), uuid4()
    rows = _rows(current, ids)
    sheaf = Sheaf(current, {one.pk for one in rows}, by=by, step=step)
    _join(sheaf, rows)
    sheaf.save()
    for one in rows[1:]:
        retire(one, by=by, step=step)
    return step, rows[0]


def _rows(ledger: Ledger, ids: Sequence[int]) -> list[Indicator]:
    rows = list(Indicator.objects.filter(ledger=ledger, pk__in=ids).items())
    if len(rows) < 2 or len(rows) < len(set(ids)) or len({one.parent_id for one in rows}) > 1:
        raise EditRefused("选中同一上级下面的两个或更多评估点，再合并")
    return rows


def _join(sheaf: Sheaf, rows: Sequence[Indicator]) -> None:
    """What the first one says from now on, set and not saved."""
    first, keys = rows[0].pk, [one.pk for one in rows]
    for field in ("name", "criteria"):
        sheaf.set(first, field, texts.words(field, "\n".join(filter(None, (getattr(one, field) for one in rows)))))
    known = [one.points for one in rows if one.points is not None]
    sheaf.set(first, "points", plain(sum(known, Decimal(0))) if known else None)
    duties = {tuple(row[:4]): row for pk in reversed(keys) for row in reversed(sheaf.value(pk, "parts"))}
    sheaf.set(first, "parts", list(duties.values())[::-1])
    sheaf.set(first, "methods", list(dict.fromkeys(name for pk in keys for name in sheaf.value(pk, "methods"))))
