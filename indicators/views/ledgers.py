"""The list of ledgers, one ledger as a table, its findings and amendments, and the steps of its life."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from indicators import listing, versions
from indicators.editing import EditRefused
from indicators.forms import AmendmentFilter, LedgerForm
from indicators.listing import amended, delta, frame, opening
from indicators.listing import index as index_
from indicators.listing import rules as rules_
from indicators.listing.flaws import SEVERITIES
from indicators.models import Ledger, LedgerStatus
from units.access import Permission, SignedIn, allows, requires

PER_PAGE = 50
_GRID = (
    "ledger",
    "grid_frame",
    "grid",
    "grid_steps",
    "grid_apply",
    "grid_save",
    "grid_block",
    "grid_names",
    "grid_shape",
    "grid_drag",
)
SCRIPTS = tuple(f"js/{name}.js" for name in _GRID)


def in_place(request: SignedIn) -> bool:
    """Whether htmx asks for a part of the page."""
    return request.headers.get("HX-Request") == "true"


def may(request: SignedIn, ledger: Ledger | None = None) -> dict[str, bool]:
    """What the person may do here; a ledger that is no draft is edited by nobody."""
    edits = allows(request.membership, Permission.EDIT_LEDGERS)
    return {
        "may_write": edits,
        "may_edit": edits and ledger is not None and ledger.status == LedgerStatus.DRAFT,
        "may_import": allows(request.membership, Permission.IMPORT),
        "may_round": allows(request.membership, Permission.MANAGE_ROUNDS),
    }


def indicators_at() -> str:
    """Where the addresses of indicators begin: asked once a page, not once a cell."""
    return f"{reverse('ledgers')}indicators/"


def sheet_context(
    request: SignedIn, ledger: Ledger, filters: listing.Filters, *, whole: bool = False, rows: bool = True
) -> dict[str, Any]:
    """What the table and the lines above it need. whole: a large ledger in one piece, too. rows: not only the lines."""
    rights = may(request, ledger)
    version = delta.version(ledger)
    view = frame.view_of(request.user, editing=rights["may_edit"])
    page = opening.open_page(ledger, filters, view, whole=whole, rows=rows)
    return {
        "ledger": ledger,
        # before the rows were read: what comes in between is asked for again
        "version": version,
        "roles": opening.ROLES,
        "after": page.after,
        "page": page,
        "sheet": page.sheet,
        "filters": filters,
        "query": f"?{filters.query}" if filters.query else "",
        "at": indicators_at(),
        **rights,
    }


@require_safe
@requires(Permission.VIEW_LEDGERS)
def index(request: SignedIn) -> HttpResponse:
    """All ledgers of the organisation."""
    asked = {name: request.GET.get(name, "").strip() for name in ("q", "year", "status")}
    found = index_.ledgers(request.organisation, **asked)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "ledgers": page,
        "lines": index_.lines(page.object_list),
        "years": index_.years(request.organisation),
        "states": LedgerStatus.choices,
        "asked": asked,
        "narrowed": any(asked.values()),
        **may(request),
    }
    return render(request, "indicators/ledgers.html", context)


@require_safe
@requires(Permission.VIEW_LEDGERS)
def ledger(request: SignedIn, pk: int) -> HttpResponse:
    """The ledger as a table that looks like the document."""
    found = get_object_or_404(request.organisation.ledgers.select_related("upload"), pk=pk)
    whole = request.GET.get("whole") == "1"
    context = sheet_context(request, found, listing.asked(request.GET), whole=whole)
    context["scripts"] = SCRIPTS
    context["adjustments"] = list(found.adjustments.all())
    context["next_version"] = found.next_versions.first()
    context["undecided"] = rules_.undecided(found) if context["may_edit"] else None
    return render(request, "indicators/ledger.html", context)


@require_safe
@requires(Permission.VIEW_LEDGERS)
def findings(request: SignedIn, pk: int) -> HttpResponse:
    """Every finding, each with a way to its row."""
    found = get_object_or_404(request.organisation.ledgers, pk=pk)
    page = listing.page(found, listing.Filters())
    flaws = page.flaws
    severity = request.GET.get("severity", "")
    shown = [(flaw, page.anchor(flaw)) for flaw in flaws if severity in {"", flaw.severity}]
    counts = [(key, word, sum(1 for flaw in flaws if flaw.severity == key)) for key, word in SEVERITIES.items()]
    context = {
        "ledger": found,
        "flaws": Paginator(shown, 100).get_page(request.GET.get("page")),
        "severity": severity,
        "counts": [one for one in counts if one[2]],
        "total": len(flaws),
        **may(request, found),
    }
    return render(request, "indicators/findings.html", context)


@require_safe
@requires(Permission.VIEW_LEDGERS)
def amendments(request: SignedIn, pk: int) -> HttpResponse:
    """Who changed what, newest first, narrowed by person, indicator, kind and days."""
    found = get_object_or_404(request.organisation.ledgers, pk=pk)
    form = AmendmentFilter(request.GET, people=amended.people(found))
    asked = form.asked()
    only = found.indicators.filter(pk=asked["indicator"]).first() if "indicator" in asked else None
    page = Paginator(amended.chosen(found, asked), 100).get_page(request.GET.get("page"))
    context = {"ledger": found, "lines": page, "filter": form, "asked": asked, "only": only, **may(request, found)}
    return render(request, "indicators/amendments.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.EDIT_LEDGERS)
def begin(request: SignedIn) -> HttpResponse:
    """A ledger without an indicator yet."""
    form = LedgerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = versions.begin(request.organisation, by=request.user, **form.cleaned_data)
        return redirect("ledger", made.pk)
    return render(request, "indicators/ledger_new.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.EDIT_LEDGERS)
def publish(request: SignedIn, pk: int) -> HttpResponse:
    """Asked once more before the ledger is closed to edits."""
    found = get_object_or_404(request.organisation.ledgers, pk=pk)
    page = listing.page(found, listing.Filters())
    if request.method == "POST":
        try:
            versions.publish(found, by=request.user)
        except EditRefused as refused:
            messages.error(request, refused.message)
        else:
            messages.success(request, "台账已发布，可以开启考核轮次")
        return redirect("ledger", pk)
    context = {"ledger": found, "page": page, "consequences": [*_undecided(found), *_consequences(page)]}
    return render(request, "indicators/publish.html", context)


def _undecided(found: Ledger) -> list[str]:
    return [f"还有 {words}；发布后不能再确认" for words in rules_.undecided(found).sentences]


def _consequences(page: listing.Page) -> list[str]:
    sheet = page.sheet
    lines = [
        f"{sheet.items} 项评估点（合计 {sheet.listed or '0'} 分）不能再修改、移动或停用",
        "可以在这个版本上开启考核轮次",
        "以后要修改，建立新版本，改好后再发布；已开启的轮次不受影响",
    ]
    return [f"还有{page.attention}，将按现状发布", *lines] if page.attention else lines


@require_POST
@requires(Permission.EDIT_LEDGERS)
def new_version(request: SignedIn, pk: int) -> HttpResponse:
    """A draft that continues a published ledger."""
    found = get_object_or_404(request.organisation.ledgers, pk=pk)
    try:
        draft = versions.new_version(found, by=request.user)
    except EditRefused as refused:
        messages.error(request, refused.message)
        return redirect("ledger", pk)
    messages.success(request, f"已建立第 {draft.version} 版草稿，在这里修改")
    return redirect("ledger", draft.pk)
