"""Database and files → one backup file, as they stand at one moment; changes nothing."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.core.files.storage import Storage
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from units.backup import tables
from units.backup.archive import Writer


@dataclass(frozen=True, slots=True)
class Saved:
    """How much went into a backup. missing: files that rows name and the disk does not hold."""

    rows: int
    files: int
    missing: tuple[str, ...]


def save(path: Path) -> Saved:
    """The backup, whole at `path` or not at all; a file that stood there is replaced. Raises OSError."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w+b") as file:
            writer = Writer(file)
            saved = _write(writer)
            about = {"made_at": timezone.now().isoformat(), "migrations": migrations(), "missing": list(saved.missing)}
            writer.close(about)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return saved


def migrations() -> list[list[str]]:
    """The database's shape: every migration done, in order."""
    rows = MigrationRecorder.Migration.objects.order_by("app", "name").values_list("app", "name")
    return [[app, name] for app, name in rows]


def _write(writer: Writer) -> Saved:
    named: dict[str, Storage] = {}
    rows = 0
    with _one_moment():
        for model in tables.models():
            part = writer.table(model._meta.label_lower, tables.lines(model))
            rows += part.rows or 0
            for field in tables.files(model):
                values = model._base_manager.exclude(**{field.name: ""}).values_list(field.name, flat=True)
                named.update(dict.fromkeys(values, getattr(field, "storage")))  # noqa: B009  (a FileField's own)
        missing = [name for name, storage in sorted(named.items()) if not _keep(writer, name, storage)]
    return Saved(rows, len(named) - len(missing), tuple(missing))


def _keep(writer: Writer, name: str, storage: Storage) -> bool:
    """Whether the file was there to be kept."""
    try:
        content = storage.open(name, "rb")
    except OSError:
        return False
    with content:
        writer.file(name, content)
    return True


@contextmanager
def _one_moment() -> Iterator[None]:
    """All tables are read as they stand now, whatever people write meanwhile."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield
