"""A list sent as a file, with its line in the audit."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from assessments import tables
from assessments.tables import Table
from units import audit
from units.access import SignedIn

KINDS = {"csv": (tables.CSV, "csv"), "xlsx": (tables.XLSX, "xlsx")}


def send(request: SignedIn, table: Table, title: str) -> HttpResponse:
    """The table as the CSV or Excel file that `?format=` asks for."""
    content_type, ending = KINDS[request.GET["format"]]
    content = tables.as_csv(table) if ending == "csv" else tables.as_xlsx(table, title)
    name = "".join(" " if char in '\\/:*?"<>|' else char for char in title)[:80]
    answer = HttpResponse(content, content_type=content_type)
    answer.headers["Content-Disposition"] = content_disposition_header(True, f"{name}.{ending}") or ""
    audit.record(
        organisation=request.organisation,
        actor=request.user,
        action="导出",
        target=title,
        detail={"rows": len(table.rows), "format": ending},
        address=audit.client_address(request),
    )
    return answer


def wanted(request: SignedIn) -> bool:
    """Whether the address asks for a file."""
    return request.GET.get("format") in KINDS
