"""延期: grant one unit a later last day, change it, withdraw it; each on a page of its own."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from assessments import lateness, visible
from assessments.forms import LateChangeForm, LateForm
from assessments.refusals import NotNow
from units.access import Permission as P
from units.access import SignedIn, requires


@require_http_methods(["GET", "POST"])
@requires(P.MANAGE_ROUNDS)
def late_grant(request: SignedIn, round_pk: int) -> HttpResponse:
    """Which unit, which phase, until when and why."""
    round_ = get_object_or_404(visible.opened(request), pk=round_pk)
    phases = [(phase.value, str(phase.label)) for phase in lateness.phases_open(round_)]
    units = visible.units_in(round_, request.organisation)
    form = LateForm(units, phases, request.POST or None, initial={"unit": request.GET.get("unit")})
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            made = lateness.grant(
                round_, typed["unit"], typed["phase"], typed["until"], typed["reason"], by=request.user
            )
            messages.success(request, f"已批准{made.unit}延期到 {made.until:%Y-%m-%d}")
            return redirect("round", pk=round_.pk)
        except NotNow as refusal:
            form.add_error(None, refusal.message)
    context = {"round": round_, "form": form, "phases": phases, "title": "批准延期", "submit": "批准延期"}
    return render(request, "assessments/late.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires(P.MANAGE_ROUNDS)
def late_change(request: SignedIn, pk: int) -> HttpResponse:
    """Another day or reason for what was granted."""
    one = get_object_or_404(visible.late_exceptions(request), pk=pk)
    form = LateChangeForm(request.POST or None, initial={"until": one.until, "reason": one.reason})
    if request.method == "POST" and form.is_valid():
        try:
            lateness.change(one, form.cleaned_data["until"], form.cleaned_data["reason"], by=request.user)
            messages.success(request, f"已修改{one.unit}的延期")
            return redirect("round", pk=one.round_id)
        except NotNow as refusal:
            form.add_error(None, refusal.message)
    context = {"round": one.round, "exception": one, "form": form, "title": "修改延期", "submit": "保存"}
    return render(request, "assessments/late.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires(P.MANAGE_ROUNDS)
def late_withdraw(request: SignedIn, pk: int) -> HttpResponse:
    """Ask, then take it back."""
    one = get_object_or_404(visible.late_exceptions(request), pk=pk)
    if request.method == "POST":
        try:
            lateness.withdraw(one, by=request.user)
            messages.success(request, f"已撤销{one.unit}的延期")
        except NotNow as refusal:
            messages.error(request, refusal.message)
        return redirect("round", pk=one.round_id)
    context = {
        "round": one.round,
        "consequences": [
            f"{one.unit}的{one.get_phase_display()}恢复按本轮次的截止日办理，截止日已过的不能再填报。",
            "单位已在延期内填报的，不能撤销。",
        ],
        "submit": "撤销延期",
        "title": "撤销延期",
    }
    return render(request, "assessments/round_confirm.html", context)
