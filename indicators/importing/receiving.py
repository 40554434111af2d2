"""A file comes in: guarded, hashed, kept once, queued for reading; or taken away again. Reads no cell."""

import hashlib
import re
from typing import Any, BinaryIO

from django.conf import settings
from django.core.files.base import File
from django.db import IntegrityError, transaction

from indicators.models import Upload, UploadState
from indicators.reading import Limits, Refused
from indicators.reading.guard import check
from units import audit, jobs
from units.models import JobState, Organisation, User

READ_TASK = "indicators.tasks.read_upload"
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_UNCONFIRMED = (UploadState.WAITING, UploadState.READ, UploadState.REFUSED)


class ImportRefused(Exception):
    """Something about an upload that is not done; the message says why and what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def limits() -> Limits:
    """The guard's limits as this installation sets them."""
    held: dict[str, Any] = settings.LEDGER_LIMITS
    return Limits(file_size=settings.LEDGER_MAX_BYTES, **held)


def shown_name(name: str) -> str:
    """A file's name without its folder and without characters nobody sees, at most 150 characters."""
    bare = _UNSEEN.sub("", name.replace("\\", "/").rsplit("/", 1)[-1]).strip()
    return bare[-150:] or "未命名文件"


def _digest(file: BinaryIO) -> str:
    """SHA-256 over the whole file, which is left at its start."""
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(1024 * 1024):
        digest.update(piece)
    file.seek(0)
    return digest.hexdigest()


def receive(file: BinaryIO, name: str, *, organisation: Organisation, by: User | None) -> Upload:
    """The upload, waiting to be read; the first one, with `is_repeat` set, where these bytes were here before.

    A file that the guard refuses is kept as a refused upload without its bytes.
    """
    digest = _digest(file)
    known = organisation.uploads.filter(sha256=digest).defer("reading").first()
    if known is not None:
        return _repeat(known, by)
    size = file.seek(0, 2)
    file.seek(0)
    upload = Upload(organisation=organisation, name=shown_name(name), size=size, sha256=digest, uploaded_by=by)
    try:
        check(upload.name, file, limits())
    except Refused as refused:
        upload.state, upload.refusal = UploadState.REFUSED, refused.message
    return keep(upload, file, by)


def keep(upload: Upload, file: BinaryIO, by: User | None) -> Upload:
    """The stored upload; the bytes go to disk first and are taken away again where the row is refused."""
    file.seek(0)
    if upload.state != UploadState.REFUSED:
        upload.content.save("ledger", File(file), save=False)
    try:
        with transaction.atomic():
            upload.save(force_insert=True)
            _note(upload, by)
            if upload.state != UploadState.REFUSED:
                queue(upload, by)
    except IntegrityError:
        # somebody else's upload of the same bytes was faster
        upload.content.delete(save=False)
        return _repeat(Upload.objects.get(organisation=upload.organisation, sha256=upload.sha256), by)
    return upload


def _repeat(known: Upload, by: User | None) -> Upload:
    known.is_repeat = True
    audit.record(organisation=known.organisation, actor=by, action="上传台账文件", target=known.name, result="重复")
    return known


def _note(upload: Upload, by: User | None) -> None:
    audit.record(
        organisation=upload.organisation,
        actor=by,
        action="上传台账文件",
        target=upload.name,
        result="拒绝" if upload.state == UploadState.REFUSED else "成功",
        detail={"upload": upload.pk, "sha256": upload.sha256, "size": upload.size, "reason": upload.refusal},
    )


def queue(upload: Upload, by: User | None) -> None:
    """A new job reads the upload; in the caller's transaction."""
    upload.job = jobs.create(
        organisation=upload.organisation,
        task=READ_TASK,
        title=f"读取“{upload.name}”",
        arguments={"upload": upload.pk},
        by=by,
    )
    upload.save(update_fields=["job"])


@transaction.atomic
def read_again(upload: Upload, *, by: User | None) -> Upload:
    """The upload with a new reading job, where the one before ended without a result."""
    # its job is read by a statement of its own: joined to the lock, it would be the one from before the wait
    current = Upload.objects.select_for_update().defer("reading").get(pk=upload.pk)
    lost = current.job is None or current.job.state == JobState.FAILED
    if current.state == UploadState.WAITING and lost:
        _note(current, by)
        queue(current, by)
    return current


@transaction.atomic
def discard(upload: Upload, *, by: User | None) -> None:
    """Nothing is left of an upload that was never confirmed. Raises ImportRefused once it was."""
    current = Upload.objects.select_for_update().get(pk=upload.pk)
    if current.state not in _UNCONFIRMED:
        raise ImportRefused("已确认入库的文件不能删除")
    audit.record(
        organisation=current.organisation,
        actor=by,
        action="删除上传文件",
        target=current.name,
        detail={"sha256": current.sha256},
    )
    content = current.content
    current.delete()
    if content:
        transaction.on_commit(lambda: content.delete(save=False))
