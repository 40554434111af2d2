"""工作台 of the office, and 历年得分 of a unit."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from assessments import past
from assessments.workbench import workbench
from units.access import Permission as P
from units.access import SignedIn, requires


@require_GET
@requires(P.MANAGE_ROUNDS)
def desk_page(request: SignedIn) -> HttpResponse:
    """What waits for the office, each with its link."""
    return render(request, "assessments/desk.html", {"bench": workbench(request.organisation, timezone.localdate())})


@require_GET
@requires(P.FILL)
def results_page(request: SignedIn) -> HttpResponse:
    """The unit's own final scores of published rounds."""
    return render(request, "assessments/results.html", {"results": past.results(request.unit)})
