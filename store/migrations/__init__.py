"""The schema, as numbered steps from an empty database to the models of today.

Each step is frozen SQL, one file for each engine, and runs with its record in one transaction under the write lock,
so that any number of processes may open a new store at once. A store written by a newer version is refused.
"""

from __future__ import annotations

from importlib.resources import files

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ..errors import StoreUnusable
from ..paths import SCHEMA, too_new

__all__ = ["RENEWED", "SCHEMA", "check", "migrate", "version_of"]

_LOCK = 0x6C6162746F70
"""The number of the advisory lock on PostgreSQL: ``labtop`` in ASCII."""


def version_of(connection: Connection) -> int:
    """Return the schema version of a database: 0 if it has none, -1 if its table ``meta`` is another program's."""
    if not sa.inspect(connection).has_table("meta"):
        return 0
    try:
        found = connection.exec_driver_sql("SELECT value FROM meta WHERE key = 'schema'").scalar_one_or_none()
    except (sa.exc.ProgrammingError, sa.exc.OperationalError) as error:
        if "column" not in str(error.orig):
            raise
        return -1
    return int(found) if found is not None and str(found).isdecimal() else -1


RENEWED = "Cannot use the store any more: a newer labtop has changed its schema. Update labtop, and start this again."
"""What is said of a store that had the schema of this program when it was opened."""


def check(connection: Connection, shown: str) -> int:
    """Return the schema version of a database (0: empty), changing nothing.

    Args:
        connection: to the database.
        shown: the store as named in errors.

    Raises:
        StoreUnusable: the store is newer than this program, or is somebody else's database.
    """
    found = version_of(connection)
    if found > SCHEMA:
        raise StoreUnusable(too_new(shown, found))
    if found < 0 or (found == 0 and sa.inspect(connection).get_table_names()):
        raise StoreUnusable(f"Cannot use the store {shown}: it is the database of something else. Give another path.")
    return found


def migrate(connection: Connection, shown: str) -> None:
    """Bring the schema to ``SCHEMA``, inside the caller's transaction.

    Raises:
        StoreUnusable: as ``check``.
    """
    if connection.dialect.name == "postgresql":
        # Nothing is there yet that could be locked: of many that open an empty database, one makes the tables.
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
    for step in range(check(connection, shown) + 1, SCHEMA + 1):
        for statement in _statements(step, connection.dialect.name):
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql(f"UPDATE meta SET value = '{step}' WHERE key = 'schema'")


def _statements(step: int, dialect: str) -> list[str]:
    text = files(__package__).joinpath(f"{step:04}.{dialect}.sql").read_text("utf-8")
    return [statement.strip() for statement in text.split(";\n") if statement.strip()]
