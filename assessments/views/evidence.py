"""One entry's own page, and its evidence: add, take back, download."""

import logging

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from assessments import blind, evidence, rectifications, visible
from assessments.dossier import dossier
from assessments.evidence import Refused
from assessments.models import Entry
from assessments.views import tracking
from units import audit
from units.access import Permission as P
from units.access import SignedIn, allows, requires

logger = logging.getLogger(__name__)


@require_GET
@requires(P.FILL, P.REVIEW, P.VIEW_BOARD)
def entry_page(request: SignedIn, pk: int) -> HttpResponse:
    """One item: path, criteria, stages, evidence, history."""
    entry = get_object_or_404(visible.entries(request), pk=pk)
    if entry.sheet.round.is_tracked:
        return tracking.matter_page(request, entry)
    fills = allows(request.membership, P.FILL)
    blindly = blind.entries(request.user).filter(pk=entry.pk).exists()
    context = {
        "dossier": dossier(entry, blindly=blindly),
        "fills": fills,
        "reviews": allows(request.membership, P.REVIEW),
        "publishes": allows(request.membership, P.PUBLISH),
        "orderable": not blindly and rectifications.may_order(entry, request.membership.role),
        **evidence.limits(),
    }
    return render(request, "assessments/entry.html", context)


@require_POST
@requires(P.FILL)
def evidence_add(request: SignedIn, pk: int) -> HttpResponse:
    """Several files, or a link, of the lead or of a supporting unit; a refused file does not hold up the others."""
    entry = get_object_or_404(visible.contributable(request), pk=pk)
    url = request.POST.get("url", "").strip()
    added, refused = evidence.add_all(
        entry, request.FILES.getlist("files"), url, request.POST.get("name", ""), by=request.user
    )
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"added": added, "refused": refused, "evidence": evidence.summary(entry, request.unit)})
    for words in refused:
        messages.error(request, words)
    if added:
        messages.success(request, f"已添加 {added} 份佐证材料")
    elif not refused:
        messages.error(request, "没有选择文件，也没有填写网址")
    return _back(request, entry)


@require_POST
@requires(P.FILL)
def evidence_remove(request: SignedIn, pk: int) -> HttpResponse:
    """Take one back."""
    row = get_object_or_404(visible.evidence(request), pk=pk)
    try:
        evidence.take_back(row, by=request.user)
        messages.success(request, f"已撤回“{row.name}”")
    except Refused as refusal:
        messages.error(request, refusal.message)
    return _back(request, row.entry)


@require_GET
@requires(P.FILL, P.REVIEW, P.VIEW_BOARD)
def evidence_download(request: SignedIn, pk: int) -> HttpResponseBase:
    """The file as it came, never shown inside the browser."""
    row = get_object_or_404(visible.evidence(request).exclude(content=""), pk=pk)
    try:
        content = row.content.open("rb")
    except FileNotFoundError as failure:
        logger.error("Evidence %s has no file on this machine.", row.pk)
        raise Http404 from failure
    answer = FileResponse(content, as_attachment=True, filename=row.name, content_type="application/octet-stream")
    answer["X-Content-Type-Options"] = "nosniff"
    _record_download(request, row.name, row.entry_id)
    return answer


def _record_download(request: SignedIn, name: str, entry_id: int) -> None:
    audit.record(
        organisation=request.organisation,
        actor=request.user,
        action="下载佐证",
        target=name,
        detail={"entry": entry_id},
        address=audit.client_address(request),
    )


def _back(request: SignedIn, entry: Entry) -> HttpResponse:
    """To the order to put right it was added for, else to the entry, or the item the unit supports."""
    own = entry.unit_id == request.unit.pk
    order = rectifications.open_order(entry) if own else None
    if order is not None:
        return redirect(f"{reverse('rectification', args=[order.pk])}#evidence")
    return redirect(f"{reverse('entry' if own else 'support', args=[entry.pk])}#evidence")
