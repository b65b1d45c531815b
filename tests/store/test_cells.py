"""Chosen columns of the task table: metrics and hyperparameters of a page of tasks."""

from __future__ import annotations

import math

import pytest

from store import commands
from store.engine import Store
from store.errors import InvalidValue
from store.ingest import ingest
from store.queries import cells
from store.queries.cells import Column, parse
from store.queries.tasks import TaskQuery, page
from tests.support import Script, counted, points

BY = "ada@host"


@pytest.fixture
def tasks(store: Store) -> list[str]:
    """A task with scalars, a Draft with parameters."""
    script = Script()
    scalars = {("loss", "val/top"): points([0.5, 0.1, 0.3]), ("loss", "nan"): points([math.nan])}
    ingest(store, [script.batch(events=[script.start()], scalars=scalars)], BY)
    parameters = {"Args/lr": "0.01", "Args/name": "a/b"}
    return [script.task, commands.create(store, by=BY, project="vision", name="a draft", parameters=parameters)]


@pytest.mark.parametrize(
    ("key", "column"),
    [
        ("metric:loss/val/top.min", Column("metric", "loss/val/top", "min")),
        ("metric:loss/val", Column("metric", "loss/val", "last")),
        ("metric:loss/v.1", Column("metric", "loss/v.1", "last")),
        ("metric:loss/val.sparkline", Column("metric", "loss/val", "sparkline")),
        ("metric:loss/val.delta", Column("metric", "loss/val", "delta")),
        ("metric:loss/val.delta-min", Column("metric", "loss/val", "delta-min")),
        ("param:Args/lr.max", Column("param", "Args/lr.max")),
    ],
)
def test_a_key_names_a_column(key: str, column: Column) -> None:
    assert parse(key) == column and parse(column.key) == column


@pytest.mark.parametrize("key", ["", "loss", "metric:loss", "param:lr", "other:a/b"])
def test_what_is_no_column_is_refused_with_the_form(key: str) -> None:
    with pytest.raises(InvalidValue, match="Section/name"):
        parse(key)


def test_every_task_has_a_cell_for_every_column(store: Store, tasks: list[str]) -> None:
    keys = ("metric:loss/val/top.min", "param:Args/lr", "metric:loss/val/top", "metric:loss/nan", "param:Args/none")
    with counted(store.reader) as seen, store.read() as c:
        found = cells.cells(c, tasks, [parse(key) for key in keys])
    scalars, draft = found[tasks[0]], found[tasks[1]]
    assert scalars[:3] == (0.1, None, 0.3) and isinstance(scalars[3], float) and math.isnan(scalars[3])
    assert draft == (None, "0.01", None, None, None)
    assert len(seen.statements) == 2


@pytest.mark.parametrize(
    ("form", "number"), [("sparkline", "last"), ("delta", "last"), ("delta-min", "min"), ("delta-max", "max")]
)
def test_what_is_no_number_of_its_own_is_sorted_by_one(store: Store, form: str, number: str) -> None:
    scripts = [Script(), Script(), Script()]
    for script, values in zip(scripts, ([0.1, 0.9, 0.5], [0.8, 0.2], [0.6, 0.7]), strict=True):
        ingest(store, [script.batch(events=[script.start()], scalars={("loss", "val"): points(values)})], BY)
    with store.read() as c:
        for descending in (True, False):
            found = [
                [row.id for row in page(c, TaskQuery(sort=f"metric:loss/val.{aggregate}", descending=descending), 0, 9)]
                for aggregate in (form, number)
            ]
            assert len(found[0]) == 3 and found[0] == found[1]


def test_of_a_difference_a_cell_has_the_tasks_own_number(store: Store, tasks: list[str]) -> None:
    keys = ("metric:loss/val/top.delta", "metric:loss/val/top.delta-min", "metric:loss/val/top.delta-max")
    with store.read() as c:
        assert cells.cells(c, tasks, [parse(key) for key in keys])[tasks[0]] == (0.3, 0.1, 0.5)


def test_the_choices_are_what_the_tasks_of_the_query_have(store: Store, tasks: list[str]) -> None:
    with store.read() as c:
        found = [column.key for column in cells.choices(c, TaskQuery())]
        assert [column.key for column in cells.choices(c, TaskQuery(project="vision"))] == found[:2]
    assert found == ["param:Args/lr", "param:Args/name", "metric:loss/nan.last", "metric:loss/val/top.last"]
