"""What has changed in a ledger since a page was made: the rows, sums and chapters that it has to show anew."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, Subquery

from indicators import listing
from indicators.editing.fields import NAMES
from indicators.listing import Chapter, Filters, Frame, Row, Sheet, View
from indicators.listing.sheet import LevelCell
from indicators.models import Amendment, Indicator, Ledger
from units.models import User

# more changes than this, and the page is asked for whole
MOST = 1500


@dataclass(frozen=True, slots=True)
class Delta:
    """version: the number to ask with next time. order: the chapters as they stand, None where none was moved.

    whole: the table has other columns now, or too much has changed; the page is to be loaded again.
    gone: chapters that no longer have rows. touched: indicators others have changed. said: who, in words.
    """

    version: int
    sheet: Sheet | None = None
    rows: tuple[Row, ...] = ()
    sums: tuple[LevelCell, ...] = ()
    chapters: tuple[Chapter, ...] = ()
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
    """What a page of that version has to show anew; about eight queries, none of them growing with the ledger."""
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
    moved = _ids(reshaped)
    edited = {one.indicator_id for one in lines if one.indicator_id} - moved
    home, sheet = _looked_up(ledger, lines, moved, filters, frame, view)
    if moved and not filters.level and _depth(ledger) > len(frame.headings):
        return Delta(lines[-1].pk, whole=True, said=said)
    anew = {home[one] for one in moved if one in home}
    rows, sums = _cells(sheet, edited, anew)
    chapters = tuple(one for one in sheet.chapters if one.id in anew)
    order = _order(ledger, filters) if reshaped else None
    gone = tuple(anew - {one.id for one in chapters})
    return Delta(lines[-1].pk, sheet, rows, sums, chapters, gone, order, touched=touched, said=said)


def _ids(lines: Iterable[Amendment]) -> set[int]:
    """Every indicator whose chapter has changed its shape: where it is, where it came from."""
    found: set[int] = set()
    for one in lines:
        places: list[dict[str, Any]] = [one.detail.get(which) or {} for which in ("old", "new")]
        parents = [place.get("parent") for place in places if isinstance(place, dict)]
        found.update(pk for pk in (one.indicator_id, *parents) if pk)
    return found


def _looked_up(
    ledger: Ledger, lines: Iterable[Amendment], moved: set[int], filters: Filters, frame: Frame, view: View
) -> tuple[dict[int, int], Sheet]:
    """Indicator → its chapter (the root has none), and the rows of these chapters."""
    places = {one.indicator.pk: one.indicator.lft for one in lines if one.indicator and one.indicator.level}
    if moved:
        rows = Indicator.objects.filter(ledger=ledger, pk__in=moved, level__gt=0)
        places.update(rows.values_list("pk", "lft"))
    elif len(set(places.values())) == 1:
        # the common case, one edited cell: its chapter is found in the same question as the rows
        (lft,) = set(places.values())
        top = Indicator.objects.filter(ledger=ledger, level=1, lft__lte=lft, rght__gte=lft)
        span = Subquery(top.values("lft")[:1]), Subquery(top.values("rght")[:1])
        sheet = listing.part(ledger, filters, [span], frame, view)
        return dict.fromkeys(places, sheet.rows[0].chapter if sheet.rows else 0), sheet
    tops = list(Indicator.objects.filter(ledger=ledger, level=1).values_list("pk", "lft", "rght"))
    home = {pk: next(top for top, left, right in tops if left <= lft <= right) for pk, lft in places.items()}
    wanted = set(home.values())
    spans = [(lft, rght) for top, lft, rght in tops if top in wanted]
    return home, listing.part(ledger, filters, spans, frame, view)


def _depth(ledger: Ledger) -> int:
    deepest = Indicator.objects.filter(ledger=ledger).living().aggregate(deepest=Max("level"))["deepest"]
    return int(deepest or 1)


def _order(ledger: Ledger, filters: Filters) -> tuple[int, ...]:
    tops = Indicator.objects.filter(ledger=ledger, level=1).in_order()
    return tuple((tops if filters.retired else tops.living()).values_list("pk", flat=True))


def _cells(sheet: Sheet, edited: set[int], anew: set[int]) -> tuple[tuple[Row, ...], tuple[LevelCell, ...]]:
    """Rows with an edited cell, and of the other rows the sums above one."""
    above: set[int] = set()
    for row in sheet.rows:
        line = (*row.above, row.id)
        deepest = max((at for at, one in enumerate(line) if one in edited), default=0)
        above.update(line[:deepest])
    rows: list[Row] = []
    sums: list[LevelCell] = []
    for row in sheet.rows:
        if row.chapter in anew:
            continue
        if row.id in edited | above or any(cell.id in edited for cell in row.levels):
            rows.append(row)
        else:
            sums.extend(cell for cell in row.levels if cell.id in above)
    return tuple(rows), tuple(sums)


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
