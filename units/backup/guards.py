"""Triggers that refuse changes step aside while a backup is put back, in its transaction only; empties tables."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.core.management.color import no_style
from django.db import connection
from django.db.models import Field, Model


@contextmanager
def set_aside(models: Sequence[type[Model]]) -> Iterator[None]:
    """No trigger of these tables speaks inside; afterwards all do again. Runs in the caller's transaction."""
    names = [model._meta.db_table for model in models]
    with _without(names), _times_as_given(models):
        yield
        _check(names)
    _count_on(models)


@contextmanager
def _without(names: Sequence[str]) -> Iterator[None]:
    quoted = [connection.ops.quote_name(name) for name in names]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for name in quoted:
                cursor.execute(f"ALTER TABLE {name} DISABLE TRIGGER USER")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            yield
            for name in quoted:
                cursor.execute(f"ALTER TABLE {name} ENABLE TRIGGER USER")
            return
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f"DROP TRIGGER {connection.ops.quote_name(name)}")
        yield
        for _, sql in triggers:
            cursor.execute(sql)


def _check(names: Sequence[str]) -> None:
    """Every row that is pointed at is there. Raises IntegrityError."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    else:
        connection.check_constraints(table_names=list(names))


@contextmanager
def _times_as_given(models: Sequence[type[Model]]) -> Iterator[None]:
    """Columns that take the time by themselves take the one they had."""
    fields: list[Field[Any, Any]] = [field for model in models for field in model._meta.concrete_fields]
    kept = [(field, name) for field in fields for name in ("auto_now", "auto_now_add") if getattr(field, name, False)]
    for field, name in kept:
        setattr(field, name, False)
    try:
        yield
    finally:
        for field, name in kept:
            setattr(field, name, True)


def _count_on(models: Sequence[type[Model]]) -> None:
    """The next new row gets a number of its own."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(models)):
            cursor.execute(statement)


def empty(models: Sequence[type[Model]]) -> None:
    """All rows of these tables go; inside `set_aside` only."""
    quoted = [connection.ops.quote_name(model._meta.db_table) for model in models]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"TRUNCATE {', '.join(quoted)} CASCADE")
            return
        for name in quoted:
            cursor.execute(f"DELETE FROM {name}")  # noqa: S608  (a table's own name, quoted)
