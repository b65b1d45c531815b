"""A command on several tasks in one transaction: each as if it were alone, refused or done."""

from __future__ import annotations

import pytest

from store import commands
from store.engine import Store, current_rev
from store.errors import Conflict, LabtopError, StateError
from store.queries import tasks
from store.undo import put_back, put_back_each, witnessed_each

BY = "ada@testhost"


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is, all fit into one transaction."""
    monkeypatch.setattr("store.undo.HELD", 60.0)


def drafts(store: Store, *names: str) -> list[str]:
    return [commands.create(store, by=BY, project="vision", name=name) for name in names]


def status(store: Store, task: str) -> str:
    with store.read() as c:
        return tasks.rows(c, [task])[0].status


def test_what_one_task_refuses_is_taken_back_alone(store: Store) -> None:
    pending, first, second = made = drafts(store, "the pending one", "the first", "the second")
    commands.enqueue(store, pending, by=BY)
    refused, *done = witnessed_each(store, commands.enqueue, {task: {} for task in made}, by=BY)
    assert isinstance(refused, StateError)
    assert [answer[1][0].subject for answer in done if not isinstance(answer, LabtopError)] == [first, second]
    assert [status(store, task) for task in made] == ["pending"] * 3
    for task in made:
        commands.tag(store, task, by=BY, add=["old"])
    tagged = witnessed_each(store, commands.tag, {task: {} for task in made}, by=BY, remove=["old"], add=[""])
    assert all(isinstance(answer, LabtopError) for answer in tagged)
    with store.read() as c:
        assert [row.tags for row in tasks.rows(c, made)] == [("old",)] * 3


def test_each_is_a_change_of_its_own_that_can_be_taken_back(store: Store) -> None:
    made = drafts(store, "the first", "the second")
    answers = witnessed_each(store, commands.clone, {task: {} for task in made}, by=BY)
    clones = [answer[0] for answer in answers if not isinstance(answer, LabtopError)]
    with store.read() as c:
        first, second = tasks.rows(c, clones)
    assert (first.name, second.name, first.created < second.created) == ("the first", "the second", True)
    [change] = answers[1][1] if not isinstance(answers[1], LabtopError) else []
    put_back(store, change.subject, change.after, change.before, by=BY)
    with store.read() as c:
        assert [row.name for row in tasks.rows(c, clones)] == ["the first"]


def test_what_takes_long_leaves_the_rest_for_another_transaction(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    made = drafts(store, "the first", "the second", "the third")
    monkeypatch.setattr("store.undo.HELD", 0.0)
    assert len(witnessed_each(store, commands.archive, {task: {} for task in made}, by=BY)) == 1


def test_several_are_taken_back_in_one_transaction_but_those_that_were_changed_since(store: Store) -> None:
    made = drafts(store, "the first", "the second", "the third")
    archived = witnessed_each(store, commands.archive, {task: {} for task in made}, by=BY)
    changes = [change for answer in archived if not isinstance(answer, LabtopError) for change in answer[1]]
    commands.describe(store, made[1], by=BY, name="theirs")
    with store.read() as c:
        before = current_rev(c)
    moves = [(change.subject, change.after, change.before) for change in changes]
    first, second, third = put_back_each(store, moves, by=BY)
    assert (first, third) == (None, None) and isinstance(second, Conflict)
    with store.read() as c:
        assert [row.archived for row in tasks.rows(c, made)] == [False, True, False]
        assert current_rev(c) == before + 1
