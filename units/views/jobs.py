"""A job's page: how far it is, and where its result stands."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from units.access import Permission, SignedIn, requires
from units.models import JobState

# htmx stops asking when it gets this status
STOP_POLLING = 286


@requires(Permission.IMPORT, Permission.MANAGE_ROUNDS)
def job(request: SignedIn, pk: int) -> HttpResponse:
    """The whole page, or for htmx the part that changes."""
    found = get_object_or_404(request.organisation.jobs, pk=pk)
    final = found.state in (JobState.DONE, JobState.FAILED)
    context = {"job": found, "final": final, "url": found.report.get("url", "")}
    if not request.headers.get("HX-Request"):
        return render(request, "units/job.html", context)
    return render(request, "units/_job.html", context, status=STOP_POLLING if final else 200)
