"""Dialogs that are typed into: what they complete, what they refuse before anything is typed, what Esc costs."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual.events import Key
from textual.widgets import Input, TextArea

from store import commands
from store.engine import Store
from store.lifecycle import Status
from tests.tui.at_home import Home, OnHome, in_state
from tests.tui.made import BY, OnTask, draft
from tests.tui.test_actions import row_of
from tests.tui.test_app import Anywhere
from tests.tui.test_commands import listed, typed
from tui.commands import NO_STORE
from tui.dialogs.completed import CompletedDialog
from tui.dialogs.form import FormDialog
from tui.dialogs.prompt import PromptDialog
from tui.screens.home import HomeScreen
from tui.settings import Settings
from tui.unsaved import folder
from tui.widgets.bar import Notice
from tui.widgets.completed import CompletedLine


def line(home: Home) -> str:
    return home.app.screen.query_one(Input).value


async def test_tags_and_projects_are_completed_in_their_dialogs(store: Store) -> None:
    other = in_state(store, Status.COMPLETED, "other one", "lab/one")
    commands.tag(store, other, by=BY, add=["baseline", "hot"])
    task = in_state(store, Status.DRAFT, "the task", "vision")
    async with OnHome(store, (80, 24)) as home:
        await home.keys("t")
        assert list(listed(home)) == ["+baseline", "+hot"]
        await home.keys(*"ho", "tab")
        assert line(home) == "+hot"
        await home.keys("space", *"b", "tab", "enter")
        await home.until(lambda: row_of(store, task).tags == ("baseline", "hot"), "two tags")
        await home.keys("t", "minus")
        await home.keys("tab", "tab", "shift+tab", "enter")
        await home.until(lambda: row_of(store, task).tags == ("hot",), "one again")
        commands.tag(store, other, by=BY, add=["of two words"])
        await home.keys("t", *"new +of", "tab")
        assert line(home) == 'new +"of two words"'
        await home.keys(*' +"of two', "tab")
        assert line(home) == 'new +"of two words" +"of two words"'
        await home.keys("escape", "escape")
        await home.keys("m", "ctrl+u", *"la")
        assert list(listed(home)) == ["lab", "lab/one"]
        await home.keys("tab", "tab", "enter")
        await home.until(lambda: row_of(store, task).project == "lab/one", "moved")


async def test_tab_typed_ahead_of_the_list_waits_for_it_in_a_dialog_too(store: Store) -> None:
    task = in_state(store, Status.DRAFT, "the task", "lab/one")
    async with OnHome(store) as home:
        await home.press("m", "ctrl+u", *"on", "tab", "slash", *"deeper", "enter")
        await home.until(lambda: row_of(store, task).project == "lab/one/deeper", "moved")


async def test_keys_behind_the_enter_of_a_dialog_are_for_the_screen_it_leads_to(store: Store) -> None:
    task = in_state(store, Status.DRAFT, "the task", "lab/one")
    async with OnHome(store) as home:
        await home.keys("enter", "3", "r")
        for key in ("ctrl+u", *"half", "enter", "1"):
            home.app.post_message(Key(key, key if len(key) == 1 else None))
        await home.until(lambda: row_of(store, task).name == "half", "renamed")
        await home.until(lambda: getattr(home.app.screen, "tab", "") == "overview", "the tab that was asked for")


async def test_what_is_still_looked_for_when_a_dialog_is_left_is_dropped(store: Store) -> None:
    asked = asyncio.Event()

    async def complete(text: str) -> list[tuple[str, str]]:
        asked.set()
        while dialog.query(CompletedLine):
            await asyncio.sleep(0)
        return [("too late", "")]

    async def take(line: str) -> str:
        return ""

    async with OnHome(store) as home:
        for key in ("enter", "escape"):
            asked.clear()
            dialog = CompletedDialog("Some line", "", "", take, complete)
            await home.app.push_screen(dialog)
            await home.press("a")
            await home.until(asked.is_set, "a question on its way")
            await home.press(key)
            await home.until(lambda: isinstance(home.app.screen, HomeScreen), "the dialog left")
            await home.calm()


async def test_nothing_to_complete_is_nothing_done(store: Store) -> None:
    in_state(store, Status.DRAFT, "the task")
    async with OnHome(store) as home:
        await home.keys("t", *"new", "tab")
        assert isinstance(home.app.screen, PromptDialog) and line(home) == "new"


async def test_without_a_store_no_form_is_filled_in_for_nothing(tmp_path: Path) -> None:
    async with Anywhere(tmp_path / "new") as home:
        await home.sees("There is no store at ")
        await home.keys("colon", *"new", "enter")
        assert len(home.app.screen_stack) == 1
        assert home.app.screen.query_one(Notice).sentence == NO_STORE
        await home.keys("ctrl+p")
        assert listed(home)["new"].why == NO_STORE


async def test_several_tasks_are_refused_in_one_sentence(store: Store) -> None:
    for status in (Status.ABORTED, Status.FAILED, Status.FAILED):
        in_state(store, status, f"{status} one")
    async with OnHome(store) as home:
        await home.keys("g", "space", "space", "space")
        for key, sentence in (("A", "Cannot abort any of the 3 marked: 2 are Failed, 1 is Aborted."),
                              ("D", "Cannot delete any of the 3 marked: 3 are not archived.")):  # fmt: skip
            await home.keys(key)
            assert home.app.screen.query_one(Notice).sentence == sentence
        assert "Cannot enqueue any of the 3 marked: 2 are Failed, 1 is Aborted. Console" in " ".join(
            (await home.keys("Q")).split()
        )


@pytest.mark.parametrize("form", ["New parameter", "New Draft"])
async def test_esc_drops_what_was_typed_into_a_form_at_the_second_time_only(store: Store, form: str) -> None:
    task = draft(store, lr="0.1")
    async with OnTask(store, task, "configuration") as opened:
        ask = ["plus"] if form == "New parameter" else ["colon", *typed("new"), "enter"]
        await opened.sees("lr")
        await opened.press(*ask)
        await opened.sees(form)
        await opened.press("escape")
        await opened.until(lambda: not isinstance(opened.app.screen, FormDialog), "nothing typed, nothing asked")
        await opened.press(*ask)
        await opened.press(*"momentum", "escape")
        await opened.sees("Esc again drops what you typed.", "momentum")
        await opened.press("x")
        await opened.until(lambda: "Esc again" not in opened.text(), "going on is an answer")
        assert "momentumx" in opened.text()
        await opened.press("escape", "escape")
        await opened.until(lambda: not isinstance(opened.app.screen, FormDialog), "dropped")


async def test_a_text_that_a_dropped_link_left_is_put_back_where_it_was_typed(store: Store) -> None:
    one, other = in_state(store, Status.PUBLISHED, "one"), in_state(store, Status.DRAFT, "other")
    async with OnHome(store, task=one) as home:
        await home.keys("colon", *"comment", "enter", *"half", "enter", *"a tex")
    commands.describe(store, one, by="bob@lab", comment="theirs")
    for _ in range(2):  # the second time nothing is typed: it is kept all the same
        async with OnHome(store, task=one) as home:
            shown = await home.keys("colon", *"comment", "enter")
            assert home.app.screen.query_one(TextArea).text == "half\na tex"
            said = " ".join(shown.split())
            assert "As you typed it at" in said and "It was changed since, and is now: 'theirs'" in said
    async with OnHome(store, task=other) as home:
        await home.keys("colon", *"comment", "enter")
        assert home.app.screen.query_one(TextArea).text == ""
    async with OnHome(store, task=one) as home:
        await home.keys("colon", *"comment", "enter", *"t", "ctrl+o")
        await home.until(lambda: row_of(store, one).comment == "half\na text", "the whole comment")
        assert list(folder().iterdir()) == []
        await home.keys("colon", *"comment", "enter", *"more", "escape", "escape")
        assert list(folder().iterdir()) == []


async def test_the_key_that_saves_a_text_can_be_moved(store: Store) -> None:
    task = in_state(store, Status.DRAFT, "abc")
    opened = OnHome(store)
    opened._app.user_settings = Settings(keys={"editor.save": "ctrl+e"})  # a key of the text itself
    async with opened as home:
        assert "ctrl+e save" in await home.keys("colon", *"comment", "enter")
        assert "ctrl+e saves it" in await home.keys(*"one", "escape")
        await home.keys("ctrl+e")
        assert row_of(store, task).comment == "one"
