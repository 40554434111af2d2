"""An upload's sheets as they were read, kept beside it so that correcting a guess opens no file again."""

from collections.abc import Mapping
from typing import Any

from indicators.models import Upload, UploadSheet
from indicators.reading import Book, Layout, corrections, snapshot

LONGEST = 100


def keep(upload: Upload, book: Book) -> None:
    """The book's sheets in place of those kept before; two queries."""
    upload.sheets.all().delete()
    UploadSheet.objects.bulk_create(
        UploadSheet(
            upload=upload,
            position=at,
            name=grid.sheet[:LONGEST],
            cells=cells,
            whole=cells["whole"],
            prose=grid.prose,
        )
        for at, grid in enumerate(book.grids)
        for cells in [snapshot.as_json(grid)]
    )


def kept_book(upload: Upload) -> Book | None:
    """The file as it was opened; None where some sheet was too long to be kept whole."""
    sheets = list(upload.sheets.order_by("position"))
    if not sheets or not all(sheet.whole for sheet in sheets):
        return None
    source = (upload.reading or {}).get("source", {})
    grids = tuple(snapshot.from_json(sheet.cells) for sheet in sheets)
    return Book(upload.name, upload.sha256, source.get("format", "xlsx"), grids)


def layouts(upload: Upload) -> dict[str, Layout]:
    """Sheet → what a person said of it."""
    return {sheet: corrections.from_json(obj) for sheet, obj in upload.corrections.items()}


def layouts_json(told: Mapping[str, Layout]) -> dict[str, Any]:
    return {sheet: corrections.as_json(layout) for sheet, layout in told.items() if not layout.says_nothing}
