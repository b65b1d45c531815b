"""A store that goes away under the dashboard and comes back: nothing untrue is shown meanwhile, and nothing stays."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

import pytest

from store.engine import Store, current_rev
from store.queries import tasks
from tests.support import plot, sample
from tests.tui.at_home import OnHome
from tests.tui.made import OnTask, Opened, Run, curve, draft
from tests.tui.test_artifacts import keep
from tui.app import LabtopApp
from tui.format import AWAY
from tui.screens.home import HomeScreen
from tui.screens.task import TaskScreen
from tui.settings import Settings
from tui.widgets.console import Console
from tui.widgets.field import FieldNote, ValueInput
from tui.widgets.scalars import Charts

COMES_BACK = "This goes on by itself as soon as the store can be read."
IS_BACK = "The store can be read again."


@pytest.fixture
def run(store: Store) -> Run:
    """A task that has printed and reported."""
    made = Run(store, "the task")
    made.report("loss", "train", *curve(300))
    made.say(*(f"line {n}" for n in range(900)))
    return made


async def sees(opened: Opened, *texts: str) -> str:
    """Wait until every text is on the screen, in however many lines; return the screen as one line."""
    await opened.until(lambda: all(text in one_line(opened) for text in texts), f"{texts} on the screen")
    return one_line(opened)


def one_line(opened: Opened) -> str:
    return " ".join(opened.text().replace("│", " ").split())  # a dialog has the edge of the tree at its side


@asynccontextmanager
async def away(opened: Opened, store: Store) -> AsyncIterator[None]:
    """Take the whole store away for the block; the app knows of both."""
    home = store.location.home
    hidden = home.with_name("elsewhere")
    home.rename(hidden)
    await sees(opened, "not live", COMES_BACK)
    yield
    hidden.rename(home)
    await sees(opened, IS_BACK)


async def test_an_export_that_meets_it_leaves_no_file_and_says_so(
    store: Store, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with OnHome(store) as home:
        async with away(home, store):
            await home.press("colon", *"export", "space", *"gone", "full_stop", *"csv", "enter")
            await sees(home, "Nothing was exported to", "Export it again")
        assert not [path for path in tmp_path.iterdir() if path.name.startswith((".labtop", "gone"))]


def picture(opened: Opened) -> list[str]:
    """Return the rows of the first chart's picture."""
    [drawn] = [charts.painter.drawn("loss") for charts in opened.app.screen.query(Charts)]
    return ["".join(run.text for run in row) for row in drawn.picture.rows]


async def test_charts_and_console_opened_while_the_store_is_away_come_up_with_it(store: Store, run: Run) -> None:
    async with OnTask(store, run.id) as opened:
        async with away(opened, store):
            await opened.press("5")
            assert "only NaN" not in await sees(opened, AWAY)
            await opened.press("4")
            await sees(opened, "…")
        await sees(opened, "line 890")
        await opened.press("5")
        await opened.until(lambda: picture(opened), "the curve")
        assert AWAY not in one_line(opened)


async def test_a_search_that_the_store_did_not_answer_says_so_and_is_made_when_it_can(store: Store, run: Run) -> None:
    async with OnHome(store) as home:
        async with away(home, store):
            await home.press("ctrl+f", *"the task", "enter")
            await sees(home, "Not searched: the store cannot be read.")
        await sees(home, "search the task 1 hit in 1 task")


async def test_a_value_that_could_not_be_saved_is_not_refused_any_more_once_it_could_be(store: Store) -> None:
    task = draft(store, lr="0.1")
    async with OnTask(store, task, "configuration") as opened:
        await sees(opened, "lr 0.1")
        await opened.press("enter")
        await opened.until(lambda: opened.screen.query_one(ValueInput).has_focus, "the line")
        note = opened.screen.query_one(FieldNote)
        async with away(opened, store):
            await opened.press("ctrl+u", *"0.5", "enter")
            await opened.until(lambda: "store" in note.sentence, "why it is not saved")
            await opened.pilot.resize_terminal(160, 32)
            await sees(opened, note.sentence)
        await opened.until(lambda: not note.sentence, "no refusal any more")
        assert opened.screen.query_one(ValueInput).value == "0.5"
        await opened.press("enter")
        await sees(opened, "lr 0.5")


async def test_what_was_read_before_stays_and_another_axis_says_that_it_was_not_read(store: Store, run: Run) -> None:
    async with OnTask(store, run.id, "scalars") as opened:
        shown = await opened.until(lambda: picture(opened), "the curve")
        async with away(opened, store):
            assert picture(opened) == shown
            await opened.pilot.resize_terminal(120, 40)
            await opened.until(lambda: len(picture(opened)) > len(shown), "what was read, drawn in another size")
            await opened.press("enter")
            await sees(opened, "min ")
            assert AWAY not in opened.text()
            await opened.press("enter")
            await opened.pilot.resize_terminal(100, 32)
            await opened.until(lambda: picture(opened) == shown, "as it was")
            await opened.press("x")
            await sees(opened, "relative", AWAY)
            await opened.press("x", "x")
            await opened.until(lambda: picture(opened) == shown, "the curve over iterations")
            await opened.press("x", "v", "left")
            await sees(opened, "relative", "at 4m59", "… ▾0.2000")
            assert COMES_BACK in one_line(opened), "no key takes away that the store is"
        await opened.until(lambda: "▾0.2000 ▾0.2000" in one_line(opened), "the value under the cursor")


async def test_the_console_jumps_and_searches_as_soon_as_the_store_is_back(store: Store, run: Run) -> None:
    async with OnTask(store, run.id, "console") as opened:
        await sees(opened, "line 890")
        async with away(opened, store):
            await opened.press("g")
            await sees(opened, "…")
            await opened.press("slash", *"line 77", "enter")
        await sees(opened, "1 of 11", "line 77")


async def test_plots_and_artifacts_that_were_not_read_come_up_when_the_store_is_back(store: Store, run: Run) -> None:
    for title in ("first", "second"):
        run.draw(plot(title, "", 1, {"type": "scatter", "x": [1, 2], "y": [1, 2], "name": f"of {title}"}))
    for name in ("one", "two"):
        keep(run, name, b"data", f"how {name} begins")
    async with OnTask(store, run.id, "artifacts") as opened:
        await sees(opened, "how one begins")
        await opened.press("6")
        drawn = await sees(opened, "second")
        async with away(opened, store):
            await opened.press("j")
            await sees(opened, "second iteration 1", AWAY)
            await opened.press("7", "j")
            assert "nothing of it can be shown" not in await sees(opened, AWAY)
        await sees(opened, "how two begins")
        await opened.press("6")
        await opened.until(lambda: one_line(opened).count("⠔") == drawn.count("⠔"), "the second as the first")


async def test_compared_charts_and_consoles_come_up_when_the_store_is_back(store: Store, run: Run) -> None:
    other = Run(store, "another")
    other.report("loss", "train", *curve(300, 3.0))
    other.say("something else")
    for shows, n in ((run, 1), (other, 2)):
        shows.show(sample("worst", "val", n, f"{n} bytes".encode(), "txt"))
    async with OnHome(store) as home:
        await home.keys("space", "space", "C")
        async with away(home, store):
            await home.press("5")
            assert "only NaN" not in await sees(home, AWAY)
            await home.press("4")
            await sees(home, "A another")
            await home.press("7", "7")
            assert (await sees(home, "as soon as it can.", "worst/val")).count("comes up as") == 2
        assert AWAY not in await sees(home, "no picture of a kind", "nearest: 1")
        await home.press("4")
        await sees(home, "something else")
        await home.press("5")
        await home.until(lambda: AWAY not in one_line(home) and "⠤" in one_line(home), "the curves")


async def test_a_task_and_queues_opened_while_the_store_is_away_say_so_and_come_up(store: Store, run: Run) -> None:
    async with OnHome(store) as home:
        async with away(home, store):
            await home.press("enter")
            await sees(home, AWAY, "not live")
            await home.press("c")
            assert "There is no task" not in one_line(home) and "Start a script" not in one_line(home)
            await home.press("4")
            await home.until(lambda: home.app.screen.query(Console), "the console")
            assert "Nothing printed" not in await sees(home, AWAY, COMES_BACK)
        await sees(home, "line 890", "live")
        async with away(home, store):
            await home.press("W")
            shown = await sees(home, "queues and workers", "not live", "comes up as soon as it", COMES_BACK)
            assert "no worker" not in shown
        await sees(home, "0 waiting no worker", "default empty")
        await home.press("escape", "escape")
        await home.until(lambda: isinstance(home.app.screen, HomeScreen), "home")
        assert COMES_BACK not in one_line(home), "what was true then is not said any more"


def written_by_a_newer_version(store: Store) -> None:
    with closing(sqlite3.connect(store.location.database, isolation_level=None)) as database:
        database.execute("UPDATE meta SET value = '99' WHERE key = 'schema'")


def no_database(store: Store) -> None:
    store.location.database.write_bytes(b"something else, that is no database" * 200)


@pytest.mark.parametrize(
    ("spoil", "why"), [(written_by_a_newer_version, "version 99"), (no_database, "it is not a labtop store")]
)
async def test_a_store_that_cannot_be_used_at_the_start_is_told_of_and_opened_once_it_can_be(
    store: Store, run: Run, spoil: Callable[[Store], None], why: str
) -> None:
    store.close()
    whole = store.location.database.read_bytes()
    spoil(store)
    app = LabtopApp(store.location, task=run.id[:8], settings=Settings(), take_in=False)
    async with app.run_test(size=(120, 30)) as pilot:
        opened = Opened(pilot, app)
        await sees(opened, why, COMES_BACK, "not live", "The tasks are shown as soon as the store can be read.")
        await opened.press("j", "c", "slash", *"x", "escape", "W")
        await sees(opened, "queues and workers", "not live", COMES_BACK)
        store.location.database.write_bytes(whole)
        await opened.until(lambda: isinstance(app.screen, TaskScreen), "the task that was asked for")
        await sees(opened, "the task", "line 890", "live")
        await opened.press("escape", "escape")
        await sees(opened, "all projects", "1 task", "live")
    assert not app.return_code and not app.problem


async def test_a_verb_that_could_not_be_done_says_that_it_is_not_done_later(store: Store, run: Run) -> None:
    async with OnHome(store) as home:
        async with away(home, store):
            await home.press("A")
            await sees(home, "Abort")
            await home.press("y")
            await sees(home, "Nothing was done, and nothing is by itself later")
            await home.press("t", *"new", "enter")
            await sees(home, "Tags of", "Nothing was done, and", "nothing is by itself later")
            await home.press("escape", "escape")
        with store.read() as c:
            assert tasks.rows(c, [run.id])[0].status == "running"


async def test_a_store_that_a_newer_version_changes_under_an_open_dashboard_is_written_by_it_no_more(
    store: Store, run: Run
) -> None:
    run.end()
    async with OnHome(store) as home:
        with store.write("ada@lab") as tx:
            rev = tx.rev
        written_by_a_newer_version(store)
        await home.press("a")
        await sees(home, "schema", "not live")
        await sees(home, "version 99")
        with store.read() as c:
            assert current_rev(c) == rev and not tasks.rows(c, [run.id])[0].archived


@contextmanager
def damaged(store: Store, *tables: str) -> Iterator[None]:
    """Have tables not be there for the block, as a program sees it that cannot read a part of the store."""

    def rename(before: str, after: str) -> None:
        for table in tables:
            database.execute(f"ALTER TABLE {before}{table} RENAME TO {after}{table}")

    with closing(sqlite3.connect(store.location.database, isolation_level=None)) as database:
        database.execute("PRAGMA legacy_alter_table=ON")
        rename("", "hidden_")
        try:
            yield
        finally:
            rename("hidden_", "")


async def test_a_question_that_goes_unanswered_is_asked_again_though_nobody_has_noticed_anything(
    store: Store, run: Run
) -> None:
    async with OnTask(store, run.id) as opened:
        await sees(opened, "line 890")
        with damaged(store, "console_chunk", "console_journal"):
            await opened.press("4")
            await sees(opened, "not live", "Cannot read the store")
        await sees(opened, "line 890", IS_BACK)


async def test_a_change_that_waits_for_somebody_elses_says_so_until_it_is_done(store: Store, run: Run) -> None:
    run.end()
    async with OnHome(store) as home:
        with closing(sqlite3.connect(store.location.database, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            await home.press("a")
            await sees(home, "Waiting to write to the store", "another program holds it locked", "waiting")
            await home.press("question_mark")
            await sees(home, "Esc close")
            await home.press("escape", "j")
            await sees(home, "another program holds it locked")
            other.execute("ROLLBACK")
        await sees(home, "live")
        await home.until(lambda: "holds it locked" not in one_line(home), "no sentence about it any more")


async def test_changes_that_wait_keep_no_query_waiting(store: Store, run: Run) -> None:
    run.end()
    async with OnHome(store) as home:
        with closing(sqlite3.connect(store.location.database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            data = home.app.data
            changes = [asyncio.create_task(data.command("describe", run.id, comment=f"{n}")) for n in range(3)]
            await asyncio.wait_for(data.read(lambda connection: connection.exec_driver_sql("SELECT 1").scalar()), 10)
            assert not any(change.done() for change in changes)
            other.execute("ROLLBACK")
        await asyncio.gather(*changes)
