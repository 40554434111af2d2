"""What the ledger's grid asks and sends while a person works in it: JSON and parts of the table."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from indicators import editing, listing
from indicators.editing import Outcome
from indicators.forms_grid import ActForm, BulkForm, CellsForm
from indicators.listing import delta, frame, names, opening
from indicators.markup import Rows
from indicators.models import Ledger, LedgerStatus
from indicators.views.ledgers import indicators_at, may, sheet_context
from units.access import Permission, SignedIn, requires

NOTHING_NEW, STOP_ASKING = 304, 286


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def _fragments(filters: listing.Filters, found: delta.Delta) -> dict[str, str]:
    """Element id → its new HTML: `i` a row, `n` a merged cell, `s` the points in one."""
    if found.sheet is None:
        return {}
    rows = Rows(found.sheet, at=indicators_at(), query=f"?{filters.query}" if filters.query else "")
    made: dict[str, str] = {f"i{one.id}": rows.row(one) for one in found.rows}
    made |= {f"n{one.id}": rows.level(one) for one in found.cells}
    return made | {f"s{one.id}": rows.sums(one) for one in found.sums}


def _answer(request: SignedIn, ledger: Ledger, **more: Any) -> JsonResponse:
    """What the page has to show anew since its version, whoever changed it."""
    sent = request.POST if request.method == "POST" else request.GET
    filters = listing.asked(request.GET)
    view = listing.View(editing=True)
    known = _number(sent.get("version", ""))
    found = delta.since(ledger, known, filters, frame.loads(sent.get("frame", "")), view, asker=request.user)
    answer = {
        "version": found.version,
        "fragments": _fragments(filters, found),
        "chapters": found.chapters,
        "order": found.order,
        "gone": found.gone,
        "whole": found.whole,
        "said": found.said,
        "touched": found.touched,
    }
    return JsonResponse({"state": "saved", **answer, **more})


def _refused(message: str) -> JsonResponse:
    return JsonResponse({"state": "refused", "message": message})


def _words(form: Any) -> str:
    return "；".join(error for errors in form.errors.values() for error in errors)


def _outcome(one: Outcome) -> list[Any]:
    return [one.cell.indicator, one.cell.field, one.state, one.message, one.theirs, one.by]


@require_POST
@requires(Permission.EDIT_LEDGERS)
def cells(request: SignedIn, pk: int) -> HttpResponse:
    """Typed, pasted or filled cells, each answered for itself, and rows for what was pasted beyond the last one."""
    form = CellsForm(request.POST)
    if not form.is_valid():
        get_object_or_404(request.organisation.ledgers, pk=pk)
        return _refused(_words(form))
    try:
        asked, changes = request.organisation.ledgers.filter(pk=pk), form.cleaned_data["changes"]
        written = editing.write(asked, changes, by=request.user, more=form.more())
    except editing.EditRefused as refused:
        return _refused(refused.message)
    except Ledger.DoesNotExist as missing:
        raise Http404 from missing
    outcomes = [_outcome(one) for one in written.outcomes]
    said = {"message": f"已增加 {len(written.added)} 行", "added": written.added} if written.added else {}
    return _answer(request, written.ledger, step=written.step, outcomes=outcomes, **said)


@require_POST
@requires(Permission.EDIT_LEDGERS)
def act(request: SignedIn, pk: int) -> HttpResponse:
    """Rows moved, added, retired, merged, or points shared out."""
    ledger = get_object_or_404(request.organisation.ledgers, pk=pk)
    form = ActForm(request.POST)
    if not form.is_valid():
        return _refused(_words(form))
    try:
        step, go = editing.perform(ledger, form.act(), by=request.user)
    except editing.EditRefused as refused:
        return _refused(refused.message)
    return _answer(request, ledger, step=step, go=go)


@require_POST
@requires(Permission.EDIT_LEDGERS)
def bulk(request: SignedIn, pk: int) -> HttpResponse:
    """The same units, methods or points for all selected rows."""
    ledger = get_object_or_404(request.organisation.ledgers, pk=pk)
    form = BulkForm(request.POST)
    if not form.is_valid():
        return _refused(_words(form))
    try:
        step, count = editing.set_all(ledger, form.cleaned_data["ids"], form.bulk(), by=request.user)
    except editing.EditRefused as refused:
        return _refused(refused.message)
    return _answer(request, ledger, step=step if count else None, message=f"已修改 {count} 处")


@require_POST
@requires(Permission.EDIT_LEDGERS)
def take_back(request: SignedIn, pk: int) -> HttpResponse:
    """One step undone; what is answered as step undoes the undoing."""
    ledger = get_object_or_404(request.organisation.ledgers, pk=pk)
    try:
        asked = UUID(request.POST.get("step", ""))
    except ValueError:
        return _refused("没有可以撤回的修改")
    try:
        step = editing.take_back(ledger, list(ledger.amendments.filter(step=asked)), by=request.user)
    except editing.EditRefused as refused:
        return _refused(refused.message)
    return _answer(request, ledger, step=step)


@require_safe
@requires(Permission.EDIT_LEDGERS)
def since(request: SignedIn, pk: int) -> HttpResponse:
    """What others have changed; 304 where nothing, 286 where nothing will: the ledger is no draft any more."""
    ledger = get_object_or_404(request.organisation.ledgers, pk=pk)
    if ledger.status != LedgerStatus.DRAFT:
        return HttpResponse(status=STOP_ASKING)
    if delta.version(ledger) <= _number(request.GET.get("version", "")):
        return HttpResponse(status=NOTHING_NEW)
    return _answer(request, ledger)


@require_safe
@requires(Permission.VIEW_LEDGERS)
def later(request: SignedIn, pk: int) -> HttpResponse:
    """The rows of a large ledger that did not come with the page, a piece at a time."""
    ledger = get_object_or_404(request.organisation.ledgers, pk=pk)
    filters, columns = listing.asked(request.GET), frame.loads(request.GET.get("frame", ""))
    rights = may(request, ledger)
    view = listing.View(editing=rights["may_edit"])
    after = _number(request.GET.get("after", ""))
    sheet, behind = opening.next_part(ledger, filters, after, columns, view)
    query = f"?{filters.query}" if filters.query else ""
    context = {"ledger": ledger, "sheet": sheet, "query": query, "at": indicators_at(), "after": behind, **rights}
    return render(request, "indicators/_later.html", context)


@require_safe
@requires(Permission.VIEW_LEDGERS)
def facts(request: SignedIn, pk: int) -> HttpResponse:
    """The lines above the table, reckoned over the whole ledger."""
    ledger = get_object_or_404(request.organisation.ledgers, pk=pk)
    context = sheet_context(request, ledger, listing.asked(request.GET), whole=True, rows=False)
    return render(request, "indicators/_sums_line.html", context | {"oob": True})


@require_safe
@requires(Permission.EDIT_LEDGERS)
def known_names(request: SignedIn) -> HttpResponse:
    """Units, groups and methods with their initials, for the list that opens while a person types."""
    return JsonResponse(names.known(request.organisation))
