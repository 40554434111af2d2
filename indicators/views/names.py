"""待匹配名称: what imports left open, to be settled at any time."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from indicators import names
from indicators.forms import SettleForm
from units.access import Permission, SignedIn, requires

PER_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MANAGE_UNITS)
def waiting(request: SignedIn) -> HttpResponse:
    """The names with suggestions; one is settled at a time."""
    form = SettleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["name"]
        try:
            done = names.settle(request.organisation, name, form.cleaned_data["becomes"], by=request.user)
        except names.NotSettled as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, f"“{name}”已匹配 {done} 处，以后导入也认得这个名称")
        return redirect("names_waiting")
    if request.method == "POST":
        messages.error(request, "选择这个名称对应什么")
        return redirect("names_waiting")
    found = Paginator(names.waiting(request.organisation), PER_PAGE).get_page(request.GET.get("page"))
    units = request.organisation.units.offices().active()
    return render(request, "indicators/names.html", {"lines": found, "units": units})
