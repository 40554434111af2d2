"""审核台: rounds with what waits, one round's entries, and the three things done to an entry."""

from collections.abc import Callable
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assessments import blind, entries, figures, outlines, phrases, reviewing, visible
from assessments.models import Entry
from assessments.refusals import ChangedMeanwhile, NotNow
from assessments.reviewing import ORDERS, SHOW, Typed, Wanted
from assessments.scoring.answers import PREFIX
from assessments.scoring.points import BadScore
from assessments.views import tracking
from units.access import Permission as P
from units.access import SignedIn, requires

DONE = {"accept": "已认可", "adjust": "已改分", "return": "已退回"}


@require_GET
@requires(P.REVIEW)
def reviews_page(request: SignedIn) -> HttpResponse:
    """Rounds with what waits in them."""
    waiting = reviewing.overview(visible.rounds(request), blind.entries(request.user))
    return render(request, "assessments/reviews.html", {"rounds": waiting})


@require_GET
@requires(P.REVIEW)
def review_page(request: SignedIn, round_pk: int) -> HttpResponse:
    """One round's entries beside their review; a tracked one's matters, those reported first."""
    round_ = get_object_or_404(visible.opened(request), pk=round_pk)
    if round_.is_tracked:
        return tracking.items_page(request, round_, "waiting")
    return _desk(request, round_pk, request.GET, {})


def _desk(request: SignedIn, round_pk: int, asked: QueryDict, typed: dict[int, Typed]) -> HttpResponse:
    round_ = get_object_or_404(visible.opened(request), pk=round_pk)
    wanted = Wanted.read(asked.dict())  # type: ignore[arg-type]
    hidden = blind.entries(request.user)
    context = {
        "desk": reviewing.desk(round_, wanted, role=request.membership.role, hidden=hidden, typed=typed),
        "wanted": wanted,
        "choices": [(name, words) for name, (words, _) in SHOW.items()],
        "orders": ORDERS.items(),
        "query": asked.urlencode(),
        "key": uuid4(),
        "refused": typed,
        "phrases": phrases.of_organisation(round_, hidden),
    }
    return render(request, "assessments/review.html", context, status=422 if typed else 200)


@require_POST
@requires(P.REVIEW)
def review_entry(request: SignedIn, pk: int) -> HttpResponse:
    """认可 · 调整 · 退回; answers with the row for the page's script, else with the page."""
    entry = get_object_or_404(visible.scored(request), pk=pk)
    refusal = _act(request, entry)
    typed = Typed(request.POST.get("score", ""), request.POST.get("reason", ""), refusal, _answers(request))
    if request.headers.get("HX-Request"):
        return _row(request, entry.pk, typed)
    asked = QueryDict(request.POST.get("query", ""))
    if refusal:
        return _desk(request, entry.sheet.round_id, asked, {entry.pk: typed})
    messages.success(request, f"{DONE[request.POST['action']]}“{entry.indicator}”")
    address = reverse("review", args=[entry.sheet.round_id])
    return redirect(f"{address}?{asked.urlencode()}#entry-{entry.pk}")


def _act(request: SignedIn, entry: Entry) -> str:
    """Do what the button says; the sentence of a refusal, empty when it was done."""
    posted = request.POST
    version = posted.get("version", "")
    common = {
        "version": int(version) if version.isdecimal() and len(version) < 10 else -1,
        "key": posted.get("key", ""),
        "by": request.user,
    }
    score, reason = posted.get("score", ""), posted.get("reason", "").replace("\r\n", "\n")
    answers = _answers(request) or None
    verbs: dict[str, Callable[[], Entry]] = {
        "accept": lambda: entries.accept(entry, **common),  # type: ignore[arg-type]
        "adjust": lambda: entries.adjust(entry, score, reason, answers=answers, **common),  # type: ignore[arg-type]
        "return": lambda: entries.give_back(entry, reason, **common),  # type: ignore[arg-type]
    }
    verb = verbs.get(posted.get("action", ""))
    if verb is None:
        return "没有选择认可、调整或退回"
    try:
        verb()
    except ChangedMeanwhile as clash:
        return _both(clash.entry, score)
    except (BadScore, NotNow) as refusal:
        return refusal.message
    return ""


def _answers(request: SignedIn) -> dict[str, str]:
    return {name: str(value) for name, value in request.POST.items() if name.startswith(PREFIX)}


def _both(now: Entry, typed: str) -> str:
    """What stands there now and what was typed, so that a person can decide."""
    at = f" {timezone.localtime(now.reviewed_at):%H:%M}" if now.reviewed_at else ""
    theirs = f"{now.reviewed_by or now.self_by or '他人'}{at} 已先办理：{now.get_stage_display()}"
    score = figures.points(now.reviewed_score)
    reason = f"（{now.review_reason}）" if now.review_reason else ""
    mine = f"；您填的是 {typed}" if typed else ""
    return f"有冲突，没有保存。{theirs} {score}{reason}{mine}。核对后再办理。"


def _row(request: SignedIn, pk: int, typed: Typed) -> HttpResponse:
    entry = reviewing.fetched(visible.entries(request)).get(pk=pk)
    round_ = entry.sheet.round
    tree = outlines.outline(round_.ledger_id, methods=True)
    known = reviewing.beside(round_, [entry], tree, blind.entries(request.user))
    row = reviewing.row(entry, round_, tree, request.membership.role, known)
    if typed.message:
        row = reviewing.with_typed(row, typed)
    context = {"row": row, "query": request.POST.get("query", ""), "key": uuid4(), "by": request.POST.get("order", "")}
    return render(request, "assessments/_review_row.html", context)


@require_http_methods(["GET", "POST"])
@requires(P.REVIEW)
def review_accept(request: SignedIn, round_pk: int) -> HttpResponse:
    """Ask, then accept all that was handed in and is not disputed, of one unit or of all."""
    round_ = get_object_or_404(visible.opened(request), pk=round_pk)
    if round_.is_tracked:
        return redirect("review", round_pk=round_.pk)
    chosen = Wanted.read(request.GET.dict()).unit
    unit = get_object_or_404(request.organisation.units, pk=chosen) if chosen else None
    back = f"{reverse('review', args=[round_.pk])}{f'?unit={unit.pk}' if unit else ''}"
    if request.method == "POST":
        try:
            done = entries.accept_undisputed(round_, unit=unit, by=request.user)
            messages.success(request, f"已认可 {done} 项")
        except NotNow as refusal:
            messages.error(request, refusal.message)
        return redirect(back)
    context = reviewing.acceptance(round_, unit) | {"round": round_, "unit": unit, "cancel_url": back}
    return render(request, "assessments/review_accept.html", context)
