"""Starting: what is loaded when, what is said when it cannot start."""

from __future__ import annotations

import gc
import os
import pty
import select
import shutil
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest
from textual._styles_cache import StylesCache
from textual.widget import Widget

from store import commands
from store.engine import Store, open_store
from tests.support import eventually
from tests.tui.at_home import OnHome, running
from tests.tui.made import BY, OnTask, draft
from tui.app import LabtopApp
from tui.harmless import Harmless
from tui.look import Look
from tui.messages import StoreChanged
from tui.screens.home import HomeScreen
from tui.settings import Settings
from tui.widgets.configuration import Configuration

TUI = [sys.executable, "-m", "tui.cli"]
HEAVY = (
    "sqlalchemy",
    "sqlmodel",
    "pydantic",
    "plotext",
    "git",
    "watchdog",
    "store.engine",
    "store.models",
    "store.records",
    "tui.notices",
)


async def test_the_first_paint_loads_no_sql_no_charts_and_no_git(store: Store) -> None:
    code = f"""
import asyncio, sys
from tui.app import LabtopApp
from tui.look import Look
loaded = []
class App(LabtopApp):
    def _painted(self):
        loaded.extend(m for m in sys.modules if m in {HEAVY!r})
        painted = "".join(strip.text for strip in self.screen._compositor.render_strips())
        print("painted" if "opening the store" in painted else painted)
        self.exit()
async def go():
    app = App({str(store.location.home)!r}, look=Look(), take_in=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
asyncio.run(go())
print(loaded, [m for m in sys.modules if m.split(".")[0] == "capture"])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "painted\n[] []\n", done


@pytest.mark.parametrize(("ssh", "apart"), [(False, 0.25), (True, 0.5)])
async def test_changes_come_four_times_a_second_at_most_and_twice_over_ssh(
    store: Store, ssh: bool, apart: float
) -> None:
    task = draft(store, "changed all the time")
    app = LabtopApp(store.location, settings=Settings(over_ssh=ssh), look=Look(), take_in=False)
    seen: list[float] = []
    app.data._post = lambda message: seen.append(time.monotonic()) if isinstance(message, StoreChanged) else None
    app.data.start()
    try:
        while len(seen) < 5:
            commands.describe(store, task, by=BY, comment=f"at {time.monotonic()}")
    finally:
        app.data.close()
    assert min(after - before for before, after in pairwise(seen)) >= apart


def test_help_loads_no_textual() -> None:
    code = "import sys, tui.cli\ntry: tui.cli.main(['--help'])\nexcept SystemExit: pass\n"
    code += (
        "print(sorted({m.split('.')[0] for m in sys.modules} & {'textual', 'rich', 'sqlalchemy', 'asyncio', 'shutil'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True)
    assert "--read-only" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        (["--once", "--store", "FOREIGN"], 3, "directory of something else"),
        (["--once", "--store", "FOREIGN/notes.txt"], 3, "it is a file"),
        (["--once", "--store", "JUNK.db"], 3, "not a labtop store"),
        (["--once", "--store", "mysql://x/y"], 3, "only PostgreSQL URLs are known"),
        (["--once", "--read-only", "--store", "NEW"], 3, "There is no store"),
        (["--once", "--store", "NEW"], 3, "There is no store"),
        (["--once", "--store", "NEW.db"], 3, "There is no store"),
        (["--once", "--task", "zz"], 3, "There is no store"),
        (["--once", "--screen", "console"], 2, "needs a task"),
        (["--screen", "nonsense"], 2, "invalid choice"),
        ([], 2, "needs a terminal"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(tmp_path: Path, arguments: list[str], exit_code: int, said: str) -> None:
    (tmp_path / "FOREIGN").mkdir()
    (tmp_path / "FOREIGN" / "notes.txt").write_text("mine")
    (tmp_path / "JUNK.db").write_bytes(b"this is no database" * 100)
    done = subprocess.run([*TUI, *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
                          stdin=subprocess.DEVNULL, env=os.environ | {"PYTHONPATH": os.getcwd()})  # fmt: skip
    assert (done.returncode, done.stdout) == (exit_code, ""), done
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == (1 if "invalid choice" not in said else 2), done.stderr
    assert sorted(p.name for p in (tmp_path / "FOREIGN").iterdir()) == ["notes.txt"]
    assert not list(tmp_path.glob("NEW*"))


def test_the_version_is_said() -> None:
    done = subprocess.run([*TUI, "--version"], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.startswith("labtop ")


class Anywhere(OnHome):
    """The app on a place where there need not be a store."""

    def __init__(self, folder: Path) -> None:
        self._app = LabtopApp(str(folder), settings=Settings(), look=Look(), take_in=True)
        self._running = self._app.run_test(size=(120, 30))


async def test_without_a_store_it_shows_how_to_start_makes_nothing_and_opens_the_one_that_comes(tmp_path: Path) -> None:
    place = tmp_path / "new"
    async with Anywhere(place) as home:
        await home.sees("There is no store at ", "from capture import Task", "capture run SCRIPT")
        assert "There is no store" in await home.keys("slash", "x")
        await home.keys("escape")
        assert not place.exists()
        with open_store(place) as made:
            draft(made, "the first one")
        await home.sees("the first one", "live")


async def test_a_store_that_goes_is_said_and_one_that_comes_in_its_place_is_opened(tmp_path: Path) -> None:
    place = tmp_path / "there"
    with open_store(place) as made:
        draft(made, "before")
    async with Anywhere(place) as home:
        await home.sees("before")
        shutil.rmtree(place)
        await home.sees("not live", f"There is no store at {place}.", "before")
        with open_store(place) as made:
            draft(made, "afterwards")
        await home.sees("afterwards", "  live")
        await home.until(lambda: home.names == ["afterwards"], "its tasks alone")
        assert "There is no store" not in home.text()


async def test_a_store_replaced_in_one_go_is_noticed(tmp_path: Path) -> None:
    for name in ("one", "two"):
        with open_store(tmp_path / f"{name}.db") as made:
            draft(made, f"task of {name}")
    async with Anywhere(tmp_path / "one.db") as home:
        await home.sees("task of one")
        await home.keys("space")
        await home.sees("1 marked")
        os.replace(tmp_path / "two.db", tmp_path / "one.db")
        await home.until(lambda: home.names == ["task of two"], "the other store's task")
        await home.until(lambda: not home.table.marks, "no mark of a task that is not there")
        with open_store(tmp_path / "one.db") as made:
            draft(made, "another one")
        await home.sees("another one")


def test_on_a_real_terminal_it_starts_opens_a_task_and_leaves(store: Store) -> None:
    running(store, ["seen on a pty"])
    child, terminal = pty.fork()
    if child == 0:  # pragma: no cover - the child becomes the dashboard
        os.environ["TERM"] = "xterm-256color"
        os.execv(sys.executable, TUI)
    import fcntl
    import struct
    import termios

    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    seen = bytearray()

    def shows(text: bytes) -> bool:
        while select.select([terminal], [], [], 0)[0]:
            try:
                seen.extend(os.read(terminal, 65536))
            except OSError:
                break
        return text in seen

    eventually(lambda: shows(b"seen on a pty"), 30, "the row")
    os.write(terminal, b"q")
    deadline = time.monotonic() + 20
    while (ended := os.waitpid(child, os.WNOHANG))[0] == 0:
        shows(b"")
        assert time.monotonic() < deadline, "it does not leave"
        time.sleep(0.02)
    assert os.waitstatus_to_exitcode(ended[1]) == 0
    shows(b"")
    assert b"Traceback" not in seen
    os.close(terminal)


async def test_it_opens_on_the_task_and_project_asked_for(store: Store) -> None:
    [task] = running(store, ["the wanted one"], "vision/vit")
    running(store, ["another one"], "language")
    async with OnHome(store, project="vision") as home:
        assert home.names == ["the wanted one"]
    app = LabtopApp(store.location, task=task[-1:] and task, settings=Settings(), take_in=False)
    async with app.run_test(size=(100, 30)) as pilot:
        deadline = time.monotonic() + 15
        while isinstance(app.screen, HomeScreen) or len(app.screen_stack) < 2:
            await pilot.pause(0.02)
            assert time.monotonic() < deadline


async def test_what_is_typed_and_not_saved_is_asked_about_before_leaving(store: Store) -> None:
    task = draft(store, lr="0.1")
    async with OnTask(store, task, "configuration") as opened:
        await opened.sees("lr")
        await opened.press("enter", *"5", "ctrl+c", "ctrl+c")
        await opened.sees("Leave the dashboard?", "Args/lr is not saved. The text is kept")
        await opened.press("escape")
        await opened.until(lambda: not opened.app.screen.is_modal)
        assert opened.screen.query_one(Configuration).input.value == "0.15"
        await opened.press("tab", "colon", *"quit", "enter")
        await opened.sees("Leave the dashboard?")
        assert opened.app.is_running and opened.app._exit is False
        await opened.press("y")
        await opened.until(lambda: opened.app._exit)
    for keys in (("colon", *"comment", "enter", *"half"), ("colon", *"new", "enter", *"xyz"), ("r", *"ed")):
        async with OnTask(store, draft(store)) as opened:
            await opened.press(*keys)
            await opened.until(lambda: opened.app.screen.is_modal and getattr(opened.app.screen, "at_stake", ""))
            await opened.press("ctrl+c", "ctrl+c")
            await opened.sees("Leave the dashboard?", "saved")
            await opened.press("ctrl+c", "ctrl+c")
            await opened.until(lambda: opened.app._exit)


async def test_ctrl_c_quits_at_the_second_time(store: Store) -> None:
    async with OnHome(store) as home:
        assert "Press ctrl+c again" in await home.keys("ctrl+c")
        await home.press("ctrl+c")
        await home.until(lambda: not home.app.is_running or home.app._exit, "it leaves")


async def test_help_and_commands_on_every_screen(store: Store) -> None:
    running(store, ["one task"])
    async with OnHome(store) as home:
        assert "Clone: a new Draft" in await home.keys("question_mark")
        await home.keys("escape")
        assert "Unknown command 'nonsense'" in await home.keys("colon", *"nonsense", "enter")
        await home.keys("colon", *"theme", "space", *"light", "enter")
        assert home.app.theme == "labtop-light"
        await home.keys("colon", *"archived", "enter")
        assert "0 archived tasks" in home.text()
        await home.keys("escape")
        assert home.names == ["one task"]


async def test_others_changes_reach_the_screen_quickly(store: Store) -> None:
    [task] = running(store, ["one task"])
    async with OnHome(store) as home:
        began = time.monotonic()
        commands.tag(store, task, by=BY, add=("hot",))
        await home.sees("hot")
        assert time.monotonic() - began < 5


def test_the_last_filter_lets_no_control_character_out() -> None:
    from rich.segment import Segment
    from textual.color import Color

    dirty = Segment("a\x1b]52;c;x\x1b\\b\x9bc\x7f\u202ed\te")
    [clean] = Harmless().apply([dirty], Color(0, 0, 0))
    assert clean.text == "a]52;c;x\\bcd e"


def test_over_ssh_there_is_no_mouse(monkeypatch: pytest.MonkeyPatch) -> None:
    from tui.settings import load

    assert not load().over_ssh
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22")
    assert load().over_ssh


@pytest.mark.parametrize("what", ["a store", "none", "no database"])
async def test_garbage_is_looked_for_again_once_it_is_known_what_there_is(
    store: Store, tmp_path: Path, what: str
) -> None:
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"no database" * 1000)
    where = {"a store": str(store.location.home), "none": str(tmp_path / "nothing"), "no database": str(broken)}[what]
    app = LabtopApp(where, settings=Settings(), take_in=False)
    gc.disable()
    try:
        async with app.run_test() as pilot:
            while not app.is_calm:
                await pilot.pause()
            assert gc.isenabled()
    finally:
        gc.enable()
        gc.unfreeze()


async def test_closed_screens_leave_nothing_behind(store: Store) -> None:
    running(store, ["one task"])
    async with OnHome(store, (80, 24)) as home:
        for _ in range(3):
            await home.keys("enter", "4", "question_mark", "escape", "q")
        await home.keys("j")

        def nothing_else() -> bool:
            gc.collect()
            kept = [found for found in gc.get_objects() if isinstance(found, StylesCache)]
            return len(kept) == len([*home.app.screen.walk_children(Widget, with_self=True)])

        await home.until(nothing_else, "only what is shown is kept, once what is put off is over")
        assert home.app.get_line_filters() == home.app.get_line_filters(), "a line drawn twice is filtered once"
