"""考核轮次: the list, a new one, its page, and the steps of its life, each behind a page that asks."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from assessments import impact, lateness, privacy, progress, rounds, visible
from assessments.forms import PublishForm, RoundForm
from assessments.models import Phase, Round
from assessments.refusals import NotNow
from assessments.scoring import ENGINE_VERSION
from assessments.setting_forms import ConfirmForm
from units.access import Permission as P
from units.access import SignedIn, allows, requires

ASK_AND_DO = ["GET", "POST"]


@require_GET
@requires(P.VIEW_ROUNDS, P.MANAGE_ROUNDS)
def rounds_page(request: SignedIn) -> HttpResponse:
    """All rounds, newest first."""
    manages = allows(request.membership, P.MANAGE_ROUNDS)
    context = {
        "listed": progress.listed(visible.rounds(request), timezone.localdate()),
        "ledgers": request.organisation.ledgers.order_by("-pk") if manages else (),
        "manages": manages,
    }
    return render(request, "assessments/rounds.html", context)


@require_http_methods(ASK_AND_DO)
@requires(P.MANAGE_ROUNDS)
def round_new(request: SignedIn, ledger_pk: int) -> HttpResponse:
    """A round on a ledger, with what keeps it from opening said before."""
    ledger = get_object_or_404(request.organisation.ledgers, pk=ledger_pk)
    form = RoundForm(ledger, request.POST or None, initial={"name": ledger.title, "shape": rounds.likely_shape(ledger)})
    if request.method == "POST" and form.is_valid():
        made = _prepared(form, request)
        if made is not None:
            return redirect("round", pk=made.pk)
    shape = form["shape"].value() or ""
    context = {
        "ledger": ledger,
        "form": form,
        "blockers": rounds.blockers(ledger, shape),
        "cautions": rounds.cautions(ledger, shape),
        "undecided": rounds.undecided(ledger, shape),
    }
    return render(request, "assessments/round_new.html", context, status=422 if form.errors else 200)


def _prepared(form: RoundForm, request: SignedIn) -> Round | None:
    """The round, or None with the refusal on the form."""
    typed = form.cleaned_data
    names = ("name", "shape", "self_due", "review_due", "objection_due", "sign_off", "days_year")
    chosen: dict[str, Any] = {name: typed[name] for name in names} | {"participants": form.chosen_units()}
    try:
        return rounds.prepare(form.ledger, policy=form.policy(), by=request.user, **chosen)
    except NotNow as refusal:
        form.add_error(None, refusal.message)
        return None


@require_GET
@requires(P.VIEW_ROUNDS, P.MANAGE_ROUNDS)
def round_page(request: SignedIn, pk: int) -> HttpResponse:
    """Where a round stands: phases, units, sheets."""
    round_ = get_object_or_404(visible.rounds(request).select_related("opening"), pk=pk)
    preparing = round_.phase == Phase.PREPARING
    context = {
        "round": round_,
        "progress": progress.progress(round_, timezone.localdate()),
        "opening": progress.opening(round_),
        "successor": impact.successor(round_) if allows(request.membership, P.MANAGE_ROUNDS) else None,
        "not_opened": progress.not_opened(round_),
        "sheets": round_.sheets.select_related("unit").order_by("unit__lft"),
        "manages": allows(request.membership, P.MANAGE_ROUNDS),
        "publishes": allows(request.membership, P.PUBLISH),
        "reviews": allows(request.membership, P.REVIEW),
        "engine_differs": round_.is_sealed and round_.engine != ENGINE_VERSION,
        "blockers": rounds.blockers(round_.ledger, round_.shape) if preparing else (),
        "cautions": rounds.cautions(round_.ledger, round_.shape) if preparing else (),
        "undecided": rounds.undecided(round_.ledger, round_.shape) if preparing else (),
        "late": lateness.listed(round_),
        "may_grant": bool(lateness.phases_open(round_)),
    }
    return render(request, "assessments/round.html", context)


@require_http_methods(ASK_AND_DO)
@requires(P.MANAGE_ROUNDS)
def round_open(request: SignedIn, pk: int) -> HttpResponse:
    """Ask, then open for self-assessment."""
    round_ = get_object_or_404(visible.rounds(request), pk=pk)
    form = ConfirmForm(round_, request.POST or None)
    if request.method == "POST" and form.is_valid():
        done = "正在开启，完成后各单位可以开始自评"
        return _step(request, round_, lambda: rounds.ask_to_open(round_, by=request.user), done)
    context = {
        "round": round_,
        "blockers": rounds.blockers(round_.ledger, round_.shape),
        "consequences": [
            "按台账的牵头单位建立填报项，各单位在“我的任务”里看到。",
            *rounds.cautions(round_.ledger, round_.shape),
            *(f"台账里有 {words}。" for words in rounds.undecided(round_.ledger, round_.shape)),
        ],
        "irreversible": ["台账的这一版随之固定，以后修改要另建新版。", "开启后不能退回准备阶段。"],
        "form": form,
        "submit": "开启轮次",
        "title": "开启轮次",
    }
    return render(request, "assessments/round_confirm.html", context, status=422 if form.errors else 200)


@require_GET
@requires(P.MANAGE_ROUNDS)
def round_opening(request: SignedIn, pk: int) -> HttpResponse:
    """How far the opening is; a page that asks again is led on once it has ended."""
    round_ = get_object_or_404(visible.rounds(request).select_related("opening"), pk=pk)
    if not request.headers.get("HX-Request"):
        return redirect("round", pk=round_.pk)
    if progress.opening(round_) is None:
        return HttpResponseClientRedirect(reverse("round", args=[round_.pk]))
    return render(request, "assessments/_round_opening.html", {"round": round_, "job": round_.opening})


@require_http_methods(ASK_AND_DO)
@requires(P.MANAGE_ROUNDS)
def round_advance(request: SignedIn, pk: int) -> HttpResponse:
    """Ask, then move to another phase; which one, `to` says."""
    round_ = get_object_or_404(visible.rounds(request), pk=pk)
    to = request.POST.get("to") or request.GET.get("to", "")
    now = progress.progress(round_, timezone.localdate())
    moves = dict(now.moves)
    form = ConfirmForm(round_, request.POST or None) if to == Phase.ARCHIVED else None
    if request.method == "POST" and to in Phase.values and (form is None or form.is_valid()):
        return _step(
            request, round_, lambda: rounds.advance(round_, to, by=request.user), f"已{moves.get(to, '转阶段')}"
        )
    if to not in moves:
        messages.error(request, "这个轮次现在不能转到那个阶段")
        return redirect("round", pk=round_.pk)
    context = {
        "round": round_,
        "consequences": progress.consequences(now, Phase(to)),
        "irreversible": ["归档后不能再退回已公布阶段。"] if form else [],
        "form": form,
        "submit": moves[to],
        "title": moves[to],
        "to": to,
    }
    wrong = form is not None and bool(form.errors)
    return render(request, "assessments/round_confirm.html", context, status=422 if wrong else 200)


@require_http_methods(ASK_AND_DO)
@requires(P.PUBLISH)
def round_publish(request: SignedIn, pk: int) -> HttpResponse:
    """Say what is still open, have the name typed, then publish."""
    round_ = get_object_or_404(visible.rounds(request), pk=pk)
    waiting, blanks = rounds.open_items(round_)
    form = PublishForm(round_, len(blanks), request.POST or None)
    if request.method == "POST" and form.is_valid():
        zero = bool(form.cleaned_data.get("blank_is_zero"))
        return _step(
            request, round_, lambda: rounds.publish(round_, by=request.user, blank_is_zero=zero), "已公布，结果已封存"
        )
    context = {"round": round_, "form": form, "waiting": waiting, "blanks": blanks, "flags": privacy.flags(round_)}
    return render(request, "assessments/round_publish.html", context, status=422 if form.errors else 200)


def _step(request: SignedIn, round_: Round, step: Any, done: str) -> HttpResponse:
    """One step of the round's life, and back to its page with what came of it."""
    try:
        step()
        messages.success(request, done)
    except NotNow as refusal:
        messages.error(request, refusal.message)
    return redirect("round", pk=round_.pk)
