"""A large ledger's first screen: its first chapters at once, the rest and the sums of the whole a moment later."""

from collections.abc import Sequence
from dataclasses import replace

from django.db.models import Max

from indicators import listing
from indicators.listing import Choice, Filters, Frame, Page, Sheet, View
from indicators.listing import frame as frame_
from indicators.listing.outline import DEADLINES, LEADERS, Span, columns, from_ledger
from indicators.listing.sheet import lay_out
from indicators.models import EvaluationMethod, Indicator, Ledger, Responsibility, ResponsibilityRole
from units.models import Unit, UnitGroup

# more indicators than this are not sent in one piece
LARGE = 600
FIRST_ROWS, LATER_ROWS = 100, 400


def open_page(ledger: Ledger, filters: Filters, view: View, *, whole: bool = False) -> Page:
    """The page, in pieces where the ledger is large, not narrowed by a filter and not asked for whole."""
    standing = Indicator.objects.filter(ledger=ledger).printed()
    if not filters.retired:
        standing = standing.living()
    if whole or filters.narrows or filters.level or standing.count() <= LARGE:
        return listing.page(ledger, filters, view)
    first, later = cut(list(standing.filter(level=1).values_list("pk", "lft", "rght")), FIRST_ROWS)
    outline = from_ledger(ledger, retired=filters.retired, spans=_spans(first))
    depth = standing.aggregate(deepest=Max("level"))["deepest"] or 1
    roles = dict(ledger.layout.get("columns", ()))
    extras = columns(roles, [replace(outline.nodes[0], extra=_extra(ledger))] if outline.nodes else ())[1]
    has = {"criteria", "parts", "methods"} if view.editing else _has(ledger)
    if standing.exclude(number="").exists():
        has.add("number")
    made = frame_.made(outline, depth, has, extras, view)
    sheet = lay_out(outline, filters, view=view, frame=made)
    sheet = replace(sheet, items=Indicator.objects.filter(ledger=ledger).items().count())
    after = first[-1][0] if later else None
    return Page(sheet, (), "", _units(ledger), _methods(ledger), listing.levels(depth), after, counted=False)


Place = tuple[int, int, int]


def cut(places: Sequence[Place], rows: int) -> tuple[list[Place], list[Place]]:
    """Chapters (id, lft, rght) until about so many rows are reached, and those after them.

    >>> cut([(1, 2, 121), (2, 122, 241), (3, 242, 361)], 100)
    ([(1, 2, 121), (2, 122, 241)], [(3, 242, 361)])
    """
    first: list[Place] = []
    count = 0
    for place in places:
        if count >= rows:
            break
        first.append(place)
        count += max(1, (place[2] - place[1]) // 2)
    return first, list(places[len(first) :])


def _spans(places: Sequence[Place]) -> list[Span]:
    return [(lft, rght) for _, lft, rght in places]


def next_part(
    ledger: Ledger, filters: Filters, after: int, frame: Frame | None, view: View
) -> tuple[Sheet, int | None]:
    """The rows of the chapters behind that one, and behind which others are still to come."""
    tops = Indicator.objects.filter(ledger=ledger, level=1).in_order()
    place = tops.filter(pk=after).values_list("lft", flat=True).first()
    behind = tops.filter(lft__gt=place or 0)
    rows = behind if filters.retired else behind.living()
    now, later = cut(list(rows.values_list("pk", "lft", "rght")), LATER_ROWS)
    return listing.part(ledger, filters, _spans(now), frame, view), now[-1][0] if later else None


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
