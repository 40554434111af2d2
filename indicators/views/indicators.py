"""One indicator edited in place or on a page of its own, added, moved, retired and restored."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from indicators import editing, listing
from indicators.forms import IndicatorForm, MoveForm
from indicators.listing.outline import targets
from indicators.listing.rules import of_item, proposed_points
from indicators.markup import Rows
from indicators.models import Indicator, Ledger
from indicators.views.ledgers import in_place, may, sheet_context
from units.access import Permission, SignedIn, requires


def found_indicator(request: SignedIn, pk: int) -> tuple[Ledger, Indicator]:
    """An indicator of the organisation's ledgers; the ledger itself is no indicator."""
    ledger = get_object_or_404(request.organisation.ledgers, indicators__pk=pk, indicators__level__gt=0)
    return ledger, get_object_or_404(ledger.indicators, pk=pk)


def to_ledger(request: SignedIn, ledger: Ledger, indicator: Indicator | None = None) -> HttpResponse:
    """To the ledger as it was filtered, at the indicator's row."""
    query = listing.asked(request.GET).query
    place = f"#i{indicator.pk}" if indicator else ""
    return redirect(f"{reverse('ledger', args=[ledger.pk])}{'?' if query else ''}{query}{place}")


def _form_page(
    request: SignedIn, ledger: Ledger, form: IndicatorForm, indicator: Indicator | None = None, **more: Any
) -> HttpResponse:
    query = listing.asked(request.GET).query
    context = {
        "ledger": ledger,
        "form": form,
        "indicator": indicator,
        "query": f"?{query}" if query else "",
        "back": f"{reverse('ledger', args=[ledger.pk])}{'?' if query else ''}{query}",
        "rules": of_item(indicator) if indicator and indicator.is_item else (),
        "proposed": proposed_points(ledger).get(indicator.pk) if indicator and indicator.points is None else None,
        "may_edit": may(request, ledger)["may_edit"],
        **more,
    }
    return render(request, "indicators/indicator.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.EDIT_LEDGERS)
def edit(request: SignedIn, pk: int) -> HttpResponse:
    """In place for htmx, else a page; after saving, the whole table, because sums above have changed."""
    ledger, indicator = found_indicator(request, pk)
    form = IndicatorForm(request.POST or None, organisation=request.organisation, indicator=indicator)
    if request.method == "POST" and form.is_valid() and _saved(request, indicator, form):
        if in_place(request):
            return _whole(request, ledger, indicator)
        return to_ledger(request, ledger, indicator)
    if not in_place(request):
        return _form_page(request, ledger, form, indicator)
    context = sheet_context(request, ledger, listing.asked(request.GET), whole=True)
    row = context["page"].row(pk)
    context |= {"form": form, "indicator": indicator, "row": row}
    if row is None:
        return render(request, "indicators/_level_editor.html", context)
    editor = render_to_string("indicators/_editor.html", context, request)
    return HttpResponse(Rows(context["sheet"], at=context["at"], query=context["query"]).row(row, editor))


def _saved(request: SignedIn, indicator: Indicator, form: IndicatorForm) -> bool:
    values = form.cleaned_data
    changes = editing.Changes(
        name=values["name"].strip(),
        points=values["points"],
        criteria=values["criteria"],
        is_item=values["is_item"],
        methods=values["methods"],
        parts=values["parts"],
        confirmed=values["confirmed"],
    )
    try:
        editing.edit(indicator, changes, edits=values["edits"] or 0, by=request.user)
    except editing.EditRefused as refused:
        form.add_error(None, refused.message)
        return False
    return True


def _whole(request: SignedIn, ledger: Ledger, indicator: Indicator) -> HttpResponse:
    context = sheet_context(request, ledger, listing.asked(request.GET), whole=True)
    response = render(request, "indicators/_ledger.html", context | {"saved": indicator.pk, "oob": True})
    response["HX-Retarget"] = "#ledger"
    response["HX-Reswap"] = "outerHTML show:none"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.EDIT_LEDGERS)
def add(request: SignedIn, pk: int) -> HttpResponse:
    """A new indicator: last of level 1, or above, below or under another. Address: ?where=below&of=12."""
    ledger = get_object_or_404(request.organisation.ledgers, pk=pk)
    where = request.GET.get("where", "child")
    of = request.GET.get("of", "")
    beside = get_object_or_404(ledger.indicators, pk=of, level__gt=0) if of.isascii() and of.isdecimal() else None
    form = IndicatorForm(request.POST or None, organisation=request.organisation)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        fields = ("name", "points", "is_item", "criteria", "methods", "parts")
        new = editing.New(**{name: values[name] for name in fields})
        try:
            made = editing.add(ledger, new, where=_where(where), of=beside, by=request.user)
        except editing.EditRefused as refused:
            form.add_error(None, refused.message)
        else:
            return to_ledger(request, ledger, made)
    return _form_page(request, ledger, form, where=where, beside=beside)


def _where(word: str) -> editing.Where:
    return "above" if word == "above" else "below" if word == "below" else "child"


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.EDIT_LEDGERS)
def move(request: SignedIn, pk: int) -> HttpResponse:
    """One place up or down with `to`, or under the indicator chosen on the page."""
    ledger, indicator = found_indicator(request, pk)
    form = MoveForm(request.POST or None, options=targets(ledger, indicator))
    to = request.POST.get("to", "")
    if request.method == "POST" and (to in {"up", "down"} or form.is_valid()):
        try:
            if to in {"up", "down"}:
                editing.move(indicator, "up" if to == "up" else "down", by=request.user)
            else:
                under = get_object_or_404(ledger.indicators, pk=form.cleaned_data["under"])
                editing.move(indicator, under, by=request.user)
        except editing.EditRefused as refused:
            messages.error(request, refused.message)
        return to_ledger(request, ledger, indicator)
    context = {"ledger": ledger, "indicator": indicator, "form": form}
    return render(request, "indicators/move.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.EDIT_LEDGERS)
def retire(request: SignedIn, pk: int) -> HttpResponse:
    """Asked once more; what stands below goes with it."""
    ledger, indicator = found_indicator(request, pk)
    if request.method == "POST":
        try:
            count = editing.retire(indicator, by=request.user)
        except editing.EditRefused as refused:
            messages.error(request, refused.message)
        else:
            messages.success(request, f"已停用 {count} 项；勾选“含停用的”可以看到并恢复")
        return to_ledger(request, ledger)
    below = indicator.get_descendants().filter(retired_at__isnull=True).count()
    return render(request, "indicators/retire.html", {"ledger": ledger, "indicator": indicator, "below": below})


@require_POST
@requires(Permission.EDIT_LEDGERS)
def restore(request: SignedIn, pk: int) -> HttpResponse:
    """Back to life, with what was retired together with it."""
    ledger, indicator = found_indicator(request, pk)
    try:
        count = editing.restore(indicator, by=request.user)
    except editing.EditRefused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, f"已恢复 {count} 项")
    return to_ledger(request, ledger, indicator)
