"""签审: what the filler presented, read, signed or handed back by the unit's head."""

from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from assessments import signing, visible
from assessments.models import Round
from assessments.refusals import KeyReused, NotNow
from units.access import Permission as P
from units.access import SignedIn, requires
from units.models import Role


@require_http_methods(["GET", "POST"])
@requires(P.FILL)
def worksheet_sign(request: SignedIn, round_pk: int) -> HttpResponse:
    """Everything that waits for the signature; then the signature, or the way back."""
    round_ = get_object_or_404(visible.rounds_of_unit(request.unit), pk=round_pk)
    refusal = ""
    if request.method == "POST":
        try:
            messages.success(request, _act(request, round_))
            return redirect("worksheet", round_pk=round_.pk)
        except (NotNow, KeyReused) as problem:
            refusal = problem.message
    context = {
        "round": round_,
        "desk": signing.desk(round_, request.unit),
        "signs": request.membership.role == Role.SIGNER,
        "key": uuid4(),
        "refusal": refusal,
        "reason": request.POST.get("reason", ""),
        "chosen": set(request.POST.getlist("entry")),
    }
    return render(request, "assessments/worksheet_sign.html", context, status=422 if refusal else 200)


def _act(request: SignedIn, round_: Round) -> str:
    key = request.POST.get("key", "")[:64]
    if request.POST.get("action") != "hand-back":
        done = signing.sign(round_, request.unit, by=request.user, key=key)
        return f"已签审 {done.count} 项，提交政务公开办公室审核"
    chosen = [int(one) for one in request.POST.getlist("entry") if one.isascii() and one.isdecimal() and len(one) < 16]
    reason = request.POST.get("reason", "").replace("\r\n", "\n")
    count = signing.hand_back(round_, request.unit, chosen, reason, by=request.user, key=key)
    return f"已退回填报员 {count} 项"
