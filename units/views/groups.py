"""Pages about groups of units: 各镇, 县政府各部门."""

from typing import Any

from django.contrib import messages
from django.db.models import ProtectedError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from units import offices, tables
from units.access import Permission, SignedIn, requires
from units.forms import GroupForm


@requires(Permission.VIEW_UNITS)
def groups(request: SignedIn) -> HttpResponse:
    """单位组 with their members."""
    return render(request, "units/groups.html", {"groups": tables.group_rows(request.organisation)})


@requires(Permission.MANAGE_UNITS)
def group_add(request: SignedIn) -> HttpResponse:
    """A new group."""
    form = GroupForm(request.organisation, request.POST or None)
    if request.method == "POST" and form.is_valid():
        chosen: dict[str, Any] = form.cleaned_data
        try:
            made = offices.add_group(request.organisation, chosen["name"], chosen["members"], by=request.user)
        except offices.Refused as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, f"已新增单位组“{made.name}”。")
            return redirect("groups")
    return render(request, "units/group.html", {"form": form})


@requires(Permission.MANAGE_UNITS)
def group(request: SignedIn, pk: int) -> HttpResponse:
    """One group: its name and members."""
    found = get_object_or_404(request.organisation.groups, pk=pk)
    start = {"name": found.name, "members": list(found.members.values_list("pk", flat=True))}
    form = GroupForm(request.organisation, request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        chosen: dict[str, Any] = form.cleaned_data
        try:
            offices.change_group(found, chosen["name"], chosen["members"], by=request.user)
        except offices.Refused as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, f"已保存单位组“{chosen['name']}”。")
            return redirect("groups")
    return render(request, "units/group.html", {"form": form, "group": found})


@requires(Permission.MANAGE_UNITS)
@require_POST
def group_remove(request: SignedIn, pk: int) -> HttpResponse:
    """A group less, unless a ledger names it."""
    found = get_object_or_404(request.organisation.groups, pk=pk)
    try:
        offices.remove_group(found, by=request.user)
        messages.success(request, f"已删除单位组“{found.name}”。")
    except ProtectedError:
        messages.error(request, f"有台账写着“{found.name}”，不能删除；可以修改它的名称和成员。")
    return redirect("groups")
