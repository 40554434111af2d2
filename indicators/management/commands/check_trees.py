"""Checks lft, rght, level and tree_id of every ledger and of every organisation's units; repairs nothing."""

from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from indicators.models import Indicator, Ledger
from indicators.numbering import Stored, faults
from indicators.planting import DEEPEST
from units.models import Organisation, Unit

Rows = Iterable[tuple[int, int, int | None, int, int, int, int]]
_FIELDS = ("id", "parent_id", "lft", "rght", "level", "tree_id")


class Command(BaseCommand):
    """Exit 1 on any fault, naming it."""

    help = "检查所有台账和单位的树结构；有错误时逐条列出，并以 1 退出"

    def handle(self, *_args: Any, **_options: Any) -> None:
        ledgers = Ledger.objects.values_list("pk", flat=True)
        offices = Organisation.objects.values_list("pk", flat=True)
        found = [
            *_faults("ledger", ledgers, Indicator.objects.values_list("ledger_id", *_FIELDS), DEEPEST),
            *_faults("organisation", offices, Unit.objects.values_list("organisation_id", *_FIELDS), None),
        ]
        for line in found:
            self.stderr.write(line)
        if found:
            raise CommandError(f"发现 {len(found)} 处错误", returncode=1)
        self.stdout.write("树结构正确")


def _faults(kind: str, owners: Iterable[int], rows: Rows, deepest: int | None) -> list[str]:
    """A sentence for each fault. Every owner has one tree, whose tree_id is the owner's id."""
    pairs = [
        (owner, Stored(id_, parent, lft, rght, level, tree)) for owner, id_, parent, lft, rght, level, tree in rows
    ]
    found = [f"{kind} {fault.message}" for fault in faults(stored for _, stored in pairs)]
    found.extend(
        f"{kind} {owner}, node {stored.id}: tree_id is {stored.tree_id}"
        for owner, stored in pairs
        if stored.tree_id != owner
    )
    found.extend(
        f"{kind} {owner}, node {stored.id}: level {stored.level} is below level {deepest}"
        for owner, stored in pairs
        if deepest is not None and stored.level > deepest
    )
    planted = {owner for owner, _ in pairs}
    found.extend(f"{kind} {owner}: no tree" for owner in owners if owner not in planted)
    return found
