"""Pages about the audit: the list, its export, and whether the chain holds."""

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from units import anchors, tables
from units.access import Permission, SignedIn, requires
from units.audit import record, verify
from units.forms import AuditFilter


class _Line:
    """What csv writes to: a line goes straight to the answer."""

    def write(self, line: str) -> str:
        """The line itself."""
        return line


@requires(Permission.VIEW_AUDIT)
def audit(request: SignedIn) -> HttpResponse:
    """审计: who did what, when, from where."""
    chosen = AuditFilter(request.GET)
    rows = tables.audit_rows(request.organisation, chosen.cleaned_data if chosen.is_valid() else {})
    page = Paginator(rows, tables.EVENTS_A_PAGE).get_page(request.GET.get("page"))
    lines = [(event, [(key, tables.told(value)) for key, value in event.detail.items()]) for event in page]
    context = {"filter": chosen, "page": page, "lines": lines, "filtered": chosen.changed_data}
    return render(request, "units/audit.html", context)


@requires(Permission.VIEW_AUDIT)
def audit_export(request: SignedIn) -> StreamingHttpResponse:
    """The same lines as a table for Excel, in which nothing is a formula; the export is a line of its own."""
    chosen = AuditFilter(request.GET)
    found = chosen.cleaned_data if chosen.is_valid() else {}
    rows = tables.audit_rows(request.organisation, found)
    detail = {str(chosen[name].label): str(found[name]) for name in found if found[name]}
    record(organisation=request.organisation, actor=request.user, action="导出审计", detail=detail)
    name = f"audit-{timezone.localdate():%Y%m%d}.csv"
    return StreamingHttpResponse(
        _csv(tables.audit_lines(rows)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@requires(Permission.VIEW_AUDIT)
@require_POST
def audit_check(request: SignedIn) -> HttpResponse:
    """Whether every line still agrees with its digest and with the line before it."""
    bad, anchor = verify(request.organisation), anchors.parted(request.organisation)
    if bad is None and anchor is not None:
        messages.error(request, f"与 {anchor.day} 留存的校验值不符：当天及以前的记录有删改。")
    elif bad is None:
        messages.success(request, f"全部记录前后一致，没有被改动过。{_restores()}")
    else:
        at = timezone.localtime(bad.at).strftime("%Y-%m-%d %H:%M:%S")
        messages.error(request, f"从第 {bad.pk} 号记录（{at}，{bad.action}）起前后不一致：它或它前面的记录被改动过。")
    return redirect("audit")


def _restores() -> str:
    """When backups were put back: lines written between backup and restore are not in the trail."""
    days = [datetime.fromisoformat(one.restored).strftime("%Y-%m-%d %H:%M") for one in anchors.restored()]
    return f"系统从备份恢复过：{'、'.join(days[-5:])}；备份之后、恢复之前的记录不在其中。" if days else ""


def _csv(lines: Iterable[list[str]]) -> Iterator[str]:
    writer = csv.writer(_Line())
    # Excel takes a file without this mark for GB18030
    yield "\ufeff"
    for line in lines:
        yield writer.writerow([tables.safe_cell(words) for words in line])
