"""The list of ledgers with the figures that matter; one query, whatever their size."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Round

from indicators.listing.sheet import fixed
from indicators.models import Ledger, LedgerStatus
from indicators.models.tree import POINTS
from units.models import Organisation


@dataclass(frozen=True, slots=True)
class Line:
    """One ledger of the list. declared, listed: words, empty where there are no points."""

    ledger: Ledger
    items: int
    declared: str
    listed: str


def lines(found: Iterable[Ledger]) -> list[Line]:
    """What the list shows of ledgers that `ledgers` found."""
    return [
        Line(one, getattr(one, "items", 0), fixed(one.declared_total), fixed(getattr(one, "listed", None)))
        for one in found
    ]


def ledgers(organisation: Organisation, *, q: str = "", year: str = "", status: str = "") -> QuerySet[Ledger]:
    """The organisation's ledgers, newest first, with `items` and `listed`; filters that make no sense are left out."""
    found: QuerySet[Ledger] = organisation.ledgers.order_by("-year", "-pk")
    if q := q.replace("\x00", ""):  # which no database compares
        found = found.filter(Q(title__icontains=q) | Q(issuer__icontains=q))
    if year.isascii() and year.isdecimal() and len(year) == 4:
        found = found.filter(year=int(year))
    if status in LedgerStatus.values:
        found = found.filter(status=status)
    item = Q(indicators__is_item=True, indicators__retired_at__isnull=True)
    # SQLite adds up in floating point
    listed = Round(Sum("indicators__points", filter=item), POINTS["decimal_places"])
    return found.annotate(items=Count("indicators", filter=item), listed=listed).defer("findings", "notes", "layout")


def years(organisation: Organisation) -> list[int]:
    """The years there are ledgers of, newest first."""
    found = organisation.ledgers.order_by("-year").values_list("year", flat=True)
    return list(dict.fromkeys(year for year in found if year is not None))
