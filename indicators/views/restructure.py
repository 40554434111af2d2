"""Pages beside the grid, for people without scripts too: splitting, merging, sharing points out, columns, restoring."""

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from indicators import editing, listing
from indicators.editing import combining, merging
from indicators.forms_grid import ColumnsForm, MergeForm, SplitForm, WidthsForm
from indicators.listing import frame
from indicators.views.indicators import found_indicator, to_ledger
from units.access import Permission, SignedIn, requires


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.EDIT_LEDGERS)
def split(request: SignedIn, pk: int) -> HttpResponse:
    """One item becomes several, one a line."""
    ledger, indicator = found_indicator(request, pk)
    form = SplitForm(request.POST or None, initial={"pieces": combining.proposed(indicator)})
    if request.method == "POST" and form.is_valid():
        try:
            _, made = editing.split(indicator, form.cleaned_data["pieces"], by=request.user)
        except editing.EditRefused as refused:
            form.add_error("pieces", refused.message)
        else:
            messages.success(request, f"已拆分为 {len(made)} 项")
            return to_ledger(request, ledger, indicator)
    context = {"ledger": ledger, "indicator": indicator, "form": form}
    return render(request, "indicators/split.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.EDIT_LEDGERS)
def merge(request: SignedIn, pk: int) -> HttpResponse:
    """Items beside one become one with it: ticked (`?with=`), looked at, then done."""
    ledger, indicator = found_indicator(request, pk)
    sent = request.POST if request.method == "POST" else request.GET if "ticked" in request.GET else None
    form = MergeForm(sent, indicator=indicator, beside=merging.beside(indicator))
    found = None
    if sent is not None and form.is_valid():
        try:
            if request.method == "POST":
                _, first = editing.merge(ledger, form.ids(), by=request.user)
                messages.success(request, f"已并入“{str(first)[:40]}”，可以在修改记录中恢复")
                return to_ledger(request, ledger, first)
            found = merging.preview(ledger, form.ids())
        except editing.EditRefused as refused:
            form.add_error("with", refused.message)
    context = {"ledger": ledger, "indicator": indicator, "form": form, "merged": found}
    return render(request, "indicators/merge.html", context, status=422 if form.errors else 200)


@require_POST
@requires(Permission.EDIT_LEDGERS)
def distribute(request: SignedIn, pk: int) -> HttpResponse:
    """What is left of an indicator's points, shared among its parts."""
    ledger, indicator = found_indicator(request, pk)
    try:
        _, count = editing.distribute(indicator, by=request.user)
    except editing.EditRefused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, f"已平均分配给 {count} 项")
    return to_ledger(request, ledger, indicator)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.EDIT_LEDGERS)
def take_back(request: SignedIn, ledger_pk: int, amendment_pk: int) -> HttpResponse:
    """One change of the list taken back by a change of its own."""
    ledger = get_object_or_404(request.organisation.ledgers, pk=ledger_pk)
    amendment = get_object_or_404(ledger.amendments, pk=amendment_pk)
    if request.method != "POST":
        return redirect(f"{reverse('ledger_amendments', args=[ledger_pk])}?indicator={amendment.indicator_id or ''}")
    try:
        editing.take_back(ledger, [amendment], by=request.user)
    except editing.EditRefused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, "已恢复为原值，并记入修改记录")
    back = request.POST.get("back", "")
    here = reverse("ledger_amendments", args=[ledger_pk])
    return redirect(back if url_has_allowed_host_and_scheme(back, None) and back.startswith(here) else here)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.VIEW_LEDGERS)
def columns(request: SignedIn, pk: int) -> HttpResponse:
    """Which columns the person sees, in every ledger; and, from the grid, how wide."""
    ledger = get_object_or_404(request.organisation.ledgers, pk=pk)
    if "widths" in request.POST:
        widths = WidthsForm(request.POST)
        if widths.is_valid():
            frame.remember(request.user, widths=widths.cleaned_data["widths"])
        return JsonResponse({"state": "saved" if widths.is_valid() else "refused"})
    known = listing.hideable(ledger)
    view = frame.view_of(request.user, editing=True)
    form = ColumnsForm(request.POST or None, columns=known, hidden=view.hidden)
    if request.method == "POST" and form.is_valid():
        here = {key for key, _ in known}
        frame.remember(request.user, hidden=[*(view.hidden - here), *(here - set(form.cleaned_data["shown"]))])
        return to_ledger(request, ledger)
    return render(request, "indicators/columns.html", {"ledger": ledger, "form": form})
