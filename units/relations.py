"""Many rows as a relation inside one statement, the same on PostgreSQL and SQLite; what the statement does, others say.

PostgreSQL gets each column as one array in one literal: given as lists, 50,000 rows of sums cost the client and the
server five times as much in quoting and parsing. COPY costs half of what is left, but it only adds: to update, or to
leave alone what is the same, it needs a temporary table, and every single save would make one as well.
SQLite gets the rows as one JSON array.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.db.models import Model

Value = int | str | Decimal | None
Row = Sequence[Value]


@dataclass(frozen=True, slots=True)
class Relation:
    """`sql`: a SELECT that stands in `FROM (…) AS name`; its columns have their names. `parameters`: what it takes."""

    sql: str
    parameters: list[str]


def relation(columns: Mapping[str, str], rows: Sequence[Row]) -> Relation:
    """The rows, each with one value a column.

    columns: name → PostgreSQL's type: bigint, integer, numeric or text. At least one row: no rows need no statement.
    """
    kinds = columns.values()
    if connection.vendor == "postgresql":
        arrays = ", ".join(f"%s::{kind}[]" for kind in kinds)
        literals = [_array(kind, values) for kind, values in zip(kinds, zip(*rows, strict=True), strict=True)]
        return Relation(f"SELECT * FROM unnest({arrays}) AS rows ({', '.join(columns)})", literals)  # noqa: S608 - names
    picked = ", ".join(f"rows.value->>{at} AS {name}" for at, name in enumerate(columns))
    text = json.dumps(rows, ensure_ascii=False, default=str)
    return Relation(f"SELECT {picked} FROM json_each(%s) AS rows", [text])  # noqa: S608 - names


def insert(model: type[Model], columns: Mapping[str, str], rows: Sequence[Row]) -> None:
    """Adds the rows to the model's table, in their order and in one statement; what they leave out is its default.

    columns: as of `relation`. For rows by the ten thousand: an object for each costs more than storing it.
    """
    if not rows:
        return
    source = relation(columns, rows)
    fields = [one for one in model._meta.concrete_fields if not (one.primary_key or one.null)]
    rest = {str(one.column): one for one in fields if one.column not in columns}
    defaults = [one.get_db_prep_save(one.get_default(), connection) for one in rest.values()]
    into = f"INSERT INTO {model._meta.db_table} ({', '.join([*rest, *columns])})"
    given = f"SELECT {'%s, ' * len(rest)}made.* FROM ({source.sql}) AS made"  # noqa: S608 - names
    with connection.cursor() as cursor:
        cursor.execute(f"{into} {given}", [*defaults, *source.parameters])


def _array(kind: str, column: Iterable[Value]) -> str:
    write = _quoted if kind == "text" else str
    return "{" + ",".join(["NULL" if value is None else write(value) for value in column]) + "}"


def _quoted(value: Value) -> str:
    """As an element of an array literal: a comma, a brace or the word NULL is text like any other."""
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
