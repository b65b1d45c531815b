"""What a person does, with real processes: train, watch, clone, change a value, enqueue, have an agent run it."""

from __future__ import annotations

import asyncio
import io
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from rich.console import Console
from textual.pilot import Pilot

from tests.support import eventually
from tests.system.conftest import ROOT, Lab
from tui.app import LabtopApp
from tui.screens.home import HomeScreen
from tui.screens.task import TaskScreen

DIGITS = ROOT / "examples" / "digits.py"


def screen_text(app: LabtopApp) -> str:
    """Return what is on the screen, as text."""
    console = Console(width=app.size.width, height=app.size.height, file=io.StringIO(), record=True, color_system=None)
    console.print(app.screen._compositor.render_update(full=True))
    return console.export_text(styles=False)


async def until(pilot: Pilot[None], condition: Callable[[], Any], timeout: float = 30) -> Any:
    """Wait until something is so on the screen, and return it."""
    deadline = time.monotonic() + timeout
    while not (answer := condition()):
        assert time.monotonic() < deadline, screen_text(pilot.app)  # type: ignore[arg-type]
        await pilot.pause()
        await asyncio.sleep(0.02)
    return answer


@asynccontextmanager
async def dashboard(lab: Lab) -> AsyncIterator[Pilot[None]]:
    """The app on the laboratory's store."""
    app = LabtopApp(str(lab.home), take_in=False)
    async with app.run_test(size=(120, 40)) as pilot:
        yield pilot


def _trained(lab: Lab, script: subprocess.Popen[bytes], what: str, least: int) -> None:
    """Have a script go on in short strides until so much of it is stored: no slow screen or recorder misses its end."""
    while not any((task[what] or 0) >= least for task in lab.tasks()):
        written = _spooled(lab)
        script.send_signal(signal.SIGCONT)
        eventually(lambda written=written: _spooled(lab) != written, what="a record")  # type: ignore[misc]
        script.send_signal(signal.SIGSTOP)
        assert script.poll() is None


def _spooled(lab: Lab) -> bytes:
    """What the script has recorded and the recorder not yet put away; a segment has its full size from the start."""
    return b"".join(path.read_bytes() for path in sorted((lab.home / "spool").glob("*.seg")))


def _progress(app: LabtopApp) -> int:
    shown = re.search(r"(\d+)%", screen_text(app))
    return int(shown[1]) if shown else -1


def _top(app: LabtopApp) -> str:
    """The line that says how the task stands; a notice may tell of another one."""
    return screen_text(app).splitlines()[0]


def _reach(app: LabtopApp) -> int:
    """The last iteration named below the charts, 0 if there is none."""
    axes = re.findall(r"^[ \d]*\d[ \d]*$", screen_text(app), re.M)
    return max(map(int, axes[-1].split())) if axes else 0


def _curves(app: LabtopApp) -> str:
    """The braille or block characters drawn: what there is of a chart. Its axis may end at 100 for long."""
    return "".join(c for c in screen_text(app) if "\u2800" < c <= "\u28ff" or c in "▀▄█▌▐▖▗▘▙▚▛▜▝▞▟")


@pytest.mark.slow
async def test_watch_a_task_clone_it_change_a_value_and_have_it_run_again(lab: Lab) -> None:
    lab.environ.pop("CAPTURE_LOG_LEVEL")
    with (lab.folder / "output").open("wb") as output:
        script = lab.start(DIGITS, "--epochs", "6", "--pace", "0.02", stdout=output, stderr=output)
    eventually(lab.recorder)
    script.send_signal(signal.SIGSTOP)
    _trained(lab, script, "progress", 1)
    async with dashboard(lab) as pilot:
        app = pilot.app
        assert isinstance(app, LabtopApp)
        await until(pilot, lambda: "mlp" in screen_text(app) and _progress(app) >= 0)
        early = _progress(app)
        _trained(lab, script, "progress", early + 1)
        await until(pilot, lambda: _progress(app) > early)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, TaskScreen))
        await pilot.press("5")
        await until(pilot, lambda: "loss" in screen_text(app) and _curves(app) and _reach(app))
        assert "Running" in screen_text(app)
        first = _curves(app)
        _trained(lab, script, "last_iteration", _reach(app) + 50)
        await until(pilot, lambda: _curves(app) != first)
        assert "Running" in screen_text(app)
        script.send_signal(signal.SIGCONT)
        await until(pilot, lambda: "Completed" in _top(app) or "✔" in _top(app), 60)
        assert script.wait(timeout=30) == 0
        assert _curves(app)
        await pilot.press("c")
        await until(pilot, lambda: "lr" in screen_text(app) and "Draft" in screen_text(app))
        await _go_to_row(lab, pilot, "lr")
        await pilot.press("enter", *["backspace"] * 6, *"0.01", "enter")
        await until(pilot, lambda: re.search(r"lr\s+0\.01", screen_text(app)))
        await pilot.press("Q")
        await until(pilot, lambda: "default" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: "Pending" in screen_text(app))
        agent = lab.spawn([sys.executable, "-P", "-m", "capture.cli", "agent", "--queue", "default"])
        await until(pilot, lambda: "Completed" in _top(app) or "✔" in _top(app), 60)
        agent.terminate()
        agent.wait(timeout=20)
        await pilot.press("escape", "escape")
        await until(pilot, lambda: isinstance(app.screen, HomeScreen))
    new, old = (lab.json("show", task["id"]) for task in lab.tasks())
    assert (new["status"], old["status"]) == ("completed", "completed")
    assert new["parent"] == old["id"]
    assert (new["parameters"]["Args/lr"]["value"], old["parameters"]["Args/lr"]["value"]) == ("0.01", "0.1")
    assert new["scalars"]["loss/train"]["last"] != old["scalars"]["loss/train"]["last"]
    assert new["parameters"]["Args/epochs"]["value"] == "6", "what was given on the command line comes back too"


async def _go_to_row(lab: Lab, pilot: Pilot[None], name: str) -> None:
    """Move the cursor from the first hyperparameter of Args down to one; they stand in the order of their names."""
    parameters = lab.json("show", lab.tasks()[0]["id"])["parameters"]
    own = sorted(key.partition("/")[2] for key in parameters if key.startswith("Args/"))
    await pilot.press(*["j"] * own.index(name))
