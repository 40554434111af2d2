"""What part of a ledger a page asks for, and which indicators it lets through; lays out nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from indicators.listing.outline import Node, Outline
from indicators.models import ResponsibilityRole
from indicators.reading.text import fold

NAMES = ("q", "level", "unit", "role", "method", "pointless", "flawed", "retired")


@dataclass(frozen=True)
class Filters:
    """The address's questions. unit: `u12` or `g3`, `none` for items without. level: show no deeper than this.

    role: together with a unit, that unit in that role. pointless: items without points.
    """

    q: str = ""
    level: int = 0
    unit: str = ""
    role: str = ""
    method: str = ""
    pointless: bool = False
    flawed: bool = False
    retired: bool = False

    @property
    def narrows(self) -> bool:
        """Whether some items are left out; folding alone leaves none out."""
        return bool(self.q or self.unit or self.role or self.method or self.pointless or self.flawed)

    @property
    def sound(self) -> str:
        """The words as pinyin initials, empty where they are none."""
        word = fold(self.q)
        return word if word.isascii() and word.isalpha() else ""

    @cached_property
    def query(self) -> str:
        """The address behind the `?`, for links that keep the view."""
        pairs = [(name, getattr(self, name)) for name in NAMES]
        return urlencode([(name, 1 if value is True else value) for name, value in pairs if value])


def asked(values: Mapping[str, str]) -> Filters:
    """The filters in an address; what makes no sense is left out."""
    level = values.get("level", "")
    return Filters(
        q=values.get("q", "").strip()[:100],
        level=int(level) if level in {"1", "2", "3", "4", "5"} else 0,
        unit=values.get("unit", "")[:20],
        role=role if (role := values.get("role", "")) in ResponsibilityRole.values else "",
        method=values.get("method", "")[:20],
        pointless=values.get("pointless") == "1",
        flawed=values.get("flawed") == "1",
        retired=values.get("retired") == "1",
    )


def passing(outline: Outline, filters: Filters, flawed: set[int]) -> set[int]:
    """Ids of the indicators that are asked for themselves; their ancestors are shown for the path's sake.

    Words that stand in a name above let everything below it through.
    """
    tests: list[Callable[[Node], bool]] = []
    if filters.unit or filters.role:
        tests.append(lambda node: _has_unit(outline, node, filters))
    if filters.pointless:
        tests.append(lambda node: node.is_item and node.declared is None)
    if filters.method:
        tests.append(lambda node: filters.method in {str(one.id) for one in outline.means.get(node.id, ())})
    if filters.flawed:
        tests.append(lambda node: node.id in flawed)
    if filters.q:
        named = _named(outline, filters.q)
        tests.append(lambda node: node.id in named)
    return {node.id for node in outline.nodes if all(test(node) for test in tests)}


def _has_unit(outline: Outline, node: Node, filters: Filters) -> bool:
    duties = outline.duties.get(node.id, ())
    if filters.unit == "none":
        return node.is_item and not any(duty.key for duty in duties)
    return any(
        (not filters.unit or duty.key == filters.unit) and (not filters.role or duty.role == filters.role)
        for duty in duties
    )


def _named(outline: Outline, q: str) -> set[int]:
    word = fold(q)
    named: set[int] = set()
    for node in outline.nodes:
        words = fold(f"{node.name}\n{node.criteria}\n{node.number}")
        if word in words or node.id in outline.sounding or (node.parent is not None and node.parent in named):
            named.add(node.id)
    return named
