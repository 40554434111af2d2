"""A stored tree rearranged in memory and written back in a few statements; the ledger's row is locked by the caller."""

from collections.abc import Iterator

from django.utils import timezone

from indicators.editing import EditRefused
from indicators.models import Indicator, Ledger
from indicators.numbering import Place, number
from indicators.planting import DEEPEST

WRITTEN = (
    *("parent", "lft", "rght", "level", "name", "pinyin", "is_item", "points", "criteria", "checkpoints", "retired_at"),
    *("number", "cells", "edits"),
)
AT_ONCE = 400


class Arrangement:
    """All indicators of one ledger; keys are ids, or negative numbers for what is not stored yet."""

    def __init__(self, ledger: Ledger) -> None:
        rows = list(Indicator.objects.filter(ledger=ledger).in_order())
        self.ledger = ledger
        self.rows: dict[int, Indicator] = {row.pk: row for row in rows}
        self.root = rows[0].pk
        self.parents: dict[int, int] = {row.pk: row.parent_id for row in rows if row.parent_id is not None}
        self.below: dict[int, list[int]] = {row.pk: [] for row in rows}
        for row in rows[1:]:
            self.below[self.parents[row.pk]].append(row.pk)
        # changed by a person's word; and only shown elsewhere, which is no edit
        self.touched: set[int] = set()
        self.shown_anew: set[int] = set()

    def put(self, key: int, parent: int, after: int | None) -> None:
        """The node, new or from elsewhere, stands below `parent` behind `after`, first where that is None.

        Raises EditRefused below itself, below what is retired, and below an item.
        """
        self._refuse(key, parent)
        if key in self.parents:
            self.below[self.parents[key]].remove(key)
        self.below.setdefault(key, [])
        self.parents[key] = parent
        beside = self.below[parent]
        beside.insert(beside.index(after) + 1 if after in beside else 0, key)

    def _refuse(self, key: int, parent: int) -> None:
        above = self.rows[parent]
        if parent == key or key in self.above(parent):
            raise EditRefused(f"“{self.rows[key]}”不能移到自己的下级之下")
        if above.retired_at is not None:
            raise EditRefused(f"“{above}”已停用，恢复后才能在它下面放指标")

    def above(self, key: int) -> list[int]:
        """The node's parents, nearest first, without the root."""
        found = []
        while (key := self.parents.get(key, self.root)) != self.root:
            found.append(key)
        return found

    def under(self, key: int) -> Iterator[int]:
        """The node and everything below it."""
        yield key
        for child in self.below[key]:
            yield from self.under(child)

    def living(self, key: int) -> list[int]:
        return [child for child in self.below[key] if self.rows[child].retired_at is None]

    def path(self, key: int) -> str:
        """`行政权力运行公开 › 决策公开，第 2 项`: as the amendments of single edits say it."""
        above = " › ".join(self.rows[one].name for one in reversed(self.above(key)))
        place = self.living(self.parents[key]).index(key) + 1 if self.rows[key].retired_at is None else 0
        return f"{above or '第一级'}，第 {place} 项"

    def retire(self, key: int) -> int:
        """How many are retired with it, itself included."""
        now = timezone.now()
        gone = [one for one in self.under(key) if self.rows[one].retired_at is None]
        for one in gone:
            self.rows[one].retired_at = now
            self.touched.add(one)
        return len(gone)

    def write(self) -> None:
        """Everything as arranged. Raises EditRefused for more than five levels and for items with something below.

        One insert a level, and updates of 400 rows each for those that changed or stand elsewhere now.
        """
        self._check_items()
        outline = [(self.root, None), *((key, self.parents[key]) for key in self.under(self.root) if key != self.root)]
        changed: list[int] = []
        fresh: dict[int, list[int]] = {}
        for place in number(outline):
            if place.level > DEEPEST:
                raise EditRefused(f"台账最多 {DEEPEST} 级，“{self.rows[place.id]}”放不下")
            if self._place(place) and place.id > 0:
                changed.append(place.id)
            elif place.id < 0:
                fresh.setdefault(place.level, []).append(place.id)
        for level in sorted(fresh):
            self._insert(fresh[level])
        for key in changed:
            self.rows[key].edits += key in self.touched
            if key != self.root:
                self.rows[key].parent = self.rows[self.parents[key]]
        Indicator.objects.bulk_update([self.rows[key] for key in changed], WRITTEN, batch_size=AT_ONCE)

    def _place(self, place: Place) -> bool:
        """Put the row's bounds down; whether anything about it is new."""
        row = self.rows[place.id]
        before = (row.lft, row.rght, row.level, row.parent_id)
        row.ledger, row.tree_id = self.ledger, self.ledger.pk
        row.lft, row.rght, row.level = place.lft, place.rght, place.level
        after = (row.lft, row.rght, row.level, self.parents.get(place.id))
        return before != after or place.id in self.touched or place.id in self.shown_anew

    def _insert(self, keys: list[int]) -> None:
        for key in keys:
            self.rows[key].parent = self.rows[self.parents[key]]
        Indicator.objects.bulk_create([self.rows[key] for key in keys])

    def _check_items(self) -> None:
        for key, children in self.below.items():
            row = self.rows[key]
            if row.is_item and row.retired_at is None and self.living(key) and children:
                raise EditRefused(
                    f"“{row}”是评估点，下面不能再有指标；连同“改评估点”一起勾选，或不勾选它下面的新增和移动"
                )
