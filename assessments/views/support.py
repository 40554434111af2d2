"""配合: an item another unit leads, as a joint or supporting unit sees it, and what it adds there."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from assessments import evidence, supporting, visible
from assessments.refusals import NotNow
from units.access import Permission as P
from units.access import SignedIn, requires


@require_GET
@requires(P.FILL)
def support_page(request: SignedIn, pk: int) -> HttpResponse:
    """The item, its progress, and what the unit itself has added."""
    entry = get_object_or_404(visible.supported(request), pk=pk)
    context = {"page": supporting.page(entry, request.unit), "part": supporting.part_of(entry), **evidence.limits()}
    return render(request, "assessments/support.html", context)


@require_POST
@requires(P.FILL)
def note_add(request: SignedIn, pk: int) -> HttpResponse:
    """Tell the lead something."""
    entry = get_object_or_404(visible.supported(request), pk=pk)
    try:
        supporting.add_note(entry, request.POST.get("text", "").replace("\r\n", "\n"), by=request.user)
        messages.success(request, f"已补充说明，{entry.unit or '政务公开办公室'}可以看到")
    except NotNow as refusal:
        messages.error(request, refusal.message)
    return redirect(f"{reverse('support', args=[entry.pk])}#notes")
