"""Each package the project names as its own has a path that uses it; the packages keep their distance."""

from __future__ import annotations

import subprocess
import sys

import pytest

from store.engine import open_store
from store.models import Table, metadata
from tests.support import counted
from tests.system.conftest import Lab

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


def test_sqlmodel_describes_every_table(lab: Lab) -> None:
    with open_store(lab.home) as store, counted(store.reader) as seen, store.read() as connection:
        tables = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars().all()
    assert set(tables) == set(metadata.tables)
    assert set(tables) == {model.__tablename__ for model in Table.__subclasses__()}
    assert len(seen.statements) == 1


def test_gitpython_is_what_reads_the_repository(lab: Lab) -> None:
    loaded = _loaded(lab, "import capture.environment.repository as r\nr.__dict__.get('warm', lambda: None)()")
    assert "capture.environment.repository" in loaded


def test_rich_draws_the_tables_of_the_commands(lab: Lab) -> None:
    lab.run(lab.write("one.py", "from capture import Task\nTask.init(project_name='tests/rich', task_name='shown')"))
    lab.settled()
    code = "import capture.cli.__main__ as m\nimport sys\nsys.stdout.isatty = lambda: True\nm.main(['list'])"
    assert "rich" in _loaded(lab, code)
