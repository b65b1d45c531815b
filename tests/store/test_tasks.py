"""The task table's pages, orders and lookups; on both engines."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from store import commands, filters, pace, tables
from store.engine import Store
from store.errors import InvalidValue, NotFound
from store.lifecycle import Status
from store.queries import details, tasks
from store.queries.tasks import SORTS, TaskQuery
from tests.store.states import BY, draft, ended, in_state, running
from tests.support import counted

LOSS = ("loss", "val")


def add_metric(store: Store, task: str, last: float | None, key: tuple[str, str] = LOSS, number: int = 0) -> None:
    with store.write() as tx:
        values = {"task_id": task, "title": key[0], "series": key[1], "number": number, "n": 1, "last": last}
        tx.execute(tables.task_metric.insert(), values | {"min": last, "max": last, "first": last})


def set_columns(store: Store, task: str, **columns: object) -> None:
    with store.write() as tx:
        tx.execute(sa.update(tables.task).where(tables.task.c.id == task).values(**columns))


def names(store: Store, q: TaskQuery, offset: int = 0, limit: int | None = None) -> list[str]:
    with store.read() as c:
        found = [row.name for row in tasks.page(c, q, offset, limit)]
        if offset == 0 and limit is None:
            assert tasks.count(c, q) == len(found) == len(tasks.ids(c, q))
            assert [row.name for row in tasks.rows(c, tasks.ids(c, q))] == found
    return found


def test_a_page_has_everything_a_row_shows(store: Store) -> None:
    task = ended(store, Status.FAILED, tags=["b", "a"], comment="note", name="net", project="vision/deep")
    set_columns(store, task, progress=12.5, last_iteration=7, worker="w1", last_seen=5.0)
    with store.read() as c:
        (row,) = tasks.page(c, TaskQuery(), 0, 10)
    assert (row.id, row.name, row.project, row.status, row.tags) == (task, "net", "vision/deep", "failed", ("a", "b"))
    assert (row.progress, row.last_iteration, row.worker, row.user, row.host) == (12.5, 7, "w1", "ada", "lab")
    assert (row.status_reason, row.comment, row.archived, row.metric) == ("it was so", "note", False, None)


def test_newest_activity_first_and_pages_that_fit_together(store: Store) -> None:
    made = [draft(store, name=f"task {i}") for i in range(7)]
    for task in made:
        set_columns(store, task, activity=100.0)  # ties: the id decides, on every page alike
    whole = names(store, TaskQuery())
    paged = [name for offset in range(0, 8, 3) for name in names(store, TaskQuery(), offset, 3)]
    assert paged == whole
    assert sorted(paged) == [f"task {i}" for i in range(7)]
    set_columns(store, made[3], activity=200.0)
    assert names(store, TaskQuery(), 0, 1) == ["task 3"]
    assert names(store, TaskQuery(descending=False))[-1] == "task 3"


@pytest.mark.parametrize("descending", [True, False])
def test_pages_in_the_order_of_projects_and_of_a_metric_fit_together(store: Store, descending: bool) -> None:
    made = [draft(store, name=f"task {i:02}", project=f"lab/p{i * 7 % 5}") for i in range(23)]
    for i, task in enumerate(made):
        if i % 4:
            add_metric(store, task, None if i % 5 == 0 else i % 6 / 2)
        if i % 3 == 0:
            commands.archive(store, task, by=BY)
    for sort in ("project", "metric"):
        for archived in (False, True, None):
            q = TaskQuery(sort=sort, metric=LOSS, archived=archived, descending=descending)
            whole = names(store, replace(q, types=("training",)))  # the other way: by a join, all at once
            assert len(whole) == {False: 15, True: 8, None: 23}[archived]
            for size in (1, 4, 9):
                paged = [name for offset in range(0, 25, size) for name in names(store, q, offset, size)]
                assert paged == whole, (sort, archived, size)


def test_a_page_costs_the_same_statements_however_much_it_shows(store: Store) -> None:
    for i in range(30):
        add_metric(store, draft(store, tags=[f"t{i}", "all"]), 0.1 * i)
    with counted(store.reader) as few, store.read() as c:
        tasks.page(c, TaskQuery(metric=LOSS), 0, 2)
    with counted(store.reader) as many, store.read() as c:
        assert len(tasks.page(c, TaskQuery(metric=LOSS), 0, 30)) == 30
    assert len(few.statements) == len(many.statements) == 2


@pytest.mark.parametrize("descending", [True, False])
def test_sorting_by_a_metric_puts_nan_and_none_last(store: Store, descending: bool) -> None:
    for name, last in (("low", 0.1), ("high", 0.9), ("nan", None), ("infinite", math.inf)):
        add_metric(store, draft(store, name=name), last)
    draft(store, name="without")
    add_metric(store, draft(store, name="other"), 0.5, ("acc", "val"))
    q = TaskQuery(sort="metric", metric=LOSS, descending=descending)
    order = ["infinite", "high", "low"] if descending else ["low", "high", "infinite"]
    whole = names(store, q)
    assert whole[:4] == [*order, "nan"]
    assert set(whole[4:]) == {"without", "other"}
    for size in (1, 2, 3, 4, 5, 6):
        paged = [name for offset in range(0, 7, size) for name in names(store, q, offset, size)]
        assert paged == whole
    with store.read() as c:
        shown = {row.name: row.metric for row in tasks.page(c, q, 0, None)}
    assert shown["low"] == 0.1
    assert shown["without"] is shown["other"] is None
    assert shown["nan"] is not None
    assert math.isnan(shown["nan"])


def test_sorting_by_a_parameter(store: Store) -> None:
    for name, value in (("ten", "10"), ("nine", "9"), ("words", "many")):
        draft(store, name=name, parameters={"Args/lr": value})
    draft(store, name="without", parameters={"Net/lr": "11"})
    assert names(store, TaskQuery(sort="param:Args/lr")) == ["ten", "nine", "words", "without"]
    assert names(store, TaskQuery(sort="param:Args/lr", descending=False))[:2] == ["nine", "ten"]


def test_sorting_by_any_summary_of_any_series(store: Store) -> None:
    m = tables.task_metric
    for name, low, high in (("deep", 0.1, 9.0), ("high", 3.0, 4.0), ("nan", None, None)):
        task = ended(store, Status.COMPLETED, name=name)
        add_metric(store, task, 1.0, ("a/b", "c"))
        add_metric(store, task, 1.0, ("a", "d"), number=1)
        with store.write() as tx:
            tx.execute(sa.update(m).where(m.c.task_id == task, m.c.series == "c").values(min=low, max=high))
    ended(store, Status.COMPLETED, name="other")
    assert names(store, TaskQuery(sort="metric:a/b/c.min")) == ["high", "deep", "nan", "other"]
    assert names(store, TaskQuery(sort="metric:a/b/c.max"))[:2] == ["deep", "high"]
    assert names(store, TaskQuery(sort="metric:a/b/c.min", descending=False))[:2] == ["deep", "high"]
    with pytest.raises(InvalidValue, match="Invalid column"):
        names(store, TaskQuery(sort="metric:loss"))


@pytest.mark.parametrize("summary", ["last", "min", "max", "first"])
def test_sorting_by_a_summary_reads_its_index_alone(store: Store, summary: str) -> None:
    """Not the summaries of 100,000 tasks, which lie all over the file: eight times that, and seconds from a disk."""
    if not store.location.is_sqlite:
        return  # PostgreSQL plans by statistics, which a small store has not
    asked: list[tuple[str, Any]] = []
    with store.read() as c:
        sa.event.listen(c, "before_cursor_execute", lambda _c, _k, sql, values, *_: asked.append((sql, values)))
        tasks.page(c, TaskQuery(sort=f"metric:loss/val.{summary}"), 0, 50)
        plan = [row[3] for row in c.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked[0][0]}", asked[0][1])]
    assert any("task_metric USING COVERING INDEX ix_task_metric_value" in step for step in plan), plan


@pytest.mark.parametrize("sort", [sort for sort in SORTS if sort not in ("time", "speed", "left")])
def test_every_sort_key_sorts(store: Store, sort: str) -> None:
    numbers = ("activity", "created", "started", "completed", "last_seen", "progress", "last_iteration")
    for place, project in ((1, "aaa"), (2, "bbb")):
        task = in_state(store, Status.RUNNING, name=f"{'ab'[place - 1]} task", project=project)
        values: Mapping[str, object] = (
            {sort: place} if sort in numbers else {sort: f"{place}"} if sort in tables.task.c and sort != "name" else {}
        )
        if values:
            set_columns(store, task, **values)
        if sort == "queue":
            with store.write() as tx:
                tx.execute(tables.queue.insert(), {"id": f"q{place}", "name": f"queue {place}", "created": 0.0})
            set_columns(store, task, queue_id=f"q{place}")
    assert names(store, TaskQuery(sort=sort)) == ["b task", "a task"]
    assert names(store, TaskQuery(sort=sort, descending=False)) == ["a task", "b task"]


@pytest.mark.parametrize("sort", ["speed", "left"])
def test_the_pace_sorts_as_it_is_shown(store: Store, sort: str) -> None:
    ran: dict[str, tuple[float, int | None, float | None]] = {
        "fast": (100.0, 900, 90.0), "slow": (100.0, 3, 3.0), "odd": (70.0, 100, 33.3), "new": (5.0, 50, 50.0),
        "no steps": (100.0, None, None), "at its end": (100.0, 0, 100.0),
    }  # fmt: skip
    for name, (spent, steps, progress) in ran.items():
        task = in_state(store, Status.RUNNING, name=name)
        set_columns(store, task, started=1e9, last_seen=1e9 + spent, last_iteration=steps, progress=progress)
    again = in_state(store, Status.RUNNING, name="continued")
    set_columns(
        store, again, started=1e9, last_seen=1e9 + 100, last_iteration=9_500, iteration_offset=9_000, progress=95.0
    )
    set_columns(store, in_state(store, Status.COMPLETED, name="over"), started=1e9, last_seen=2e9, last_iteration=9)
    with store.read() as c:
        rows = tasks.page(c, TaskQuery(), 0, 10)
        wanted = {row.name: getattr(pace, sort)(row) for row in rows}
        assert sort == "left" or wanted["continued"] == 5.0, "its iterations of before are none of this pace"
        told = {name for name, value in wanted.items() if value is not None}
        for descending in (True, False):
            found = tasks.page(c, TaskQuery(sort=sort, descending=descending), 0, 10)
            known = [row.name for row in found if row.name in told]
            assert known == sorted(told, key=lambda name: wanted[name] or 0.0, reverse=descending)
            assert {row.name for row in found[: len(told)]} == told == {"fast", "slow", "odd", "continued"}
            assert [tasks.place(c, TaskQuery(sort=sort, descending=descending), row.id) for row in found] == [*range(8)]


@pytest.mark.parametrize("descending", [True, False])
def test_the_run_time_sorts_up_to_the_end_or_the_last_sign_of_life(store: Store, descending: bool) -> None:
    ran: dict[str, tuple[Status, float | None, float | None, float]] = {
        "long": (Status.COMPLETED, 1e9, 1e9 + 300, 2e9), "short": (Status.FAILED, 1e9, 1e9 + 7, 1e9 + 7),
        "goes on": (Status.RUNNING, 1e9, None, 1e9 + 40), "backward": (Status.ABORTED, 1e9, 1e9 - 5, 1e9),
        "never": (Status.DRAFT, None, None, 1e9),
    }  # fmt: skip
    for name, (status, started, completed, seen) in ran.items():
        set_columns(store, in_state(store, status, name=name), started=started, completed=completed, last_seen=seen)
    with store.read() as c:
        found = tasks.page(c, TaskQuery(sort="time", descending=descending), 0, 10)
        spent = [pace.span(row) for row in found]
        assert spent == [*sorted([0.0, 7.0, 40.0, 300.0], reverse=descending), None]
        assert [tasks.place(c, TaskQuery(sort="time", descending=descending), row.id) for row in found] == [*range(5)]


def test_states_stand_in_an_order_of_their_own_the_newest_first_in_each(store: Store) -> None:
    order = [Status.RUNNING, Status.PENDING, Status.DRAFT, Status.FAILED, Status.ABORTED, Status.COMPLETED,
             Status.PUBLISHED]  # fmt: skip
    for number, status in enumerate([*Status, *Status]):
        set_columns(store, in_state(store, status, name=f"{status} {number}"), activity=float(number))
    expected = [name for status in order for name in (f"{status} {[*Status].index(status) + 7}",
                                                      f"{status} {[*Status].index(status)}")]  # fmt: skip
    up, down = TaskQuery(sort="status", descending=False), TaskQuery(sort="status")
    assert names(store, up) == expected
    assert names(store, down) == expected[::-1]
    for q in (up, down):
        paged = [name for offset in range(0, 15, 3) for name in names(store, q, offset, 3)]
        assert paged == names(store, q)


def test_a_page_in_the_order_of_the_states_is_read_from_an_index(store: Store) -> None:
    if not store.location.is_sqlite:
        return  # PostgreSQL plans by statistics, which a small store has not
    for status in Status:
        in_state(store, status)
    asked: list[tuple[str, Any]] = []
    with store.read() as c:
        sa.event.listen(c, "before_cursor_execute", lambda _c, _k, sql, values, *_: asked.append((sql, values)))
        tasks.page(c, TaskQuery(sort="status"), 2, 2)
        plans = [[row[3] for row in c.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)] for sql, values in asked[:]]
    assert len(plans) == 4, "how many there are, of two states their ids, the rows"
    assert all("COVERING INDEX ix_task_" in plan[0] for plan in plans[:3]), plans
    assert not any("B-TREE FOR ORDER BY" in step for plan in plans[:3] for step in plan), plans


@pytest.mark.parametrize("descending", [True, False])
def test_every_task_stands_at_its_place_in_every_order(store: Store, descending: bool) -> None:
    for number in range(9):
        given = {"parameters": {"Args/lr": f"{number % 4}"} if number % 2 else {}}
        task = in_state(store, [*Status][number // 2], project=f"one/p{number % 3}", **given)
        values = {"activity": float(number // 3), "progress": [None, 5.0, 7.0][number % 3], "name": f"n {number % 5}"}
        set_columns(store, task, **values)
        if number % 3:
            add_metric(store, task, [1.0, 2.0, None][number % 4 % 3])
    for sort in (*SORTS, "metric", "metric:loss/val.min", "param:Args/lr"):
        q = TaskQuery(sort=sort, descending=descending, metric=LOSS)
        for query in (q, replace(q, where=filters.parse("-project:one/p1"))):
            with store.read() as c:
                ids = [row.id for row in tasks.page(c, query, 0, None)]
                assert [tasks.place(c, query, task) for task in ids] == list(range(len(ids))), query
                assert tasks.place(c, replace(query, text="nothing-like-it"), ids[0]) is None


def test_an_unknown_sort_names_the_nearest(store: Store) -> None:
    with pytest.raises(InvalidValue, match=r"Cannot sort by 'activty'\. Did you mean \"activity\"\?"):
        names(store, TaskQuery(sort="activty"))


def test_each_way_to_choose(store: Store) -> None:
    commands.archive(store, ended(store, Status.FAILED, name="hidden"), by=BY)
    ended(store, Status.FAILED, name="failed one", project="vision/deep", tags=["x", "y"])
    in_state(store, Status.PENDING, name="waiting one", project="vision", type="testing", tags=["x"])
    draft(store, name="draft one", project="visionary")
    for q, expected in (
        (TaskQuery(), {"failed one", "waiting one", "draft one"}),
        (TaskQuery(archived=True), {"hidden"}),
        (TaskQuery(archived=None), {"hidden", "failed one", "waiting one", "draft one"}),
        (TaskQuery(project="vision"), {"failed one", "waiting one"}),
        (TaskQuery(project="vision/deep"), {"failed one"}),
        (TaskQuery(project="nowhere"), set()),
        (TaskQuery(statuses=["failed", Status.DRAFT]), {"failed one", "draft one"}),
        (TaskQuery(types=["testing"]), {"waiting one"}),
        (TaskQuery(tags=["x", "y"]), {"failed one"}),
        (TaskQuery(tags=["x"]), {"failed one", "waiting one"}),
        (TaskQuery(user="ada", text="ONE vision"), {"failed one", "waiting one", "draft one"}),
        (TaskQuery(user="bob"), set()),
        (TaskQuery(text="one y"), {"failed one", "draft one"}),
        (TaskQuery(text="100%"), set()),
    ):
        assert set(names(store, q)) == expected, q


def test_a_task_is_found_by_its_id_a_start_of_it_or_its_name(store: Store) -> None:
    for number in range(3):
        draft(store, task_id=f"ab{number}" + "0" * 29, name=f"net {number}", project="vision")
    draft(store, task_id="f" * 32, name="twice")
    draft(store, task_id="e" * 32, name="twice")
    with store.read() as c:
        for given, found in (("ab1" + "0" * 29, "ab1"), ("ab2", "ab2"), (" AB0 ", "ab0"), ("net 1", "ab1")):
            assert tasks.resolve(c, given).startswith(found)
        assert tasks.resolve(c, "ee") == "e" * 32
        with pytest.raises(NotFound, match=r"'ab' fits more than one task: (ab\d0{9} \"net \d\"(, )?){3}\. Give more"):
            tasks.resolve(c, "ab")
        with pytest.raises(NotFound, match="'twice' fits more than one task"):
            tasks.resolve(c, "twice")
        with pytest.raises(NotFound, match=r"There is no task 'net1'\. Did you mean \"net \d\"\?"):
            tasks.resolve(c, "net1")
        for nothing in ("", "a", "zz", "%", "_" * 32):
            with pytest.raises(NotFound):
                tasks.resolve(c, nothing)


def test_the_main_metric_is_the_one_most_tasks_have(store: Store) -> None:
    with store.read() as c:
        assert tasks.main_metric(c) is None
    for number in range(3):
        task = draft(store, project="vision" if number else "other")
        add_metric(store, task, 1.0, (":monitor:machine", "cpu"), 1)
        add_metric(store, task, 1.0, LOSS if number else ("acc", "val"))
    with store.read() as c:
        assert tasks.main_metric(c) == LOSS
        assert tasks.main_metric(c, "other") == ("acc", "val")
        assert tasks.main_metric(c, "nowhere") is None


def test_details(store: Store) -> None:
    task = running(store, code={"argv": ["-x"], "diff": b"d", "packages": {"numpy": "2"}, "commit": "abc"})
    commands.configure(store, task := commands.clone(store, task, by=BY), "net", "text", by=BY)
    add_metric(store, task, None)
    with store.read() as c:
        found = details.detail(c, task)
    assert (found.row.id, found.execution, found.configuration) == (task, 0, {"net": "text"})
    assert [(p.key, p.value, p.type) for p in found.parameters] == [("Args/lr", "0.1", "float")]
    assert (found.code.argv, found.code.diff, found.code.packages) == (["-x"], b"d", {"numpy": "2"})
    assert [e.action for e in found.events] == ["create", "edit"]
    assert math.isnan(found.metrics[0].last)
    with store.read() as c, pytest.raises(NotFound, match="There is no task 'nothing'"):
        details.detail(c, "nothing")
    with store.read() as c:
        assert details.code(c, draft(store)).packages == {}
