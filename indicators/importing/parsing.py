"""The worker's part of an upload: bytes → the kept reading, within limits of memory and time."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager

from celery.exceptions import SoftTimeLimitExceeded
from django.urls import reverse

from indicators.importing.kept import pack
from indicators.importing.receiving import limits
from indicators.models import Upload, UploadState
from indicators.reading import Refused, read
from units.jobs import JobRefused, advance
from units.models import Job

MIB = 1024 * 1024
MEMORY = 1024 * MIB
TOO_COMPLEX = "文件太复杂，读取超出限制；只留台账所在的工作表，另存后再上传"


def parse(job: Job) -> None:
    """The job's upload is read or refused; a second delivery finds that done and does nothing.

    Outside any transaction: reading may take seconds, and only one row is written, in one statement.
    """
    upload = Upload.objects.filter(pk=job.arguments["upload"], state=UploadState.WAITING).first()
    if upload is None:
        return
    advance(job, 0, 2, "读取文件")
    waiting = Upload.objects.filter(pk=upload.pk, state=UploadState.WAITING)
    try:
        with upload.content.open("rb") as file, _bounded_memory():
            reading = read(upload.name, file.read(), limits())
    except Refused as refused:
        _refuse(upload, refused.message)
    except (MemoryError, SoftTimeLimitExceeded):
        _refuse(upload, TOO_COMPLEX)
    else:
        advance(job, 1, 2, "整理结果")
        waiting.update(state=UploadState.READ, reading=pack(reading))


def _refuse(upload: Upload, sentence: str) -> None:
    """Only the sentence stays; the bytes leave the disk."""
    Upload.objects.filter(pk=upload.pk, state=UploadState.WAITING).update(
        state=UploadState.REFUSED, refusal=sentence, content=""
    )
    upload.content.delete(save=False)


def read_upload(job: Job) -> dict[str, object]:
    """The report of a reading job. Raises JobRefused with the sentence where the file was refused."""
    upload = Upload.objects.filter(pk=job.arguments["upload"]).first()
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
