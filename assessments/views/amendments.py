"""更正: the office corrects one published score, with the round's name typed."""

from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from assessments import amending, visible
from assessments.amending import BadScore, NotNow
from assessments.dossier import dossier
from assessments.forms import AmendForm
from assessments.models import Entry
from units.access import Permission as P
from units.access import SignedIn, requires


@require_http_methods(["GET", "POST"])
@requires(P.PUBLISH)
def amendment_new(request: SignedIn, pk: int) -> HttpResponse:
    """Sealed score, evidence and history beside the form that corrects it."""
    entry = get_object_or_404(visible.entries(request), pk=pk)
    last = amending.last_of(entry)
    fresh = {"key": uuid4().hex, "number": 1 if last is None else last.number + 1}
    form = AmendForm(entry, request.POST or None, initial=fresh)
    if request.method == "POST" and form.is_valid() and _done(form, entry, request):
        messages.success(request, "已更正，公布的得分保留在旁")
        return redirect("entry", pk=entry.pk)
    context = {"dossier": dossier(entry), "form": form}
    return render(request, "assessments/amendment_new.html", context, status=422 if form.errors else 200)


def _done(form: AmendForm, entry: Entry, request: SignedIn) -> bool:
    typed = {name: form.cleaned_data[name] for name in ("score", "code", "reason", "key", "number")}
    try:
        amending.amend(entry=entry, by=request.user, **typed)
        return True
    except (BadScore, NotNow) as refusal:
        form.add_error("score" if isinstance(refusal, BadScore) else None, refusal.message)
        return False
