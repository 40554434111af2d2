"""A ledger as a file, and as pages for the printer."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from indicators import exporting
from indicators.listing.paper import SIZES, paper
from units import audit
from units.access import Permission, SignedIn, requires


@require_safe
@requires(Permission.VIEW_LEDGERS)
def download(request: SignedIn, pk: int) -> HttpResponse:
    """The ledger in its own layout, as a workbook, a document or text for a spreadsheet."""
    found = get_object_or_404(request.organisation.ledgers.select_related("upload"), pk=pk)
    suffix = request.GET.get("format", "xlsx")
    if suffix not in exporting.KINDS:
        raise Http404
    answer = HttpResponse(exporting.file(found, suffix), content_type=exporting.KINDS[suffix])
    name = exporting.file_name(found, suffix)
    answer.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
    audit.record(
        organisation=request.organisation,
        actor=request.user,
        action="导出台账",
        target=f"{found.title} 第 {found.version} 版",
        detail={"ledger": found.pk, "format": suffix},
    )
    return answer


@require_safe
@requires(Permission.VIEW_LEDGERS)
def print_view(request: SignedIn, pk: int) -> HttpResponse:
    """The ledger as it goes out, to be printed on A4 or A3 landscape."""
    found = get_object_or_404(request.organisation.ledgers.select_related("upload"), pk=pk)
    size = request.GET.get("paper", "")
    page = exporting.page(found)
    context = {"ledger": found, "size": size if size in SIZES else "", "sizes": SIZES, "sheet": paper(page)}
    return render(request, "indicators/print.html", context)
