"""看板: the newest round's board, any round's board, and the lists behind its numbers."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from assessments import amended, item_list, outlines, remedy_page, visible
from assessments.boards import board
from assessments.item_list import SHOW, Wanted
from assessments.views import blinded, files, tracking
from units.access import Permission as P
from units.access import SignedIn, requires

PAGE_ROWS = 200


@require_GET
@requires(P.VIEW_BOARD)
def boards_page(request: SignedIn) -> HttpResponse:
    """The newest opened round's board; until there is one, a page that says so."""
    newest = visible.opened(request).first()
    if newest is None:
        return render(request, "assessments/boards_empty.html")
    return redirect("board", round_pk=newest.pk)


@require_GET
@requires(P.VIEW_BOARD)
def board_page(request: SignedIn, round_pk: int) -> HttpResponse:
    """One round's board; `?wall=1` for a projector, where it renews itself."""
    opened = visible.opened(request)
    round_ = get_object_or_404(opened, pk=round_pk)
    if round_.is_tracked:
        return tracking.board_page(request, round_)
    if (kept := blinded.closed(request, round_)) is not None:
        return kept
    context = {
        "board": board(round_),
        "rounds": opened.values_list("pk", "name"),
        "now": timezone.localtime(),
        "wall": request.GET.get("wall") == "1",
    }
    return render(request, "assessments/board.html", context)


@require_GET
@requires(P.VIEW_BOARD)
def board_items(request: SignedIn, round_pk: int) -> HttpResponse:
    """The entries behind a number; `?format=csv` or `xlsx` for a file."""
    round_ = get_object_or_404(visible.opened(request), pk=round_pk)
    if round_.is_tracked:
        return tracking.items_page(request, round_)
    if (kept := blinded.closed(request, round_)) is not None:
        return kept
    wanted = Wanted.read(request.GET.dict())
    tree = outlines.outline(round_.ledger_id)
    found = item_list.select(round_, wanted, tree)
    corrected = amended.in_round(round_.pk) if round_.is_sealed else {}
    title = item_list.title(round_, wanted, tree)
    if files.wanted(request):
        return files.send(request, item_list.table(found, tree, corrected), f"{round_.name} {title}")
    page = Paginator(found, PAGE_ROWS).get_page(request.GET.get("page"))
    context = {
        "round": round_,
        "wanted": wanted,
        "title": title,
        "page": page,
        "lines": [item_list.line(entry, tree, corrected) for entry in page],
        "sums": item_list.sums(found),
        "choices": [(key, words) for key, (words, _) in SHOW.items()],
        "units": visible.units_in(round_, request.organisation),
        "tops": tree.tops,
        "orders": wanted.show == "lost" and remedy_page.offers(round_, request.membership.role),
    }
    return render(request, "assessments/board_items.html", context)
