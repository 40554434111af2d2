"""整改: a round's list for the office, the unit's own, ordering, and one order with its answer and recheck."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assessments import amending, evidence, outlines, rectifications, remedy_list, remedy_page, visible
from assessments.dossier import dossier
from assessments.forms import RemedyAnswerForm, RemedyCloseForm, RemedyExtendForm, RemedyOrderForm, RemedyReopenForm
from assessments.models import Rectification
from assessments.rectifications import Order
from assessments.refusals import NotNow
from assessments.remedy_list import SHOW, Wanted
from assessments.scoring.points import BadScore
from assessments.views import files
from units.access import Permission as P
from units.access import SignedIn, allows, requires

PAGE_ROWS = 200


@require_GET
@requires(P.REVIEW, P.VIEW_BOARD)
def rectifications_page(request: SignedIn, round_pk: int) -> HttpResponse:
    """A round's orders; `?format=csv` or `xlsx` for a file."""
    round_ = get_object_or_404(visible.opened(request), pk=round_pk)
    today, wanted = timezone.localdate(), Wanted.read(request.GET.dict())
    orders = visible.rectifications(request).filter(entry__sheet__round=round_)
    found = remedy_list.lines(orders, wanted, today)
    if files.wanted(request):
        return files.send(request, remedy_list.table(found), f"{round_.name} {SHOW[wanted.show]}")
    context = {
        "round": round_,
        "wanted": wanted,
        "counts": remedy_list.counts(orders, today),
        "choices": SHOW.items(),
        "units": remedy_list.units_of(orders),
        "page": Paginator(found, PAGE_ROWS).get_page(request.GET.get("page")),
        "manages": allows(request.membership, P.MANAGE_ROUNDS) and remedy_page.open_for_orders(round_),
    }
    return render(request, "assessments/rectifications.html", context)


@require_GET
@requires(P.FILL)
def unit_rectifications(request: SignedIn) -> HttpResponse:
    """The unit's orders of all rounds."""
    today, wanted = timezone.localdate(), Wanted.read(request.GET.dict())
    orders = visible.rectifications(request)
    found = remedy_list.lines(orders, wanted, today)
    context = {
        "wanted": wanted,
        "counts": remedy_list.counts(orders, today),
        "choices": SHOW.items(),
        "page": Paginator(found, PAGE_ROWS).get_page(request.GET.get("page")),
    }
    return render(request, "assessments/unit_rectifications.html", context)


@require_http_methods(["GET", "POST"])
@requires(P.MANAGE_ROUNDS)
def rectifications_order(request: SignedIn, round_pk: int) -> HttpResponse:
    """问题清单: lost points with their problems, chosen and ordered with one deadline."""
    round_ = get_object_or_404(visible.opened(request), pk=round_pk)
    asked = request.POST if request.method == "POST" else request.GET
    chosen = [int(text) for text in asked.getlist("entry") if text.isascii() and text.isdecimal() and len(text) < 16]
    form = RemedyOrderForm(request.POST or None, initial={"key": uuid4()})
    wanted = Wanted.read(request.GET.dict())
    if request.method == "POST" and form.is_valid():
        found = {entry.pk: entry for entry in visible.entries(request).filter(sheet__round=round_, pk__in=chosen)}
        orders = [Order(found[pk], request.POST.get(f"problem-{pk}", ""), form.cleaned_data["measure"]) for pk in found]
        try:
            due, key = form.cleaned_data["due"], form.cleaned_data["key"]
            made = rectifications.order(orders, due, by=request.user, key=key)
            messages.success(request, f"已要求整改 {len(made)} 项，责任单位在“我的任务”里看到")
            return redirect("rectifications", round_pk=round_.pk)
        except NotNow as refusal:
            form.add_error(None, refusal.message)
    some = chosen if request.method == "GET" else ()
    rows = remedy_list.candidates(visible.scored(request).filter(sheet__round=round_), round_, wanted.unit, some)
    context = {
        "round": round_,
        "form": form,
        "rows": [remedy_page.Choice(row, row.entry_id in chosen, asked.get(f"problem-{row.entry_id}")) for row in rows],
        "some": bool(some),
        "open": remedy_page.open_for_orders(round_),
        "restores": rectifications.restores(round_),
    }
    return render(request, "assessments/rectifications_order.html", context, status=422 if form.errors else 200)


def _page(request: SignedIn, one: Rectification, **refused: Form) -> HttpResponse:
    """One order: what was asked, what was answered, and what can be done now. refused: a form with its errors."""
    entry = one.entry
    tree = outlines.outline(entry.sheet.round.ledger_id)
    actions = remedy_page.actions(one, request.membership.role)
    answer = {"measure": one.measure, "answer": one.answer, "url": one.url}
    context = {
        "one": one,
        "line": remedy_list.line(one, tree, timezone.localdate(), amending.last_of(entry)),
        "dossier": dossier(entry),
        "actions": actions,
        "fills": allows(request.membership, P.FILL),
        "key": uuid4(),
        "answer_form": RemedyAnswerForm(initial=answer),
        "close_form": RemedyCloseForm(entry, restores=remedy_page.may_restore(one, request.membership.role)),
        "reopen_form": RemedyReopenForm(),
        "extend_form": RemedyExtendForm(initial={"due": one.due}),
        **evidence.limits(),
        **refused,
    }
    return render(request, "assessments/rectification.html", context, status=422 if refused else 200)


@require_GET
@requires(P.FILL, P.REVIEW, P.VIEW_BOARD)
def rectification_page(request: SignedIn, pk: int) -> HttpResponse:
    """One order, for both sides."""
    return _page(request, get_object_or_404(visible.rectifications(request), pk=pk))


@require_POST
@requires(P.FILL)
def rectification_answer(request: SignedIn, pk: int) -> HttpResponse:
    """What the unit did."""
    form = RemedyAnswerForm(request.POST)
    return _act(request, pk, "answer_form", form, rectifications.answer, ("measure", "answer", "url"), "已报整改情况")


@require_POST
@requires(P.REVIEW)
def rectification_close(request: SignedIn, pk: int) -> HttpResponse:
    """销号."""
    one = get_object_or_404(visible.rectifications(request), pk=pk)
    form = RemedyCloseForm(one.entry, request.POST, restores=True)
    return _act(request, pk, "close_form", form, rectifications.close, ("remark", "score"), "已销号")


@require_POST
@requires(P.REVIEW)
def rectification_reopen(request: SignedIn, pk: int) -> HttpResponse:
    """The answer is not enough."""
    form = RemedyReopenForm(request.POST)
    return _act(request, pk, "reopen_form", form, rectifications.reopen, ("remark",), "已退回重新整改")


@require_POST
@requires(P.MANAGE_ROUNDS)
def rectification_extend(request: SignedIn, pk: int) -> HttpResponse:
    """Another last day."""
    form = RemedyExtendForm(request.POST)
    return _act(request, pk, "extend_form", form, rectifications.extend, ("due", "reason"), "已改整改期限")


def _act(
    request: SignedIn, pk: int, name: str, form: Form, verb: Callable[..., object], fields: tuple[str, ...], done: str
) -> HttpResponse:
    """One verb with the words of its form, and back to the order; a refused form keeps what was typed."""
    one = get_object_or_404(visible.rectifications(request), pk=pk)
    if form.is_valid():
        try:
            verb(one, *(form.cleaned_data[field] for field in fields), **_form(request))
        except (NotNow, BadScore) as refusal:
            form.add_error(None, getattr(refusal, "message", str(refusal)))
        else:
            messages.success(request, f"{done}：{one.entry.indicator}")
            return redirect("rectification", pk=one.pk)
    return _page(request, one, **{name: form})


def _form(request: SignedIn) -> dict[str, Any]:
    version = request.POST.get("version", "")
    return {
        "version": int(version) if version.isascii() and version.isdecimal() and len(version) < 10 else -1,
        "key": request.POST.get("key", "")[:64],
        "by": request.user,
    }
