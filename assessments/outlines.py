"""A ledger's tree as pages need it: names, points and paths, read in one query; no score stands here."""

import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from indicators.models import Indicator

SEPARATOR = " › "


@dataclass(frozen=True, slots=True)
class Node:
    """An indicator in plain words; `name` is never empty: one without words is called by its place in the file."""

    id: int
    parent: int | None
    level: int
    name: str
    points: Decimal | None
    is_item: bool
    number: str
    criteria: str
    identity: uuid.UUID
    checkpoints: tuple[dict[str, Any], ...]
    methods: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Outline:
    """The printed nodes of one ledger, parents before children."""

    nodes: dict[int, Node]

    def above(self, node_id: int) -> tuple[Node, ...]:
        """The indicators above one, level 1 first, without itself."""
        path: list[Node] = []
        parent = self.nodes[node_id].parent
        while parent in self.nodes:
            path.append(self.nodes[parent])
            parent = self.nodes[parent].parent
        return tuple(reversed(path))

    def top(self, node_id: int) -> Node:
        """The level-1 indicator over one; itself when it is one."""
        above = self.above(node_id)
        return above[0] if above else self.nodes[node_id]

    @cached_property
    def tops(self) -> tuple[Node, ...]:
        """The level-1 indicators."""
        return tuple(node for node in self.nodes.values() if node.level == 1)

    def below(self, node_id: int) -> frozenset[int]:
        """One indicator and all below it."""
        found = {node_id}
        for node in self.nodes.values():
            if node.parent in found:
                found.add(node.id)
        return frozenset(found)


def words(path: tuple[Node, ...]) -> str:
    """行政权力运行公开 › 决策公开."""
    return SEPARATOR.join(node.name for node in path)


def named_or_placed(name: str, cells: str) -> str:
    """An indicator's name; one without words is called by its place in the file."""
    return name or f"（未写名称，{cells}）"


_FIELDS = (
    *("id", "parent_id", "level", "name", "points", "is_item", "number", "criteria", "identity", "checkpoints"),
    "cells",
)


def outline(ledger_id: int, *, methods: bool = False) -> Outline:
    """The ledger's printed tree. One query, one more with `methods` (评估方式)."""
    methods_of: dict[int, list[str]] = {}
    printed = Indicator.objects.filter(ledger_id=ledger_id).printed()
    if methods:
        links = printed.order_by("method_links__id").values_list("id", "method_links__method__name")
        for node_id, method in links:
            if method:
                methods_of.setdefault(node_id, []).append(method)
    return Outline({row["id"]: _node(row, tuple(methods_of.get(row["id"], ()))) for row in printed.values(*_FIELDS)})


def _node(row: dict[str, Any], methods: tuple[str, ...]) -> Node:
    plain = {name: row[name] for name in ("id", "level", "points", "is_item", "number", "criteria", "identity")}
    return Node(
        parent=row["parent_id"],
        name=named_or_placed(row["name"], row["cells"]),
        checkpoints=tuple(row["checkpoints"]),
        methods=methods,
        **plain,
    )
