"""Which changes of a ledger are asked for: by whom, on what, in which days; lays out nothing."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet

from indicators.models import Amendment, Ledger
from units.models import User
from units.tables import midnight


def people(ledger: Ledger) -> QuerySet[User]:
    """Who changed anything in the ledger."""
    return User.objects.filter(pk__in=ledger.amendments.order_by().values("actor")).order_by("display_name", "username")


def chosen(ledger: Ledger, asked: Mapping[str, Any]) -> QuerySet[Amendment]:
    """The changes, newest first, with who made them. asked: q, actor, action, since, until, indicator; each may lack.

    q: words of the indicator's name or of what was changed about it. Both days are whole days here.
    """
    rows: QuerySet[Amendment] = ledger.amendments.told().order_by("-pk")
    if words := asked.get("q", "").strip():
        rows = rows.filter(Q(indicator__name__icontains=words) | Q(field__icontains=words))
    for name in ("indicator", "actor", "action"):
        if asked.get(name):
            rows = rows.filter(**{name: asked[name]})
    if since := asked.get("since"):
        rows = rows.filter(at__gte=midnight(since))
    if until := asked.get("until"):
        rows = rows.filter(at__lt=midnight(until + timedelta(days=1)))
    return rows
