"""What has changed in a ledger since a page was made: the rows, merged cells and sums that it has to show anew."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from django.db.models import Max, Subquery

from indicators import listing
from indicators.editing.fields import NAMES
from indicators.listing import Filters, Frame, Row, Sheet, View
from indicators.listing.outline import Node, Span, skeleton
from indicators.listing.shape import Shape, parents
from indicators.listing.sheet import LevelCell
from indicators.models import Amendment, Indicator, Ledger
from units.models import User

# more changes than this, and the page is asked for whole
MOST = 1500
# rows drawn anew for a proposal that may have changed
ADVISED = 200


@dataclass(frozen=True, slots=True)
class Delta:
    """version: the number to ask with next time. order: the chapters as they stand, None where none was moved.

    rows, cells, sums: whole rows, merged cells, and merged cells of which only the points are shown anew.
    chapters: which rows those that changed their shape have now, in order; what is not in `rows` looks as before.
    whole: the table has other columns now, or too much has changed; the page is to be loaded again.
    gone: chapters that no longer have rows. touched: indicators others have changed. said: who, in words.
    """

    version: int
    sheet: Sheet | None = None
    rows: tuple[Row, ...] = ()
    cells: tuple[LevelCell, ...] = ()
    sums: tuple[LevelCell, ...] = ()
    chapters: dict[int, list[int]] = field(default_factory=dict)
    gone: tuple[int, ...] = ()
    order: tuple[int, ...] | None = None
    whole: bool = False
    touched: tuple[int, ...] = ()
    said: str = ""


def version(ledger: Ledger) -> int:
    """The number of the last amendment; one cheap query. Amendments of one ledger are numbered in their order."""
    return int(ledger.amendments.aggregate(last=Max("pk"))["last"] or 0)


def since(
    ledger: Ledger, known: int, filters: Filters, frame: Frame | None, view: View, *, asker: User | None = None
) -> Delta:
    """What a page of that version has to show anew: three queries after edits, eight after moves, in any ledger."""
    lines = list(
        Amendment.objects.filter(ledger=ledger, pk__gt=known)
        .order_by("pk")
        .select_related("actor", "indicator")[: MOST + 1]
    )
    if not lines:
        return Delta(known)
    said, touched = _others(lines, asker)
    if len(lines) > MOST or frame is None:
        return Delta(version(ledger), whole=True, said=said)
    reshaped = [one for one in lines if one.action != Amendment.Action.EDITED or one.field == NAMES["is_item"]]
    if reshaped and not filters.level and _depth(ledger) > len(frame.headings):
        return Delta(lines[-1].pk, whole=True, said=said)
    found = _anew(ledger, lines, reshaped, filters, frame, view)
    order = _order(ledger, filters) if reshaped else None
    return replace(found, order=order, said=said, touched=touched)


def _anew(
    ledger: Ledger,
    lines: Sequence[Amendment],
    reshaped: Sequence[Amendment],
    filters: Filters,
    frame: Frame,
    view: View,
) -> Delta:
    moved = {pk for one in reshaped for pk in (one.indicator_id, *parents(one)) if pk}
    home, nodes = _chapters(ledger, lines, moved, filters)
    shape = Shape(nodes)
    edited = {one.indicator_id for one in lines if one.indicator_id} - moved
    above = {one for pk in edited for one in shape.above(pk)}
    # a filter may let other rows through now, and needs to see all that is written in each
    every = filters.narrows or bool(filters.level)
    named = (edited | above).intersection(shape.rows) | _advised(nodes, lines, reshaped)
    rows = shape.parent.keys() if every else shape.unlike(reshaped) | named
    read = [one.indicator for one in lines if one.indicator and one.indicator_id in rows]
    sheet = listing.part(ledger, filters, nodes, rows, frame=frame, view=view, cells=edited | above, read=read)
    anew = {home[one] for one in moved if one in home}
    shown = [row for row in sheet.rows if not every or row.chapter in anew or row.id in named]
    chapters = {top: [row.id for row in sheet.rows if row.chapter == top] if every else shape.of(top) for top in anew}
    begun = {cell.id for row in shown for cell in row.levels}
    return Delta(
        lines[-1].pk,
        sheet,
        rows=tuple(shown),
        cells=tuple(cell for cell in sheet.cells if cell.id in edited - begun),
        sums=tuple(cell for cell in sheet.cells if cell.id in above - edited - begun),
        chapters={top: found for top, found in chapters.items() if found},
        gone=tuple(top for top, found in chapters.items() if not found),
    )


def _advised(nodes: Iterable[Node], lines: Iterable[Amendment], reshaped: Sequence[Amendment]) -> set[int]:
    """Items without points: what is proposed for them follows from what others have. Too many stay as they are."""
    if not reshaped and all(one.field != NAMES["points"] for one in lines):
        return set()
    found = {node.id for node in nodes if node.is_item and node.declared is None}
    return found if len(found) <= ADVISED else set()


def _chapters(
    ledger: Ledger, lines: Iterable[Amendment], moved: set[int], filters: Filters
) -> tuple[dict[int, int], Sequence[Node]]:
    """What was moved → its chapter (the root has none), and the skeleton of all chapters concerned."""
    tops = Indicator.objects.filter(ledger=ledger, level=1)
    places = {one.indicator.lft for one in lines if one.indicator and one.indicator.level}
    if not moved and len(places) == 1:
        # the common case, one edited cell: its chapter is found in the same question as its rows
        (lft,) = places
        top = tops.filter(lft__lte=lft, rght__gte=lft)
        span: Span = (Subquery(top.values("lft")[:1]), Subquery(top.values("rght")[:1]))
        return {}, skeleton(ledger, retired=filters.retired, spans=[span])
    known = list(tops.values_list("pk", "lft", "rght"))
    rows = Indicator.objects.filter(ledger=ledger, pk__in=moved, level__gt=0).values_list("pk", "lft")
    stand = dict(rows) if moved else {}
    home = {pk: next(top for top, left, right in known if left <= lft <= right) for pk, lft in stand.items()}
    spans = [
        (left, right) for _, left, right in known if any(left <= lft <= right for lft in places | set(stand.values()))
    ]
    return home, skeleton(ledger, retired=filters.retired, spans=spans)


def _depth(ledger: Ledger) -> int:
    deepest = Indicator.objects.filter(ledger=ledger).living().aggregate(deepest=Max("level"))["deepest"]
    return int(deepest or 1)


def _order(ledger: Ledger, filters: Filters) -> tuple[int, ...]:
    tops = Indicator.objects.filter(ledger=ledger, level=1).in_order()
    return tuple((tops if filters.retired else tops.living()).values_list("pk", flat=True))


def _others(lines: Iterable[Amendment], asker: User | None) -> tuple[str, tuple[int, ...]]:
    """`李四 修改 2 处`, and where; nothing of the asker's own."""
    counts: dict[str, int] = {}
    touched: list[int] = []
    for one in lines:
        if asker is None or one.actor_id != asker.pk:
            name = str(one.actor or "系统")
            counts[name] = counts.get(name, 0) + 1
            touched.extend([one.indicator_id] if one.indicator_id else [])
    return "，".join(f"{name} 修改 {count} 处" for name, count in counts.items()), tuple(dict.fromkeys(touched))
