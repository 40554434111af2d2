"""综合成绩: the list, a new one, its page, one unit's reckoning, and taking it away."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from assessments import composites, unit_shares, visible
from assessments.composite_form import CompositeForm
from assessments.models import Composite
from assessments.refusals import NotNow
from assessments.views import blinded, files
from units.access import Permission as P
from units.access import SignedIn, allows, requires

LISTED = 100
ASK_AND_DO = ["GET", "POST"]


@require_GET
@requires(P.VIEW_ROUNDS, P.VIEW_BOARD)
def composites_page(request: SignedIn) -> HttpResponse:
    """All of them, newest first."""
    manages = allows(request.membership, P.MANAGE_ROUNDS)
    listed = visible.composites(request).prefetch_related("parts__round")[:LISTED]
    return render(request, "assessments/composites.html", {"listed": listed, "manages": manages})


@require_http_methods(ASK_AND_DO)
@requires(P.MANAGE_ROUNDS)
def composite_new(request: SignedIn) -> HttpResponse:
    """Rounds with their weights."""
    rounds = list(composites.sources(request.organisation)[:LISTED])
    form = CompositeForm(rounds, request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = _made(request, form)
        if made is not None:
            return redirect("composite", pk=made.pk)
    context = {"form": form, "rounds": rounds}
    return render(request, "assessments/composite_new.html", context, status=422 if form.errors else 200)


def _made(request: SignedIn, form: CompositeForm) -> Composite | None:
    chosen = {name: form.cleaned_data[name] for name in ("name", "missing", "bands")}
    try:
        return composites.create(request.organisation, parts=form.parts(), by=request.user, **chosen)
    except NotNow as refusal:
        form.add_error(None, refusal.message)
        return None


@require_GET
@requires(P.VIEW_ROUNDS, P.VIEW_BOARD)
def composite_page(request: SignedIn, pk: int) -> HttpResponse:
    """The units by their place; `?format=csv` or `xlsx` for a file."""
    composite = get_object_or_404(visible.composites(request), pk=pk)
    if (kept := blinded.closed(request, *composites.rounds_of(composite))) is not None:
        return kept
    found = composites.composed(composite)
    if files.wanted(request):
        return files.send(request, composites.table(found), found.composite.name)
    manages = allows(request.membership, P.MANAGE_ROUNDS)
    return render(request, "assessments/composite.html", {"composed": found, "manages": manages})


@require_GET
@requires(P.VIEW_ROUNDS, P.VIEW_BOARD)
def composite_unit(request: SignedIn, pk: int, unit_pk: int) -> HttpResponse:
    """How one unit's result came about."""
    composite = get_object_or_404(visible.composites(request), pk=pk)
    if (kept := blinded.closed(request, *composites.rounds_of(composite))) is not None:
        return kept
    found = composites.composed(composite)
    result = next((one for one in found.results if one.unit_id == unit_pk), None)
    if result is None:
        raise Http404
    shares = unit_shares.of_composite(found.composite, unit_pk)
    context = {"composed": found, "result": result, "shares": shares}
    return render(request, "assessments/composite_unit.html", context)


@require_http_methods(ASK_AND_DO)
@requires(P.MANAGE_ROUNDS)
def composite_remove(request: SignedIn, pk: int) -> HttpResponse:
    """Ask, then take it away."""
    composite = get_object_or_404(visible.composites(request), pk=pk)
    if request.method == "POST":
        composites.remove(composite, by=request.user)
        messages.success(request, f"已删除“{composite.name}”")
        return redirect("composites")
    context = {
        "composite": composite,
        "consequences": ["各来源轮次和其中的得分不受影响。"],
        "irreversible": ["删除后要重新选择来源和权重。"],
        "cancel_url": reverse("composite", args=[composite.pk]),
    }
    return render(request, "assessments/composite_remove.html", context)
