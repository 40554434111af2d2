"""轮次设置 and 沿用: last days and units of a round, and a new round that carries it on."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from assessments import arranging, copying, impact, rebasing, visible
from assessments.models import Round
from assessments.refusals import NotNow
from assessments.setting_forms import CopyForm, ReasonForm, SettingsForm
from indicators.editing import EditRefused
from indicators.models import Ledger
from units.access import Permission as P
from units.access import SignedIn, requires


@require_http_methods(["GET", "POST"])
@requires(P.MANAGE_ROUNDS)
def round_settings(request: SignedIn, pk: int) -> HttpResponse:
    """Last days and units, as far as the phase lets them be changed."""
    round_ = get_object_or_404(visible.rounds(request), pk=pk)
    form = SettingsForm(round_, request.POST or None)
    if request.method == "POST" and form.is_valid() and _arranged(form, round_, request):
        messages.success(request, "已保存轮次设置")
        return redirect("round", pk=round_.pk)
    context = {"round": round_, "form": form}
    return render(request, "assessments/round_settings.html", context, status=422 if form.errors else 200)


def _arranged(form: SettingsForm, round_: Round, request: SignedIn) -> bool:
    try:
        with transaction.atomic():
            arranging.move_windows(round_, by=request.user, **form.chosen_days())
            if form.units:
                arranging.choose_participants(round_, form.chosen_units(), by=request.user)
        return True
    except NotNow as refusal:
        form.add_error(None, refusal.message)
        return False


@require_http_methods(["GET", "POST"])
@requires(P.MANAGE_ROUNDS)
def round_copy(request: SignedIn, pk: int) -> HttpResponse:
    """A new round with this one's shape, units, rules and last days a year later."""
    round_ = get_object_or_404(visible.opened(request), pk=pk)
    form = CopyForm(round_, request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = _carried_on(form, round_, request)
        if made is not None:
            messages.success(request, "已沿用，核对期限和参评单位后再开启")
            return redirect("round_settings", pk=made.pk)
    context = {"round": round_, "form": form}
    return render(request, "assessments/round_copy.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires(P.MANAGE_ROUNDS)
def round_ledger(request: SignedIn, pk: int) -> HttpResponse:
    """What the ledger's new version would do to the open round, and its carrying out once all of it is ticked."""
    round_ = get_object_or_404(visible.rounds(request), pk=pk)
    newest = impact.successor(round_)
    if newest is None:
        messages.error(request, "本轮次的台账没有新版，或者现在的阶段不能套用")
        return redirect("round", pk=round_.pk)
    form = ReasonForm(request.POST or None)
    ticked = set(request.POST.getlist("change"))
    refused = _rebased(form, round_, newest, ticked, request) if request.method == "POST" else ""
    if refused is None:
        messages.success(request, f"已套用第 {newest.version} 版台账")
        return redirect("round", pk=round_.pk)
    context = {"round": round_, "plan": impact.plan(round_, newest), "form": form, "ticked": ticked, "refused": refused}
    return render(request, "assessments/round_ledger.html", context, status=422 if refused or form.errors else 200)


def _rebased(form: ReasonForm, round_: Round, newest: Ledger, ticked: set[str], request: SignedIn) -> str | None:
    """None when it was done, else why not; the form's own errors stand on the form."""
    if not form.is_valid():
        return ""
    seen, reason = request.POST.get("seen", ""), form.cleaned_data["reason"]
    try:
        rebasing.apply(round_, newest, seen=seen, ticked=ticked, reason=reason, by=request.user)
        return None
    except (NotNow, EditRefused) as refusal:
        return refusal.message


def _carried_on(form: CopyForm, round_: Round, request: SignedIn) -> Round | None:
    try:
        return copying.carry_on(round_, form.chosen_ledger(), name=form.cleaned_data["name"], by=request.user)
    except NotNow as refusal:
        form.add_error(None, refusal.message)
        return None
