"""Triggers of SQLite: taken off before a migration and put back after it.

SQLite changes a table by making a new one, which loses its triggers, and it refuses to rename a table that a trigger
of another one names. So they are no part of any migration there; PostgreSQL's are.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate

# trigger → its table, INSERT, UPDATE or DELETE, and when it refuses
Triggers = Mapping[str, tuple[str, str, str]]


def append_only(*tables: str) -> Triggers:
    """The triggers of tables that only grow."""
    return {f"{table}_no_{event.lower()}": (table, event, "1") for table in tables for event in ("UPDATE", "DELETE")}


def keep(app: AppConfig, triggers: Triggers) -> None:
    """Holds the app's triggers in place through every migration; called once, when the app is ready."""
    pre_migrate.connect(partial(_off, triggers), sender=app, weak=False, dispatch_uid=f"{app.label}-guards-off")
    post_migrate.connect(partial(_on, triggers), sender=app, weak=False, dispatch_uid=f"{app.label}-guards-on")


def _off(triggers: Triggers, *, using: str, plan: object = (), **_: Any) -> None:
    connection = connections[using]
    if connection.vendor == "sqlite" and plan:
        with connection.cursor() as cursor:
            for name in triggers:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


def _on(triggers: Triggers, *, using: str, **_: Any) -> None:
    connection = connections[using]
    if connection.vendor != "sqlite":
        return
    known = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for name, (table, event, when) in triggers.items():
            if table in known:
                cursor.execute(
                    f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {event} ON {table} WHEN {when} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is sealed or append-only'); END"
                )
