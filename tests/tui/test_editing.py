"""Changing a task's configuration by keys: types, adding, removing, two people at once, what a dropped link leaves."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from store import commands
from store.engine import Store
from store.queries import details
from tests.tui.made import BY, OnTask, Opened, Run, draft, new_store
from tui.sums import worked_out
from tui.unsaved import folder
from tui.widgets.configuration import Configuration


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path) as opened:
        yield opened


def values(store: Store, task: str) -> dict[str, tuple[str, str]]:
    with store.read() as connection:
        return {p.key: (p.value, p.type) for p in details.parameters(connection, task)}


def objects(store: Store, task: str) -> dict[str, str]:
    with store.read() as connection:
        return details.configuration(connection, task)


def made(store: Store, **parameters: tuple[str, ...]) -> str:
    given = {f"Args/{name}": value for name, value in parameters.items()}
    return commands.create(store, by=BY, project="vision/resnet", name="a draft", parameters=given)


def pane(opened: Opened) -> Configuration:
    return opened.screen.query_one(Configuration)


async def line_open(opened: Opened, *keys: str) -> None:
    await opened.press(*keys)
    await opened.until(lambda: pane(opened).editing, "a line to type into")


async def test_none_and_the_empty_text_look_as_they_are_handed_to_the_script(store: Store) -> None:
    task = made(store, bare=("", ""), depth=("", "int"), label=("", "str"), word=("None", "str"))
    async with OnTask(store, task, "configuration", (80, 24)) as opened:
        text = await opened.sees("bare", "word")
        told = [line.split()[:2] for line in text.splitlines() if line.startswith("  ")]
        assert told == [["bare", "None"], ["depth", "None"], ["label", "''"], ["word", "None"]]
        absent, word = ([s.style for s in pane(opened).render_line(y) if s.text.strip() == "None"] for y in (2, 4))
        assert absent and word and absent != word, "an absent value is dim, a word is not"


async def test_enter_turns_a_bool_over(store: Store) -> None:
    task = made(store, amp=("False", "bool"))
    async with OnTask(store, task, "configuration") as opened:
        await opened.sees("False")
        await opened.press("enter")
        await opened.until(lambda: values(store, task)["Args/amp"] == ("True", "bool"))
        await opened.sees("True")
        await opened.press("enter")
        await opened.until(lambda: values(store, task)["Args/amp"] == ("False", "bool"))
        assert not pane(opened).editing


async def test_an_enum_says_its_values_and_the_arrows_choose(store: Store) -> None:
    task = made(store, optimizer=("SGD", "enum", "which\nValues:\nADAM,\nSGD,\nLION"))
    async with OnTask(store, task, "configuration") as opened:
        await opened.sees("SGD")
        await line_open(opened, "enter")
        await opened.sees("ADAM or SGD or LION: up and down choose.")
        await opened.press("down", "enter")
        await opened.until(lambda: values(store, task)["Args/optimizer"][0] == "LION")


async def test_what_is_wrong_with_a_number_is_said_below_it_as_it_is_typed(store: Store) -> None:
    task = made(store, lr=("0.1", "float"), seed=("3", "int"))
    async with OnTask(store, task, "configuration", (80, 24)) as opened:
        await opened.sees("lr")
        await line_open(opened, "enter", "ctrl+u", *"1e-")
        assert "enter save  Esc leave it as it was" in opened.text().splitlines()[-1]
        text = await opened.sees("'1e-' is not a number. Write it as 0.001 or")
        rows = text.splitlines()
        field = next(n for n, row in enumerate(rows) if "lr" in row and "1e-" in row and "Invalid" not in row)
        assert "Invalid value for Args/lr" in rows[field + 1]
        await opened.press("enter", "3")
        await opened.until(lambda: "is not a number" not in opened.text())
        await opened.press("enter")
        await opened.until(lambda: values(store, task)["Args/lr"] == ("1e-3", "float"))


async def test_half_of_a_number_is_typed_as_such(store: Store) -> None:
    task = made(store, lr=("0.1", "float"), name=("a", "str"), seed=("3", "int"))
    async with OnTask(store, task, "configuration", (80, 24)) as opened:
        await opened.sees("lr")
        await line_open(opened, "enter", *"/2")
        await opened.sees("= 0.05")
        await opened.press("enter")
        await opened.until(lambda: values(store, task)["Args/lr"] == ("0.05", "float") and not pane(opened).editing)
        await line_open(opened, "j", "enter", *"/2")
        await opened.press("enter")
        await opened.until(lambda: values(store, task)["Args/name"] == ("a/2", "str") and not pane(opened).editing)
        await line_open(opened, "j", "enter", *"/2")
        await opened.sees("'3/2' is not a whole number")


@pytest.mark.parametrize(
    ("text", "kind", "result"),
    [
        ("3e-4*2", "float", "0.0006"),
        ("0.1*3", "float", "0.3"),
        ("5 - -3", "int", "8"),
        ("1e-3", "float", None),
        ("-5", "int", None),
        ("1/0", "float", None),
        ("9e399*9", "float", None),
        ("1e300*1e300", "float", None),
        ("2**9", "int", None),
        ("1/2", "str", None),
        (f"{2**127 - 1}+1", "int", str(2**127)),
        ("1e400*1", "int", None),
        (f"{'9' * 90}/3", "int", None),
    ],
)
def test_sums(text: str, kind: str, result: str | None) -> None:
    assert worked_out(text, kind) == result


async def test_the_last_row_has_its_sentence_above_it(store: Store) -> None:
    task = draft(store, **{f"name{n:02}": str(n) for n in range(60)})
    async with OnTask(store, task, "configuration", (80, 24)) as opened:
        await opened.sees("name00")
        await line_open(opened, "G", "e", "ctrl+u", *"ten")
        rows = (await opened.sees("is not a whole number")).splitlines()
        at = next(n for n, row in enumerate(rows) if "Invalid value" in row)
        assert "name59" in rows[at + 2] and "ten" in rows[at + 2]


async def test_plus_adds_what_has_a_name_and_a_type(store: Store) -> None:
    task = made(store, lr=("0.1", "float"))
    async with OnTask(store, task, "configuration") as opened:
        await opened.sees("lr")
        await opened.press("plus")
        await opened.sees("New parameter", "Section/name; without a section it goes to Args")
        await opened.press(*"momentum", "enter", *"0.9", "enter", *"flaot", "enter")
        await opened.sees("Unknown type 'flaot'. Did you mean \"float\"?")
        await opened.press("ctrl+u", "enter")
        await opened.until(lambda: values(store, task).get("Args/momentum") == ("0.9", "float"))
        await opened.until(lambda: getattr(pane(opened).item, "key", "") == "Args/momentum", "the cursor on it")
        await opened.press("o", *"Args/lr", "enter", "1", "enter", "enter")
        await opened.sees("Args/lr is there already.")
        await opened.press("escape", "escape", "o", *"net.json", "enter", *"{}", "enter", *"object", "enter")
        await opened.until(lambda: objects(store, task) == {"net.json": "{}"})
        await opened.sees("net.json", "configuration object, 1 line")


async def test_a_finished_task_takes_user_properties_only(store: Store) -> None:
    run = Run(store, parameters={"Args/lr": "0.1"})
    run.end()
    async with OnTask(store, run.id, "configuration", (120, 32)) as opened:
        await opened.sees("lr")
        await opened.press("x")
        await opened.sees("it is Completed, and only Drafts can be edited")
        await opened.press("plus")
        await opened.sees("without a section it goes to properties")
        await opened.press(*"Args/x", "enter", "1", "enter", "enter")
        await opened.sees("only Drafts can be edited")
        await opened.press("tab", "ctrl+u", *"verdict", "enter", "ctrl+u", *"good", "enter", "enter")
        await opened.until(lambda: values(store, run.id).get("properties/verdict") == ("good", ""))
        await opened.sees("user properties", "verdict")
        await opened.press("G", "enter")
        await opened.until(lambda: pane(opened).editing)
        await opened.press("ctrl+u", *"better", "enter")
        await opened.until(lambda: values(store, run.id)["properties/verdict"][0] == "better")


async def test_x_removes_and_z_brings_back(store: Store) -> None:
    task = made(store, lr=("0.1", "float"), seed=("3", "int"))
    commands.configure(store, task, "net", "{}", by=BY)
    before = values(store, task)
    async with OnTask(store, task, "configuration") as opened:
        await opened.sees("seed", "net")
        await opened.press("x")
        await opened.sees("Removed Args/lr. z brings it back.")
        assert values(store, task) == {"Args/seed": ("3", "int")}
        await opened.press("G", "delete")
        await opened.until(lambda: objects(store, task) == {})
        await opened.press("z", "z")
        await opened.until(lambda: (values(store, task), objects(store, task)) == (before, {"net": "{}"}))


@pytest.mark.parametrize(("answer", "left"), [("y", "0.7"), ("n", "0.2")])
async def test_a_value_that_somebody_else_changed_is_asked_about(store: Store, answer: str, left: str) -> None:
    task = made(store, lr=("0.1", "float"))
    async with OnTask(store, task, "configuration") as opened:
        await opened.sees("lr")
        await line_open(opened, "enter", "ctrl+u", *"0.7")
        commands.edit(store, task, {"Args/lr": "0.2"}, by="bob@lab")
        await opened.press("enter")
        await opened.sees(
            "Args/lr was changed by somebody else meanwhile", "yours   '0.7'", "theirs  '0.2'", "before  '0.1'"
        )
        await opened.press("escape")
        await opened.until(lambda: not opened.app.screen.is_modal)
        assert pane(opened).editing and pane(opened).input.value == "0.7" and values(store, task)["Args/lr"][0] == "0.2"
        await opened.press("enter")
        await opened.sees("meanwhile")
        await opened.press(answer)
        await opened.until(lambda: not pane(opened).editing)
        assert values(store, task)["Args/lr"] == (left, "float")
        await opened.sees(left)


async def test_a_value_that_is_gone_meanwhile_is_asked_about_too(store: Store) -> None:
    task = made(store, lr=("0.1", "float"))
    async with OnTask(store, task, "configuration") as opened:
        await opened.sees("lr")
        await line_open(opened, "enter", "ctrl+u", *"0.7")
        commands.edit(store, task, {}, remove=["Args/lr"], by="bob@lab")
        await opened.press("enter")
        await opened.sees("theirs  taken away")
        await opened.press("y")
        await opened.until(lambda: values(store, task) == {"Args/lr": ("0.7", "float")})


async def test_a_task_that_is_no_draft_any_more_keeps_the_text_in_the_line(store: Store) -> None:
    task = made(store, lr=("0.1", "float"))
    async with OnTask(store, task, "configuration", (120, 30)) as opened:
        await opened.sees("lr")
        await line_open(opened, "enter", "ctrl+u", *"0.7")
        commands.enqueue(store, task, by=BY)
        await opened.press("enter")
        await opened.sees("it is Pending. Dequeue it (Q) first.", "0.7")
        assert pane(opened).editing


async def test_an_open_line_waits_while_one_looks_at_another_tab(store: Store) -> None:
    task = made(store, lr=("0.1", "float"))
    async with OnTask(store, task, "configuration") as opened:
        await opened.sees("lr")
        await line_open(opened, "enter", "ctrl+u", *"0.7", "tab")
        await opened.until(lambda: opened.screen.tab == "execution")
        await opened.press("2")
        await opened.until(lambda: pane(opened).input.has_focus)
        await opened.press("7", "enter")
        await opened.until(lambda: values(store, task)["Args/lr"][0] == "0.77")


async def test_text_that_was_left_unsaved_is_offered_again(store: Store) -> None:
    task = made(store, lr=("0.1", "float"), seed=("3", "int"))
    async with OnTask(store, task, "configuration") as opened:
        await opened.sees("lr")
        await line_open(opened, "j", "enter", "ctrl+u", *"44")
    [kept] = folder().iterdir()
    assert (stat.S_IMODE(kept.stat().st_mode), stat.S_IMODE(kept.parent.stat().st_mode)) == (0o600, 0o700)
    async with OnTask(store, task, "overview") as opened:
        await opened.sees(
            "Unsaved text of Args/seed from", "typed   '44'", "before  '3'", "Enter take it", "Esc drop it"
        )
        await opened.press("enter")
        await opened.sees("Args/seed as you typed it. Enter saves it, Esc drops it.")
        assert pane(opened).input.value == "44" and values(store, task)["Args/seed"][0] == "3"
        await opened.press("4", "enter")
        await opened.until(lambda: values(store, task)["Args/seed"][0] == "444")
    assert list(folder().iterdir()) == []


async def nothing_is_offered(store: Store, task: str) -> None:
    """Who opens the task's configuration is not asked about unsaved text."""
    async with OnTask(store, task, "configuration") as opened:
        await opened.sees("lr")
        assert not opened.app.screen.is_modal


async def test_unsaved_text_can_be_dropped_and_is_not_offered_where_it_cannot_be_saved(store: Store) -> None:
    task = made(store, lr=("0.1", "float"))
    async with OnTask(store, task, "configuration") as opened:
        await opened.sees("lr")
        await line_open(opened, "enter", "ctrl+u", *"0.7")
    commands.enqueue(store, task, by=BY)
    await nothing_is_offered(store, task)
    commands.dequeue(store, task, by=BY)
    async with OnTask(store, task) as opened:
        await opened.sees("Unsaved text")
        await opened.press("escape")
        await opened.until(lambda: not list(folder().iterdir()))
    await nothing_is_offered(store, task)


async def test_what_is_being_typed_elsewhere_is_not_offered(store: Store) -> None:
    task = made(store, lr=("0.1", "float"))
    async with OnTask(store, task, "configuration") as one:
        await one.sees("lr")
        await line_open(one, "enter", "ctrl+u", *"0.7")
        await one.until(lambda: list(folder().iterdir()))
        await nothing_is_offered(store, task)


async def test_escape_and_saving_leave_no_file(store: Store) -> None:
    task = made(store, lr=("0.1", "float"))
    async with OnTask(store, task, "configuration") as opened:
        await opened.sees("lr")
        await line_open(opened, "enter", *"5")
        await opened.until(lambda: list(folder().iterdir()))
        await opened.press("escape")
        await opened.until(lambda: not list(folder().iterdir()))
        await opened.press("enter", *"5", "enter")
        await opened.until(lambda: values(store, task)["Args/lr"][0] == "0.15" and not list(folder().iterdir()))
