"""年度: a ledger copied for the next year, two ledgers side by side, and a past one archived."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from indicators import versions
from indicators.changes import years
from indicators.editing import EditRefused
from indicators.forms import LedgerForm, PairForm
from indicators.views.ledgers import may
from units.access import Permission, SignedIn, allows, requires

PER_PAGE = 200


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.EDIT_LEDGERS)
def copy(request: SignedIn, pk: int) -> HttpResponse:
    """A draft for the next year, with responsibilities, rules and methods."""
    found = get_object_or_404(request.organisation.ledgers, pk=pk)
    proposed = {
        "title": versions.next_title(found),
        "issuer": found.issuer,
        "year": found.year + 1 if found.year else None,
    }
    form = LedgerForm(request.POST or None, initial=proposed)
    if request.method == "POST" and form.is_valid():
        try:
            made = versions.copy_to_year(found, by=request.user, **form.cleaned_data)
        except EditRefused as refused:
            form.add_error("title", refused.message)
        else:
            messages.success(request, "已建立新年度草稿，责任单位、评估方式和评分细则一并带来")
            return redirect("ledger", made.pk)
    return render(request, "indicators/ledger_copy.html", {"ledger": found, "form": form})


@require_safe
@requires(Permission.VIEW_LEDGERS)
def choose(request: SignedIn, pk: int) -> HttpResponse:
    """Which ledger to lay beside this one."""
    found = get_object_or_404(request.organisation.ledgers, pk=pk)
    others = request.organisation.ledgers.exclude(pk=pk).defer("findings", "notes", "layout")
    near = found.previous_id or found.copied_from_id
    page = Paginator(others, 50).get_page(request.GET.get("page"))
    return render(request, "indicators/years_choose.html", {"ledger": found, "others": page, "near": near})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.VIEW_LEDGERS)
def compare(request: SignedIn, pk: int, ledger_pk: int) -> HttpResponse:
    """An older ledger and a newer one, side by side; posted is whether two indicators are one."""
    older = get_object_or_404(request.organisation.ledgers, pk=ledger_pk)
    newer = get_object_or_404(request.organisation.ledgers, pk=pk)
    if request.method == "POST":
        return _answer(request)
    kind = request.GET.get("kind", "")
    found = years.side_by_side(older, newer)
    page = Paginator(found.of(kind), PER_PAGE).get_page(request.GET.get("page"))
    context = {"older": older, "newer": newer, "found": found, "lines": page, "kind": kind, **may(request)}
    return render(request, "indicators/years.html", context)


def _answer(request: SignedIn) -> HttpResponse:
    """Kept for those who may edit; everybody else only reads."""
    if not allows(request.membership, Permission.EDIT_LEDGERS):
        raise PermissionDenied
    form = PairForm(request.POST)
    if not form.is_valid():
        messages.error(request, "选择“是同一项”或“不是同一项”")
        return redirect(f"{request.path}?kind=asked")
    try:
        years.answer(request.organisation, by=request.user, **form.values())
    except EditRefused as refused:
        messages.error(request, refused.message)
    return redirect(f"{request.path}?kind=asked")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.EDIT_LEDGERS)
def archive(request: SignedIn, pk: int) -> HttpResponse:
    """Asked once more before a ledger goes out of use."""
    found = get_object_or_404(request.organisation.ledgers, pk=pk)
    if request.method == "POST":
        try:
            versions.archive(found, by=request.user)
        except EditRefused as refused:
            messages.error(request, refused.message)
        else:
            messages.success(request, "台账已归档")
        return redirect("ledger", pk)
    consequences = ["不能再在这份台账上开启考核轮次", "已开启和已公布的轮次不受影响，台账仍可查看、导出和对照"]
    return render(request, "indicators/archive.html", {"ledger": found, "consequences": consequences})
