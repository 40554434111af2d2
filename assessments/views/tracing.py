"""计算过程: the steps behind a sheet's total and behind each of its indicators."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from assessments import tracing, visible
from assessments.views import blinded
from units.access import Permission as P
from units.access import SignedIn, requires


@require_GET
@requires(P.VIEW_ROUNDS, P.VIEW_BOARD)
def sheet_trace(request: SignedIn, pk: int) -> HttpResponse:
    """From the items to the total; `?all=1` with every indicator, to be printed."""
    sheet = get_object_or_404(visible.sheets(request), pk=pk)
    if (kept := blinded.closed(request, sheet.round)) is not None:
        return kept
    whole = request.GET.get("all") == "1"
    return render(request, "assessments/trace.html", {"traced": tracing.of_total(sheet, whole=whole), "whole": whole})


@require_GET
@requires(P.VIEW_ROUNDS, P.VIEW_BOARD)
def sheet_trace_node(request: SignedIn, pk: int, node_pk: int) -> HttpResponse:
    """One indicator's steps; for htmx only them, else a page."""
    sheet = get_object_or_404(visible.sheets(request), pk=pk)
    if (kept := blinded.closed(request, sheet.round)) is not None:
        return kept
    part = tracing.of_node(sheet, node_pk)
    if part is None:
        raise Http404
    page = "assessments/_trace.html" if request.headers.get("HX-Request") else "assessments/trace_node.html"
    return render(request, page, {"sheet": sheet, "part": part})
