"""离线填报: the unit's sheet as a file, and what a filled-in file would change, accepted row by row."""

from typing import BinaryIO, cast
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_POST

from assessments import filling, sheet_changes, sheet_file, tables, visible
from assessments.models import Round
from assessments.sheet_changes import Differences
from assessments.worksheet import worksheet
from indicators.reading import Refused
from indicators.uploading import SizeLimit
from units import audit
from units.access import Permission as P
from units.access import SignedIn, requires


@require_GET
@requires(P.FILL)
def workbook_download(request: SignedIn, round_pk: int) -> HttpResponse:
    """The sheet as it is now, to be filled away from the network."""
    round_ = get_object_or_404(visible.rounds_of_unit(request.unit), pk=round_pk)
    content = sheet_file.workbook(worksheet(round_, request.unit), request.unit)
    title = "".join(" " if char in '\\/:*?"<>|' else char for char in f"{round_.name} {request.unit}")[:80]
    answer = HttpResponse(content, content_type=tables.XLSX)
    answer.headers["Content-Disposition"] = content_disposition_header(True, f"{title} 自评表.xlsx") or ""
    audit.record(organisation=request.organisation, actor=request.user, action="下载离线填报表", target=round_.name)
    return answer


@require_GET
@requires(P.FILL)
def workbook_page(request: SignedIn, round_pk: int) -> HttpResponse:
    """Where the file is taken from and brought to."""
    return _page(request, get_object_or_404(visible.rounds_of_unit(request.unit), pk=round_pk), None)


@csrf_exempt
@require_POST
@requires(P.FILL)
def workbook_receive(request: SignedIn, round_pk: int) -> HttpResponse:
    """The handler that stops large files must stand before anything reads the form, the token's check included."""
    request.upload_handlers.insert(0, SizeLimit(sheet_changes.LIMITS.file_size))
    return _receive(request, round_pk)


@csrf_protect
def _receive(request: SignedIn, round_pk: int) -> HttpResponse:
    """What the file would change; nothing is saved here."""
    round_ = get_object_or_404(visible.rounds_of_unit(request.unit), pk=round_pk)
    file, limit = request.FILES.get("file"), request.upload_handlers[0]
    if isinstance(limit, SizeLimit) and limit.passed:
        return _page(request, round_, None, f"文件超过 {limit.most // sheet_changes.MIB} MB，没有读取")
    if file is None or file.file is None:
        return _page(request, round_, None, "先选择填好的填报表，再上传")
    try:
        found = sheet_changes.read(file.name or "", cast(BinaryIO, file.file), round_, request.unit)
    except Refused as refusal:
        return _page(request, round_, None, refusal.message)
    return _page(request, round_, found)


def _page(request: SignedIn, round_: Round, found: Differences | None, refusal: str = "") -> HttpResponse:
    most = sheet_changes.LIMITS.file_size
    context = {"round": round_, "found": found, "refusal": refusal, "key": uuid4(), "most_bytes": most}
    return render(request, "assessments/workbook.html", context, status=422 if refusal else 200)


@require_POST
@requires(P.FILL)
def workbook_accept(request: SignedIn, round_pk: int) -> HttpResponse:
    """Save the ticked changes, each as if it had been typed."""
    round_ = get_object_or_404(visible.rounds_of_unit(request.unit), pk=round_pk)
    key = request.POST.get("key", "")[:64] or str(uuid4())
    posted = sheet_changes.accepted(request.POST.getlist("change"), request.unit, key)
    done = filling.save_rows(round_, request.unit, posted, by=request.user, source="workbook")
    if done.saved:
        messages.success(request, f"已从填报表保存 {done.saved} 项")
    for one in list(done.refused.values())[:5]:
        messages.error(request, one.words)
    if len(done.refused) > 5:
        messages.error(request, f"还有 {len(done.refused) - 5} 项没有保存，重新上传查看")
    if not posted:
        messages.error(request, "没有勾选要保存的项")
    return redirect("worksheet", round_pk=round_.pk)
