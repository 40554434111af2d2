"""搜索: one box over everything the person may see."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from units import searching
from units.access import SignedIn, for_signed_in


@require_safe
@for_signed_in
def search(request: SignedIn) -> HttpResponse:
    """The first hits of each kind, or one kind page by page."""
    words = searching.cleaned(request.GET.get("q", ""))
    found = searching.search(request, words)
    chosen = next((one for one in found if one.kind == request.GET.get("kind")), None)
    page = None
    if chosen is not None:
        page = Paginator(range(chosen.count), searching.PER_PAGE).get_page(request.GET.get("page"))
    hits = chosen.take(page.start_index() - 1, page.end_index()) if chosen and page else ()
    context = {"words": words, "found": found, "chosen": chosen, "page": page, "hits": hits}
    return render(request, "units/search.html", context)
