"""机构改革: a unit merged into another one or split, each after a page that says what happens."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from units import offices, succession
from units.access import Permission, SignedIn, requires
from units.forms import MergeForm, SplitForm

_MANAGE = Permission.MANAGE_UNITS


@requires(_MANAGE)
def unit_merge(request: SignedIn, pk: int) -> HttpResponse:
    """合并: the office goes into another one."""
    found = get_object_or_404(request.organisation.units.active(), pk=pk)
    form = MergeForm(found, request.POST or None)
    if request.method == "POST" and form.is_valid():
        into = form.cleaned_data["into"]
        try:
            said = succession.merge(found, into=into, document=form.cleaned_data["document"], by=request.user)
        except offices.Refused as refusal:
            form.add_error("into", str(refusal))
        else:
            messages.success(request, "；".join([f"“{found.name}”已并入“{into.name}”", *said]) + "。")
            return redirect("unit", into.pk)
    return render(request, "units/unit_merge.html", {"unit": found, "form": form})


@requires(_MANAGE)
def unit_split(request: SignedIn, pk: int) -> HttpResponse:
    """拆分、分设: one office becomes several."""
    found = get_object_or_404(request.organisation.units.active(), pk=pk)
    form = SplitForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            made, said = succession.split(
                found, told["names"], stays=told["stays"], document=told["document"], by=request.user
            )
        except offices.Refused as refusal:
            form.add_error("names", str(refusal))
        else:
            names = "、".join(unit.name for unit in made)
            messages.success(request, "；".join([f"已新设“{names}”", *said]) + "。")
            return redirect("unit", made[0].pk)
    return render(request, "units/unit_split.html", {"unit": found, "form": form})
