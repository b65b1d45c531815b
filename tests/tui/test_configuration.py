"""The configuration tab: what is shown, and editing a Draft in place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual import events

from store import commands
from store.engine import Store
from store.lifecycle import Action, Status, refusal
from store.queries import details
from tests.tui.made import BY, OnTask, Run, draft, new_store
from tui.widgets.configuration import Configuration


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path) as opened:
        yield opened


def values(store: Store, task: str) -> dict[str, str]:
    with store.read() as connection:
        return {p.key: p.value for p in details.parameters(connection, task)}


def in_state(store: Store, status: Status) -> str:
    """Return a task that got into a state the way tasks do."""
    if status in (Status.DRAFT, Status.PENDING):
        task = draft(store, lr="0.1")
        if status is Status.PENDING:
            commands.enqueue(store, task, by=BY)
        return task
    run = Run(store, parameters={"Args/lr": "0.1"})
    if status is not Status.RUNNING:
        run.end({"published": "completed"}.get(status, status))
    if status is Status.PUBLISHED:
        commands.publish(store, run.id, by=BY)
    return run.id


async def test_parameters_by_section_with_type_and_description(store: Store) -> None:
    run = Run(store, parameters={"Args/lr": "0.1", "Args/seed": "3", "model/depth": "50"})
    run.tell(e="parameters", values={"Args/lr": {"value": "0.1", "type": "float", "description": "peak rate"}})
    run.tell(e="configuration", name="model.yaml", text="depth: 50\nwidth: 64", type="", description="")
    async with OnTask(store, run.id, "configuration") as opened:
        text = await opened.sees(
            "Args", "lr", "0.1", "float", "peak rate", "seed", "model", "depth", "model.yaml", "width: 64"
        )
        assert text.index("Args") < text.index("depth")


async def test_what_was_drawn_before_its_size_was_known_is_drawn_again(store: Store) -> None:
    async with OnTask(store, draft(store, lr="0.1", seed="3"), "configuration") as opened:
        await opened.sees("Args  2")
        pane = opened.app.screen.query_one(Configuration)
        pane.top = 1
        pane.refresh()
        await opened.until(lambda: "Args  2" not in opened.text())
        pane.post_message(events.Resize(pane.size, pane.size))
        await opened.sees("Args  2")


async def test_enter_edits_a_drafts_value_and_saves_it_at_once(store: Store) -> None:
    task = draft(store, lr="0.1", seed="3")
    async with OnTask(store, task, "configuration") as opened:
        await opened.sees("lr")
        await opened.press("enter")
        await opened.until(lambda: opened.screen.query_one(Configuration).editing)
        await opened.press("end", "ctrl+u", *"0.05", "enter")
        await opened.until(lambda: values(store, task)["Args/lr"] == "0.05", "the value in the store")
        await opened.sees("0.05")
        assert not opened.screen.query_one(Configuration).editing
        assert opened.screen.query_one(Configuration).has_focus


async def test_the_cursor_goes_from_value_to_value(store: Store) -> None:
    task = commands.create(store, by=BY, project="vision/resnet", name="sections",
                           parameters={"Args/lr": ("0.1", "float"), "model/depth": ("50", "int")})  # fmt: skip
    async with OnTask(store, task, "configuration") as opened:
        await opened.sees("depth")
        await opened.press("j", "e")
        await opened.until(lambda: opened.screen.query_one(Configuration).editing)
        await opened.press("ctrl+u", *"101", "enter")
        await opened.until(lambda: values(store, task) == {"Args/lr": "0.1", "model/depth": "101"})


async def test_a_value_of_the_wrong_type_is_said_and_the_input_stays(store: Store) -> None:
    task = draft(store, lr="0.1")
    async with OnTask(store, task, "configuration") as opened:
        await opened.sees("lr")
        await opened.press("enter", "ctrl+u", *"fast", "enter")
        await opened.sees("fast", "is not a number")
        assert opened.screen.query_one(Configuration).editing
        assert values(store, task)["Args/lr"] == "0.1"
        await opened.press("escape")
        await opened.until(lambda: not opened.screen.query_one(Configuration).editing)
        await opened.sees("0.1")
        assert opened.screen.is_current


async def test_keys_that_arrive_at_once_stay_in_order(store: Store) -> None:
    task = draft(store, batch="256")
    async with OnTask(store, task, "configuration") as opened:
        await opened.sees("batch")
        await opened.press("enter")
        await opened.until(lambda: opened.screen.query_one(Configuration).editing)
        for key, character in (("ctrl+u", None), ("1", "1"), ("2", "2"), ("8", "8"), ("enter", "\r")):
            opened.app.post_message(events.Key(key, character))
        await opened.until(lambda: values(store, task)["Args/batch"] == "128", "128 in the store")


async def test_a_change_of_the_store_does_not_disturb_an_edit(store: Store) -> None:
    task = draft(store, lr="0.1", seed="3")
    async with OnTask(store, task, "configuration") as opened:
        await opened.sees("lr")
        await opened.press("enter", "ctrl+u", *"0.7")
        commands.edit(store, task, {"Args/seed": "4"}, by=BY)
        await opened.until(lambda: opened.screen.detail and {p.value for p in opened.screen.detail.parameters} >= {"4"})
        await opened.press("7", "enter")
        await opened.until(lambda: values(store, task) == {"Args/lr": "0.77", "Args/seed": "4"})


@pytest.mark.parametrize("status", list(Status))
async def test_editing_is_allowed_or_refused_as_the_lifecycle_says(store: Store, status: Status) -> None:
    task = in_state(store, status)
    async with OnTask(store, task, "configuration", (160, 30)) as opened:
        await opened.sees("lr")
        assert opened.screen.detail is not None
        sentence = refusal(Action.EDIT, opened.screen.detail.row)
        for key in ("e", "enter"):
            await opened.press(key)
            if sentence is None:
                await opened.until(lambda: opened.screen.query_one(Configuration).editing)
                await opened.press("escape")
            else:
                await opened.until(lambda: sentence[:100] in " ".join(opened.text().split()), sentence)
                assert not opened.screen.query_one(Configuration).editing
                await opened.press("g")
        assert values(store, task) == {"Args/lr": "0.1"}


async def test_e_on_another_tab_goes_to_the_configuration(store: Store) -> None:
    task = draft(store, lr="0.1")
    async with OnTask(store, task, "overview") as opened:
        await opened.press("e")
        await opened.until(lambda: opened.screen.tab == "configuration")
        await opened.until(lambda: opened.screen.query_one(Configuration).editing)


async def test_a_read_only_dashboard_edits_nothing(store: Store) -> None:
    task = draft(store, lr="0.1")
    async with OnTask(store, task, "configuration", read_only=True) as opened:
        await opened.sees("lr")
        for key in ("enter", "e"):
            await opened.press(key)
            await opened.sees("read-only")
            assert not opened.screen.query_one(Configuration).editing


async def test_an_empty_one_says_what_would_be_here(store: Store) -> None:
    async with OnTask(store, draft(store), "configuration") as opened:
        await opened.sees("No hyperparameters")
        await opened.press("enter")
        await opened.sees("no hyperparameter to edit")


async def test_search_finds_a_parameter(store: Store) -> None:
    task = draft(store, **{f"name{n}": str(n) for n in range(80)})
    async with OnTask(store, task, "configuration", (80, 24)) as opened:
        await opened.sees("name0")
        await opened.press("slash", *"name77", "enter")
        await opened.sees("name77", "1 of 1")
