"""Scoring rules and proposed points of a draft: what waits, accepted one by one or many at once, changed, refused."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from indicators import editing
from indicators.forms import RuleForm
from indicators.listing import rules as rules_
from indicators.models import Indicator, Ledger, RuleKind, ScoringRule
from indicators.terms import BadTerms
from indicators.views.ledgers import may
from units.access import Permission, SignedIn, requires

PER_PAGE = 100
KINDS = tuple((kind.value, str(kind.label)) for kind in RuleKind)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.EDIT_LEDGERS)
def page(request: SignedIn, pk: int) -> HttpResponse:
    """Rules of a ledger by what was decided; posted, the ticked proposals are accepted."""
    ledger = get_object_or_404(request.organisation.ledgers, pk=pk)
    found = rules_.proposed_points(ledger)
    show = request.GET.get("show", "")
    show = show if show in rules_.SHOW else "waiting"
    if request.method == "POST":
        _accept(request, ledger)
        return redirect(_back(request, ledger, show))
    proposed = rules_.proposals(ledger, found)
    chosen = rules_.chosen(ledger, show).select_related("indicator", "accepted_by", "refused_by")
    rows = Paginator(chosen, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "ledger": ledger,
        "rows": rows,
        "lines": rules_.lines(rows),
        "counts": rules_.counts(ledger, proposed),
        "proposed": proposed[:PER_PAGE] if show == "waiting" else (),
        "show": show,
        "choices": rules_.SHOW.items(),
        **may(request, ledger),
    }
    return render(request, "indicators/rules.html", context)


def _accept(request: SignedIn, ledger: Ledger) -> None:
    """What is ticked: rules by their ids, points by their items, as they are proposed now."""
    rules, items = ([int(one) for one in request.POST.getlist(name) if _is_id(one)] for name in ("rule", "points"))
    found = rules_.proposed_points(ledger) if items else {}
    points = [(item, found[item]) for item in items if item in found]
    _tell(request, lambda: f"已确认 {editing.accept(ledger, rules, points, by=request.user)} 条")


def _tell(request: SignedIn, act: Callable[[], str]) -> None:
    try:
        messages.success(request, act())
    except editing.EditRefused as refused:
        messages.error(request, refused.message)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 16


def _back(request: SignedIn, ledger: Ledger, show: str = "waiting") -> str:
    """To the item's page where the click came from there, else to the list."""
    item = request.POST.get("item", "")
    if _is_id(item):
        return _item_page(get_object_or_404(ledger.indicators, pk=item))
    return f"{reverse('ledger_rules', args=[ledger.pk])}?{urlencode({'show': show})}"


def _item_page(item: Indicator) -> str:
    return f"{reverse('indicator_edit', args=[item.pk])}#rules"


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.EDIT_LEDGERS)
def add(request: SignedIn, pk: int) -> HttpResponse:
    """A rule nobody proposed; `?kind=` says which fields it has."""
    ledger = get_object_or_404(request.organisation.ledgers, indicators__pk=pk, indicators__level__gt=0)
    return _form_page(request, get_object_or_404(ledger.indicators, pk=pk), None)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.EDIT_LEDGERS)
def change(request: SignedIn, pk: int) -> HttpResponse:
    """A rule's terms; saved, it is accepted."""
    rule = _found(request, pk)
    return _form_page(request, rule.indicator, rule)


def _found(request: SignedIn, pk: int) -> ScoringRule:
    ledger = get_object_or_404(request.organisation.ledgers, indicators__rules__pk=pk)
    item = get_object_or_404(ledger.indicators, rules__pk=pk)
    return get_object_or_404(item.rules.select_related("indicator__ledger"), pk=pk)


def _form_page(request: SignedIn, item: Indicator, rule: ScoringRule | None) -> HttpResponse:
    asked = request.POST.get("kind") or request.GET.get("kind", "")
    kind = asked if asked in RuleKind.values else rule.kind if rule else RuleKind.PER_OCCURRENCE.value
    parts = "\n".join(f"{one['points']} {' '.join(one['text'].split())}" for one in item.checkpoints)
    form = RuleForm(request.POST or None, kind=kind, rule=rule, parts=parts)
    if request.method == "POST" and form.is_valid() and _saved(request, form, item, rule):
        return redirect(_item_page(item))
    context: dict[str, Any] = {
        "ledger": item.ledger,
        "item": item,
        "rule": rule,
        "form": form,
        "kind": kind,
        "kinds": KINDS if rule is None or rule.accepted_at is None else [one for one in KINDS if one[0] == rule.kind],
        "back": _item_page(item),
        **may(request, item.ledger),
    }
    return render(request, "indicators/rule.html", context, status=422 if form.errors else 200)


def _saved(request: SignedIn, form: RuleForm, item: Indicator, rule: ScoringRule | None) -> bool:
    try:
        editing.set_rule(item, form.typed(), rule=rule, by=request.user)
    except BadTerms as wrong:
        form.add_error(wrong.field if wrong.field in form.fields else None, wrong.message)
        return False
    except editing.EditRefused as refused:
        form.add_error(None, refused.message)
        return False
    messages.success(request, "评分细则已确认")
    return True


@require_POST
@requires(Permission.EDIT_LEDGERS)
def refuse(request: SignedIn, pk: int) -> HttpResponse:
    """The rule is not used; it stays among those that were refused."""
    rule = _found(request, pk)
    _tell(request, lambda: "已改为不采用" if editing.refuse(rule, by=request.user) else "这条细则已经是不采用")
    return redirect(_back(request, rule.indicator.ledger))
