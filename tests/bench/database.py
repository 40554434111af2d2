"""A PostgreSQL database of a benchmark's own: made, migrated, and dropped at the end. Imported before any model."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def own_database(name: str) -> Iterator[None]:
    """Everything inside runs on a fresh database; says so and stops where the database is not PostgreSQL."""
    if connection.vendor != "postgresql":
        sys.exit("DATABASE_URL=postgres://… is needed: these figures are for PostgreSQL.")
    before = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"]["NAME"] = f"bench_{name}"
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(before, verbosity=0)
