"""The heading of a draft: its title, who issued it and for which year."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from indicators import versions
from indicators.editing import EditRefused
from indicators.forms import LedgerForm
from units.access import Permission, SignedIn, requires


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.EDIT_LEDGERS)
def heading(request: SignedIn, pk: int) -> HttpResponse:
    """Changed while the ledger is a draft; what is published keeps its heading."""
    found = get_object_or_404(request.organisation.ledgers, pk=pk)
    form = LedgerForm(request.POST or None, initial={"title": found.title, "issuer": found.issuer, "year": found.year})
    if request.method == "POST" and form.is_valid():
        try:
            count = versions.retitle(found, by=request.user, **form.cleaned_data)
        except EditRefused as refused:
            messages.error(request, refused.message)
        else:
            messages.success(request, "抬头已修改" if count else "抬头没有变化")
        return redirect("ledger", pk)
    return render(request, "indicators/ledger_heading.html", {"ledger": found, "form": form})
