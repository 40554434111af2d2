"""The stored copies of sums, written set-wise: one statement for all nodes, one for all sheets. No arithmetic here."""

import json
from collections.abc import Sequence

from django.db import connection

# PostgreSQL takes the rows as one array a column, SQLite as one JSON array of rows.
_POSTGRESQL_NODES = """
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::numeric[], %s::numeric[], %s::numeric[], %s::integer[],
                         %s::varchar[])
"""
_SQLITE_NODES = """
    SELECT r.value->>0, r.value->>1, r.value->>2, r.value->>3, r.value->>4, r.value->>5, r.value->>6
    FROM json_each(%s) AS r WHERE true
"""
# A node whose sum is the same is not written again: most are, after one score.
_STORE_NODES = """
    INSERT INTO assessments_nodescore AS kept
        (sheet_id, indicator_id, earned, possible, strict_possible, pending, state)
    {rows}
    ON CONFLICT (sheet_id, indicator_id) DO UPDATE SET
        earned = excluded.earned, possible = excluded.possible, strict_possible = excluded.strict_possible,
        pending = excluded.pending, state = excluded.state
    WHERE kept.earned <> excluded.earned OR kept.possible <> excluded.possible
        OR kept.strict_possible <> excluded.strict_possible OR kept.pending <> excluded.pending
        OR kept.state <> excluded.state
"""
_POSTGRESQL_SHEETS = """
    SELECT * FROM unnest(%s::bigint[], %s::numeric[], %s::numeric[], %s::numeric[], %s::integer[], %s::numeric[],
                         %s::numeric[], %s::numeric[], %s::numeric[], %s::varchar[])
        AS row (id, earned, possible, strict_possible, pending, total, so_far_rate, strict_rate, total_rate, band)
"""
_SQLITE_SHEETS = """
    SELECT r.value->>0 AS id, r.value->>1 AS earned, r.value->>2 AS possible, r.value->>3 AS strict_possible,
           r.value->>4 AS pending, r.value->>5 AS total, r.value->>6 AS so_far_rate, r.value->>7 AS strict_rate,
           r.value->>8 AS total_rate, r.value->>9 AS band
    FROM json_each(%s) AS r
"""
_STORE_SHEETS = """
    UPDATE assessments_scoresheet SET
        earned = made.earned, possible = made.possible, strict_possible = made.strict_possible,
        pending = made.pending, total = made.total, so_far_rate = made.so_far_rate,
        strict_rate = made.strict_rate, total_rate = made.total_rate, band = made.band,
        stale_since = NULL, rolled_up_at = CURRENT_TIMESTAMP
    FROM ({rows}) AS made
    WHERE assessments_scoresheet.id = made.id
"""

Row = tuple[int | str | None, ...]


def store_nodes(rows: Sequence[Row]) -> None:
    """rows: sheet, indicator, earned, possible, strict possible, pending, state; amounts as text. Only changes."""
    _run(_STORE_NODES, _POSTGRESQL_NODES, _SQLITE_NODES, rows)


def store_sheets(rows: Sequence[Row]) -> None:
    """rows: sheet, earned, possible, strict possible, pending, total, the three rates, band. They are fresh then."""
    _run(_STORE_SHEETS, _POSTGRESQL_SHEETS, _SQLITE_SHEETS, rows)


def _run(statement: str, postgresql: str, sqlite: str, rows: Sequence[Row]) -> None:
    if not rows:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(statement.format(rows=postgresql), [list(column) for column in zip(*rows, strict=True)])
        else:
            cursor.execute(statement.format(rows=sqlite), [json.dumps(rows, ensure_ascii=False)])
