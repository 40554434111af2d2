"""催办: which units have not handed in, and reminding those the office picks, after a page that asks."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from assessments import reminders, visible
from assessments.refusals import NotNow
from units.access import Permission as P
from units.access import SignedIn, allows, requires


@require_GET
@requires(P.MANAGE_ROUNDS, P.REVIEW)
def round_behind(request: SignedIn, round_pk: int) -> HttpResponse:
    """The units that have something to hand in, the most pressing first."""
    round_ = get_object_or_404(visible.opened(request), pk=round_pk)
    rows = reminders.behind(round_, timezone.localdate())
    context = {
        "round": round_,
        "rows": rows,
        "left": sum(row.left for row in rows),
        "late": sum(row.deadline.urgency == "overdue" for row in rows),
        "manages": allows(request.membership, P.MANAGE_ROUNDS),
    }
    return render(request, "assessments/behind.html", context)


@require_POST
@requires(P.MANAGE_ROUNDS)
def round_remind(request: SignedIn, round_pk: int) -> HttpResponse:
    """Ask once, then tell the chosen units."""
    round_ = get_object_or_404(visible.opened(request), pk=round_pk)
    chosen = {int(one) for one in request.POST.getlist("unit") if one.isascii() and one.isdecimal() and len(one) < 16}
    if not chosen:
        messages.error(request, "先勾选要催办的单位")
        return redirect("round_behind", round_pk=round_.pk)
    if "confirmed" not in request.POST:
        rows = [row for row in reminders.behind(round_, timezone.localdate()) if row.unit_id in chosen]
        return render(request, "assessments/remind.html", {"round": round_, "rows": rows})
    try:
        done = reminders.remind(round_, chosen, by=request.user)
    except NotNow as refusal:
        messages.error(request, refusal.message)
    else:
        skipped = f"；{'、'.join(done.before)}今天已经催办过" if done.before else ""
        messages.success(request, f"已催办 {done.told} 个单位{skipped}")
    return redirect("round_behind", round_pk=round_.pk)
