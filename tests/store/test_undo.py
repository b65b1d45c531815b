"""Undo and redo: what every reversible command changed is put back exactly, and nobody else's change is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from store import commands, queues
from store.engine import Store
from store.errors import Conflict, StateError
from store.lifecycle import Status
from store.undo import Facts, facts, put_back
from tests.store.states import BY, draft, in_state, running, waiting

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


def test_an_undone_clone_is_gone_and_cannot_be_redone(store: Store) -> None:
    made = commands.clone(store, in_state(store, Status.COMPLETED), by=BY)
    after = known(store, made)
    put_back(store, made, after, None, by=BY)
    assert known(store, made) is None
    with pytest.raises(StateError, match="Clone or create it again"):
        put_back(store, made, None, after, by=BY)


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
