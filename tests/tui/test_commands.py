"""The command line and the palette: one table, completed, remembered, and honest about what is not possible now."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from store import commands, queues
from store.engine import Store
from store.lifecycle import Action, Status, Subject, refusal
from tests.tui.at_home import Home, OnHome, in_state
from tests.tui.made import BY, OnTask, Run
from tests.tui.test_actions import only, row_of
from tui.commands import COMMANDS, LEFT_OUT, OTHERWISE, word_of
from tui.dialogs.palette import PaletteDialog, found
from tui.keymap import KEYS
from tui.screens.task import TaskScreen
from tui.verbs import VERBS
from tui.widgets.bar import Notice
from tui.widgets.candidates import Candidate, Candidates


def line(home: Home) -> str:
    return home.app.screen.query_one(Input).value


def listed(home: Home) -> dict[str, Candidate]:
    return {row.shown: row for row in home.app.screen.query_one(Candidates).rows}


def typed(text: str) -> list[str]:
    """Return the keys that type a text."""
    names = {" ": "space", ":": "colon", "/": "slash", "+": "plus", "-": "minus"}
    return [names.get(letter, letter) for letter in text]


def test_every_verb_and_every_key_that_does_more_than_move_has_a_word() -> None:
    assert set(VERBS) <= set(COMMANDS)
    for key in KEYS:
        if key.group != "Move" and key.id not in LEFT_OUT and word_of(key) not in ("", *OTHERWISE):
            assert key in COMMANDS[word_of(key)].keys, key
    for name, command in COMMANDS.items():
        assert name == name.lower() and " " not in name and command.help.endswith("."), name


@pytest.mark.parametrize("name", ["copy-id", "undo", "redo", "wrap", "follow", "smooth", "scalars", "x-axis", "mark"])
def test_what_has_only_a_key_is_in_the_table_too(name: str) -> None:
    assert COMMANDS[name].keys


async def test_tab_puts_what_is_listed_into_the_line(store: Store) -> None:
    in_state(store, Status.COMPLETED, "abc")
    async with OnHome(store, (80, 24)) as home:
        shown = await home.keys("colon", *"arch")
        assert "Archive, or restore an archived task." in shown
        await home.keys("tab")
        assert line(home) == "archived"
        await home.keys("tab")
        assert line(home) == "archive"
        await home.keys("shift+tab")
        assert line(home) == "archived"
        await home.keys("ctrl+u", *"pro", "tab")
        assert line(home) == "project "
        await home.keys("tab", "tab")
        assert line(home) in ("project vision", "project vision/resnet")
        await home.keys("enter")
        assert home.home.view.project in ("vision", "vision/resnet")


async def test_tab_typed_ahead_of_the_list_waits_for_it(store: Store) -> None:
    async with OnHome(store) as home:
        await home.press("colon", *"palet", "ctrl+u", *"quer", "ctrl+u", *"the", "tab", *"li", "tab")
        await home.until(lambda: line(home).startswith("theme "), "theme")


async def test_up_and_down_bring_back_what_was_typed(store: Store) -> None:
    in_state(store, Status.COMPLETED, "abc")
    async with OnHome(store) as home:
        await home.keys("colon", *typed("sort name"), "enter", "colon", *typed("theme light"), "enter", "colon", "up")
        assert line(home) == "theme light"
        await home.keys("up")
        assert line(home) == "sort name"
        await home.keys("up", "down", "down")
        assert line(home) == ""


@pytest.mark.parametrize(("text", "ending"), [
    ("sort na", "name"), ("sort name u", "name up"), ("theme l", "light"), ("move vis", "vision"),
    ("tags +ol", "+old"), ("tags x -ol", "x -old"), ("queue gpu", "gpu-large"), ("enqueue gpu", "gpu-large"),
    ("filter status:fa", "status:failed"), ("project vision/", "vision/resnet"),
])  # fmt: skip
async def test_arguments_are_completed(store: Store, text: str, ending: str) -> None:
    queues.create(store, "gpu-large", BY)
    commands.tag(store, in_state(store, Status.DRAFT, "abc"), by=BY, add=["old"])
    async with OnHome(store) as home:
        await home.keys("colon", *typed(text))
        await home.until(lambda: ending in listed(home), ending)
        assert listed(home)[ending].line == f"{text.partition(' ')[0]} {ending}"


async def test_arguments_are_taken(store: Store) -> None:
    queues.create(store, "gpu-large", BY)
    task = in_state(store, Status.DRAFT, "abc")
    async with OnHome(store) as home:
        for text in ("tags +hot -old", "move lab/two", "comment so be it", "queue gpu-large"):
            await home.keys("colon", *typed(text), "enter")
        await home.until(lambda: row_of(store, task).queue == "gpu-large", "enqueued")
        row = only(store)
        assert (row.tags, row.project, row.comment) == (("hot",), "lab/two", "so be it")
        await home.keys("colon", *typed(f"open {task[:12]}"), "enter")
        await home.until(lambda: isinstance(home.app.screen, TaskScreen), "the task's screen")
        await home.keys("q", "colon", *typed("open nosuch"), "enter")
        await home.sees("nosuch")
        assert len(home.app.screen_stack) == 1
        await home.keys("colon", *"quit", "enter")
        assert not home.app.is_running


@pytest.mark.parametrize(("text", "sentence"), [
    ("renmae x", "Unknown command 'renmae'. Did you mean \"rename\"?"),
    ("re", "'re' could be rename, reset, retry"),
    ("theme lihgt", "Unknown theme 'lihgt'. Did you mean \"light\"?"),
    ("sort nmae", "Cannot sort by 'nmae'. Did you mean \"name\"?"),
    ("smooth", "Not here: it belongs to charts."),
    ("open", "Which task?"),
])  # fmt: skip
async def test_what_cannot_be_is_said_with_what_was_meant(store: Store, text: str, sentence: str) -> None:
    in_state(store, Status.COMPLETED, "abc")
    async with OnHome(store) as home:
        await home.keys("colon", *typed(text), "enter")
        said = home.app.screen.query_one(Notice).sentence
        if text == "re":
            assert said.startswith("'re' could be ") and all(word in said for word in ("rename", "reset", "retry"))
        else:
            assert said.startswith(sentence)


@pytest.mark.parametrize("status", [Status.PUBLISHED, Status.RUNNING])
async def test_what_is_not_possible_now_is_listed_with_the_lifecycles_reason(store: Store, status: Status) -> None:
    task = in_state(store, status, "abc")
    async with OnHome(store) as home:
        await home.keys("ctrl+p")
        rows = listed(home)
        for name, action in (("edit", Action.EDIT), ("rename", Action.RENAME), ("reset", Action.RESET),
                             ("publish", Action.PUBLISH), ("retry", Action.RETRY)):  # fmt: skip
            assert rows[name].why == (refusal(action, Subject(task, "abc", status)) or ""), name
        assert rows["clone"].why == rows["archived"].why == rows["new"].why == ""
        order = [row.why == "" for row in home.app.screen.query_one(Candidates).rows]
        assert order == sorted(order, reverse=True)


async def test_a_read_only_dashboard_dims_every_change(store: Store) -> None:
    in_state(store, Status.DRAFT, "abc")
    async with OnHome(store, read_only=True) as home:
        await home.keys("ctrl+p")
        rows = listed(home)
        assert all("read-only" in rows[name].why for name in (*VERBS, "undo", "redo"))
        assert rows["copy-id"].why == ""


async def test_the_palette_finds_and_does_and_shows_the_key(store: Store) -> None:
    task = in_state(store, Status.COMPLETED, "abc")
    async with OnHome(store) as home:
        await home.keys("ctrl+p", *"archiv")
        assert isinstance(home.app.screen, PaletteDialog)
        assert listed(home)["archive"].key == "a"
        await home.keys("down", "up", "down", "enter")
        await home.until(lambda: row_of(store, task).archived, "archived")
        await home.keys("ctrl+p", *"undo", "enter")
        await home.until(lambda: not row_of(store, task).archived, "undone")
        await home.keys("ctrl+p", *"theme", "enter")
        assert line(home) == "theme "
        await home.keys("tab", "escape", "ctrl+p", *"hide", "space", *"tree", "enter")
        await home.until(lambda: home.home.query_one(".panes").has_class("-zoomed"), "the tree hidden")


async def test_a_word_is_listed_with_the_key_that_does_the_same(store: Store) -> None:
    task = in_state(store, Status.COMPLETED, "abc")
    keys = {"search": "ctrl+f", "filter": "/", "sort": "s", "open": "", "theme": "", "clone": "c"}
    async with OnHome(store) as home:
        await home.keys("ctrl+p")
        assert {word: listed(home)[word].key for word in keys} == keys
    async with OnTask(store, task) as opened:
        await opened.press("colon", *"search")
        await opened.until(lambda: [row for row in opened.app.screen.query_one(Candidates).rows if row.shown == "search"
                                    and row.key == "ctrl+f"], "its key")  # fmt: skip


async def test_a_command_of_a_pane_reaches_the_pane_that_had_the_keys(store: Store) -> None:
    run = Run(store)
    run.say(*(f"line {n}" for n in range(60)))
    async with OnTask(store, run.id, "console") as opened:
        await opened.sees("line 59")
        await opened.press("ctrl+p", *"times", "enter")
        await opened.until(lambda: not isinstance(opened.app.screen, PaletteDialog), "the palette closed")
        await opened.until(lambda: ":" in opened.text().splitlines()[5], "the time of each line")
        await opened.press("colon", *"history", "enter")
        await opened.sees("start")


def test_a_name_is_found_by_its_beginning_its_parts_what_it_does_and_letters() -> None:
    assert found("arch")[0][0] in ("archive", "archived")
    assert "archive" in found("restore")[1] and "clone" in found("cln")[1]
    assert found("nosuchthing") == ([], [])


async def test_who_types_the_beginning_of_a_word_means_it_even_if_it_is_refused(store: Store) -> None:
    in_state(store, Status.COMPLETED, "abc")
    async with OnHome(store) as home:
        await home.keys("ctrl+p", *"del")
        rows = home.app.screen.query_one(Candidates).rows
        assert rows[0].shown == "delete" and rows[0].why and "reset" in [row.shown for row in rows[1:]]


async def test_a_word_that_takes_none_does_nothing_with_one(store: Store) -> None:
    task, other = in_state(store, Status.COMPLETED, "abc"), in_state(store, Status.FAILED, "other")
    async with OnHome(store) as home:
        for word in ("archive", "reset"):
            shown = await home.keys("colon", *word, "space", *task, "enter")
            assert f"{word} takes no words, and nothing was done" in shown
    assert not row_of(store, other).archived and row_of(store, other).status == "failed"
