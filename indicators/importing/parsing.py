"""The worker's part of an upload: bytes → the kept reading, within limits of memory and time."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.urls import reverse

from indicators.importing import remembering, sheets
from indicators.importing.kept import pack
from indicators.importing.receiving import limits
from indicators.models import Upload, UploadState
from indicators.reading import Book, Corrections, Reading, Refused, open_book, read_book
from indicators.reading.pause import uncollected
from units.jobs import JobRefused, advance
from units.models import Job

MIB = 1024 * 1024
MEMORY = 1024 * MIB
NO_LEDGER = "no-ledger"
TOO_COMPLEX = "文件太复杂，读取超出限制；只留台账所在的工作表，另存后再上传"


@uncollected()
def parse(job: Job) -> None:
    """The job's upload is read or refused; a second delivery finds that done and does nothing.

    Outside any transaction: reading may take seconds, and only one row is written, in one statement.
    """
    waiting = Upload.objects.filter(pk=job.arguments["upload"], state=UploadState.WAITING)
    upload = waiting.select_related("organisation").first()
    if upload is None:
        return
    advance(job, 0, 2, "读取文件")
    try:
        with upload.content.open("rb") as file, _bounded_memory():
            book = open_book(upload.name, file.read(), limits(), checked=upload.sha256)
            upload.corrections, upload.recalled = _told(upload, book)
            reading = _read(upload, book)
    except Refused as refused:
        _refuse(upload, refused.message)
    except (MemoryError, SoftTimeLimitExceeded):
        _refuse(upload, TOO_COMPLEX)
    else:
        advance(job, 1, 2, "整理结果")
        _finish(upload, book, reading)


def _told(upload: Upload, book: Book) -> tuple[dict[str, Any], dict[str, int]]:
    """What a person said of this file, or what is remembered of its issuer's last one; and which that was."""
    if upload.turn:
        return upload.corrections, upload.recalled
    found = remembering.recalled(upload.organisation, book)
    told = sheets.layouts_json({sheet: layout for sheet, (_, layout) in found.items()})
    return told, {sheet: pk for sheet, (pk, _) in found.items()}


def _read(upload: Upload, book: Book) -> Reading | None:
    """The reading as told, or as the reader sees it where that leaves nothing; None for sheets without a ledger."""
    ways: list[Corrections] = [sheets.layouts(upload), {}] if upload.corrections else [{}]
    for told in ways:
        try:
            return read_book(book, told)
        except Refused as refused:
            # a table whose header a person can name is kept for that; text without any table is not
            if refused.code != NO_LEDGER or all(grid.prose for grid in book.grids):
                raise
            upload.corrections, upload.recalled, upload.refusal = {}, {}, refused.message
    return None


@transaction.atomic
def _finish(upload: Upload, book: Book, reading: Reading | None) -> None:
    """The sheets stay for showing; where no ledger was found a person can still name the header."""
    sheets.keep(upload, book)
    state = UploadState.READ if reading is not None else UploadState.REFUSED
    Upload.objects.filter(pk=upload.pk, state=UploadState.WAITING).update(
        state=state,
        refusal=upload.refusal if reading is None else "",
        reading=None if reading is None else pack(reading),
        corrections=upload.corrections,
        recalled=upload.recalled,
    )


def _refuse(upload: Upload, sentence: str) -> None:
    """Only the sentence stays; the bytes leave the disk."""
    Upload.objects.filter(pk=upload.pk, state=UploadState.WAITING).update(
        state=UploadState.REFUSED, refusal=sentence, content=""
    )
    upload.content.delete(save=False)


def read_upload(job: Job) -> dict[str, object]:
    """The report of a reading job. Raises JobRefused with the sentence where the file was refused."""
    upload = Upload.objects.filter(pk=job.arguments["upload"]).defer("reading").first()
    if upload is None:
        raise JobRefused("这个文件已被删除")
    if upload.state == UploadState.REFUSED:
        raise JobRefused(upload.refusal)
    return {"url": reverse("import", args=[upload.pk])}


@contextmanager
def _bounded_memory() -> Iterator[None]:
    """No more than a gigabyte beyond what the process holds already; without effect where that is not known."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    try:
        with open("/proc/self/statm") as file:
            held = int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        yield
        return
    most = held + MEMORY
    soft = most if before[1] == resource.RLIM_INFINITY else min(most, before[1])
    resource.setrlimit(resource.RLIMIT_AS, (soft, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
