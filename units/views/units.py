"""Pages about units: the list, a new one, and one unit with everything that can be changed about it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from units import offices, tables
from units.access import Permission, SignedIn, requires
from units.forms import AliasForm, ClassForm, MoveForm, NameForm, UnitFilter, UnitForm
from units.models import Unit

_VIEW, _MANAGE = Permission.VIEW_UNITS, Permission.MANAGE_UNITS


@requires(_VIEW)
def units(request: SignedIn) -> HttpResponse:
    """单位: the tree as a table."""
    chosen = UnitFilter(request.organisation, request.GET)
    rows = tables.unit_rows(request.organisation, chosen.cleaned_data if chosen.is_valid() else {})
    page = Paginator(rows, tables.UNITS_A_PAGE).get_page(request.GET.get("page"))
    context = {"filter": chosen, "page": page, "all": request.organisation.units.offices().active().count()}
    return render(request, "units/units.html", context)


@requires(_MANAGE)
def unit_add(request: SignedIn) -> HttpResponse:
    """A new unit; `below` names the unit it shall stand under."""
    root = request.organisation.units.get(parent__isnull=True)
    start = {"parent": request.GET.get("below") or root.pk}
    form = UnitForm(request.organisation, request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        name, parent = form.cleaned_data["name"], form.cleaned_data["parent"]
        try:
            unit = offices.add_unit(request.organisation, name, parent=parent, by=request.user)
        except offices.Refused as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, f"已新增“{unit.name}”。")
            return redirect("unit", unit.pk)
    return render(request, "units/unit_add.html", {"form": form})


@requires(_VIEW)
def unit(request: SignedIn, pk: int) -> HttpResponse:
    """One unit."""
    return _page(request, get_object_or_404(request.organisation.units, pk=pk))


@requires(_MANAGE)
@require_POST
def unit_rename(request: SignedIn, pk: int) -> HttpResponse:
    """Another name; the old one becomes an alias."""
    found = get_object_or_404(request.organisation.units, pk=pk)
    form = NameForm(request.POST)
    return _change(request, found, "name_form", form, lambda: offices.rename(found, _name(form), by=request.user))


@requires(_MANAGE)
@require_POST
def unit_classify(request: SignedIn, pk: int) -> HttpResponse:
    """The class within which the unit is ranked."""
    found = get_object_or_404(request.organisation.units, pk=pk)
    form = ClassForm(request.POST)
    return _change(
        request, found, "class_form", form,
        lambda: offices.classify(found, form.cleaned_data["unit_class"], by=request.user),
    )  # fmt: skip


@requires(_MANAGE)
@require_POST
def alias_add(request: SignedIn, pk: int) -> HttpResponse:
    """Another spelling."""
    found = get_object_or_404(request.organisation.units, pk=pk)
    form = AliasForm(request.POST, prefix="alias")
    return _change(request, found, "alias_form", form, lambda: offices.add_alias(found, _name(form), by=request.user))


@requires(_MANAGE)
@require_POST
def alias_remove(request: SignedIn, pk: int) -> HttpResponse:
    """A spelling less."""
    alias = get_object_or_404(request.organisation.aliases.select_related("unit"), pk=pk)
    offices.remove_alias(alias, by=request.user)
    messages.success(request, f"已删除别名“{alias.name}”。")
    return redirect("unit", alias.unit_id)


@requires(_MANAGE)
@require_POST
def unit_move(request: SignedIn, pk: int) -> HttpResponse:
    """The unit with everything below it, under another one."""
    found = get_object_or_404(request.organisation.units, pk=pk)
    form = MoveForm(found, request.POST)
    return _change(
        request, found, "move_form", form, lambda: offices.move(found, to=form.cleaned_data["to"], by=request.user)
    )


@requires(_MANAGE)
@require_POST
def unit_shift(request: SignedIn, pk: int) -> HttpResponse:
    """One place up or down among its neighbours."""
    found = get_object_or_404(request.organisation.units, pk=pk)
    up = request.POST.get("way") == "up"
    if not offices.shift(found, up=up, by=request.user):
        messages.info(request, "已经在最前面。" if up else "已经在最后面。")
    return redirect("unit", found.pk)


@requires(_MANAGE)
def unit_abolish(request: SignedIn, pk: int) -> HttpResponse:
    """撤销, after a page that says what happens."""
    found = get_object_or_404(request.organisation.units.active(), pk=pk)
    if request.method == "POST":
        try:
            offices.abolish(found, by=request.user)
        except offices.Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("unit", found.pk)
        messages.success(request, f"已撤销“{found.name}”。")
        return redirect("units")
    return render(request, "units/unit_abolish.html", {"unit": found, "problem": offices.why_kept(found)})


@requires(_MANAGE)
@require_POST
def unit_restore(request: SignedIn, pk: int) -> HttpResponse:
    """An abolished unit back in the list."""
    found = get_object_or_404(request.organisation.units, pk=pk)
    try:
        offices.restore(found, by=request.user)
        messages.success(request, f"已恢复“{found.name}”。")
    except offices.Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("unit", found.pk)


def _name(form: Form) -> str:
    return str(form.cleaned_data["name"])


def _change(request: SignedIn, found: Unit, role: str, form: Form, verb: Callable[[], Any]) -> HttpResponse:
    """Do it and show the unit again, or show the form with what stands in the way."""
    if form.is_valid():
        try:
            verb()
        except offices.Refused as refusal:
            form.add_error(next(iter(form.fields)), str(refusal))
        else:
            messages.success(request, "已保存。")
            return redirect("unit", found.pk)
    return _page(request, found, status=422, **{role: form})


def _page(request: SignedIn, found: Unit, status: int = 200, **bound: Form) -> HttpResponse:
    current = found.unit_class.name if found.unit_class else ""
    context = {
        "unit": found,
        "above": found.parent,
        "below": request.organisation.units.active().filter(parent=found),
        "aliases": found.aliases.all(),
        "groups": found.groups.all(),
        "history": tables.history(found),
        "people": tables.account_rows(request.organisation, {}).filter(unit=found),
        "classes": request.organisation.classes.all(),
        "name_form": NameForm(initial={"name": found.name}),
        "class_form": ClassForm(initial={"unit_class": current}),
        "alias_form": AliasForm(prefix="alias"),
        "move_form": MoveForm(found, initial={"to": found.parent_id}),
    }
    context |= bound | {"form": next(iter(bound.values()), None)}
    return render(request, "units/unit.html", context, status=status)
