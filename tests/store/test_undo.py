"""Undo and redo: what every reversible command changed is put back exactly, and nobody else's change is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from store import changes, commands, queues, tables
from store.engine import Store
from store.errors import Conflict, NotFound, StateError
from store.facts import Facts, facts
from store.ingest import ingest
from store.lifecycle import Status
from store.undo import put_back
from tests.store.states import BY, draft, in_state, rows_of, running, waiting
from tests.support import Script, points

Change = Callable[[Store, str], object]
CHANGES: dict[str, tuple[Status, Change]] = {
    "rename": (Status.COMPLETED, lambda s, t: commands.describe(s, t, by=BY, name="another name")),
    "comment": (Status.PUBLISHED, lambda s, t: commands.describe(s, t, by=BY, comment="why\nso")),
    "tags": (Status.RUNNING, lambda s, t: commands.tag(s, t, by=BY, add=["new"], remove=["old"])),
    "move": (Status.FAILED, lambda s, t: commands.move(s, t, "other/place", by=BY)),
    "edit": (Status.DRAFT, lambda s, t: commands.edit(s, t, {"Args/lr": "0.5", "Args/new": "1"}, by=BY, add=True)),
    "remove": (Status.DRAFT, lambda s, t: commands.edit(s, t, {}, by=BY, remove=["Args/lr"])),
    "property": (Status.FAILED, lambda s, t: commands.edit(s, t, {"properties/x": "1"}, by=BY, add=True)),
    "configure": (Status.DRAFT, lambda s, t: commands.configure(s, t, "net", "{}", by=BY)),
    "enqueue": (Status.DRAFT, lambda s, t: commands.enqueue(s, t, by=BY)),
    "dequeue": (Status.PENDING, lambda s, t: commands.dequeue(s, t, by=BY)),
    "archive": (Status.COMPLETED, lambda s, t: commands.archive(s, t, by=BY)),
    "archive a Pending one": (Status.PENDING, lambda s, t: commands.archive(s, t, by=BY)),
}


def known(store: Store, task: str) -> Facts | None:
    with store.read() as c:
        return facts(c, task)


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_taken_back_and_made_again(shared_store: Store, name: str) -> None:
    store, (status, change) = shared_store, CHANGES[name]
    task = in_state(store, status, tags=["old"])
    before = known(store, task)
    change(store, task)
    after = known(store, task)
    assert before != after
    put_back(store, task, after, before, by=BY)
    assert known(store, task) == before
    put_back(store, task, before, after, by=BY)
    assert known(store, task) == after


def test_a_task_comes_back_to_its_place_in_the_queue(store: Store) -> None:
    tasks = [in_state(store, Status.PENDING) for _ in range(4)]
    before = known(store, tasks[1])
    commands.dequeue(store, tasks[1], by=BY)
    put_back(store, tasks[1], known(store, tasks[1]), before, by=BY)
    assert waiting(store) == tasks


def test_a_move_between_queues_is_taken_back(store: Store) -> None:
    queues.create(store, "other queue")
    tasks = [in_state(store, Status.PENDING) for _ in range(2)]
    before = known(store, tasks[0])
    queues.move(store, tasks[0], 0, queue="other queue")
    put_back(store, tasks[0], known(store, tasks[0]), before, by=BY)
    assert waiting(store) == tasks and waiting(store, "other queue") == []


def test_an_undone_clone_is_gone_and_made_again_with_all_that_it_had(store: Store) -> None:
    source = in_state(store, Status.COMPLETED)
    commands.set_environment(store, source, 1, {"diff": b"what was changed", "binary": "python3"})
    made = commands.clone(store, source, by=BY, name="the clone", tags=["new"], parameters={"Args/lr": "0.5"})
    after, rows = known(store, made), rows_of(store, tables.task_code, made)
    assert rows[0]["diff"] == b"what was changed"
    for _ in range(2):
        put_back(store, made, after, None, by=BY)
        assert known(store, made) is None and store_deleted(store) == [made]
        put_back(store, made, None, after, by=BY, word="redo")
        assert known(store, made) == after and rows_of(store, tables.task_code, made) == rows
        assert store_deleted(store) == [], "no dashboard takes it for a deleted one"
    put_back(store, made, after, None, by=BY)
    commands.delete(store, source, by=BY, archived_only=False)
    with pytest.raises(NotFound, match="There is no task"):
        put_back(store, made, None, after, by=BY, word="redo")
    assert known(store, made) is None and made in store_deleted(store)


def store_deleted(store: Store) -> list[str]:
    with store.read() as c:
        return changes.since(c, 0).deleted


def test_an_undone_draft_of_nothing_is_made_again(store: Store) -> None:
    made = commands.create(store, by=BY, project="vision/new", name="by hand", type="testing")
    after = known(store, made)
    put_back(store, made, after, None, by=BY)
    put_back(store, made, None, after, by=BY, word="redo")
    assert known(store, made) == after and after is not None and after.type == "testing"
    assert rows_of(store, tables.task_event, made)[-1]["reason"] == "made again by redo"


def test_late_records_of_a_draft_that_was_made_again_are_dropped(store: Store) -> None:
    script = Script()
    script.execution = ingest(store, [script.batch(events=[script.start()])], BY)[0].execution
    commands.finish(store, script.task, by=BY, status=Status.ABORTED)
    commands.reset(store, script.task, by=BY)
    reset = known(store, script.task)
    put_back(store, script.task, reset, None, by=BY)
    put_back(store, script.task, None, reset, by=BY, word="redo")
    late = script.batch(scalars={("loss", "train"): points([0.5])})
    assert ingest(store, [late], BY)[0].outcome == "dropped"
    again = Script(script.task)
    start = again.start(mode="reuse", execution=script.execution)
    assert ingest(store, [again.batch(events=[start])], BY)[0].execution == script.execution + 1


def test_what_somebody_else_changed_since_is_not_overwritten(store: Store) -> None:
    task = draft(store)
    before = known(store, task)
    commands.describe(store, task, by=BY, name="my own name")
    after = known(store, task)
    commands.edit(store, task, {"Args/lr": "7"}, by="bob@lab")
    now = known(store, task)
    with pytest.raises(Conflict, match="changed since"):
        put_back(store, task, after, before, by=BY)
    assert known(store, task) == now


def test_a_clone_that_has_started_is_not_deleted(store: Store) -> None:
    task = running(store)
    with pytest.raises(StateError, match="no longer a Draft"):
        put_back(store, task, known(store, task), None, by=BY)
