"""Which ledger a file may be a changed edition of: same year and issuer, and a title alike. Writes nothing."""

from collections.abc import Sequence

from django.db.models import Max
from rapidfuzz import fuzz

from indicators.importing.choices import LedgerChoice
from indicators.models import Ledger
from indicators.reading.text import fold
from units.models import Organisation

SAME_ISSUER, NO_ISSUER = 50, 85


def standing(organisation: Organisation, headings: Sequence[LedgerChoice]) -> list[Ledger | None]:
    """For each heading the newest version of the ledger it fits best, None where none fits; one query."""
    years = {heading.year for heading in headings}
    heads = organisation.ledgers.filter(next_versions__isnull=True).defer("findings", "notes", "layout")
    found = [ledger for ledger in heads if ledger.year in years]
    return [_best(heading, found) for heading in headings]


def _best(heading: LedgerChoice, ledgers: Sequence[Ledger]) -> Ledger | None:
    fitting = [
        (score, -at, ledger)
        for at, ledger in enumerate(ledgers)
        if ledger.year == heading.year and (score := _likeness(heading, ledger))
    ]
    return max(fitting, key=lambda one: one[:2])[2] if fitting else None


def _likeness(heading: LedgerChoice, ledger: Ledger) -> float:
    """How alike the titles are; nothing for other issuers, and for titles too far apart."""
    if heading.issuer and ledger.issuer and fold(heading.issuer) != fold(ledger.issuer):
        return 0
    least = SAME_ISSUER if heading.issuer and ledger.issuer else NO_ISSUER
    return fuzz.ratio(fold(heading.title), fold(ledger.title), score_cutoff=least)


def stamp(ledger: Ledger) -> str:
    """Changes whenever the ledger does: what was decided on one state is not done to another; one query."""
    last = ledger.amendments.aggregate(last=Max("pk"))["last"] or 0
    return f"{ledger.pk}-{ledger.version}-{ledger.status}-{last}"
