"""A person corrects what the reader took a sheet for, and it is read anew at once; writes no ledger."""

from django.db import transaction

from indicators.importing import remembering, sheets
from indicators.importing.kept import pack
from indicators.importing.receiving import ImportRefused, queue
from indicators.models import Upload, UploadState
from indicators.reading import Layout, Refused, read_book
from indicators.reading.corrections import settled
from units import audit
from units.models import User

NOTHING_LEFT = "按这样的设置一张指标表也读不出来，没有改动；至少要有一列指标名称，再试"


@transaction.atomic
def correct(upload: Upload, sheet: str, layout: Layout, *, by: User | None) -> Upload:
    """The upload read anew with this layout for one sheet; an empty one gives the sheet back to the reader.

    A file too long to be kept whole waits for the worker instead.
    Raises ImportRefused where nothing is left that could be read before, and once the upload was confirmed.
    """
    current = _correctable(upload)
    book = sheets.kept_book(current)
    told = sheets.layouts(current)
    if book is not None:
        layout = next((settled(grid, layout) for grid in book.grids if grid.sheet == sheet), Layout())
    told[sheet] = layout
    current.corrections = sheets.layouts_json(told)
    current.recalled = {name: pk for name, pk in current.recalled.items() if name != sheet}
    current.turn += 1
    audit.record(organisation=current.organisation, actor=by, action="更正读取设置", target=f"{current.name} {sheet}")
    if book is None:
        current.state, current.refusal = UploadState.WAITING, ""
        current.save(update_fields=["corrections", "recalled", "turn", "state", "refusal"])
        queue(current, by)
        return current
    try:
        current.reading = pack(read_book(book, sheets.layouts(current)))
    except Refused as refused:
        if current.reading is not None:
            raise ImportRefused(NOTHING_LEFT) from refused
        # the header is named, its columns are not yet: the file stays unread, with what was said so far
    else:
        current.state, current.refusal = UploadState.READ, ""
    current.save(update_fields=["corrections", "recalled", "turn", "reading", "state", "refusal"])
    return current


def _correctable(upload: Upload) -> Upload:
    current = Upload.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=upload.pk)
    unread = current.state == UploadState.REFUSED and current.sheets.exists()
    if current.state != UploadState.READ and not unread:
        raise ImportRefused("这个文件现在不能更正；已确认入库的，到台账里修改")
    return current


@transaction.atomic
def forget(upload: Upload, sheet: str, *, by: User | None) -> Upload:
    """The upload read without the layout that was remembered for this sheet, which is forgotten for good."""
    pk = upload.recalled.get(sheet)
    corrected = correct(upload, sheet, Layout(), by=by)
    if pk is not None:
        remembering.forget(upload.organisation, pk, by=by)
    return corrected
