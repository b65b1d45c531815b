"""Each package the project names as its own has a path that uses it; the packages keep their distance."""

from __future__ import annotations

import subprocess
import sys

import pytest
from sqlmodel import SQLModel

from store import commands
from store.engine import Store, open_store
from store.models import Table, metadata
from store.queries import tasks
from tests.recorder.test_environment import git
from tests.store.states import draft
from tests.support import counted, eventually, plot
from tests.system.conftest import Lab
from tests.tui.made import Run

HEAVY = ("sqlmodel", "sqlalchemy", "pydantic", "textual", "rich", "git", "watchdog", "plotext", "psutil", "numpy")


def _loaded(lab: Lab, code: str) -> set[str]:
    """Return the modules loaded after some code ran in a fresh process."""
    tail = "\nimport sys\nsys.stderr.write('\\n' + ' '.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code + tail], env=lab.environ, cwd=lab.folder, capture_output=True, text=True, check=True
    )
    return set(done.stderr.splitlines()[-1].split())


def test_a_script_loads_nothing_outside_the_standard_library(lab: Lab) -> None:
    code = """
from capture import Task, Logger
task = Task.init(project_name="tests/floor", task_name="light")
task.get_logger().report_scalar("loss", "train", 0.5, 1)
task.connect({"lr": 0.1})
task.close()
"""
    bare = _loaded(lab, "import site")
    added = {name.partition(".")[0] for name in _loaded(lab, code) - bare} - {"capture"}
    assert added <= set(sys.stdlib_module_names) | {"__mp_main__"}


@pytest.mark.parametrize(
    ("package", "others"),
    [("store.engine", ("capture", "tui")), ("tui.app", ("capture",)), ("capture.cli.__main__", ("tui",))],
)
def test_packages_load_only_what_is_below_them(lab: Lab, package: str, others: tuple[str, ...]) -> None:
    loaded = _loaded(lab, f"import {package}")
    assert not [name for name in loaded if name.split(".")[0] in others]


def test_the_dashboard_paints_before_sqlmodel_is_loaded(lab: Lab) -> None:
    loaded = _loaded(lab, "import tui.app, tui.screens.home")
    assert "textual" in loaded
    assert not loaded & {"sqlmodel", "sqlalchemy", "plotext", "git"}


def test_help_loads_neither_textual_nor_rich_nor_sql(lab: Lab) -> None:
    for module in ("tui.cli", "capture.cli.__main__"):
        code = f"import {module} as m\ntry:\n    m.main(['--help'])\nexcept SystemExit:\n    pass"
        assert not _loaded(lab, code) & set(HEAVY)


# One path for each package that would not work without it


def _without(lab: Lab, package: str, code: str, *, terminal: bool = False) -> subprocess.CompletedProcess[str]:
    """Run code in a fresh process in which a package cannot be imported."""
    head = f"import sys\nsys.modules[{package!r}] = None\n"
    head += "sys.stdout.isatty = lambda: True\n" if terminal else ""
    command = [sys.executable, "-c", head + code]
    return subprocess.run(command, env=lab.environ, cwd=lab.folder, capture_output=True, text=True, timeout=60)


def _missed(done: subprocess.CompletedProcess[str], package: str) -> bool:
    return done.returncode != 0 and package in done.stderr


LIST = "import capture.cli.__main__ as m\nraise SystemExit(m.main(['list']))"
ONCE = "import tui.cli as m\nraise SystemExit(m.main(['--once']))"


@pytest.fixture
def filled(lab: Lab) -> Lab:
    """A laboratory whose store holds one task."""
    with open_store(lab.home) as store:
        draft(store)
    return lab


def test_textual_draws_the_dashboard(filled: Lab) -> None:
    assert _missed(_without(filled, "textual", ONCE), "textual")
    done = _without(filled, "no_such_package", ONCE)
    assert (done.returncode, "vision" in done.stdout) == (0, True), done.stderr


def test_rich_draws_the_tables_of_the_commands_on_a_terminal_only(filled: Lab) -> None:
    assert "\t" in _without(filled, "rich", LIST).stdout
    assert "NAME" in _without(filled, "no_such_package", LIST, terminal=True).stdout
    assert "NAME" not in _without(filled, "rich", LIST, terminal=True).stdout


MISTAKE = """
import capture.cli.context as c, capture.cli.__main__ as m
def broken(self): raise RuntimeError("a mistake \\x1b[2J of ours")
c.Context.store = broken
raise SystemExit(m.main(["list"]))
"""


def test_rich_draws_tracebacks_and_lets_nothing_in_them_act(filled: Lab) -> None:
    done = _without(filled, "no_such_package", MISTAKE)
    assert (done.returncode, done.stdout) == (1, "")
    assert "╭" in done.stderr
    assert "Traceback (most recent call last)" in done.stderr
    assert "a mistake [2J of ours" in done.stderr
    assert "\x1b[2J" not in done.stderr
    plain = _without(filled, "rich", MISTAKE)
    assert (plain.returncode, "╭" in plain.stderr) == (1, False)


FOLLOW = """
import store.changes as changes
import capture.cli.__main__ as m
import capture.cli.waiting as w
w._LOOK = 1e6  # no net below the feed
wait = changes.Feed.wait
def told(self, timeout):
    print("waits", flush=True)
    return wait(self, timeout)
changes.Feed.wait = told
{blocked}
raise SystemExit(m.main(["wait", {task!r}, "--status", "pending"]))
"""
NO_POLLING = "changes.POLL = 1e6"
NO_WATCHDOG = """
from watchdog.observers import Observer
def refuse(*_, **__): raise OSError(28, "inotify watch limit reached")
Observer.schedule = refuse
"""


@pytest.mark.parametrize("blocked", [NO_POLLING, NO_WATCHDOG], ids=["watchdog", "polling"])
def test_watchdog_alone_wakes_the_feed_and_so_does_polling_alone(filled: Lab, blocked: str) -> None:
    with open_store(filled.home) as store:
        task = _first(store)
        child = filled.spawn([sys.executable, "-c", FOLLOW.format(blocked=blocked, task=task)], stdout=-1, stderr=-1)
        assert child.stdout is not None
        assert child.stdout.readline() == b"waits\n"
        commands.enqueue(store, task, by="ada@host")
        _, said = child.communicate(timeout=20)
        assert child.returncode == 0, said.decode()


def _first(store: Store) -> str:
    with store.read() as c:
        return tasks.page(c, tasks.TaskQuery(), 0, 1)[0].id


def test_sqlmodel_describes_every_table(lab: Lab) -> None:
    with open_store(lab.home) as store, counted(store.reader) as seen, store.read() as connection:
        tables = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars().all()
    assert set(tables) == set(metadata.tables)
    assert set(tables) == {model.__tablename__ for model in Table.__subclasses__()}
    assert all(issubclass(model, SQLModel) for model in Table.__subclasses__())
    assert len(seen.statements) == 1


GIT = """
from tests.recorder.test_environment import start
from capture.environment import capture
from pathlib import Path
found = capture(start(Path("work")))
print(found.code["branch"], len(found.code["commit"]), found.notes)
"""


def test_gitpython_reads_the_repository_for_the_recorder(lab: Lab) -> None:
    folder = lab.write("train.py", "from capture import Task\nTask.init('tests/packages', 'code')").parent
    for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "first"]):
        git(folder, *words)
    assert _without(lab, "no_such_package", GIT).stdout.startswith("main 40 ")
    without = _without(lab, "git", GIT)
    assert without.stdout.startswith(" 0 "), "nothing else reads it"
    assert "the repository could not be read" in without.stdout
    lab.run(folder / "train.py")
    assert eventually(lambda: lab.only()["script"]["branch"]) == "main", "and the recorder is who does"


VISIT = """
import asyncio, contextlib
from textual.worker import WorkerFailed
from tui.app import LabtopApp
from tui.once import settled, text_of
async def visit(task, screen, *keys):
    app = LabtopApp({store!r}, task=task, screen=screen, take_in=False)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot, app, {wait})
        await pilot.press(*keys)
        await settled(pilot, app, {wait})
        print(text_of(app), end="\\f")
for place in {places!r}:
    with contextlib.suppress(WorkerFailed):
        asyncio.run(visit(*place))
"""


@pytest.mark.slow
def test_plotext_draws_every_chart(lab: Lab) -> None:
    with open_store(lab.home) as store:
        one, two = (_with_charts(store, name, rate) for name, rate in (("one", "0.1"), ("two", "0.2")))
    both = f"{one},{two}"
    places = {
        (one, "scalars"): "loss",
        (one, "system"): "machine",
        (one, "plots"): "roc/test",
        (both, "compare-scalars"): "loss",
        (both, "compare-scatter"): "over  Args/lr",
    }
    drawn, bare = (  # without it one waits for charts in vain
        _without(lab, package, VISIT.format(store=str(lab.home), wait=wait, places=list(places)))
        for package, wait in (("no_such_package", 15), ("plotext", 3))
    )
    assert drawn.stdout.count("\f") == bare.stdout.count("\f") == len(places), (drawn.stderr, bare.stderr)
    pages = zip(places.items(), drawn.stdout.split("\f"), bare.stdout.split("\f"), strict=False)
    for (place, title), ours, without in pages:
        assert title in ours and title in without, place
        assert (_ticks(ours) > 2, _ticks(without)) == (True, 0), f"nothing else draws one: {place}"


def _with_charts(store: Store, name: str, rate: str) -> str:
    run = Run(store, name, {"Args/lr": rate})
    for title in ("loss", "accuracy", ":monitor:machine"):
        run.report(title, "cpu", *(float(number * number) for number in range(50)))
    run.draw(plot("roc", "test", 1, {"type": "scatter", "x": [0, 1, 2], "y": [0, 1, 4]}))
    run.end()
    return run.id


def _ticks(text: str) -> int:
    """The number of ticks at the axes of charts."""
    return text.count("┤")
