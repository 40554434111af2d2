"""One backup file → database and files, everything or nothing."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from units import anchors
from units.backup import guards, tables
from units.backup.archive import Damaged, Reader
from units.backup.saving import migrations


class NotEmpty(Exception):
    """The system holds rows already, and nobody said that they may go."""


class OtherVersion(Exception):
    """The backup's tables are not shaped as those here."""


def restore(path: Path, *, force: bool) -> int:
    """How many rows were put back. All parts are checked before the first row goes; the audit's anchors begin anew.

    Raises Damaged, OtherVersion, and NotEmpty for a system with rows unless `force`; then nothing was changed.
    """
    backup = Reader(path)
    models = tables.models()
    _fits(backup, models)
    if not force and any(model._base_manager.exists() for model in models):
        raise NotEmpty
    before = set(_named(models))
    written: list[str] = []
    try:
        with transaction.atomic():
            with guards.set_aside(models):
                guards.empty(models)
                count = sum(_table(backup, model) for model in models)
            for name in backup.files():
                _file(backup, name, written)
    except BaseException:
        for name in written:
            default_storage.delete(name)
        raise
    for name in before - set(backup.files()):
        default_storage.delete(name)
    anchors.begin_anew(timezone.localtime(), path.name)
    return count


def _fits(backup: Reader, models: list[type[Model]]) -> None:
    if sorted(backup.about.get("migrations", [])) != sorted(migrations()):
        raise OtherVersion
    if {model._meta.label_lower for model in models} != backup.tables().keys():
        raise OtherVersion


def _named(models: list[type[Model]]) -> Iterator[str]:
    """Files that rows name now."""
    for model in models:
        for field in tables.files(model):
            yield from model._base_manager.exclude(**{field.name: ""}).values_list(field.name, flat=True)


def _table(backup: Reader, model: type[Model]) -> int:
    part = backup.tables()[model._meta.label_lower]
    try:
        lines = backup.lines(part)
        while some := list(islice(lines, tables.AT_ONCE)):
            tables.store(model, [tables.row(model, line) for line in some])
    except (ValueError, TypeError) as error:
        raise Damaged(f"备份里的 {part.name} 读不出来") from error
    count = model._base_manager.count()
    if count != part.rows:
        raise Damaged(f"备份里的 {part.name} 应有 {part.rows} 行，只放回 {count} 行")
    return count


def _file(backup: Reader, name: str, written: list[str]) -> None:
    """The file under its own name; one that stands there already is the same, for names are random."""
    if default_storage.exists(name):
        return
    with backup.open(backup.files()[name]) as content:
        stored = default_storage.save(name, File(content))
    written.append(stored)
    if stored != name:
        raise Damaged(f"备份里的 {name} 放不回原处")
