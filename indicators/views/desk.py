"""A file that was read: its sheets as they stand, what they were taken for, and a person's corrections."""

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from indicators import importing, layouts
from indicators.changes import standing
from indicators.forms import NameForm, SheetForm
from indicators.importing import desk
from indicators.importing.preview import Preview, preview
from indicators.importing.sheets import layouts as told
from indicators.models import Upload
from indicators.reading import Layout
from indicators.views.ledgers import in_place
from units.access import Permission, SignedIn, allows, requires

Data = QueryDict | None


def page(request: SignedIn, found: Upload, context: dict[str, Any]) -> HttpResponse:
    """The desk as the address asks for it."""
    seen = preview(found)
    return _answer(request, found, seen, *_forms(None, seen), context)


def _answer(
    request: SignedIn,
    found: Upload,
    seen: Preview,
    sheets: list[SheetForm],
    names: list[NameForm],
    context: dict[str, Any],
) -> HttpResponse:
    position, first, row = (_number(request, name) for name in ("sheet", "rows", "row"))
    drafts = importing.unpack(found.reading).ledgers if found.reading else ()
    tabs = desk.tabs(found, drafts)
    if "sheet" not in request.GET and "sheet" not in request.POST:
        position = next((tab.position for tab in tabs if tab.is_ledger), tabs[0].position if tabs else 0)
    older = standing(request.organisation, [one.proposed for one in seen.ledgers])
    updated = set(found.updates.values_list("sheet", flat=True))
    ledgers = [
        {"seen": one, "form": form, "standing": ledger, "updated": one.place[:100] in updated}
        for one, form, ledger in zip(seen.ledgers, sheets, older, strict=True)
    ]
    part = in_place(request) and request.method == "POST"
    context |= {
        "part": part,
        "upload": found,
        "job": found.job,
        "preview": seen,
        "ledgers": ledgers,
        "names": names,
        "stands": any(older),
        "may_edit": allows(request.membership, Permission.EDIT_LEDGERS),
        "tabs": tabs,
        "desk": desk.sheet(found, drafts, position, first),
        "row": row,
        "roles": desk.role_options(),
        "ticked": {value.partition(":")[2] for value in request.POST.getlist("repair")},
        "wrong": any(form.errors for form in (*sheets, *names)),
    }
    return render(request, "indicators/_desk.html" if part else "indicators/desk.html", context)


def _number(request: SignedIn, name: str) -> int:
    asked = request.POST.get(name) or request.GET.get(name, "")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 7 else 0


def _forms(data: Data, seen: Preview, typed: Data = None) -> tuple[list[SheetForm], list[NameForm]]:
    """One form for each ledger and one for each unknown name. typed: what stood in the page, checked by nobody yet."""
    sheets = [
        SheetForm(data, prefix=f"sheet-{at}", initial=asdict(one.proposed) | _typed(typed, f"sheet-{at}"))
        for at, one in enumerate(seen.ledgers)
    ]
    names = [NameForm(one, data) for one in seen.unknown]
    for form in names:
        form.initial.update(_typed(typed, form.prefix or ""))
    return sheets, names


def _typed(data: Data, prefix: str) -> dict[str, str]:
    start = f"{prefix}-"
    return {name.removeprefix(start): str(data[name]) for name in data or () if name.startswith(start)} if data else {}


@require_POST
@requires(Permission.IMPORT)
def confirm(request: SignedIn, pk: int) -> HttpResponse:
    """The choices of the preview, checked and handed to the worker."""
    found = get_object_or_404(request.organisation.uploads.select_related("job", "organisation"), pk=pk)
    seen = preview(found)
    sheets, names = _forms(request.POST, seen)
    stale = request.POST.get("turn", "") not in {"", str(found.turn)}
    if found.reading is not None and not stale and not all(form.is_valid() for form in (*sheets, *names)):
        return _answer(request, found, seen, sheets, names, {})
    try:
        if stale:
            raise importing.ImportRefused("读取设置刚被改过；核对新的读取结果后再确认")
        importing.confirm(found, _choices(request, found, seen, sheets, names), by=request.user)
    except importing.ImportRefused as refused:
        messages.error(request, refused.message)
    return redirect("import", pk)


def _choices(
    request: SignedIn, found: Upload, seen: Preview, sheets: list[SheetForm], names: list[NameForm]
) -> importing.Choices:
    repairs: dict[str, list[str]] = {}
    for value in request.POST.getlist("repair"):
        at, _, key = value.partition(":")
        if at.isdecimal() and int(at) < len(seen.ledgers):
            repairs.setdefault(seen.ledgers[int(at)].place, []).append(key)
    return importing.Choices(
        tuple(form.choice() for form in sheets),
        {form.unknown.name: form.cleaned_data["becomes"] for form in names},
        {sheet: tuple(keys) for sheet, keys in repairs.items()},
        found.turn,
    )


@require_POST
@requires(Permission.IMPORT)
def correct(request: SignedIn, pk: int) -> HttpResponse:
    """The sheet read anew as the person says; with htmx the desk itself, else the page again."""
    found = get_object_or_404(request.organisation.uploads.select_related("job", "organisation"), pk=pk)
    position = _number(request, "sheet")
    sheet = get_object_or_404(found.sheets.defer("cells"), position=position)
    context: dict[str, Any] = {}
    try:
        found = _corrected(request, found, sheet.name)
    except importing.ImportRefused as refused:
        context["refused"] = refused.message
    address = f"{reverse('import', args=[pk])}?sheet={position}&rows={_number(request, 'rows')}"
    if not in_place(request) or found.reading is None:
        if context:
            messages.error(request, context["refused"])
        return redirect(address)
    seen = preview(found)
    return _answer(request, found, seen, *_forms(None, seen, request.POST), context)


def _corrected(request: SignedIn, found: Upload, sheet: str) -> Upload:
    act = request.POST.get("act", "")
    if act == "forget":
        return importing.forget(found, sheet, by=request.user)
    layout = Layout() if act == "leave" else layouts.posted(request.POST, told(found).get(sheet, Layout()))
    return importing.correct(found, sheet, layout, by=request.user)
