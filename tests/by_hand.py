"""The database as somebody with its password has it: without the triggers that keep rows as they are."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

_TABLES = "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal"


@contextmanager
def by_hand() -> Iterator[Any]:
    """A cursor, and the ORM beside it, for which nothing is append-only and nothing sealed."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # no table is altered while a foreign key of this transaction is still to be checked
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(_TABLES)
            tables = [name for (name,) in cursor.fetchall()]
            off = [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in tables]
            on = [f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in tables]
        else:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
            off, on = [f"DROP TRIGGER {name}" for name, _ in triggers], [sql for _, sql in triggers]
        for statement in off:
            cursor.execute(statement)
        yield cursor
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for statement in on:
            cursor.execute(statement)
