"""评分表: one sheet's tree with its sums, and what befell its total."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from assessments import adjustments, score_tree, visible
from assessments.forms import Times
from assessments.refusals import NotNow
from assessments.views import blinded, files
from units.access import Permission as P
from units.access import SignedIn, allows, requires


@require_GET
@requires(P.VIEW_ROUNDS, P.VIEW_BOARD)
def sheet_page(request: SignedIn, pk: int) -> HttpResponse:
    """The tree and the total, made from the entries as they are now."""
    sheet = get_object_or_404(visible.sheets(request), pk=pk)
    if sheet.round.is_tracked:
        return redirect("board", round_pk=sheet.round_id)
    if (kept := blinded.closed(request, sheet.round)) is not None:
        return kept
    tree = score_tree.score_tree(sheet)
    if files.wanted(request):
        return files.send(request, score_tree.table(tree), f"{sheet.round.name} {sheet.unit} 评分表")
    manages = allows(request.membership, P.MANAGE_ROUNDS) and sheet.round.phase in adjustments.OPEN
    return render(request, "assessments/sheet.html", {"tree": tree, "manages": manages})


@require_POST
@requires(P.MANAGE_ROUNDS)
def sheet_adjust(request: SignedIn, pk: int) -> HttpResponse:
    """Register how often an adjustment befell the sheet."""
    sheet = get_object_or_404(visible.sheets(request), pk=pk)
    typed = Times.read(request.POST.get)
    if typed is None:
        messages.error(request, "次数填 0 或正整数，没有登记")
    else:
        rule = get_object_or_404(sheet.round.ledger.adjustments, pk=typed.adjustment_id)
        try:
            adjustments.register_adjustment(sheet, rule, typed.times, typed.reason, by=request.user)
            messages.success(request, "已登记，总分已重新计算")
        except NotNow as refusal:
            messages.error(request, refusal.message)
    return redirect(f"{reverse('sheet', args=[sheet.pk])}#adjustments")
