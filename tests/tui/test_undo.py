"""Undo and redo by keys: whatever a key did is taken back exactly, and what cannot be is said."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from store import commands
from store.engine import Store
from store.facts import Facts, facts
from store.lifecycle import Status
from store.queries import tasks
from tests.tui.at_home import Home, OnHome, in_state
from tests.tui.made import BY, draft
from tui.widgets.bar import Notice

MARK_ALL = ("g", "space", "G", "v")
VERBS: dict[str, tuple[Status, tuple[str, ...]]] = {
    "rename": (Status.COMPLETED, ("r", "ctrl+u", *"another", "enter")),
    "tags": (Status.RUNNING, ("t", *"+new", "space", *"-old", "enter")),
    "move": (Status.FAILED, ("m", "ctrl+u", *"lab", "slash", *"two", "enter")),
    "enqueue": (Status.DRAFT, ("Q", "enter")),
    "dequeue": (Status.PENDING, ("Q",)),
    "archive": (Status.COMPLETED, ("a",)),
    "archive a Pending one": (Status.PENDING, ("a",)),
    "mark and tag": (Status.PUBLISHED, (*MARK_ALL, "t", *"+new", "enter")),
    "mark and archive": (Status.COMPLETED, (*MARK_ALL, "a")),
    "mark and enqueue": (Status.DRAFT, (*MARK_ALL, "Q", "enter")),
    "mark and move": (Status.ABORTED, (*MARK_ALL, "m", "ctrl+u", *"lab", "slash", *"two", "enter")),
    "clone": (Status.COMPLETED, ("c",)),
    "mark and clone": (Status.RUNNING, (*MARK_ALL, "c")),
}


def everything(store: Store) -> dict[str, Facts | None]:
    """Return the facts of every task of the store."""
    with store.read() as c:
        return {row.id: facts(c, row.id) for row in tasks.page(c, tasks.TaskQuery(archived=None), 0, 99)}


async def at_rest(home: Home) -> None:
    """Wait until no verb is under way any more."""
    await home.until(lambda: all(worker.is_finished for worker in home.app.workers), "no verb under way")
    await home.until(lambda: not home.app.data.running, "no command under way")


@pytest.mark.parametrize("verb", VERBS)
async def test_what_a_verb_did_is_undone_and_done_again(store: Store, verb: str) -> None:
    status, keys = VERBS[verb]
    for name in ("first", "second", "third"):
        commands.tag(store, in_state(store, status, name), by=BY, add=["old"])
    before = everything(store)
    async with OnHome(store) as home:
        await home.keys(*keys)
        await home.until(lambda: everything(store) != before, verb)
        await at_rest(home)
        if verb == "clone":
            await home.until(lambda: len(home.app.screen_stack) == 2, "the clone's screen")
            await home.keys("q")
        after = everything(store)
        assert sum(before.get(task) != after[task] for task in after) == (3 if "mark" in verb else 1)
        await home.keys("z")
        await home.until(lambda: everything(store) == before, "undone")
        await home.sees("Undone: ")
        await home.keys("z")
        await home.sees("There is nothing to undo.")
        await home.keys("Z")
        await home.until(lambda: everything(store) == after, "done again")
        await home.sees("Done again: ")
        await home.keys("z")
        await home.until(lambda: everything(store) == before, "undone once more")


async def test_restoring_and_editing_are_undone(store: Store) -> None:
    task = draft(store, "abc", lr="0.1")
    async with OnHome(store) as home:
        await home.keys("e")
        await home.sees("lr  0.1", "Enter changes the value under the cursor, / finds another, + adds one.")
        await home.keys("enter")
        await home.until(lambda: isinstance(home.app.focused, Input), "a value being edited")
        await home.press("ctrl+u", *"0.5", "enter")
        await home.until(
            lambda: (now := everything(store)[task]) is not None and "0.5" in str(now.parameters), "edited"
        )
        await home.keys("z")
        await home.sees(f'Undone: edited "abc" ({task[:8]}).')
        await home.until(lambda: (now := everything(store)[task]) is not None and "0.5" not in str(now), "undone")
        await home.keys("q", "a", "colon", *"archived", "enter", "a")
        await home.until(lambda: (now := everything(store)[task]) is not None and not now.archived, "restored")
        await home.keys("z")
        await home.until(lambda: (now := everything(store)[task]) is not None and now.archived, "archived again")


async def test_a_step_is_said_with_how_many_tasks_it_was(store: Store) -> None:
    for name in ("first", "second", "third"):
        in_state(store, Status.COMPLETED, name)
    async with OnHome(store) as home:
        await home.keys(*MARK_ALL, "a", "z")
        await home.sees("Undone: archived 3 tasks.")


async def test_a_clone_whose_edits_were_undone_is_not_deleted_by_one_z_too_many(store: Store) -> None:
    task = in_state(store, Status.COMPLETED, "abc")
    async with OnHome(store) as home:
        await home.keys("c")
        await home.until(lambda: len(home.app.screen_stack) == 2, "the clone's screen")
        await home.keys("q", "g")
        await home.keys("r", "ctrl+u", *"better", "enter")
        await home.until(lambda: "better" in home.names, "renamed")
        await home.keys("z")
        await home.until(lambda: "better" not in home.names, "undone")
        await home.keys("z")
        assert "Once more deletes what was made" in home.text() and len(everything(store)) == 2
        await home.keys("Z")
        await home.until(lambda: "better" in home.names, "done again")
        await home.keys("z", "z", "z")
        await home.until(lambda: list(everything(store)) == [task], "deleted")


async def test_what_somebody_changed_since_is_left_alone(store: Store) -> None:
    task = in_state(store, Status.COMPLETED, "abc")
    async with OnHome(store) as home:
        await home.keys("t", *"mine", "enter")
        await home.until(lambda: everything(store)[task] is not None, "tagged")
        await at_rest(home)
        commands.describe(store, task, by=BY, name="theirs")
        await home.keys("z")
        await home.sees('Cannot undo: "theirs"', "was changed since")
        now = everything(store)[task]
        assert now is not None and (now.name, now.tags) == ("theirs", frozenset({"mine"}))


FINAL = {
    "abort": (Status.RUNNING, ("A", "y")),
    "reset": (Status.FAILED, ("R", "y")),
    "retry": (Status.FAILED, ("Q", "y", "enter")),
    "publish": (Status.COMPLETED, ("P", *"abc", "enter")),
}


@pytest.mark.parametrize("verb", FINAL)
async def test_what_destroys_cannot_be_undone_and_says_so(store: Store, verb: str) -> None:
    status, keys = FINAL[verb]
    task = in_state(store, status, "abc")
    commands.tag(store, task, by=BY, add=["old"])
    async with OnHome(store) as home:
        await home.keys("t", *"+new", "enter")
        await at_rest(home)
        await home.keys(*keys)
        await at_rest(home)
        done = everything(store)
        await home.keys("z")
        said = home.app.screen.query_one(Notice)
        more = f'Once more undoes what was done before: changed the tags of "abc" ({task[:8]}).'
        await home.until(
            lambda: said.sentence.startswith("Cannot undo: ") and said.sentence.endswith(more), "a refusal"
        )
        assert everything(store) == done


async def test_a_read_only_dashboard_undoes_nothing(store: Store) -> None:
    in_state(store, Status.COMPLETED, "abc")
    async with OnHome(store, read_only=True) as home:
        await home.keys("a", "z")
        await home.sees("There is nothing to undo.")
