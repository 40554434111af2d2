"""Triggers that hold a published round as it is, whoever asks: form, import, task or SQL. PostgreSQL and SQLite.

Refused are new, changed and deleted entries, adjustments and sums of a published round, other sums on its sheets, and
another phase, ledger, policy or seal on itself. Its history and its amendments may grow; nothing else does.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# tables with a sheet_id whose rows are part of the seal
WHOLE = ("assessments_entry", "assessments_nodescore", "assessments_roundadjustment")
# made after the first ones were protected
TRACKED = ("assessments_matter",)
SHEET, ROUND = "assessments_scoresheet", "assessments_round"
_SHEET_COLUMNS = (
    *("round_id", "unit_id", "earned", "possible", "strict_possible", "pending", "total", "so_far_rate"),
    *("strict_rate", "total_rate", "band", "rank"),
)
_ROUND_COLUMNS = (
    *("organisation_id", "ledger_id", "shape", "policy", "opened_at", "published_at", "published_by_id", "engine"),
    *("snapshot", "seal"),
)
_SEALED = "('published', 'archived')"
_IN_SEALED = (
    "SELECT 1 FROM assessments_scoresheet s JOIN assessments_round r ON r.id = s.round_id "
    "WHERE r.phase IN ('published', 'archived') AND s.id"
)
_IS_SEALED = "SELECT 1 FROM assessments_round r WHERE r.phase IN ('published', 'archived') AND r.id"

# ---- PostgreSQL ------------------------------------------------------------------------------------
# One look a statement, however many rows it writes: a round's sums are written by the ten thousand.

_FUNCTIONS = """
CREATE FUNCTION refuse_rows_of_sealed_round() RETURNS trigger AS $$
BEGIN
    IF EXISTS ({in_sealed} IN (SELECT sheet_id FROM touched)) THEN
        RAISE EXCEPTION '% of a published round is sealed', TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END
$$ LANGUAGE plpgsql;
CREATE FUNCTION refuse_sealed_sheet() RETURNS trigger AS $$
BEGIN
    IF EXISTS ({is_sealed} IN (OLD.round_id, NEW.round_id)) THEN
        RAISE EXCEPTION '% of a published round is sealed', TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN COALESCE(NEW, OLD);
END
$$ LANGUAGE plpgsql;
CREATE FUNCTION refuse_sealed_round() RETURNS trigger AS $$
BEGIN
    RAISE EXCEPTION 'a published round is sealed' USING ERRCODE = 'integrity_constraint_violation';
END
$$ LANGUAGE plpgsql;
"""


def _differs(columns: tuple[str, ...], operator: str) -> str:
    return " OR ".join(f"OLD.{name} {operator} NEW.{name}" for name in columns)


def _unsealing(operator: str) -> str:
    """A published round stays published or is archived; an archived one stays that."""
    moved = "(OLD.phase <> NEW.phase AND NOT (OLD.phase = 'published' AND NEW.phase = 'archived'))"
    return f"OLD.phase IN {_SEALED} AND ({moved} OR {_differs(_ROUND_COLUMNS, operator)})"


def _postgresql() -> list[str]:
    distinct = "IS DISTINCT FROM"
    return [
        *_of_tables(WHOLE),
        f"CREATE TRIGGER {SHEET}_sealed_rows BEFORE INSERT OR DELETE ON {SHEET} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_sealed_sheet()",
        f"CREATE TRIGGER {SHEET}_sealed_update BEFORE UPDATE ON {SHEET} FOR EACH ROW "
        f"WHEN ({_differs(_SHEET_COLUMNS, distinct)}) EXECUTE FUNCTION refuse_sealed_sheet()",
        f"CREATE TRIGGER {ROUND}_sealed_update BEFORE UPDATE ON {ROUND} FOR EACH ROW "
        f"WHEN ({_unsealing(distinct)}) EXECUTE FUNCTION refuse_sealed_round()",
        f"CREATE TRIGGER {ROUND}_sealed_delete BEFORE DELETE ON {ROUND} FOR EACH ROW "
        f"WHEN (OLD.phase IN {_SEALED}) EXECUTE FUNCTION refuse_sealed_round()",
    ]


def _of_tables(tables: Iterable[str]) -> list[str]:
    return [
        f"CREATE TRIGGER {table}_sealed_{name} AFTER {event} ON {table} REFERENCING {rows} TABLE AS touched "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_rows_of_sealed_round()"
        for table in tables
        for name, event, rows in (
            ("insert", "INSERT", "NEW"),
            ("delete", "DELETE", "OLD"),
            ("from", "UPDATE", "OLD"),
            ("into", "UPDATE", "NEW"),
        )
    ]


def protect_tracked(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """For a migration: the same of tracked matters (督办事项)."""
    if editor.connection.vendor == "postgresql":
        for statement in _of_tables(TRACKED):
            editor.execute(statement, params=None)


def protect(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """For a migration: the triggers on PostgreSQL. SQLite's are put back after every migration, see `units.guards`."""
    if editor.connection.vendor == "postgresql":
        functions = _FUNCTIONS.format(in_sealed=_IN_SEALED, is_sealed=_IS_SEALED)
        for statement in (functions, *_postgresql()):
            editor.execute(statement, params=None)


def release(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """The way back."""
    if editor.connection.vendor == "postgresql":
        for function in ("refuse_rows_of_sealed_round", "refuse_sealed_sheet", "refuse_sealed_round"):
            editor.execute(f"DROP FUNCTION {function} CASCADE", params=None)


# ---- SQLite ----------------------------------------------------------------------------------------


def sqlite() -> Mapping[str, tuple[str, str, str]]:
    """Trigger → its table, its event, and when it refuses; for `units.guards`."""
    of = {"INSERT": "NEW.{}", "DELETE": "OLD.{}", "UPDATE": "OLD.{0}, NEW.{0}"}
    found = {
        f"{table}_sealed_{event.lower()}": (table, event, f"EXISTS ({_IN_SEALED} IN ({row.format('sheet_id')}))")
        for table in (*WHOLE, *TRACKED)
        for event, row in of.items()
    }
    for event, row in of.items():
        sealed = f"EXISTS ({_IS_SEALED} IN ({row.format('round_id')}))"
        changed = f"({_differs(_SHEET_COLUMNS, 'IS NOT')}) AND " if event == "UPDATE" else ""
        found[f"{SHEET}_sealed_{event.lower()}"] = (SHEET, event, changed + sealed)
    found[f"{ROUND}_sealed_update"] = (ROUND, "UPDATE", _unsealing("IS NOT"))
    found[f"{ROUND}_sealed_delete"] = (ROUND, "DELETE", f"OLD.phase IN {_SEALED}")
    return found
