"""The stored copies of sums, written set-wise: one statement for all nodes, one for all sheets. No arithmetic here."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from units.relations import Row, relation

_NODES = {
    "sheet_id": "bigint",
    "indicator_id": "bigint",
    "earned": "numeric",
    "possible": "numeric",
    "strict_possible": "numeric",
    "pending": "integer",
    "state": "text",
}
# A node whose sum is the same is not written again: most are, after one score.
_STORE_NODES = """
    INSERT INTO assessments_nodescore AS kept
        (sheet_id, indicator_id, earned, possible, strict_possible, pending, state)
    SELECT * FROM ({rows}) AS made WHERE true
    ON CONFLICT (sheet_id, indicator_id) DO UPDATE SET
        earned = excluded.earned, possible = excluded.possible, strict_possible = excluded.strict_possible,
        pending = excluded.pending, state = excluded.state
    WHERE kept.earned <> excluded.earned OR kept.possible <> excluded.possible
        OR kept.strict_possible <> excluded.strict_possible OR kept.pending <> excluded.pending
        OR kept.state <> excluded.state
"""
_SHEETS = {
    "id": "bigint",
    "earned": "numeric",
    "possible": "numeric",
    "strict_possible": "numeric",
    "pending": "integer",
    "total": "numeric",
    "so_far_rate": "numeric",
    "strict_rate": "numeric",
    "total_rate": "numeric",
    "band": "text",
}
_STORE_SHEETS = """
    UPDATE assessments_scoresheet SET
        earned = made.earned, possible = made.possible, strict_possible = made.strict_possible,
        pending = made.pending, total = made.total, so_far_rate = made.so_far_rate,
        strict_rate = made.strict_rate, total_rate = made.total_rate, band = made.band,
        stale_since = NULL, rolled_up_at = CURRENT_TIMESTAMP
    FROM ({rows}) AS made
    WHERE assessments_scoresheet.id = made.id
"""


def store_nodes(rows: Sequence[Row]) -> None:
    """rows: sheet, indicator, earned, possible, strict possible, pending, state. Only what differs is written."""
    _run(_STORE_NODES, _NODES, rows)


def store_sheets(rows: Sequence[Row]) -> None:
    """rows: sheet, earned, possible, strict possible, pending, total, the three rates, band. They are fresh then."""
    _run(_STORE_SHEETS, _SHEETS, rows)


def _run(statement: str, columns: Mapping[str, str], rows: Sequence[Row]) -> None:
    if rows:
        source = relation(columns, rows)
        with connection.cursor() as cursor:
            cursor.execute(statement.format(rows=source.sql), source.parameters)


def leave_room(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """For a migration: half of each page of PostgreSQL is left free, so that a sum's new row stands beside its old one.

    Elsewhere in the table, every index needs an entry more: written so, all sums of a round cost four times as much.
    """
    _fill(editor, 50)


def leave_none(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """The way back."""
    _fill(editor, 100)


def _fill(editor: BaseDatabaseSchemaEditor, per_cent: int) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute(f"ALTER TABLE assessments_nodescore SET (fillfactor = {per_cent})", params=None)
