"""变更对照: a changed file beside the ledger that stands; what is ticked is written, and nothing else."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from indicators import changes, importing
from indicators.changes import KINDS, Applied
from indicators.editing import EditRefused
from indicators.forms import NameForm
from indicators.importing.preview import unknown_names
from indicators.models import Ledger, LedgerStatus, Upload, UploadState
from indicators.reading.drafts import LedgerDraft
from indicators.reading.repairs import offered
from units.access import Permission, SignedIn, requires


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.EDIT_LEDGERS)
def page(request: SignedIn, pk: int, at: int, ledger_pk: int) -> HttpResponse:
    """One sheet of the file against one ledger; ticked changes are written in one transaction."""
    found = get_object_or_404(request.organisation.uploads.select_related("organisation"), pk=pk)
    ledger = get_object_or_404(request.organisation.ledgers, pk=ledger_pk)
    draft = _draft(found, at)
    names = [NameForm(one, request.POST or None) for one in unknown_names(request.organisation, [draft])]
    if request.method != "POST":
        return _page(request, found, draft, ledger, names, {})
    if not all(form.is_valid() for form in names):
        return _page(request, found, draft, ledger, names, {"refused": "有名称的处理需要重新选择"})
    try:
        target = changes.apply(found, at, ledger, _ticked(request, names), by=request.user)
    except (EditRefused, importing.ImportRefused) as refused:
        return _page(request, found, draft, ledger, names, {"refused": refused.message})
    count = sum(1 for one in found.updates.get(sheet=draft.sheet[:100]).report if one["applied"])
    messages.success(request, f"已导入 {count} 处变更" if count else "没有改动台账，已记为核对过")
    return redirect("ledger", target.pk)


def _repairs(request: SignedIn) -> list[str]:
    """Keys of the repairs the file is compared with."""
    return (request.POST if request.method == "POST" else request.GET).getlist("repair")


def _draft(found: Upload, at: int) -> LedgerDraft:
    drafts = importing.unpack(found.reading).ledgers if found.reading else ()
    if found.state != UploadState.READ or at >= len(drafts):
        raise Http404
    return drafts[at]


def _ticked(request: SignedIn, names: list[NameForm]) -> Applied:
    keys = {key for key in (*request.POST.getlist("change"), *request.POST.getlist("asked")) if key}
    turn = request.POST.get("turn", "")
    return Applied(
        keys=keys,
        names={form.unknown.name: form.cleaned_data["becomes"] for form in names},
        seen=request.POST.get("seen", ""),
        turn=int(turn) if turn.isascii() and turn.isdecimal() and len(turn) < 9 else -1,
        repairs=_repairs(request),
    )


def _page(
    request: SignedIn, found: Upload, draft: LedgerDraft, ledger: Ledger, names: list[NameForm], context: dict[str, Any]
) -> HttpResponse:
    repairs = _repairs(request)
    compared = changes.comparison(found, changes.repaired(draft, repairs), ledger)
    counts = Counter(one.kind for one in compared.changes)
    context |= {
        "upload": found,
        "ledger": ledger,
        "draft": draft,
        "repairs": [(repair, repair.key in repairs) for repair in offered(draft)],
        "changes": compared.changes,
        "same": compared.same,
        "counts": [(KINDS[kind], counts[kind]) for kind in KINDS if counts[kind]],
        "names": names,
        "seen": changes.stamp(ledger),
        "is_draft": ledger.status == LedgerStatus.DRAFT,
        "ticked": {*request.POST.getlist("change"), *request.POST.getlist("asked")},
    }
    return render(request, "indicators/changes.html", context)
