"""The home screen stands where it stood after a dropped link; who leaves by a key finds columns and order only."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from store import commands, who
from store.engine import Store
from tests.support import eventually
from tests.tui.at_home import OnHome, running
from tests.tui.made import BY, Run
from tui import places
from tui.remembered import LARGEST, Memory, Order, Remembered, Where, file_of
from tui.screens import home_memory
from tui.screens.base import LabtopScreen
from tui.screens.compare import CompareScreen
from tui.screens.queues import QueuesScreen
from tui.screens.search import SearchScreen
from tui.screens.settings import SettingsScreen
from tui.widgets.tree import ProjectTree


async def dropped(home) -> None:  # type: ignore[no-untyped-def]
    """Have everything written, and then nothing more: as if the process were killed now."""
    home.home.note()
    await home.calm()
    kept = file_of().read_bytes()
    home.home._file.keep = lambda memory: None
    assert kept


async def test_after_a_dropped_link_it_stands_where_it_stood(store: Store) -> None:
    running(store, ["other"], "language")
    ids = running(store, [f"task {n:03}" for n in range(200)], "vision/resnet")
    async with OnHome(store, (120, 24)) as home:
        await home.keys("tab", "j", "j", "left", "tab")
        await home.keys("colon", *"sort", "space", *"name", "enter")
        await home.keys("slash", *"task", "enter")
        home.table.move_to(150)
        await home.calm()
        assert home.home.view.project == "vision" and home.tree.folded == {"vision"}
        await home.keys("enter")
        await home.press("4")
        await dropped(home)
    async with OnHome(store, (120, 24)) as home:
        await home.until(lambda: home.screen.task_id == ids[150], "the task opened again")
        assert home.screen.tab == "console"
        await home.press("q")
        await home.until(lambda: home.app.screen is home.home, "the home screen")
        view = home.home.view
        assert (view.project, view.sort, view.descending, view.text) == ("vision", "name", False, "task")
        assert home.table.current is not None and home.table.current.id == ids[150]
        assert home.tree.folded == {"vision"}


@pytest.mark.parametrize(("keys", "screen", "stand"), [
    (("g", "space", "space", "C", "5"), CompareScreen, "compare-scalars"), (("W",), QueuesScreen, "queues"),
    (("enter", "W"), QueuesScreen, "queues"),
    ((",",), SettingsScreen, "settings"), (("ctrl+f", *"one", "enter"), SearchScreen, "search"),
])  # fmt: skip
async def test_after_a_dropped_link_every_screen_is_opened_again(
    store: Store, keys: tuple[str, ...], screen: type[LabtopScreen], stand: str
) -> None:
    running(store, ["one", "other"])
    async with OnHome(store, (120, 24)) as home:
        await home.keys(*keys)
        front = home.app.in_front
        assert isinstance(front, screen) and front.stand[1] == stand
        stood = front.stand
        await dropped(home)
    async with OnHome(store, (120, 24)) as home:
        await home.until(lambda: isinstance(home.app.in_front, screen), "opened again")
        assert home.app.in_front is not None and home.app.in_front.stand == stood
        await home.press("q")
        await home.until(lambda: home.app.screen is home.home, "the home screen")


async def test_who_leaves_finds_columns_and_order_of_each_project_again(store: Store) -> None:
    running(store, ["one"], "vision/resnet")
    running(store, ["two"], "language")
    async with OnHome(store, project="vision") as home:
        home.home.use_columns(("name", "age"))
        await home.calm()
        await home.keys("slash", *"one", "enter")
        await home.keys("colon", *"project", "space", *"language", "enter")
        assert home.home.view.columns == ()
        await home.keys("S")
    async with OnHome(store) as home:
        view = home.home.view
        assert (view.project, view.text, view.columns, view.descending) == (None, "", (), True)
        await home.keys("colon", *"project", "space", *"language", "enter")
        assert not home.home.view.descending
        await home.keys("colon", *"project", "space", *"vision/resnet", "enter")
        assert home.home.view.columns == ("name", "age"), "as in the project above it"
        assert home.home.view.descending


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"stores": 3}', b"\xff", b"[" * 100_000, b" " * (LARGEST + 1)])
def test_a_damaged_file_is_as_if_it_were_not_there(damage: bytes) -> None:
    memory = Memory({"": Order(("name",))}, ("vision",), {"mine": "status:failed"}, Where("vision", cursor=3))
    Remembered("here").keep(memory)
    assert Remembered("here").read() == memory
    assert stat.S_IMODE(file_of().stat().st_mode) == 0o600
    assert Remembered("elsewhere").read() == Memory()
    file_of().write_bytes(damage)
    assert Remembered("here").read() == Memory()
    Remembered("here").keep(memory)
    assert Remembered("here").read() == memory


def test_what_has_another_type_is_as_by_default_and_the_file_stays_small() -> None:
    Remembered("here").keep(Memory())
    found = json.loads(file_of().read_text())
    [key] = found["stores"]
    wrong = {"sort": 3, "columns": ["name", 4], "descending": "no"}
    found["stores"][key] = {"orders": {"p": wrong, "q": 1}, "folded": [1, "a"], "places": [1, {
        "host": who.host(), "pid": os.getpid(), "where": {"cursor": True, "task": "x"}}]}  # fmt: skip
    file_of().write_text(json.dumps(found))
    assert Remembered("here").read() == Memory({"p": Order(("name",)), "q": Order()}, ("a",), {}, Where(task="x"))
    for n in range(40):
        Remembered(f"store {n}").keep(Memory({f"p{n}": Order() for n in range(500)}, tuple(map(str, range(5000)))))
    assert file_of().stat().st_size < LARGEST
    assert Remembered("store 39").read().orders and Remembered("here").read() == Memory()


async def test_where_one_stands_is_noted_by_itself_whatever_has_led_there_and_then_nobody_looks(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home_memory, "PACE", 0.01)
    deleted, other = Run(store, "one"), Run(store, "two")
    deleted.end()
    async with OnHome(store, (80, 24)) as home:

        async def noted(opened: str, task: str) -> None:
            def there() -> bool:
                where = home.home._file.read().where
                return (where.opened, where.task) == (opened, task) and not home.home._noting

            await home.until(there, f"{opened!r} over {task!r} noted, and nobody who looks")

        await noted("", deleted.id)
        await home.press("j")
        await noted("", other.id)
        await home.press("k", "enter")
        await noted(deleted.id, deleted.id)
        commands.archive(store, deleted.id, by=BY)
        commands.delete(store, deleted.id, by=BY)
        await noted("", other.id)


async def test_the_order_by_the_metric_is_remembered_also_for_a_project_below_that_has_none(store: Store) -> None:
    for name, loss in (("low", 1.0), ("high", 2.0), ("middle", 1.5)):
        Run(store, name).report("loss", "val", loss)
    running(store, ["unmeasured"], "vision/resnet/deep")
    async with OnHome(store, project="vision/resnet") as home:
        await home.keys("colon", *"sort metric up", "enter")
        assert home.names == ["low", "middle", "high", "unmeasured"]
        for project, names in (("/deep", ["unmeasured"]), ("", ["low", "middle", "high", "unmeasured"])):
            await home.keys("colon", *f"project vision/resnet{project}", "enter")
            await home.lists(*names)


async def test_a_column_or_order_that_is_none_any_more_does_no_harm(store: Store) -> None:
    running(store, ["the task"], "vision")
    order = Order(("name", "nonsense", "metric:loss"), "metric:gone/away.min")
    Remembered(store.location.setting).keep(Memory({"": order}, where=Where("no/such/project", task="x", cursor=900)))
    async with OnHome(store) as home:
        await home.until(lambda: home.names == ["the task"], "all projects")
        assert home.home.view.project is None and not home.app.problem


def test_a_killed_dashboard_has_written_where_it_stood(store: Store) -> None:
    running(store, ["seen on a pty"], "vision")
    child, terminal = pty.fork()
    if child == 0:  # pragma: no cover - the child becomes the dashboard
        os.environ |= {"TERM": "xterm-256color", "LINES": "24", "COLUMNS": "80"}
        tui = str(Path(sys.executable).with_name("tui"))
        os.execv(tui, [tui, "--store", store.location.setting, "--project", "vision"])
    seen = bytearray()

    def drained() -> bytes:
        while select.select([terminal], [], [], 0)[0]:
            seen.extend(os.read(terminal, 65536))
        return bytes(seen)

    eventually(lambda: b"seen on a pty" in drained(), timeout=20)
    eventually(lambda: drained() and file_of().exists(), timeout=20)
    os.kill(child, signal.SIGHUP)
    eventually(lambda: os.waitpid(child, os.WNOHANG)[0] == child, timeout=20)
    os.close(terminal)
    assert Remembered(store.location.setting).read().where.project == "vision"


def test_each_of_several_dashboards_writes_what_it_changed_and_goes_on_from_its_own_place() -> None:
    """The others are processes of their own: whether one is gone is asked of the system."""
    script = (
        "import sys; from tui.remembered import *; mine = Remembered('here'); found = mine.read();"
        "print(found.where.project, flush=True);"
        "mine.keep(replace(found, filters={**found.filters, sys.argv[1]: 'x'}, where=Where(sys.argv[1])));"
        "print('kept', flush=True); sys.stdin.readline();"
        "mine.keep(Memory(filters=found.filters, where=Where())) if sys.argv[2] else None"
    )

    def start(place: str, pane: str, *, leaves: bool = False) -> subprocess.Popen[str]:
        child = subprocess.Popen(
            [sys.executable, "-c", script, place, "yes" if leaves else ""], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, env={**os.environ, "TMUX": "/t,1,0", "TMUX_PANE": pane})  # fmt: skip
        assert child.stdout is not None
        places[place] = child.stdout.readline().strip()
        assert child.stdout.readline() == "kept\n"
        return child

    places: dict[str, str] = {}
    first, second, third = start("first", "%1"), start("second", "%2"), start("third", "%3", leaves=True)
    assert places == {"first": "", "second": "", "third": ""}, "nobody is given the place of one that is there"
    third.communicate("\n", timeout=20)
    for child in (first, second):
        child.kill()
        child.communicate()
    [found] = json.loads(file_of().read_text())["stores"].values()
    assert set(found["filters"]) == {"first", "second"}, "what others saved is kept"
    again = [start("again", "%1"), start("another", "%7"), start("fourth", "%8")]
    assert places["again"] == "first" and places["another"] == "second" and places["fourth"] == ""
    for child in again:
        child.kill()
        child.communicate()


async def test_the_filter_of_each_project_is_in_force_again_and_is_told_of(store: Store) -> None:
    running(store, ["one", "two"], "vision/resnet")
    running(store, ["one", "three"], "language")
    async with OnHome(store) as home:
        for project, text in (("vision", "two"), ("language", "one")):
            await home.keys("colon", *f"project {project}", "enter", "slash", "ctrl+u", *text, "enter")
    async with OnHome(store) as home:
        await home.lists("three", "two", "one", "one")
        assert "The filter of last time" not in home.text()
        await home.keys("colon", *"project vision/resnet", "enter")
        await home.lists("two")
        await home.keys("colon", *"project language", "enter")
        await home.lists("one")
        await home.keys("escape", "slash", *"thr")
    async with OnHome(store, project="language") as home:
        await home.lists("three", "one")
        await home.keys("colon", *"filter three", "enter")
    async with OnHome(store, project="language") as home:
        await home.lists("three")
        assert "The filter of last time is in force: three. Esc clears it." in home.text()
        await home.keys("escape")
        await home.lists("three", "one")


async def test_a_filter_of_the_command_line_is_not_remembered(store: Store) -> None:
    running(store, ["one", "two"])
    async with OnHome(store, text="two") as home:
        await home.lists("two")
    async with OnHome(store) as home:
        await home.lists("two", "one")


async def test_a_remembered_filter_that_can_be_read_no_more_is_left_out_and_said(store: Store) -> None:
    running(store, ["the task"])
    Remembered(store.location.setting).keep(Memory(narrowed={"": "age<soon"}))
    async with OnHome(store) as home:
        await home.lists("the task")
        assert "The filter of last time is left out." in " ".join(home.text().split())


def test_the_place_of_a_process_that_nobody_has_taken_note_of_is_free() -> None:
    with subprocess.Popen(["true"]) as child:  # as where a container's first process takes note of none
        eventually(lambda: ") Z " in Path(f"/proc/{child.pid}/stat").read_text(), what="a zombie")
        place = {"host": who.host(), "pid": child.pid}
        assert places.left([place]) is place
        assert places.left([place | {"pid": os.getppid()}]) is None


async def test_a_filter_that_is_typed_when_another_project_is_chosen_is_of_none(store: Store) -> None:
    running(store, ["one", "two"], "vision")
    running(store, ["three", "two"], "language")
    async with OnHome(store, (120, 24), project="vision") as home:
        await home.keys("slash", *"two", "enter", "slash", *"x")
        home.home._choose(ProjectTree.Chosen("language", entered=False))
        await home.lists("two", "three")
        assert home.home._with_order().narrowed == {"vision": "two"}


async def test_a_filter_of_the_command_line_goes_along_until_it_is_cleared(store: Store) -> None:
    running(store, ["one", "two"], "vision")
    running(store, ["three", "two"], "language")
    async with OnHome(store, text="two") as home:
        await home.lists("two", "two")
        await home.keys("colon", *"project vision", "enter")
        await home.lists("two")
        await home.keys("escape", "colon", *"project language", "enter")
        await home.lists("two", "three")
