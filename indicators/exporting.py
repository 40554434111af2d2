"""A stored ledger → a page in its own layout, and the file made of it; lays out no cell itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from indicators.importing import sheets
from indicators.importing.kept import identity, unpack
from indicators.importing.receiving import limits
from indicators.listing.outline import DEADLINES, LEADERS, Outline, from_ledger
from indicators.models import Adjustment, Indicator, Ledger, Upload
from indicators.reading import Layout, Refused, open_book, snapshot
from indicators.reading.drafts import AdjustmentDraft, LedgerDraft, NodeDraft, ResponsibilityDraft
from indicators.reading.formats.grid import Grid
from indicators.reading.weighing import as_printed
from indicators.writing import Looks, Page, csv, docx, lay_out, looks_of, xlsx

WRITERS: Mapping[str, Callable[[Page], bytes]] = {"docx": docx, "csv": csv}
KINDS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "csv": "text/csv; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class _Source:
    """The sheet a ledger came from: its cells, what was read of them, and what a person said of them."""

    grid: Grid
    then: LedgerDraft
    layout: Layout


def page(ledger: Ledger) -> Page:
    """The ledger as it stands, on the sheet it came from while that can show it; at most seven queries.

    A copy for another year or version keeps the layout, not the scores that were printed in it.
    """
    now = drafted(ledger)
    source = _source(ledger)
    if source is None:
        return lay_out(now)
    origins = _origins(ledger, source.then)
    return lay_out(now, source.then, source.grid, source.layout, origins, scores=_is_first(ledger))


def _is_first(ledger: Ledger) -> bool:
    return ledger.previous_id is None and ledger.copied_from_id is None


def file(ledger: Ledger, suffix: str) -> bytes:
    """The ledger as .xlsx, .docx or .csv; a workbook with the looks of the one it came from.

    Raises KeyError for another suffix.
    """
    if suffix != "xlsx":
        return WRITERS[suffix](page(ledger))
    laid = page(ledger)
    return xlsx(laid, _looks(ledger) if laid.own else None)


def _looks(ledger: Ledger) -> Looks | None:
    upload = ledger.upload
    grid = _grid(upload, ledger.sheet) if upload is not None else None
    if upload is None or grid is None:
        return None
    try:
        with upload.content.open("rb") as content:
            return looks_of(content.read(), grid)
    except (OSError, ValueError):
        return None


def file_name(ledger: Ledger, suffix: str) -> str:
    """`台账名称_第2版.xlsx`, without what a disk refuses."""
    bare = "".join(one for one in ledger.title if one.isprintable() and one not in '\\/:*?"<>|').strip(". ")
    return f"{bare[:80] or '台账'}_第{ledger.version}版.{suffix}"


def drafted(ledger: Ledger) -> LedgerDraft:
    """The stored tree as plain data, with the points as printed; five queries. Node ids are those of the indicators."""
    outline = from_ledger(ledger)
    beside = {
        one["pk"]: one for one in Indicator.objects.filter(ledger=ledger).values("pk", "extra", "leaders", "deadlines")
    }
    nodes = tuple(_node(outline, at, beside) for at in range(len(outline.nodes)))
    stored = LedgerDraft(
        title=ledger.title,
        issuer=ledger.issuer or None,
        year=ledger.year,
        sheet=ledger.sheet or "台账",
        header_rows=(),
        columns={},
        depth=max((node.level for node in nodes), default=0),
        declared_total=ledger.declared_total,
        listed_total=None,
        stated_total=ledger.stated_total,
        nodes=nodes,
        adjustments=tuple(_rule(one) for one in ledger.adjustments.order_by("pk")),
        notes=tuple(ledger.notes),
    )
    return as_printed(stored)


def _rule(one: Adjustment) -> AdjustmentDraft:
    return AdjustmentDraft(one.text, one.points, one.kind)


def _node(outline: Outline, at: int, beside: Mapping[int, Mapping[str, object]]) -> NodeDraft:
    node = outline.nodes[at]
    own = beside[node.id]
    leaders, deadlines = own["leaders"], own["deadlines"]
    return NodeDraft(
        id=node.id,
        parent=node.parent,
        level=node.level,
        name=node.name,
        declared=node.declared,
        is_item=node.is_item,
        number=node.number or None,
        criteria=node.criteria or None,
        methods=tuple(one.name for one in outline.means.get(node.id, ())),
        responsibilities=tuple(
            ResponsibilityDraft(
                one.written or one.name, one.role, "group" if one.key.startswith("g") else "unit", one.open_ended
            )
            for one in outline.duties.get(node.id, ())
        ),
        leaders=tuple(leaders) if isinstance(leaders, list) else (),
        deadlines=tuple(deadlines) if isinstance(deadlines, list) else (),
        extra={name: text for name, text in node.extra.items() if name not in {LEADERS, DEADLINES}},
        cells=node.place,
    )


def _source(ledger: Ledger) -> _Source | None:
    upload = ledger.upload
    if upload is None or upload.reading is None:
        return None
    then = next((one for one in unpack(upload.reading).ledgers if one.sheet == ledger.sheet), None)
    grid = _grid(upload, ledger.sheet) if then is not None else None
    if then is None or grid is None:
        return None
    return _Source(grid, then, sheets.layouts(upload).get(ledger.sheet, Layout()))


def _grid(upload: Upload, sheet: str) -> Grid | None:
    """The sheet kept beside the upload; one too long for that is read from the file, None where that is gone."""
    kept = upload.sheets.filter(name=sheet[: sheets.LONGEST], whole=True).first()
    if kept is not None:
        return snapshot.from_json(kept.cells)
    try:
        with upload.content.open("rb") as content:
            book = open_book(upload.name, content.read(), limits())
    except (OSError, ValueError, Refused):
        return None
    return next((one for one in book.grids if one.sheet == sheet), None)


def _origins(ledger: Ledger, then: LedgerDraft) -> dict[int, int]:
    """Indicator → the node it was read from; new ones and those of other files are absent."""
    upload = ledger.upload
    if upload is None:
        return {}
    known = {str(identity(upload, then.sheet, node.id)): node.id for node in then.nodes}
    rows = Indicator.objects.filter(ledger=ledger).values_list("pk", "identity")
    return {pk: known[str(one)] for pk, one in rows if str(one) in known}
