"""The step from preview to storing, taken once; writes no ledger itself."""

import hashlib
from dataclasses import replace

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from indicators.importing.choices import Choices, LedgerChoice, as_json, everything
from indicators.importing.kept import pack
from indicators.importing.receiving import ImportRefused, limits, shown_name
from indicators.importing.storing import names, write
from indicators.models import Ledger, Upload, UploadState
from indicators.reading import read
from indicators.reading.drafts import LedgerDraft
from units import audit, jobs
from units.models import Job, JobState, Organisation, User

STORE_TASK = "indicators.tasks.store_upload"


@transaction.atomic
def confirm(upload: Upload, choices: Choices, *, by: User | None) -> Job:
    """The job that stores the upload; confirmed twice, the same job.

    An upload whose storing job failed may be confirmed again. Raises ImportRefused in any other state, and where
    no sheet is chosen.
    """
    if not any(choice.store for choice in choices.ledgers):
        raise ImportRefused("至少选一张表入库")
    # its job is read by a statement of its own: joined to the lock, it would be the one from before the wait
    current = Upload.objects.select_for_update().defer("reading").get(pk=upload.pk)
    job = current.job
    if job is not None and job.state != JobState.FAILED and current.state in {UploadState.STORING, UploadState.STORED}:
        return job
    if choices.turn is not None and choices.turn != current.turn:
        raise ImportRefused("读取设置刚被改过；核对新的读取结果后再确认")
    moved = Upload.objects.filter(pk=current.pk, state__in=[UploadState.READ, UploadState.STORING]).update(
        state=UploadState.STORING, choices=as_json(choices), confirmed_by=by, confirmed_at=timezone.now()
    )
    if not moved:
        raise ImportRefused("这个文件现在不能确认入库")
    return _enqueue(current, by)


def _enqueue(upload: Upload, by: User | None) -> Job:
    job = jobs.create(
        organisation=upload.organisation,
        task=STORE_TASK,
        title=f"导入“{upload.name}”",
        arguments={"upload": upload.pk},
        by=by,
    )
    Upload.objects.filter(pk=upload.pk).update(job=job)
    audit.record(
        organisation=upload.organisation, actor=by, action="确认导入", target=upload.name, detail={"upload": upload.pk}
    )
    return job


def heading(draft: LedgerDraft, name: str) -> LedgerChoice:
    """What the preview proposes for one sheet; a sheet without a title is called by its file."""
    return LedgerChoice(True, (draft.title or name.rsplit(".", 1)[0])[:200], (draft.issuer or "")[:200], draft.year)


def import_file(
    name: str, content: bytes, *, organisation: Organisation, by: User | None, year: int | None = None
) -> list[Ledger]:
    """Every ledger in a file, stored at once, with all units and groups it names; no round is made.

    A file that was stored before gives the ledgers of then. Raises Refused, and nothing is stored.
    """
    reading = read(shown_name(name), content, limits())
    drafts = reading.ledgers
    choices = [heading(draft, name) for draft in drafts]
    if year is not None:
        choices = [replace(choice, year=year) for choice in choices]
    with transaction.atomic():
        upload = _upload(name, content, organisation, by)
        if upload.state not in {UploadState.STORED, UploadState.STORING}:
            upload.reading = pack(reading)
            upload.choices = as_json(Choices(tuple(choices), everything(names(drafts).items())))
            upload.state, upload.confirmed_by, upload.confirmed_at = UploadState.STORING, by, timezone.now()
            upload.save()
        ledgers, _ = write(upload, by=by)
    return [ledger for ledger, _ in ledgers]


def _upload(name: str, content: bytes, organisation: Organisation, by: User | None) -> Upload:
    """The row these bytes have, locked; made where there is none."""
    digest = hashlib.sha256(content).hexdigest()
    upload, is_new = Upload.objects.select_for_update(of=("self",)).get_or_create(
        organisation=organisation,
        sha256=digest,
        defaults={"name": shown_name(name), "size": len(content), "uploaded_by": by},
    )
    if is_new:
        upload.content.save("ledger", ContentFile(content))
    return upload
