"""申诉: a unit's own list and its form, the office's list, and one objection with its answer."""

from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assessments import exchange, objections, visible
from assessments.dossier import dossier
from assessments.exchange import SHOW, Wanted
from assessments.forms import AnswerForm, ObjectionForm
from assessments.models import Objection, ObjectionState
from assessments.refusals import ChangedMeanwhile, NotNow
from assessments.scoring.points import BadScore
from assessments.views import files
from units.access import Permission as P
from units.access import SignedIn, allows, requires


@require_GET
@requires(P.FILL)
def unit_objections(request: SignedIn, round_pk: int) -> HttpResponse:
    """The unit's own objections of one round, and what it may still object to."""
    round_ = get_object_or_404(visible.rounds_of_unit(request.unit), pk=round_pk)
    side = exchange.unit_side(round_, request.unit, timezone.localdate())
    return render(request, "assessments/unit_objections.html", {"side": side})


@require_http_methods(["GET", "POST"])
@requires(P.FILL)
def objection_file(request: SignedIn, pk: int) -> HttpResponse:
    """The reviewer's score, reason and the evidence beside the form; then the objection."""
    entry = get_object_or_404(visible.entries(request), pk=pk)
    form = ObjectionForm(request.POST or None, initial={"version": entry.version, "key": uuid4()})
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            objections.file(entry, typed["reason"], version=typed["version"], key=typed["key"], by=request.user)
        except (NotNow, ChangedMeanwhile) as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, f"已对“{entry.indicator}”提出申诉，可以继续补充佐证材料")
            return redirect(f"{reverse('entry', args=[entry.pk])}#objections")
    context = {"dossier": dossier(entry), "form": form}
    return render(request, "assessments/objection_file.html", context, status=422 if form.errors else 200)


@require_GET
@requires(P.REVIEW)
def objections_page(request: SignedIn, round_pk: int) -> HttpResponse:
    """A round's objections, those without an answer first."""
    round_ = get_object_or_404(visible.opened(request), pk=round_pk)
    wanted = Wanted.read(request.GET.dict())
    side = exchange.office_side(round_, visible.objections(request), wanted)
    if files.wanted(request):
        return files.send(request, exchange.table(side), f"{round_.name} 申诉")
    asked = request.GET.copy()
    asked.pop("format", None)
    context = {
        "side": side,
        "wanted": wanted,
        "choices": [(name, words, side.counts[name]) for name, (words, _) in SHOW.items()],
        "answers": allows(request.membership, P.MANAGE_ROUNDS),
        "query": asked.urlencode(),
    }
    return render(request, "assessments/objections.html", context)


@require_GET
@requires(P.REVIEW)
def objection_page(request: SignedIn, pk: int) -> HttpResponse:
    """One objection with all that is known of its entry, and the form to answer it."""
    one = get_object_or_404(visible.objections(request), pk=pk)
    return _page(request, one, AnswerForm(one.entry))


@require_POST
@requires(P.MANAGE_ROUNDS)
def objection_answer(request: SignedIn, pk: int) -> HttpResponse:
    """Answer it, or show why not with what was typed."""
    one = get_object_or_404(visible.objections(request), pk=pk)
    form = AnswerForm(one.entry, request.POST)
    if not form.is_valid():
        return _page(request, one, form)
    typed = form.cleaned_data
    try:
        done = objections.answer(one, typed["outcome"] == "upheld", typed["answer"], typed["score"], by=request.user)
    except BadScore as refusal:
        form.add_error("score", refusal.message)
    except NotNow as refusal:
        form.add_error(None, refusal.message)
    else:
        messages.success(request, f"已答复“{one.entry.indicator}”的申诉：{done.get_state_display()}")
        return redirect("objections", round_pk=one.entry.sheet.round_id)
    return _page(request, one, form)


def _page(request: SignedIn, one: Objection, form: AnswerForm) -> HttpResponse:
    shown = dossier(one.entry)
    context = {
        "objection": one,
        "dossier": shown,
        "form": form,
        "answers": allows(request.membership, P.MANAGE_ROUNDS) and one.state == ObjectionState.FILED,
    }
    return render(request, "assessments/objection.html", context, status=422 if form.errors else 200)
