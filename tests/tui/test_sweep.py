""":sweep by keys: asked with what it makes, made at once, left marked, taken back, refused in the CLI's words."""

from __future__ import annotations

import itertools

import pytest
from textual.widgets import Input

from store import commands
from store.engine import Store
from store.queries import details, tasks
from store.records import TaskRow
from store.sweeps import MOST
from tests.tui.at_home import OnHome
from tests.tui.made import BY, OnTask, Opened, Run, draft
from tests.tui.test_commands import listed
from tests.tui.test_undo import at_rest, everything
from tui.data import READ_ONLY
from tui.dialogs.completed import CompletedDialog
from tui.dialogs.confirm import ConfirmDialog, Preview


async def sweep(home: Opened, words: str, dialog: type[object] = ConfirmDialog) -> None:
    """Type the command, and wait for what it asks."""
    await home.press("colon", *f"sweep {words}".strip(), "enter")
    await home.until(lambda: isinstance(home.app.screen, dialog), f"a {dialog.__name__}")


def preview(home: Opened) -> list[str]:
    """Return the names that are shown of what would be made."""
    shown = home.app.screen.query_one(Preview)
    return ["".join(text for text, _ in shown.row(n) or ()) for n in range(shown.count)]


def drafts(store: Store, parent: str) -> list[TaskRow]:
    """Return what was made of a task, the first one first."""
    with store.read() as c:
        found = tasks.page(c, tasks.TaskQuery(archived=None), 0, 2000)
    return [row for row in reversed(found) if row.parent == parent]


def values(store: Store, task: str) -> tuple[str, ...]:
    with store.read() as c:
        return tuple(row.value for row in details.parameters(c, task))


async def test_drafts_are_asked_for_made_marked_enqueued_and_taken_back(store: Store) -> None:
    task = draft(store, "resnet", lr="0.1", seed="1")
    before = everything(store)
    async with OnHome(store, (80, 24)) as home:
        await sweep(home, "lr=0.1,1e-2 Args/seed=1..5")
        made = [f"resnet lr={lr} seed={seed}" for lr, seed in itertools.product(("0.1", "1e-2"), range(1, 6))]
        await home.sees(f'Sweep "resnet" ({task[:8]}): 10 Drafts?', "Args/lr=0.1,1e-2 Args/seed=1..5", made[0])
        assert preview(home) == made
        await home.keys("n")
        assert everything(store) == before
        await sweep(home, "lr=0.1,1e-2 Args/seed=1..5")
        await home.keys("y")
        await home.sees("Made 10 Drafts and marked them: Q enqueues them.", "10 marked")
        found = drafts(store, task)
        assert [row.name for row in found] == made
        assert [values(store, row.id) for row in found[4:6]] == [("0.1", "5"), ("1e-2", "1")]
        assert list(home.table.marks) == [row.id for row in found]
        await home.keys("Q", "enter")
        await home.until(lambda: {row.status for row in drafts(store, task)} == {"pending"}, "all enqueued")
        await home.keys("z")
        await home.until(lambda: {row.status for row in drafts(store, task)} == {"draft"}, "all dequeued")
        await home.keys("z")
        await home.sees("Once more deletes what was made, 10 tasks, and what was just undone with it.")
        await home.keys("z")
        await home.until(lambda: everything(store) == before, "undone")
        await home.sees("Undone: made 10 tasks.")
        await home.until(lambda: not home.table.marks, "no marks of what is gone")
        await home.keys("Z")
        await home.sees("Done again: made 10 tasks.")
        assert [(row.id, row.name) for row in drafts(store, task)] == [(row.id, row.name) for row in found]
        assert [values(store, row.id) for row in found[4:6]] == [("0.1", "5"), ("1e-2", "1")]
        await home.keys("Z")
        await home.until(lambda: {row.status for row in drafts(store, task)} == {"pending"}, "all enqueued again")
        await home.sees("Done again: enqueued 10 tasks.")


async def test_each_of_the_marked_tasks_is_swept(store: Store) -> None:
    made = [Run(store, "first", {"Args/lr": "1"}).id, draft(store, "second", lr="1")]
    before = everything(store)
    async with OnHome(store) as home:
        await home.keys("g", "space", "G", "v")
        await sweep(home, "lr=1..3")
        await home.sees("Sweep 2 tasks: 6 Drafts?")
        await home.keys("y")
        await home.sees("Made 6 Drafts and marked them")
        for task, name in zip(made, ("first", "second"), strict=True):
            assert [row.name for row in drafts(store, task)] == [f"{name} lr={n}" for n in (1, 2, 3)]
        await home.keys("z")
        await home.until(lambda: everything(store) == before, "all six are one step")


async def test_a_task_on_its_screen_is_swept_and_its_drafts_are_marked_at_home(store: Store) -> None:
    task = draft(store, "resnet", lr="0.1")
    async with OnTask(store, task) as opened:
        await sweep(opened, "lr=1,2")
        await opened.press("y")
        await opened.sees("Made 2 Drafts and marked them: q goes back to the table, where Q enqueues")
        await opened.press("q")
        await opened.until(lambda: len(opened.app.screen_stack) == 1, "home")
        await opened.press("Q", "enter")
        await opened.until(lambda: {row.status for row in drafts(store, task)} == {"pending"}, "both enqueued")


async def test_without_words_they_are_asked_for_and_completed(store: Store) -> None:
    task = draft(store, "resnet", lr="0.1", amp="False")
    async with OnHome(store) as home:
        await sweep(home, "", CompletedDialog)
        await home.until(lambda: list(listed(home)) == ["Args/amp=", "Args/lr="], "the hyperparameters")
        await home.keys(*"am", "tab")
        assert home.app.screen.query_one(Input).value == "Args/amp="
        await home.until(lambda: list(listed(home)) == ["Args/amp=True,False"], "the values there are")
        await home.keys("ctrl+u", *"amp=")
        await home.until(lambda: list(listed(home)) == ["amp=True,False"], "the same by the name alone")
        await home.keys("tab", "space", *"lr=x", "enter")
        await home.sees("Invalid value for Args/lr: 'x' is not a number.")
        await home.keys("backspace", *"1,2", "enter")
        await home.until(lambda: isinstance(home.app.screen, ConfirmDialog), "the question")
        assert preview(home) == [f"resnet amp={amp} lr={lr}" for amp in (True, False) for lr in (1, 2)]
        await home.keys("y")
        await home.until(lambda: len(drafts(store, task)) == 4, "four Drafts")


async def test_what_a_long_line_could_become_is_told_apart_by_its_end(store: Store) -> None:
    draft(store, "resnet", lr="0.1", seed="1", momentum="0.9")
    async with OnHome(store, (80, 24)) as home:
        await sweep(home, "", CompletedDialog)
        await home.press(*"Args/lr=0.1,0.01,0.001,0.0001,0.00001,1e-6", "space", *"Args/")
        shown = await home.sees("1e-6 Args/momentum=  now 0.9", "1e-6 Args/seed=  now 1")
        assert "now 0.1" in shown
        await home.keys("ctrl+u", *"Args/lr=1", "space")
        await home.sees("  Args/lr=1 Args/seed=      now 1")


async def test_the_command_line_completes_keys_with_spaces(store: Store) -> None:
    task = draft(store, "resnet", lr="0.1")
    commands.edit(store, task, {"Net/my opt": "adam"}, by=BY, add=True)
    async with OnHome(store) as home:
        await home.keys("colon", *"sweep lr=1,2 my")
        await home.until(lambda: 'lr=1,2 "Net/my opt"=' in listed(home), "the key")
        await home.keys("tab", *'"a, b",c', "enter")
        await home.until(lambda: isinstance(home.app.screen, ConfirmDialog), "the question")
        await home.sees('Args/lr=1,2 "Net/my opt"="a, b",c')
        await home.keys("y")
        await home.until(lambda: len(drafts(store, task)) == 4, "four Drafts")
        assert [values(store, row.id)[1] for row in drafts(store, task)] == ["a, b", "c"] * 2


REFUSED = {
    "lrr=1,2": "There is no parameter 'lrr'. Did you mean \"lr\"?",
    "lr=1,fast": "Invalid value for Args/lr: 'fast' is not a number.",
    "lr": "Cannot read 'lr' as values to sweep: there is no key and =. Write SECTION/KEY=VALUES.",
    "lr=1,1.0": "Args/lr has a value twice: '1' is the same as '1.0'. Give each value once.",
    "lr=1..1000000000": "1,000,000,000 tasks are too many: a sweep makes at most 1,000. Give fewer values.",
    "--add": "No values were given. Write SECTION/KEY=VALUES, such as Args/lr=0.1,0.01.",
}


@pytest.mark.parametrize("words", REFUSED)
async def test_what_is_refused_is_said_in_the_words_of_the_command(store: Store, words: str) -> None:
    draft(store, "resnet", lr="0.1")
    before = everything(store)
    async with OnHome(store, (160, 48)) as home:
        await home.keys("colon", *f"sweep {words}", "enter")
        await home.sees(REFUSED[words])
        assert not isinstance(home.app.screen, ConfirmDialog) and everything(store) == before


async def test_of_several_the_one_that_is_refused_is_named(store: Store) -> None:
    draft(store, "first", lr="0.1")
    other = draft(store, "second", seed="1")
    async with OnHome(store, (160, 48)) as home:
        await home.keys("g", "space", "G", "v", "colon", *"sweep lr=1,2", "enter")
        await home.sees(f"\"second\" ({other[:8]}): There is no parameter 'lr'.")
        await home.keys("colon", *"sweep lr=1..501 --add", "enter")
        await home.sees("1,002 tasks are too many")


async def test_a_new_key_has_to_be_meant(store: Store) -> None:
    task = draft(store, "resnet", lr="0.1")
    async with OnHome(store) as home:
        await sweep(home, "Args/new=a,b --add")
        await home.keys("y")
        await home.until(lambda: [values(store, row.id)[1] for row in drafts(store, task)] == ["a", "b"], "both")


async def test_read_only_and_a_task_that_is_gone_meanwhile(store: Store) -> None:
    task = draft(store, "resnet", lr="0.1")
    async with OnHome(store, read_only=True) as home:
        await home.keys("colon", *"sweep lr=1,2", "enter")
        await home.sees(READ_ONLY)
    async with OnHome(store) as home:
        await sweep(home, "lr=1,2")
        commands.delete(store, task, by=BY, archived_only=False)
        await home.keys("y")
        await home.sees("There is no task")
        assert everything(store) == {}


@pytest.mark.slow
async def test_as_many_as_there_can_be_do_not_hold_up_the_keys(store: Store) -> None:
    task = draft(store, "resnet", lr="0.1")
    async with OnHome(store) as home:
        await sweep(home, "lr=1..1000")
        assert len(preview(home)) == MOST
        await home.keys("G")
        await home.sees("resnet lr=1000")
        with store.write(BY):  # whoever writes now waits
            await home.press("y", "colon", *"fil")
            await home.until(lambda: home.app.screen.query_one(Input).value == "fil", "keys taken")
            assert home.app.data.running and not drafts(store, task), "while they are to be made"
        await home.until(lambda: len(drafts(store, task)) == MOST, "all of them", timeout=60)
        await at_rest(home)
        assert len(home.table.marks) == MOST


async def test_marks_of_drafts_that_are_out_of_sight_hold_and_go_with_them(store: Store) -> None:
    task = draft(store, "resnet", lr="0.1")
    async with OnHome(store) as home:
        await home.keys("slash", *"name=resnet", "enter")
        await home.lists("resnet")
        await sweep(home, "lr=1,2")
        await home.keys("y")
        await home.sees("Made 2 Drafts and marked them", "2 marked")
        await home.keys("Q", "enter")
        await home.until(lambda: {row.status for row in home.table.marks.values()} == {"pending"}, "known as Pending")
        await home.keys("z")
        await home.until(lambda: {row.status for row in drafts(store, task)} == {"draft"}, "both are Drafts")
        await home.keys("z", "z")
        await home.until(lambda: not drafts(store, task) and not home.table.marks, "neither is there or marked")


async def test_hostile_names_and_values_are_shown_harmlessly(store: Store) -> None:
    task = draft(store, "evil \u202e[/foo]", lr="0.1")
    commands.edit(store, task, {"Args/\x1b]0;HACKED\x07": "\x1b[2J"}, by=BY, add=True)
    async with OnHome(store) as home:
        await sweep(home, "", CompletedDialog)
        await home.until(lambda: len(listed(home)) == 2, "the hyperparameters")
        await home.keys("tab", *"[/foo],[red]x", "enter")
        await home.until(lambda: isinstance(home.app.screen, ConfirmDialog), "the question")
        assert all(line.isprintable() for line in preview(home))
        text = await home.sees("[/foo]", "[red]x")
        assert all(line.isprintable() for line in text.splitlines())
        await home.keys("y")
        await home.until(lambda: len(drafts(store, task)) == 2, "both")
