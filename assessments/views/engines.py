"""计分程序: what a later version gives for a published round, and accepting it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from assessments import engines, visible
from assessments.refusals import NotNow
from assessments.scoring import ENGINE_VERSION
from units.access import Permission as P
from units.access import SignedIn, requires


@require_http_methods(["GET", "POST"])
@requires(P.PUBLISH)
def round_engine(request: SignedIn, pk: int) -> HttpResponse:
    """Both numbers side by side; posted with a reason, the present program's are accepted."""
    round_ = get_object_or_404(visible.rounds(request), pk=pk)
    if request.method == "POST":
        try:
            engines.accept(round_, request.POST.get("reason", ""), by=request.user)
            messages.success(request, "已采用，更正后的结果列在公布结果旁边")
        except NotNow as refusal:
            messages.error(request, refusal.message)
        return redirect("round_engine", pk=round_.pk)
    context = {
        "round": round_,
        "lines": engines.lines(round_, engines.differences(round_)),
        "accepted": round_.engine_changes.filter(engine=ENGINE_VERSION).select_related("by").first(),
        "engine": ENGINE_VERSION,
    }
    return render(request, "assessments/round_engine.html", context)
