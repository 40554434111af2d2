"""抽查复评: a round's samples, drawing one, and the second score of a drawn item."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from assessments import sampling, visible
from assessments.models import Round
from assessments.models.sampling import SECOND_PHASES
from assessments.refusals import NotNow
from assessments.scoring.points import BadScore
from units.access import Permission as P
from units.access import SignedIn, allows, requires
from units.models import User


@require_GET
@requires(P.REVIEW)
def samples_page(request: SignedIn, round_pk: int) -> HttpResponse:
    """The newest sample, or the one the address names, with what its items got."""
    round_ = get_object_or_404(visible.opened(request), pk=round_pk)
    known = sampling.samples(round_)
    chosen = next((one for one in known if str(one.pk) == request.GET.get("sample")), known[0] if known else None)
    show = request.GET.get("show", "")
    context = {
        "round": round_,
        "samples": known,
        "page": sampling.page(chosen, show, request.user) if chosen else None,
        "show": show,
        "choices": sampling.SHOW.items(),
        "reviewers": sampling.reviewers(request.organisation) if _draws(request, round_) else (),
    }
    return render(request, "assessments/samples.html", context)


def _draws(request: SignedIn, round_: Round) -> bool:
    return allows(request.membership, P.MANAGE_ROUNDS) and round_.phase in SECOND_PHASES


@require_POST
@requires(P.MANAGE_ROUNDS)
def sample_draw(request: SignedIn, round_pk: int) -> HttpResponse:
    """Draw so many of a hundred of each unit's reviewed items, for one named person."""
    round_ = get_object_or_404(visible.opened(request), pk=round_pk)
    typed = request.POST.get("percent", "").strip()
    percent = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 4 else 0
    try:
        made = sampling.draw(round_, percent, reviewer=_person(request), by=request.user)
    except NotNow as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"已抽取 {made.percent}%，由 {made.reviewer} 复评，随机种子 {made.seed}")
    return redirect("samples", round_pk=round_.pk)


@require_POST
@requires(P.MANAGE_ROUNDS)
def sample_pass_on(request: SignedIn, pk: int) -> HttpResponse:
    """Another person gives the second scores."""
    sample = get_object_or_404(visible.samples(request), pk=pk)
    person = _person(request)
    try:
        sampling.pass_on(sample, person, by=request.user)
        messages.success(request, f"改由 {person} 复评")
    except NotNow as refusal:
        messages.error(request, refusal.message)
    return redirect(f"{reverse('samples', args=[sample.round_id])}?sample={sample.pk}")


def _person(request: SignedIn) -> User | None:
    """The reviewer the form names, of the person's own organisation."""
    asked = request.POST.get("reviewer", "")
    return next((one for one in sampling.reviewers(request.organisation) if str(one.pk) == asked), None)


@require_POST
@requires(P.REVIEW)
def second_review(request: SignedIn, pk: int) -> HttpResponse:
    """The second score of one drawn item."""
    one = get_object_or_404(visible.second_reviews(request), pk=pk)
    score, reason = request.POST.get("score", ""), request.POST.get("reason", "").replace("\r\n", "\n")
    try:
        sampling.score(one, score, reason, by=request.user)
        messages.success(request, f"已复评“{one.entry.indicator}”")
    except (BadScore, NotNow) as refusal:
        messages.error(request, f"“{one.entry.indicator}”没有保存：{refusal.message}")
    address = reverse("samples", args=[one.sample.round_id])
    return redirect(f"{address}?sample={one.sample_id}&show=waiting")
