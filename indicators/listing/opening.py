"""A large ledger's first screen: its first rows at once with all sums, the other rows and what is wrong later."""

from collections.abc import Sequence
from dataclasses import replace

from indicators import listing
from indicators.listing import Choice, Filters, Frame, Page, Sheet, View
from indicators.listing import frame as frame_
from indicators.listing.outline import DEADLINES, LEADERS, Node, bodies, columns, filled, skeleton
from indicators.listing.sheet import lay_out
from indicators.models import EvaluationMethod, Indicator, Ledger, Responsibility, ResponsibilityRole
from units.models import Unit, UnitGroup

# more indicators than this are not sent in one piece
LARGE = 600
FIRST_ROWS, LATER_ROWS = 100, 400


def open_page(ledger: Ledger, filters: Filters, view: View, *, whole: bool = False, rows: bool = True) -> Page:
    """The page, in pieces where the ledger is large, not narrowed by a filter and not asked for whole.

    rows: as in `listing.page`, for a page that is whole.
    """
    standing = Indicator.objects.filter(ledger=ledger).printed()
    if not filters.retired:
        standing = standing.living()
    if whole or filters.narrows or filters.level or standing.count() <= LARGE:
        return listing.page(ledger, filters, view, rows=rows)
    nodes = skeleton(ledger, retired=filters.retired)
    first, after = window(nodes, 0, FIRST_ROWS)
    depth = max(node.level for node in nodes)
    extras = columns(dict(ledger.layout.get("columns", ())), [replace(nodes[0], extra=_extra(ledger))])[1]
    has = {"criteria", "parts", "methods"} if view.editing else _has(ledger)
    if standing.exclude(number="").exists():
        has.add("number")
    outline = filled(ledger, nodes, first)
    made = frame_.made(outline, depth, has, extras, view)
    sheet = lay_out(outline, filters, view=view, frame=made, only=set(first))
    return Page(sheet, (), "", _units(ledger), _methods(ledger), listing.levels(depth), after, checked=False)


def window(nodes: Sequence[Node], after: int, count: int) -> tuple[list[int], int | None]:
    """So many rows behind that one, and the last of them where others stand behind it, be it within one chapter.

    >>> nodes = [Node(1, None, 1, "章"), *(Node(pk, 1, 2, "项", is_item=True) for pk in (2, 3, 4))]
    >>> window(nodes, 0, 2), window(nodes, 3, 2)
    (([2, 3], 3), ([4], None))
    """
    rows = [node.id for node in bodies(nodes)]
    start = rows.index(after) + 1 if after in rows else 0
    now = rows[start : start + count]
    return now, now[-1] if start + count < len(rows) else None


def next_part(
    ledger: Ledger, filters: Filters, after: int, frame: Frame | None, view: View
) -> tuple[Sheet, int | None]:
    """The rows behind that one, and behind which others are still to come."""
    nodes = skeleton(ledger, retired=filters.retired)
    rows, behind = window(nodes, after, LATER_ROWS)
    every = Filters(retired=filters.retired)
    return listing.part(ledger, every, nodes, rows, frame=frame, view=view), behind


def _extra(ledger: Ledger) -> dict[str, str]:
    """Every column of the ledger's own that has a word in some row."""
    living = Indicator.objects.filter(ledger=ledger).living()
    found: dict[str, str] = {}
    for one in living.order_by().values_list("extra", flat=True).distinct():
        found.update({heading: words for heading, words in one.items() if words})
    for heading, field in ((LEADERS, "leaders"), (DEADLINES, "deadlines")):
        if living.exclude(**{field: []}).exists():
            found[heading] = field
    return found


def _has(ledger: Ledger) -> set[str]:
    living = Indicator.objects.filter(ledger=ledger).living()
    tests = {
        "criteria": living.exclude(criteria=""),
        "parts": living.filter(responsibilities__isnull=False),
        "methods": living.filter(method_links__isnull=False),
    }
    return {name for name, rows in tests.items() if rows.exists()}


def _units(ledger: Ledger) -> tuple[Choice, ...]:
    duties = Responsibility.objects.filter(indicator__ledger=ledger, indicator__retired_at__isnull=True)
    units = Unit.objects.filter(pk__in=duties.values("unit")).values_list("pk", "name")
    groups = UnitGroup.objects.filter(pk__in=duties.values("group")).values_list("pk", "name")
    none = [Choice("none", "（没有责任单位）")]
    return (*(Choice(f"u{pk}", name) for pk, name in units), *(Choice(f"g{pk}", name) for pk, name in groups), *none)


def _methods(ledger: Ledger) -> tuple[Choice, ...]:
    used = EvaluationMethod.objects.filter(indicator_links__indicator__ledger=ledger).distinct()
    return tuple(Choice(str(pk), name) for pk, name in used.values_list("pk", "name"))


ROLES = tuple(Choice(value, label) for value, label in ResponsibilityRole.choices)
