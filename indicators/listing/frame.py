"""Which columns a ledger's table has, in which order and how wide; the same for the page and the parts sent later."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from indicators.listing.outline import Outline
from indicators.models import LedgerView
from units.models import User

LEVEL_WORDS = ("一级指标", "二级指标", "三级指标", "四级指标", "五级指标")
NARROWEST, WIDEST = 40, 1200
_FIXED = ("number", "criteria", "parts", "methods")
_STYLES = {"rowno": "col-rowno", "number": "col-number", "points": "col-points", "parts": "col-units"}


@dataclass(frozen=True, slots=True)
class Col:
    """One column. key: its name in addresses and settings. style: its class. width: pixels, 0 as the class says."""

    key: str
    heading: str
    style: str = ""
    width: int = 0


@dataclass(frozen=True, slots=True)
class View:
    """How a person looks at ledgers. editing: every column that can be filled is shown, though it be empty yet."""

    editing: bool = False
    hidden: frozenset[str] = frozenset()
    widths: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Frame:
    """What a table's rows have to fill. headings: those of the level columns. criteria: empty without that column.

    unused: the criteria have a column, because one can write into it, but nothing stands in it yet.
    """

    headings: tuple[str, ...]
    number: bool
    criteria: str
    parts: bool
    methods: bool
    extras: tuple[str, ...]
    unused: bool = False

    def dumps(self) -> str:
        """For the page to send back with what it asks later."""
        said = [list(self.headings), self.number, self.criteria, self.parts, self.methods, list(self.extras)]
        return json.dumps(said, ensure_ascii=False, separators=(",", ":"))

    def columns(self, view: View) -> tuple[Col, ...]:
        """From left to right, with the widths the person drew."""
        depth = len(self.headings)
        found = [Col("rowno", "行", "col-rowno")] if view.editing else []
        if self.number:
            found.append(Col("number", "序号"))
        for level, heading in enumerate(self.headings, 1):
            style = "col-level" if level < depth or (self.criteria and not self.unused) else ""
            found.append(Col(f"L{level}", heading, style))
        if self.criteria:
            found.append(Col("criteria", self.criteria, "col-method" if self.unused else ""))
        found.append(Col("points", "分值"))
        found.extend([Col("parts", "责任单位")] if self.parts else [])
        found.extend([Col("methods", "评估方式", "col-method")] if self.methods else [])
        found.extend(Col(f"x:{heading}", heading, "col-extra") for heading in self.extras)
        return tuple(_sized(col, view.widths.get(col.key, 0)) for col in found)


def _sized(col: Col, width: int) -> Col:
    if width:
        return Col(col.key, col.heading, "", width)
    return Col(col.key, col.heading, col.style or _STYLES.get(col.key, ""))


def of(outline: Outline, level: int, view: View) -> Frame:
    """The columns this ledger needs, without those the person hides. level: fold to it, 0 for all."""
    depth = level or max((node.level for node in outline.nodes), default=1)
    has = {
        "number": any(node.number for node in outline.nodes),
        "criteria": view.editing or any(node.criteria for node in outline.nodes),
        "parts": view.editing or any(outline.duties.values()),
        "methods": view.editing or any(outline.means.values()),
    }
    return made(outline, depth, {name for name in _FIXED if has[name]}, outline.extras, view)


def made(outline: Outline, depth: int, has: set[str], extras: tuple[str, ...], view: View) -> Frame:
    """The frame of these columns. has: of number, criteria, parts and methods those that the ledger needs."""
    shown = has - view.hidden
    return Frame(
        headings=tuple(outline.headings.get(one, LEVEL_WORDS[one - 1]) for one in range(1, depth + 1)),
        number="number" in shown,
        criteria=outline.criteria if "criteria" in shown else "",
        parts="parts" in shown,
        methods="methods" in shown,
        extras=tuple(one for one in extras if f"x:{one}" not in view.hidden),
        unused=not any(node.criteria for node in outline.nodes),
    )


def loads(text: str) -> Frame | None:
    """The frame a page sends back; None for what is none."""
    try:
        headings, number, criteria, parts, methods, extras = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return None
    lists = isinstance(headings, list) and isinstance(extras, list) and 1 <= len(headings) <= 5 and len(extras) <= 64
    if not lists or not all(isinstance(one, str) for one in (*headings, *extras, criteria)):
        return None
    return Frame(tuple(headings), number is True, criteria, parts is True, methods is True, tuple(extras))


def view_of(user: User, *, editing: bool) -> View:
    """What the person set up; one query."""
    kept = LedgerView.objects.filter(user=user).first()
    if kept is None:
        return View(editing)
    return View(editing, frozenset(kept.hidden), kept.widths)


def remember(user: User, *, hidden: list[str] | None = None, widths: Mapping[str, Any] | None = None) -> None:
    """Keeps which columns are hidden, or widths drawn in addition to those known; a width of 0 forgets it."""
    kept = LedgerView.objects.get_or_create(user=user)[0]
    if hidden is not None:
        kept.hidden = sorted({one[:100] for one in hidden})[:60]
    for key, width in (widths or {}).items():
        kept.widths.pop(key, None)
        if isinstance(width, int) and width and len(key) <= 100 and len(kept.widths) < 60:
            kept.widths[key] = max(NARROWEST, min(WIDEST, width))
    kept.save()
