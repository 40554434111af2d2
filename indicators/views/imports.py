"""The import desk: a file comes in, its reading is shown, a person confirms, and the ledger stands."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from indicators import importing
from indicators.forms import UploadForm
from indicators.models import UploadState
from indicators.uploading import SizeLimit
from indicators.views import desk
from indicators.views.ledgers import in_place
from units.access import Permission, SignedIn, requires
from units.models import JobState

PER_PAGE = 30
MIB = 1024 * 1024
_BUSY = (UploadState.WAITING, UploadState.STORING)


def _desk(request: SignedIn, form: UploadForm) -> HttpResponse:
    found = request.organisation.uploads.select_related("uploaded_by", "job").defer("reading")
    page = Paginator(found.prefetch_related("ledgers", "updates__ledger").order_by("-pk"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "uploads": page,
        "form": form,
        "most_bytes": settings.LEDGER_MAX_BYTES,
        "most": settings.LEDGER_MAX_BYTES // MIB,
    }
    return render(request, "indicators/imports.html", context)


@require_safe
@requires(Permission.IMPORT)
def index(request: SignedIn) -> HttpResponse:
    """Where files are uploaded, and what became of them."""
    return _desk(request, UploadForm())


@csrf_exempt
@require_POST
@requires(Permission.IMPORT)
def receive(request: SignedIn) -> HttpResponse:
    """The handler that stops large files must stand before anything reads the form, the token's check included."""
    request.upload_handlers.insert(0, SizeLimit(settings.LEDGER_MAX_BYTES))
    return _receive(request)


@csrf_protect
def _receive(request: SignedIn) -> HttpResponse:
    form = UploadForm(request.POST, request.FILES)
    limit = request.upload_handlers[0]
    if isinstance(limit, SizeLimit) and limit.passed:
        form.errors.clear()
        form.add_error("file", f"文件超过 {limit.most // MIB} MB，没有保存；拆成几个文件后再上传")
    if not form.is_valid():
        return _desk(request, form)
    file = form.cleaned_data["file"]
    upload = importing.receive(file, file.name, organisation=request.organisation, by=request.user)
    if upload.is_repeat:
        messages.warning(request, "这个文件已导入过" if upload.state == UploadState.STORED else "这个文件已上传过")
    return redirect("import", upload.pk)


@require_safe
@requires(Permission.IMPORT)
def upload(request: SignedIn, pk: int) -> HttpResponse:
    """How far the file is: being read, to be confirmed, refused, being stored, stored."""
    # the reading is large and only the preview looks at it
    uploads = request.organisation.uploads.select_related("job", "organisation").defer("reading")
    found = get_object_or_404(uploads, pk=pk)
    failed = found.job is not None and found.job.state == JobState.FAILED
    busy = found.state in _BUSY and not failed
    if in_place(request):
        if busy:
            return render(request, "indicators/_upload_progress.html", {"upload": found, "job": found.job})
        report = found.job.report if found.job else {}
        return HttpResponseClientRedirect(report.get("url") or request.path)
    context: dict[str, Any] = {
        "upload": found,
        "job": found.job,
        "busy": busy,
        "failed": failed and found.state in _BUSY,
    }
    readable = found.state == UploadState.REFUSED and found.sheets.exists()
    if found.state == UploadState.READ or readable or (failed and found.state == UploadState.STORING):
        return desk.page(request, found, context)
    context["ledgers"] = list(found.ledgers.order_by("pk"))
    context["updates"] = list(found.updates.select_related("ledger"))
    context["said"] = importing.said_of(context["ledgers"])
    return render(request, "indicators/upload.html", context)


@require_POST
@requires(Permission.IMPORT)
def again(request: SignedIn, pk: int) -> HttpResponse:
    """Reading that ended without a result is tried anew."""
    found = get_object_or_404(request.organisation.uploads, pk=pk)
    importing.read_again(found, by=request.user)
    return redirect("import", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.IMPORT)
def discard(request: SignedIn, pk: int) -> HttpResponse:
    """An upload that was never confirmed is deleted, asked once more."""
    found = get_object_or_404(request.organisation.uploads, pk=pk)
    if request.method != "POST":
        return render(request, "indicators/discard.html", {"upload": found})
    try:
        importing.discard(found, by=request.user)
    except importing.ImportRefused as refused:
        messages.error(request, refused.message)
        return redirect("import", pk)
    messages.success(request, f"已删除“{found.name}”")
    return redirect("imports")
