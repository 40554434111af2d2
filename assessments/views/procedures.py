"""办理流程: the table of transitions, for administrators and auditors beside the table of permissions."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from assessments import procedures
from units.access import Permission as P
from units.access import SignedIn, requires
from units.models import Role


@require_GET
@requires(P.MANAGE_ACCOUNTS, P.VIEW_AUDIT, P.MANAGE_ROUNDS)
def transitions_page(request: SignedIn) -> HttpResponse:
    """Action × stage × phase × role, from the table the verbs read."""
    return render(request, "assessments/transitions.html", {"parts": procedures.parts(), "roles": Role.labels})
