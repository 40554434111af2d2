"""Verbs on 佐证材料: add a file, add a link, take back. What a file is, its first bytes say, not its name."""

import hashlib
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import PurePosixPath
from typing import Any

import filetype
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.validators import URLValidator
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils import timezone

from assessments import history, locks, objections, rectifications, rights, supporting, windows, worksheet
from assessments.models import Entry, Evidence
from assessments.refusals import NotNow
from units import audit
from units.models import Unit, User

NAME_LENGTH = 150
HEAD_BYTES = 8192
KINDS = "pdf、docx、xlsx、png、jpg、txt、zip"
# What the first bytes may say for a name's ending; an office file is a zip with a certain part inside.
MAGIC: Mapping[str, frozenset[str]] = {
    "pdf": frozenset({"pdf"}),
    "png": frozenset({"png"}),
    "jpg": frozenset({"jpg"}),
    "jpeg": frozenset({"jpg"}),
    "zip": frozenset({"zip", "docx", "xlsx", "pptx"}),
    "docx": frozenset({"docx", "zip"}),
    "xlsx": frozenset({"xlsx", "zip"}),
}
PARTS = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}

_guess: Any = filetype.guess  # the package has no types
_web_address = URLValidator(schemes=["http", "https"])


class Refused(Exception):
    """A file or link that is not taken; `message` says what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def limits() -> dict[str, object]:
    """What a form that takes evidence says of itself."""
    return {
        "kinds": KINDS,
        "max_bytes": settings.EVIDENCE_MAX_BYTES,
        "max_mib": settings.EVIDENCE_MAX_BYTES // 1024 // 1024,
        "max_files": settings.EVIDENCE_MAX_PER_ENTRY,
    }


def clean_name(given: str) -> str:
    """The file's own name: no folders, no control or direction-changing characters, at most 150 long.

    >>> clean_name("../../etc/会议\\u202efdp.纪要.pdf")
    '会议fdp.纪要.pdf'
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", given))[-1]
    shown = "".join(char for char in last if unicodedata.category(char)[0] != "C")
    tidy = " ".join(shown.split()).lstrip(".") or "未命名"
    ending = PurePosixPath(tidy).suffix
    return tidy if len(tidy) <= NAME_LENGTH else tidy[: NAME_LENGTH - len(ending)] + ending


def add_file(entry: Entry, file: "File[bytes]", *, by: User) -> Evidence:
    """The stored file. Raises Refused; nothing is kept of a refused file."""
    name = clean_name(file.name or "")
    _check_size(name, file.size or 0)
    _check_kind(name, file)
    row = Evidence(name=name, size=file.size or 0, sha256=_digest(file), added_by=by)
    try:
        with transaction.atomic():
            row.entry, row.unit = _open_for_evidence(entry, by, size=row.size)
            row.rectification = rectifications.open_order(row.entry)
            if row.entry.evidence.present().filter(unit=row.unit, sha256=row.sha256).exists():
                raise Refused(f"“{name}”与已有的材料相同，没有重复保存")
            row.content.save(name, file, save=False)
            row.save()
            _record(entry, "添加佐证", row, by)
    except (IntegrityError, OSError, Refused) as failure:
        if row.content:
            row.content.storage.delete(row.content.name or "")
        if isinstance(failure, Refused):
            raise
        raise Refused(f"“{name}”没有保存成功，稍后再传一次") from failure
    return row


def add_link(entry: Entry, name: str, url: str, *, by: User) -> Evidence:
    """The stored link; nothing is ever fetched from it. Raises Refused."""
    address = url.strip()
    try:
        _web_address(address)
    except ValidationError as failure:
        raise Refused("网址要以 http:// 或 https:// 开头，写完整的地址") from failure
    if not address.isprintable():
        raise Refused("网址里有不可见的字符，重新复制后再填")
    if len(address) > 1000:
        raise Refused("网址太长，最多 1000 个字符")
    title = " ".join("".join(char for char in name if unicodedata.category(char)[0] != "C").split())
    with transaction.atomic():
        held, unit = _open_for_evidence(entry, by, size=0)
        said = (title or address)[:NAME_LENGTH]
        under = rectifications.open_order(held)
        row = Evidence.objects.create(entry=held, unit=unit, name=said, url=address, added_by=by, rectification=under)
        _record(entry, "添加佐证", row, by)
    return row


def add_all(entry: Entry, files: "Iterable[File[bytes]]", url: str, name: str, *, by: User) -> tuple[int, list[str]]:
    """How many were stored, and the sentences of those that were refused; one never holds up another."""
    added, refused = 0, []
    wanted: list[Callable[[], Evidence]] = [partial(add_file, entry, file, by=by) for file in files]
    if url:
        wanted.append(partial(add_link, entry, name, url, by=by))
    for add in wanted:
        try:
            add()
            added += 1
        except Refused as refusal:
            refused.append(refusal.message)
    return added, refused


def summary(entry: Entry, unit: Unit) -> str:
    """What the sheet's row says about an open entry's evidence: 网址 1 · 文件 2 ＋; to a supporting unit of its own."""
    known = entry.evidence.present() if entry.unit_id == unit.pk else entry.evidence.present().filter(unit=unit)
    held = list(known.values_list("url", flat=True))
    return worksheet.attached(sum(map(bool, held)), len(held) - sum(map(bool, held)), locked=False)


@transaction.atomic
def take_back(evidence: Evidence, *, by: User) -> None:
    """Hide it from now on. It is not erased: a reviewer may have seen it. Raises Refused."""
    held, unit = _open_for_evidence(evidence.entry, by, size=0, adding=False)
    if evidence.unit_id != unit.pk:
        raise Refused("这份材料是别的单位提供的，由提供单位撤回")
    under = objections.waiting_of(held)
    if under is not None and evidence.added_at < under.filed_at:
        raise Refused("这份材料在申诉之前已经提交审核，不能撤回")
    order = rectifications.open_order(held)
    if order is not None and evidence.rectification_id != order.pk:
        raise Refused("这份材料在要求整改之前已经提交审核，不能撤回")
    moved = Evidence.objects.present().filter(pk=evidence.pk).update(removed_at=timezone.now(), removed_by=by)
    if moved:
        _record(evidence.entry, "撤回佐证", evidence, by)


def _open_for_evidence(entry: Entry, by: User, *, size: int, adding: bool = True) -> tuple[Entry, Unit]:
    """The entry under its sheet's lock, and whose evidence it is: the unit of `by`, which leads or supports the entry.

    Open while the lead may still change it, or objects, and while there is room for more. Raises Refused.
    """
    held = history.locked(entry)
    unit = _unit_of(by, held)
    locked = _locked(held, unit)
    if locked:
        raise Refused(f"{locked}，佐证材料不能再改")
    if adding and held.evidence.present().filter(unit=unit).count() >= settings.EVIDENCE_MAX_PER_ENTRY:
        raise Refused(f"每项最多 {settings.EVIDENCE_MAX_PER_ENTRY} 份佐证材料，先撤回不需要的")
    if size and _held_by_unit(unit) + size > settings.EVIDENCE_MAX_UNIT_BYTES:
        raise Refused("本单位的佐证材料已超过总量上限，较大的材料改为提供网址")
    return held, unit


def _unit_of(by: User, entry: Entry) -> Unit:
    try:
        unit = rights.held_by(by, entry.sheet.round).unit
    except NotNow as refusal:
        raise Refused(refusal.message) from refusal
    if unit is None or (unit.pk != entry.unit_id and not supporting.supports(unit, entry)):
        raise Refused("佐证材料由牵头、会同和配合单位提供")
    return unit


def _locked(entry: Entry, unit: Unit) -> str:
    """Why the unit cannot change its evidence now; empty when it can. An open objection lets the lead add to it."""
    if unit.pk != entry.unit_id:
        return supporting.locked_because(entry)
    limit = windows.last_day(entry.sheet.round, unit.pk)
    locked = locks.locked_because(entry, entry.sheet.round, limit)
    if locked and rectifications.open_order(entry) is not None:
        return ""
    return "" if locked and objections.may_add_evidence(entry, over=windows.is_over(limit)) else locked


def _held_by_unit(unit: Unit) -> int:
    return Evidence.objects.present().filter(unit=unit).aggregate(size=Sum("size"))["size"] or 0


def _check_size(name: str, size: int) -> None:
    if not size:
        raise Refused(f"“{name}”是空文件")
    if size > settings.EVIDENCE_MAX_BYTES:
        raise Refused(f"“{name}”超过 {settings.EVIDENCE_MAX_BYTES // 1024 // 1024} MB，压缩或拆分后再传")


def _check_kind(name: str, file: "File[bytes]") -> None:
    ending = PurePosixPath(name).suffix.lstrip(".").lower()
    if ending != "txt" and ending not in MAGIC:
        raise Refused(f"“{name}”不能作为佐证材料，可以上传 {KINDS}")
    file.seek(0)
    head = file.read(HEAD_BYTES)
    guess = _guess(head)
    found = guess.extension if guess else ""
    fits = _is_text(head, found) if ending == "txt" else found in MAGIC[ending] and _has_part(file, ending)
    file.seek(0)
    if not fits:
        raise Refused(f"“{name}”的内容不是 {ending} 文件，按原来的格式另存后再传")


def _is_text(head: bytes, found: str) -> bool:
    return not found and b"\0" not in head


def _has_part(file: "File[bytes]", ending: str) -> bool:
    """Whether an office file holds its main part; only the list of names is read, nothing is inflated."""
    if ending not in PARTS or file.file is None:
        return ending not in PARTS
    file.seek(0)
    try:
        with zipfile.ZipFile(file.file) as archive:
            return PARTS[ending] in archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError):
        return False


def _digest(file: "File[bytes]") -> str:
    sum_ = hashlib.sha256()
    for chunk in file.chunks():
        sum_.update(chunk)
    file.seek(0)
    return sum_.hexdigest()


def _record(entry: Entry, action: str, row: Evidence, by: User) -> None:
    audit.record(
        organisation=entry.sheet.round.organisation,
        actor=by,
        action=action,
        target=f"{entry.sheet.round} · {entry.indicator}"[:300],
        detail={"entry": entry.pk, "name": row.name, "url": row.url, "size": row.size, "sha256": row.sha256},
    )
