"""Marks: of a range every row has one, in memory or not, and verbs act on all of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.events import Key

from store import commands, transitions
from store.cloning import copies
from store.engine import Store
from store.lifecycle import Status
from store.queries import tasks
from tests.tui.at_home import Home, OnHome, in_state
from tests.tui.made import BY
from tui.dialogs.confirm import ConfirmDialog, Preview
from tui.leaving import LeaveDialog
from tui.pages import KEEP, PAGE
from tui.verbs import VERB_WORK
from tui.verbs.base import LISTED
from tui.widgets.bar import Notice

MANY = KEEP * PAGE + 500
"""More rows than are kept in memory."""


def many(store: Store, wanted: int = MANY) -> None:
    """Make Drafts named ``needle N``, every third of them with a tag."""
    first = commands.create(store, by=BY, project="vision/resnet", name="needle 0", tags=["third"])
    with store.write(BY) as tx:
        made = copies(tx, first, [f"needle {n}" for n in range(1, wanted)])
        for n, task in enumerate(made, 1):
            transitions.remove_tags(tx, task, ["third"] if n % 3 else [])


def named(store: Store, *, archived: bool) -> set[str]:
    with store.read() as c:
        return {row.name for row in tasks.page(c, tasks.TaskQuery(archived=archived), 0, None)}


async def test_a_range_marks_every_row_of_the_filter_and_verbs_act_on_them_all(store: Store) -> None:
    many(store)
    third = {f"needle {n}" for n in range(0, MANY, 3)}
    async with OnHome(store) as home:
        await home.keys("slash", *"tag:third", "enter", "g", "space", "G", "v")
        assert {row.name for row in home.table.marks.values()} == third
        await home.keys("a")
        await home.until(lambda: named(store, archived=True) == third, "all archived")
        await home.until(lambda: home.app.screen.query_one(Notice).sentence.startswith("Archived"), "said")
        assert home.app.screen.query_one(Notice).sentence == f"Archived {len(third):,} of {len(third):,} tasks."
        assert len(named(store, archived=False)) == MANY - len(third)


async def test_keys_typed_at_once_mean_the_rows_that_are_still_to_be_read(store: Store) -> None:
    many(store)
    async with OnHome(store) as home:
        await home.calm()
        for key in ("g", "space", "G", "v"):
            home.app.post_message(Key(key, " " if key == "space" else key))
        await home.until(lambda: len(home.table.marks) == MANY, "all marked")


async def test_a_range_goes_on_from_the_one_before(store: Store) -> None:
    many(store, 8)
    async with OnHome(store) as home:
        await home.keys("g", "v", "j", "j", "v")
        assert [row.name for row in home.table.marks.values()] == home.names[:3]
        await home.keys("j", "j", "v")
        assert {row.name for row in home.table.marks.values()} == set(home.names[:5])


async def test_counts_are_written_in_one_way(store: Store) -> None:
    many(store)
    async with OnHome(store, (160, 48)) as home:
        shown = await home.keys("g", "space", "G", "v")
        assert f"all projects  {MANY:,} tasks  {MANY:,} marked" in shown and str(MANY) not in shown
        assert f"Tags of {MANY:,} tasks" in await home.keys("t")


async def test_a_range_begins_where_the_task_marked_last_stands_by_now(store: Store) -> None:
    for name in ("needle b", "needle d", "needle a", "needle c"):
        in_state(store, Status.DRAFT, name)
    async with OnHome(store) as home:
        assert home.names == ["needle c", "needle a", "needle d", "needle b"]
        await home.keys("g", "space", "s")
        while home.table.sort != "name":
            await home.keys("s")
        await home.lists("needle a", "needle b", "needle c", "needle d")
        await home.keys("G", "v")
        assert sorted(row.name for row in home.table.marks.values()) == ["needle c", "needle d"]


async def test_the_question_about_many_marks_lists_some_of_them_and_how_many_more(store: Store) -> None:
    many(store, LISTED + 70)
    for _ in range(2):
        in_state(store, Status.COMPLETED)
    async with OnHome(store) as home:
        await home.keys("g", "space", "G", "v", "R")
        dialog = home.app.screen
        assert isinstance(dialog, ConfirmDialog)
        assert dialog.heading == f"Reset 2 of {LISTED + 72}?"
        rows = dialog.query_one(Preview)
        assert rows.count == LISTED + 3
        assert any(row is not None and row[0][0] == "and 70 more" for row in map(rows.row, range(rows.count)))


async def test_the_question_lists_first_what_is_acted_on_and_tells_equal_names_apart(store: Store) -> None:
    drafts = [in_state(store, Status.DRAFT, "resnet") for _ in range(30)]
    ended = [in_state(store, Status.COMPLETED, name) for name in ("resnet", "conformer")]
    async with OnHome(store, (80, 24)) as home:
        shown = await home.keys("g", "space", "G", "v", "R")
        assert "Reset 2 of 32?" in shown
        rows = [line.partition("Completed ")[2].split() for line in shown.splitlines() if " reset" in line]
        words = [[word for word in row if word not in ("reset", "┃")] for row in rows if row]
        assert words == [["conformer"], ["resnet", ended[0][:8]]]
        assert "it is a Draft" in shown and shown.index(ended[0][:8]) < shown.index("it is a Draft")
        assert any(f"resnet          {task[:8]}" in shown for task in drafts)


def notice(home: Home) -> str:
    assert home.app.in_front is not None
    return home.app.in_front.query_one(Notice).sentence


async def passes(home: Home, end: str) -> None:
    """Wait for a sentence that does not stay; the app is not waited for."""
    deadline = time.monotonic() + 15
    while not notice(home).endswith(end):
        assert time.monotonic() < deadline, notice(home)
        await asyncio.sleep(0.001)


@asynccontextmanager
async def archiving(store: Store, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Home, str]]:
    """Three hundred tasks that are just being archived, one at a time; and the last of them."""
    monkeypatch.setattr("store.undo.HELD", 0.0)
    many(store, 300)
    async with OnHome(store) as home:
        await home.keys("g", "space", "G", "v")
        last = next(reversed(home.table.marks))
        home.app.post_message(Key("a", "a"))
        await passes(home, " so far; z stops that.")
        yield home, last


async def test_undo_stops_what_is_being_done_to_many_and_takes_that_back(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with archiving(store, monkeypatch) as (home, _):
        home.app.post_message(Key("z", "z"))
        await home.until(lambda: notice(home).startswith("Undone: archived "), "undone")
        await home.calm()
        done = int(notice(home).split()[2])
        assert 0 < done < 300 and not named(store, archived=True)
        await home.keys("Z")
        await home.until(lambda: notice(home).startswith("Done again"), "done again")
        assert len(named(store, archived=True)) == done


async def test_what_is_undone_of_many_says_how_far_it_is_and_keeps_no_key_waiting(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(store, 200)
    async with OnHome(store) as home:
        await home.keys("g", "space", "G", "v", "a")
        await home.until(lambda: len(named(store, archived=True)) == 200, "all archived")
        await home.calm()
        monkeypatch.setattr("store.undo.HELD", 0.0)
        home.app.post_message(Key("z", "z"))
        await passes(home, " of 200 tasks so far.")
        under_way = [worker.group for worker in home.app.workers if not worker.is_finished]
        assert VERB_WORK not in under_way, "keys do not wait for it"
        await home.until(lambda: not named(store, archived=True), "all are back")


async def test_what_was_done_beside_what_is_stopped_stays(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    async with archiving(store, monkeypatch) as (home, other):
        await home.app.data.command("describe", other, name="another name")
        home.app.post_message(Key("z", "z"))
        await home.until(lambda: notice(home).startswith("Undone: archived "), "undone")
        await home.calm()
        assert not named(store, archived=True) and "another name" in named(store, archived=False)
        await home.keys("z")
        await home.until(lambda: notice(home).startswith("Undone: renamed "), "undone, too")
        assert "another name" not in named(store, archived=False)


async def test_what_is_undone_goes_on_when_its_screen_is_left(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    many(store, 200)
    async with OnHome(store) as home:
        await home.keys("g", "space", "G", "v")
        one = next(iter(home.table.marks))
        await home.keys("a")
        await home.until(lambda: len(named(store, archived=True)) == 200, "all archived")
        await home.calm()
        await home.app.open_task(one)
        monkeypatch.setattr("store.undo.HELD", 0.0)
        home.app.post_message(Key("z", "z"))
        await passes(home, " of 200 tasks so far.")
        home.app.post_message(Key("escape", None))
        await home.until(lambda: not named(store, archived=True), "all are back")
        assert len(home.app.screen_stack) == 1


async def test_what_is_under_way_is_not_begun_again_and_asked_about_before_leaving(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with archiving(store, monkeypatch) as (home, _):
        home.app.post_message(Key("a", "a"))
        home.app.post_message(Key("q", "q"))
        await home.until(lambda: isinstance(home.app.screen, LeaveDialog), "the question")
        await home.sees("What is being done to many tasks is not finished")
        await home.press("n")
        await home.until(lambda: notice(home) == "Archived 300 of 300 tasks.", "all of them")
        await home.keys("z")
        await home.until(lambda: notice(home) == "Undone: archived 300 tasks.", "in one step")


@pytest.mark.parametrize(("asked", "key", "undone"), [
    (("t",), "enter", "Undone: changed the tags of "),
    ((":", *"comment", "enter"), "ctrl+o", "Undone: commented on "),
])  # fmt: skip
async def test_a_dialog_gives_way_to_what_takes_long(
    store: Store, monkeypatch: pytest.MonkeyPatch, asked: tuple[str, ...], key: str, undone: str
) -> None:
    monkeypatch.setattr("store.undo.HELD", 0.0)
    many(store, 300)
    async with OnHome(store) as home:
        await home.keys("g", "space", "G", "v", *asked)
        await home.press(*"new")
        home.app.post_message(Key(key, None))
        await passes(home, " so far; z stops that.")
        home.app.post_message(Key("z", "z"))
        await home.until(lambda: notice(home).startswith(undone), undone)
        assert len(home.app.screen_stack) == 1
        with store.read() as c:
            assert not any("new" in (*row.tags, row.comment) for row in tasks.page(c, tasks.TaskQuery(), 0, None))
        await home.keys(*asked)
        assert "did not save" not in home.text(), "what was carried out is put back by nobody"


async def test_marks_that_are_not_shown_are_told_of_and_asked_about(store: Store) -> None:
    many(store, 6)
    pending = [in_state(store, Status.PENDING, f"waits {n}") for n in range(2)]
    async with OnHome(store, (160, 48)) as home:
        shown = await home.keys("g", "space", "G", "v", "slash", *"tag:third", "enter")
        assert "8 marked, 6 not shown" in shown
        shown = await home.keys("a")
        assert "Archive 8 tasks?" in shown and "6 of them are not shown by the table." in shown
        assert not named(store, archived=True)
        shown = await home.keys("escape", "R")
        assert "Cannot reset any of the 8 marked" in shown
        shown = await home.keys("slash", "ctrl+u", "enter")
        assert "8 marked" in shown and "not shown" not in shown
        shown = await home.keys("slash", *"tag:third", "enter", "colon", *"move other", "enter")
        assert "Change 8 tasks?" in shown and "Move 8 tasks: other. 6 of them are not shown by the table." in shown
        await home.keys(
            "escape",
            "slash",
            "ctrl+u",
            "enter",
            "u",
            "slash",
            *"status:pending",
            "enter",
            "g",
            "space",
            "space",
            "slash",
            "ctrl+u",
        )
        shown = await home.keys(*"tag:third", "enter", "Q")
        assert "2 of them are not shown by the table. Left" not in shown and "2 of them are not shown" in shown
        with store.read() as c:
            assert [row.status for row in tasks.rows(c, pending)] == ["pending"] * 2
        await home.keys("y")
        await home.until(lambda: notice(home) == "Dequeued 2 of 2 tasks.", "dequeued")
