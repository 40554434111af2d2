"""The page that stands in the place of a round's results while the person owes second scores (盲评) in it."""

from django.http import HttpResponse
from django.shortcuts import render

from assessments import blind
from assessments.models import Round
from units.access import SignedIn


def closed(request: SignedIn, *rounds: Round) -> HttpResponse | None:
    """That page, with status 403 as for a file; None where the results are open to the person. One query."""
    owed = blind.owed(request.user, *rounds)
    if not owed:
        return None
    return render(request, "assessments/blinded.html", {"rounds": rounds, "owed": owed}, status=403)
