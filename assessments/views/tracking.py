"""督办: a tracked round at the addresses every round has, one matter's page, and what is done to it."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from assessments import evidence, outlines, supporting, tracking, tracking_board, tracking_list, tracking_page, visible
from assessments.forms import PostponeForm
from assessments.models import Entry, Round
from assessments.refusals import ChangedMeanwhile, NotNow
from assessments.tracking_list import SHOW, Wanted
from assessments.views import files
from units.access import Permission as P
from units.access import SignedIn, allows, requires

PAGE_ROWS = 200
LIMIT = 16


def unit_page(request: SignedIn, round_: Round) -> HttpResponse:
    """The unit's matters of one tracked round, and those it supports."""
    tree = outlines.outline(round_.ledger_id)
    found = tracking_list.rows(round_, timezone.localdate(), tree, request.unit)
    wanted = Wanted.read(request.GET.dict())
    context = {
        "round": round_,
        "counts": tracking_list.count(found),
        "groups": tracking_list.groups(tracking_list.chosen(found, wanted, tree), tree),
        "wanted": wanted,
        "choices": _choices(found),
        "supported": supporting.parts(round_, request.unit, tree),
    }
    return render(request, "assessments/tracked_unit.html", context)


def board_page(request: SignedIn, round_: Round) -> HttpResponse:
    """Completion in the place of scores."""
    context = {
        "board": tracking_board.board(round_, timezone.localdate()),
        "rounds": visible.opened(request).values_list("pk", "name"),
        "now": timezone.localtime(),
        "wall": request.GET.get("wall") == "1",
    }
    return render(request, "assessments/tracked_board.html", context)


def items_page(request: SignedIn, round_: Round, default: str = "") -> HttpResponse:
    """The matters behind a number; `?format=csv` or `xlsx` for a file."""
    tree = outlines.outline(round_.ledger_id)
    wanted = Wanted.read(request.GET.dict(), default)
    every = tracking_list.rows(round_, timezone.localdate(), tree)
    found, together = tracking_list.chosen(every, wanted, tree), tracking_list.together(every)
    title = tracking_list.title(round_, wanted, tree)
    if files.wanted(request):
        return files.send(request, tracking_list.table(found, tree, together), f"{round_.name} {title}")
    page = Paginator(found, PAGE_ROWS).get_page(request.GET.get("page"))
    context = {
        "round": round_,
        "wanted": wanted,
        "title": title,
        "page": page,
        "groups": tracking_list.groups(list(page.object_list), tree, together),
        "counts": tracking_list.count(found),
        "choices": _choices(every),
        "units": visible.units_in(round_, request.organisation),
        "tops": tree.tops,
        "reviews": allows(request.membership, P.REVIEW),
    }
    return render(request, "assessments/tracked_items.html", context)


def _choices(found: list[tracking_list.Row]) -> list[tuple[str, str, int]]:
    return [(key, words, sum(holds(row) for row in found)) for key, (words, holds) in SHOW.items()]


def matter_page(request: SignedIn, entry: Entry, **refused: Any) -> HttpResponse:
    """One matter: what is asked, what was said, what can be done with it now. refused: what was typed, and why."""
    page = tracking_page.page(entry, request.membership.role, timezone.localdate())
    context = {
        "page": page,
        "dossier": page.dossier,
        "fills": allows(request.membership, P.FILL),
        "reviews": allows(request.membership, P.REVIEW),
        "key": uuid4(),
        "postpone": PostponeForm(
            initial={"measures_due": page.matter.measures_due, "result_due": page.matter.result_due}
        ),
        **evidence.limits(),
        **refused,
    }
    return render(request, "assessments/matter.html", context, status=422 if refused else 200)


@require_POST
@requires(P.FILL)
def matter_plan(request: SignedIn, pk: int) -> HttpResponse:
    """The unit's measures."""
    return _act(request, pk, tracking.plan, "已报措施")


@require_POST
@requires(P.FILL)
def matter_report(request: SignedIn, pk: int) -> HttpResponse:
    """The unit's report of the result."""
    return _act(request, pk, tracking.report, "已报结果，等待办结")


@require_POST
@requires(P.REVIEW)
def matter_close(request: SignedIn, pk: int) -> HttpResponse:
    """办结."""
    return _act(request, pk, tracking.close, "已办结")


@require_POST
@requires(P.REVIEW)
def matter_return(request: SignedIn, pk: int) -> HttpResponse:
    """退回, with the reason."""
    return _act(request, pk, tracking.send_back, "已退回")


@require_POST
@requires(P.MANAGE_ROUNDS)
def matter_postpone(request: SignedIn, pk: int) -> HttpResponse:
    """延期: other last days for this one matter, with the reason."""
    entry = get_object_or_404(visible.matters(request), pk=pk)
    form = PostponeForm(request.POST)
    if not form.is_valid():
        return matter_page(request, entry, postpone=form)
    typed = form.cleaned_data
    try:
        days = (typed["measures_due"], typed["result_due"])
        tracking.postpone(entry, *days, typed["reason"], **_form(request))
    except (NotNow, ChangedMeanwhile) as refusal:
        form.add_error(None, refusal.message)
        return matter_page(request, entry, postpone=form)
    messages.success(request, "已改期限")
    return redirect("entry", pk=entry.pk)


def _act(request: SignedIn, pk: int, verb: Callable[..., object], done: str) -> HttpResponse:
    """One verb with the words of the form, and back to the matter with what came of it; typed words are kept."""
    entry = get_object_or_404(visible.matters(request), pk=pk)
    text = request.POST.get("text", "").replace("\r\n", "\n")
    try:
        verb(entry, text, **_form(request))
    except (NotNow, ChangedMeanwhile) as refusal:
        return matter_page(request, entry, typed=text, refusal=refusal.message, at=verb.__name__)
    messages.success(request, f"{done}：{entry.indicator}")
    return redirect(f"{reverse('entry', args=[entry.pk])}#matter")


def _form(request: SignedIn) -> dict[str, Any]:
    version = request.POST.get("version", "")
    return {
        "version": int(version) if version.isascii() and version.isdecimal() and len(version) < LIMIT else -1,
        "key": request.POST.get("key", "")[:64],
        "by": request.user,
    }
