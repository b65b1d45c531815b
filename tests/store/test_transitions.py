"""Starts, ends, resets and reuse inside somebody else's transaction; on both engines."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from store import commands, tables, transitions
from store.engine import Store
from store.errors import Conflict, InvalidValue, NotFound, StateError
from store.lifecycle import Action, Status
from tests.store.states import BY, draft, ended, in_state, row, rows_of, running, status_of, waiting


def fill(store: Store, task: str) -> None:
    """Put a row in every table of outputs, and figures in the task, as a script's records would."""
    filler: dict[type, object] = {str: "x", int: 1, float: 1.0, bytes: b"x", bool: True}
    with store.write() as tx:
        for table in tables.OUTPUTS:
            values = {column.name: filler[column.type.python_type] for column in table.columns}
            tx.execute(table.insert(), values | {"task_id": task})
        figures = {"progress": 40.0, "last_iteration": 99, "lines": 7, "refused": 1, "dropped": 2, "last_seen": 5.0}
        tx.execute(sa.update(tables.task).where(tables.task.c.id == task).values(**figures))


def test_every_start_has_the_next_execution_number(store: Store) -> None:
    task = draft(store)
    for number, mode in enumerate(("new", "continue", "continue"), 1):
        with store.write(BY) as tx:
            assert transitions.start(tx, task, mode=mode, host=f"host{number}") == number
            assert transitions.finish(tx, task, number, Status.COMPLETED)
    now = row(store, task)
    assert (now["execution"], now["host"], now["closed_execution"]) == (3, "host3", 0)


def test_a_start_clears_what_the_last_end_left(store: Store) -> None:
    task = running(store)
    assert commands.abort(store, task, by=BY)
    with store.write(BY) as tx:
        transitions.start(tx, task, mode="continue", at=4000.0)
    now = row(store, task)
    assert (now["completed"], now["abort_requested"], now["abort_by"]) == (None, None, "")
    assert (now["started"], now["status_time"], now["activity"]) == (4000.0, 4000.0, 4000.0)


def test_a_start_of_a_pending_task_takes_it_out_of_its_queue(store: Store) -> None:
    task = in_state(store, Status.PENDING)
    with store.write(BY) as tx:
        transitions.start(tx, task, mode="claimed")
    assert waiting(store) == []


def test_a_start_keeps_the_owner(store: Store) -> None:
    task = draft(store)
    with store.write(BY) as tx:
        transitions.start(tx, task, user="grace")
    assert row(store, task)["user"] == "ada"


def test_a_start_that_expected_another_execution_changes_nothing(store: Store) -> None:
    task = ended(store, Status.COMPLETED)
    before = row(store, task)
    with pytest.raises(Conflict, match="started by somebody else"), store.write(BY) as tx:
        transitions.start(tx, task, mode="continue", expected_execution=0)
    assert row(store, task) == before


@pytest.mark.parametrize(("last", "given", "offset"), [(99, None, 100), (99, 0, 0), (99, 7, 7), (None, None, 0)])
def test_continuing_keeps_outputs_and_shifts_iterations(
    store: Store, last: int | None, given: int | None, offset: int
) -> None:
    task = ended(store, Status.ABORTED)
    fill(store, task)
    with store.write(BY) as tx:
        tx.execute(sa.update(tables.task).where(tables.task.c.id == task).values(last_iteration=last))
        transitions.start(tx, task, mode="continue", offset=given)
    now = row(store, task)
    assert (now["iteration_offset"], now["progress"], now["lines"]) == (offset, 40.0, 7)
    assert all(rows_of(store, table, task) for table in tables.OUTPUTS)


def test_an_end_of_another_execution_or_of_nothing_is_ignored(store: Store) -> None:
    task = running(store)
    with store.write(BY) as tx:
        assert transitions.finish(tx, task, 2, Status.FAILED) is False
        assert transitions.finish(tx, "f" * 32, 1, Status.FAILED) is False
        assert transitions.finish(tx, task, 1, Status.FAILED, "first", at=9e9) is True
        assert transitions.finish(tx, task, 1, Status.COMPLETED, "second") is False
    now = row(store, task)
    assert (now["status"], now["status_reason"], now["completed"], now["activity"]) == ("failed", "first", 9e9, 9e9)


def test_failed_and_aborted_tasks_keep_their_progress(store: Store) -> None:
    for status in (Status.FAILED, Status.ABORTED, Status.COMPLETED):
        task = running(store)
        fill(store, task)
        with store.write(BY) as tx:
            transitions.finish(tx, task, 1, status)
        assert row(store, task)["progress"] == 40.0


def test_a_reset_deletes_outputs_and_keeps_configuration(store: Store) -> None:
    task = ended(store, Status.FAILED, tags=["kept"], comment="kept", code={"entry_point": "train.py"})
    other = ended(store, Status.FAILED)
    fill(store, task)
    fill(store, other)
    with store.write(BY) as tx:
        transitions.reset(tx, task)
    now = row(store, task)
    assert (now["status"], now["execution"], now["closed_execution"], now["comment"]) == ("draft", 1, 1, "kept")
    for name in ("progress", "last_iteration", "started", "completed", "last_seen"):
        assert now[name] is None
    assert (now["lines"], now["refused"], now["dropped"], now["iteration_offset"]) == (0, 0, 0, 0)
    for table in tables.OUTPUTS:
        assert rows_of(store, table, task) == []
        assert len(rows_of(store, table, other)) == 1, "nobody else's"
    for table in (tables.parameter, tables.task_code, tables.task_tag):
        assert rows_of(store, table, task)


def test_reuse_also_clears_configuration_code_and_comment_but_not_tags(store: Store) -> None:
    for status in (Status.COMPLETED, Status.DRAFT):
        task = in_state(store, status, tags=["kept"], comment="gone", code={"entry_point": "train.py"})
        with store.write(BY) as tx:
            transitions.reuse(tx, task)
            transitions.start(tx, task, mode="reuse")
        assert (row(store, task)["status"], row(store, task)["comment"]) == ("running", "")
        for table in tables.INPUTS:
            assert rows_of(store, table, task) == []
        assert len(rows_of(store, tables.task_tag, task)) == 1


@pytest.mark.parametrize("status", [Status.PENDING, Status.RUNNING, Status.PUBLISHED])
def test_what_cannot_be_reset_cannot_be_reused(store: Store, status: Status) -> None:
    task = in_state(store, status)
    with pytest.raises(StateError, match="Cannot reset"), store.write(BY) as tx:
        transitions.reuse(tx, task)
    assert rows_of(store, tables.parameter, task), "nothing was cleared"


def test_an_archived_task_cannot_be_reused(store: Store) -> None:
    task = ended(store, Status.COMPLETED)
    commands.archive(store, task, by=BY)
    with pytest.raises(StateError, match="it is archived"), store.write(BY) as tx:
        transitions.reuse(tx, task)


def test_an_archived_task_is_not_continued(store: Store) -> None:
    task = ended(store, Status.COMPLETED)
    commands.archive(store, task, by=BY)
    before = row(store, task)
    with pytest.raises(StateError, match=r"Cannot continue .* it is archived"), store.write(BY) as tx:
        transitions.start(tx, task, mode="continue")
    assert row(store, task) == before


def test_projects_are_made_with_their_parents_once(store: Store) -> None:
    with store.write() as tx:
        deep = transitions.ensure_project(tx, "a/b/ccc")
        assert transitions.ensure_project(tx, " a / b / ccc ") == deep
        other = transitions.ensure_project(tx, "a/b/ddd")
    with store.read() as c:
        made = c.execute(sa.select(tables.project.c.path, tables.project.c.parent_id, tables.project.c.id)).all()
    paths = {row.id: row.path for row in made}
    assert {row.path: paths.get(row.parent_id) for row in made} == {
        "a": None, "a/b": "a", "a/b/ccc": "a/b", "a/b/ddd": "a/b",
    }  # fmt: skip
    assert paths[other] == "a/b/ddd"


def test_a_chosen_id_and_time(store: Store) -> None:
    with store.write(BY) as tx:
        assert transitions.create(tx, project="abc", name="abc", task_id="e" * 32, at=77.0) == "e" * 32
    now = row(store, "e" * 32)
    assert (now["created"], now["activity"], now["status_by"]) == (77.0, 77.0, BY)


@pytest.mark.parametrize("tag", ["", "  ", "a\nb", "\x1b[31m", "x" * 129])
def test_bad_tags(store: Store, tag: str) -> None:
    task = draft(store)
    with pytest.raises(InvalidValue, match="Invalid tag"), store.write(BY) as tx:
        transitions.add_tags(tx, task, [tag])


def test_an_error_rolls_everything_back(store: Store) -> None:
    task = draft(store)
    before = row(store, task)
    with pytest.raises(NotFound), store.write(BY) as tx:
        transitions.start(tx, task)
        transitions.change(tx, "f" * 32, Action.PUBLISH)
    assert row(store, task) == before
    assert status_of(store, task) is Status.DRAFT


def test_revisions_follow_commits(store: Store) -> None:
    first, second = draft(store), draft(store)
    with store.write(BY) as tx:
        transitions.start(tx, first)
        transitions.start(tx, second)
    assert row(store, first)["rev"] == row(store, second)["rev"]
    commands.describe(store, first, by=BY, comment="later")
    assert row(store, first)["rev"] == row(store, second)["rev"] + 1
