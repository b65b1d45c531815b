"""The schema, as numbered steps from an empty database to the models of today.

Each step is frozen SQL, one file for each engine, and runs with its record in one transaction under the write lock,
so that any number of processes may open a new store at once. A store written by a newer version is refused.
"""

from __future__ import annotations

from importlib.resources import files

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ..errors import StoreUnusable

SCHEMA = 1
"""The version this program reads and writes."""


def version_of(connection: Connection) -> int:
    """Return the schema version of a database: 0 if it is empty."""
    if not sa.inspect(connection).has_table("meta"):
        return 0
    return int(connection.exec_driver_sql("SELECT value FROM meta WHERE key = 'schema'").scalar_one_or_none() or 0)


def migrate(connection: Connection, shown: str, *, check_only: bool = False) -> None:
    """Bring the schema to ``SCHEMA``; with ``check_only``, only refuse what this program cannot read.

    Raises:
        StoreUnusable: the store is newer than this program, or is somebody else's database, or (``check_only``) older.
    """
    found = version_of(connection)
    if found > SCHEMA:
        raise StoreUnusable(
            f"Cannot use the store {shown}: its schema is version {found}, this program knows version {SCHEMA}. "
            f"Update labtop."
        )
    if found == 0 and sa.inspect(connection).get_table_names():
        raise StoreUnusable(f"Cannot use the store {shown}: it is the database of something else. Give another path.")
    if check_only and found < SCHEMA:
        raise StoreUnusable(
            f"Cannot read the store {shown}: its schema is version {found}, this program needs version {SCHEMA}. "
            f"Open it once where it can be written."
        )
    for step in range(found + 1, SCHEMA + 1):
        for statement in _statements(step, connection.dialect.name):
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql(f"UPDATE meta SET value = '{step}' WHERE key = 'schema'")


def _statements(step: int, dialect: str) -> list[str]:
    text = files(__package__).joinpath(f"{step:04}.{dialect}.sql").read_text("utf-8")
    return [statement.strip() for statement in text.split(";\n") if statement.strip()]
