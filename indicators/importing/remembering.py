"""Corrected layouts remembered for their issuer and proposed for its next file; reads no cell but headings."""

from indicators.importing.sheets import layouts
from indicators.models import RememberedLayout, Upload
from indicators.reading import Book, Layout
from indicators.reading.corrections import Remembered, as_json, from_json, guessed, recall, remember
from indicators.reading.formats.grid import Grid
from indicators.reading.text import fold
from indicators.reading.titles import titles
from units import audit
from units.models import Organisation, User

Recalled = dict[str, tuple[int, Layout]]
"""Sheet → the remembered layout's id, and what it says of this sheet."""


def recalled(organisation: Organisation, book: Book) -> Recalled:
    """What is remembered of sheets with these headings from the same issuer; one query."""
    rows = list(organisation.layouts.all())
    found: Recalled = {}
    for grid in book.grids if rows else ():
        for row in rows:
            match = recall(grid, [Remembered(row.fingerprint, row.height, from_json(row.layout))])
            if match and fold(_issuer(grid, match[1])) == fold(row.issuer):
                found[grid.sheet] = (row.pk, match[1])
                break
    return found


def learn(upload: Upload, book: Book | None, *, by: User | None) -> int:
    """How many layouts are remembered from an upload that a person confirmed; one query each, and one more."""
    count = 0
    told = layouts(upload)
    for grid in book.grids if book else ():
        layout = told.get(grid.sheet)
        kept = remember(grid, layout) if layout is not None else None
        if layout is None or kept is None:
            continue
        RememberedLayout.objects.update_or_create(
            organisation=upload.organisation,
            issuer=_issuer(grid, layout)[:200],
            fingerprint=kept.fingerprint,
            defaults={
                "height": kept.height,
                "layout": as_json(kept.layout),
                "learned_from": upload.name,
                "learned_by": by,
            },
        )
        count += 1
    return count


def forget(organisation: Organisation, pk: int, *, by: User | None) -> None:
    """The remembered layout is gone; asked twice, nothing more happens."""
    row = organisation.layouts.filter(pk=pk).first()
    if row is None:
        return
    audit.record(organisation=organisation, actor=by, action="忘掉列设置", target=str(row))
    row.delete()


def _issuer(grid: Grid, layout: Layout) -> str:
    header = guessed(grid, layout)
    return (titles(grid, header).issuer or "") if header is not None else ""
