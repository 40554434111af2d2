"""我的任务: a unit's rounds, its sheet of one round, saving and handing in."""

from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assessments import entries, exchange, filling, handing_in, markup, one_by_one, remedy_list, visible
from assessments.filling import Posted
from assessments.refusals import NotNow
from assessments.scoring.answers import PREFIX
from assessments.views import tracking
from assessments.worklist import tasks
from assessments.worksheet import SHOW, Worksheet, fingerprint, worksheet
from units.access import Permission as P
from units.access import SignedIn, requires

STATUS = {"saved": 200, "invalid": 422, "conflict": 409}


@require_GET
@requires(P.FILL)
def worklist_page(request: SignedIn) -> HttpResponse:
    """The unit's rounds by urgency."""
    today = timezone.localdate()
    orders = remedy_list.counts(visible.rectifications(request), today)
    return render(request, "assessments/worklist.html", {"groups": tasks(request.unit, today), "orders": orders})


@require_http_methods(["GET", "POST"])
@requires(P.FILL)
def worksheet_page(request: SignedIn, round_pk: int) -> HttpResponse:
    """The sheet; posted without JavaScript, all touched rows are saved and the bad ones come back as typed."""
    round_ = get_object_or_404(visible.rounds_of_unit(request.unit), pk=round_pk)
    if round_.is_tracked:
        return tracking.unit_page(request, round_)
    typed = None
    if request.method == "POST":
        filled = filling.save_rows(round_, request.unit, _touched(request), by=request.user)
        if filled.saved:
            messages.success(request, f"已保存 {filled.saved} 项")
        if not filled.refused:
            return redirect(request.get_full_path())
        typed = filled.refused
    asked = request.GET.get("show", "")
    # a row that was refused is never filtered away
    show = asked if asked in SHOW and not typed else ""
    sheet = worksheet(round_, request.unit, show, typed)
    # a page on which something was refused shows all of it
    alone = one_by_one.single(sheet, request.GET["one"]) if "one" in request.GET and not typed else None
    shown = alone.sheet if alone else sheet
    context = {
        "sheet": shown,
        "rows": markup.groups(shown.groups, unfolded=alone is not None),
        "alone": alone,
        "show": show,
        "role": _role(request, sheet),
        "key": uuid4(),
        "refused": typed,
        "objections": exchange.counts(round_, request.unit),
    }
    return render(request, "assessments/worksheet.html", context, status=422 if typed else 200)


def _role(request: HttpRequest, sheet: Worksheet) -> str:
    """The filter by 分工, which only a unit that supports others has."""
    return request.GET.get("role", "") if sheet.supported else ""


def _touched(request: HttpRequest) -> list[Posted]:
    """The rows of the form whose cells are not as the page was made; three lists of equal length."""
    rows, scores, reasons = (request.POST.getlist(name) for name in ("row", "score", "reason"))
    if not len(rows) == len(scores) == len(reasons):
        return []
    key = request.POST.get("key", "")[:64]
    asked = _answers(request)
    found = []
    for row, score, typed in zip(rows, scores, reasons, strict=True):
        reason = typed.replace("\r\n", "\n")
        entry, version, was = (*row.split(":"), "", "")[:3]
        answers = asked.get(entry, {})
        if was != fingerprint(score, reason, answers) and _is_number(entry) and _is_number(version):
            found.append(Posted(int(entry), int(version), score, reason, key, answers or None))
    return found


def _answers(request: HttpRequest) -> dict[str, dict[str, str]]:
    """What was entered for rules, by entry and field: `e12-rule-7`."""
    found: dict[str, dict[str, str]] = {}
    for name, value in request.POST.items():
        entry, _, field = name.partition("-")
        if entry.startswith("e") and field.startswith(PREFIX):
            found.setdefault(entry[1:], {})[field] = str(value)
    return found


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 16


@require_POST
@requires(P.FILL)
def entry_save(request: SignedIn, pk: int) -> HttpResponse:
    """One row: JSON for the page's own script, back to the sheet for a plain form."""
    entry = get_object_or_404(visible.entries(request), pk=pk)
    version = request.POST.get("version", "")
    posted = Posted(
        entry.pk,
        int(version) if _is_number(version) else -1,
        request.POST.get("score", ""),
        request.POST.get("reason", "").replace("\r\n", "\n"),
        request.POST.get("key", "")[:64] or str(uuid4()),
        {name: str(value) for name, value in request.POST.items() if name.startswith(PREFIX)} or None,
    )
    answer = filling.attempt(entry, posted, by=request.user)
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse(answer.as_json(), status=STATUS[answer.state])
    if answer.state == "saved":
        messages.success(request, "已保存")
    else:
        messages.error(request, answer.message)
    return redirect(f"{reverse('worksheet', args=[entry.sheet.round_id])}#entry-{entry.pk}")


@require_http_methods(["GET", "POST"])
@requires(P.FILL)
def worksheet_submit(request: SignedIn, round_pk: int) -> HttpResponse:
    """What will be handed in and what stands in the way; then handing in."""
    round_ = get_object_or_404(visible.rounds_of_unit(request.unit), pk=round_pk)
    if round_.is_tracked:
        return redirect("worksheet", round_pk=round_.pk)
    if request.method == "POST":
        try:
            done = entries.submit(round_, request.unit, by=request.user, key=request.POST.get("key", "")[:64])
        except NotNow as refusal:
            messages.error(request, refusal.message)
            return redirect("worksheet", round_pk=round_.pk)
        left = f"，还有 {len(done.blocked)} 项没有提交" if done.blocked else ""
        messages.success(request, f"已提交 {done.count} 项{left}")
        return redirect("worksheet", round_pk=round_.pk)
    context = {"round": round_, "plan": handing_in.plan(round_, request.unit), "key": uuid4()}
    return render(request, "assessments/worksheet_submit.html", context)
