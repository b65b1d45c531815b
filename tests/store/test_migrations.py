"""The frozen steps make the tables of the models, on both engines."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store import commands
from store.engine import Store, Transaction, open_store
from store.errors import StoreUnusable
from store.migrations import SCHEMA, _statements, migrate, version_of
from store.models import metadata
from store.queries import projects
from tests.store.states import BY, draft, row

SAME_TYPES = {"DOUBLE PRECISION": "FLOAT"}
Shape = dict[str, dict[str, object]]


def type_name(kind: sa.types.TypeEngine[object], c: Connection) -> str:
    name = kind.compile(c.dialect)
    return SAME_TYPES.get(name, name)


def declared(c: Connection) -> Shape:
    return {
        name: {
            "columns": {col.name: (type_name(col.type, c), col.nullable) for col in table.columns},
            "key": [col.name for col in table.primary_key],
            "indexes": {str(index.name): [col.name for col in index.columns] for index in table.indexes},
            "unique": {col.name for col in table.columns if col.unique},
            "foreign": {(key.parent.name, key.target_fullname) for key in table.foreign_keys},
        }
        for name, table in metadata.tables.items()
    }


def found(c: Connection) -> Shape:
    look = sa.inspect(c)
    return {
        name: {
            "columns": {col["name"]: (type_name(col["type"], c), col["nullable"]) for col in look.get_columns(name)},
            "key": look.get_pk_constraint(name)["constrained_columns"],
            "indexes": {i["name"]: i["column_names"] for i in look.get_indexes(name) if not i["unique"]},
            "unique": {col for unique in look.get_unique_constraints(name) for col in unique["column_names"]},
            "foreign": {
                (key["constrained_columns"][0], f"{key['referred_table']}.{key['referred_columns'][0]}")
                for key in look.get_foreign_keys(name)
            },
        }
        for name in look.get_table_names()
    }


def test_the_steps_make_what_the_models_say(store: Store) -> None:
    with store.read() as c:
        assert version_of(c) == SCHEMA
        assert found(c) == declared(c)


def drop(tx: Transaction) -> None:
    for table in reversed(metadata.sorted_tables):
        tx.execute(sa.schema.DropTable(table))


def made(tx: Transaction, schema: int) -> None:
    """Make the tables of an earlier schema in the place of today's."""
    drop(tx)
    for step in range(1, schema + 1):
        for statement in _statements(step, tx.connection.dialect.name):
            tx.connection.exec_driver_sql(statement)
    tx.connection.exec_driver_sql(f"UPDATE meta SET value = '{schema}' WHERE key = 'schema'")


@pytest.mark.parametrize("schema", range(1, SCHEMA))
def test_a_store_of_an_earlier_schema_is_brought_to_todays_and_keeps_what_is_in_it(store: Store, schema: int) -> None:
    with store.write() as tx:
        made(tx, schema)
        tx.connection.exec_driver_sql(
            "INSERT INTO project (id, path, description, created) VALUES ('abc', 'vision', 'all that sees', 5.0)"
        )
    with open_store(store.location) as opened:
        with opened.read() as c:
            assert (version_of(c), found(c)) == (SCHEMA, declared(c))
            assert [(p.path, p.description, p.baseline) for p in projects.listing(c)] == [
                ("vision", "all that sees", "")
            ]
        commands.describe_project(opened, "vision", "another", by=BY)
        task = draft(opened, project="vision")
        commands.set_baseline(opened, "vision", task, by=BY)
        with opened.read() as c:
            assert [(p.description, p.baseline) for p in projects.listing(c)] == [("another", task)]


def test_an_earlier_schema_is_not_read_before_it_is_brought_to_todays_by_whoever_may(store: Store) -> None:
    with store.write() as tx:
        made(tx, 1)
    says = f"schema is version 1, this program needs version {SCHEMA}. Open it once without --read-only"
    with pytest.raises(StoreUnusable, match=re.escape(says)):
        open_store(store.location, read_only=True)
    open_store(store.location).close()
    open_store(store.location, read_only=True).close()


def test_a_step_that_breaks_off_leaves_the_store_as_it_was(store: Store) -> None:
    task = draft(store)
    with pytest.raises(ZeroDivisionError), store.write() as tx:
        drop(tx)
        migrate(tx.connection, "here")
        assert found(tx.connection) == declared(tx.connection)
        raise ZeroDivisionError
    assert row(store, task)["name"]
