"""The dashboard left open on ten live tasks: its memory stays where it was, and it sends nothing when nothing changes.

``make soak`` runs it and writes its section of ``benchmarks/figures.md``; ``SOAK_MINUTES`` says for how long (60). It
is not part of the suite.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks import page
from benchmarks.measure import Figure, figure, stop_recorders
from benchmarks.terminal import TUI, Terminal, cpu, terminal
from tests.support import private_environment

pytestmark = pytest.mark.soak
MINUTES = float(os.environ.get("SOAK_MINUTES", "60"))
TASKS, PERIOD = 10, 20.0
"""How many scripts report once a second, and for how many seconds a screen is looked at."""
WARM_UP, DRIFT = 0.25, 0.05
"""The share of the time in which caches may fill, and by how much memory may differ afterwards."""
LOAD = 2.0
"""Per cent of a core that it may take."""
QUIET = 20.0
SCRIPT = """
import sys, time
from capture import Task
task = Task.init(project_name="soak", task_name="live " + sys.argv[1], reuse_last_task_id=False)
for n in range(1, 1_000_000):
    task.set_progress(n % 100)
    task.get_logger().report_scalar("loss", "train", 1 / n, n)
    task.get_logger().report_scalar("accuracy", "val", 1 - 1 / n, n)
    print(f"step {n} loss {1 / n:.6f}", flush=True)
    time.sleep(1)
"""
LOOKS = (
    ("home", "", b""),
    ("scalars", "\r5", b"loss"),
    ("console", "4", b"step"),
    ("system", "8", b""),
    ("home again", "q", b""),
)
"""What is looked at in turn, the keys that lead there from the one before, and what is there then."""


@dataclass(frozen=True)
class Look:
    """One look at a screen: what the dashboard cost meanwhile.

    Attributes:
        name: of the screen.
        cpu: per cent of a core.
        script: the same of one of the scripts. It reports three things a second, microseconds of work: nearly all of
            it is what waking costs on this machine in these minutes.
        rate: bytes a second sent.
        memory: bytes that are the process' own, at the end.
    """

    name: str
    cpu: float
    script: float
    rate: float
    memory: float


@pytest.fixture
def environ(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Ten scripts that report to a store of their own; they are gone afterwards."""
    environ = private_environment(tmp_path, os.environ) | {"PYTHONPATH": os.getcwd(), "CAPTURE_LOG_LEVEL": "warning"}
    yield environ
    stop_recorders(environ["CAPTURE_STORE"])


@pytest.fixture
def live(environ: dict[str, str], tmp_path: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Start the scripts."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    null = subprocess.DEVNULL
    children = [
        subprocess.Popen([sys.executable, str(script), str(n)], env=environ, cwd=tmp_path, stdout=null)
        for n in range(TASKS)
    ]
    yield children
    _end(children)


def _end(children: Sequence[subprocess.Popen[bytes]]) -> None:
    for child in children:
        child.kill()
        child.wait()


def test_memory_stays_flat_and_nothing_is_sent_when_nothing_changes(
    environ: dict[str, str], live: list[subprocess.Popen[bytes]], capsys: pytest.CaptureFixture[str]
) -> None:
    looks: list[Look] = []
    with terminal(TUI, environ, size=(80, 24)) as opened:
        opened.wait_for(rb"live 9")
        deadline = time.monotonic() + MINUTES * 60
        while time.monotonic() < deadline:
            looks += [_look(opened, live[0].pid, *what) for what in LOOKS]
            with capsys.disabled():
                print(_told(looks[-len(LOOKS) :]), flush=True)
        _end(live)
        opened.read(QUIET / 2)
        idle = [float(opened.read(QUIET / 4)) for _ in range(4)]
    settled = looks[int(len(looks) * WARM_UP) :]
    figures = _figures(settled, idle)
    page.keep(f"make soak: left open on {TASKS} live tasks", figures)
    with capsys.disabled():
        print(page.section("make soak", figures))
    assert not any(idle)
    third = len(settled) // 3
    before, after = (statistics.median(look.memory for look in part) for part in (settled[:third], settled[-third:]))
    assert abs(after / before - 1) <= DRIFT, (before, after)


def _look(opened: Terminal, script: int, name: str, keys: str, shows: bytes) -> Look:
    since = len(opened.seen)
    for key in keys:
        opened.press(key.encode())
        opened.read(1)
    opened.wait_for(shows, since)
    began, spent, spent_there = time.monotonic(), opened.cpu(), cpu(script)
    sent = opened.read(PERIOD)
    took = time.monotonic() - began
    load, there = (opened.cpu() - spent) / took * 100, (cpu(script) - spent_there) / took * 100
    return Look(name, load, there, sent / took, _memory(opened.pid))


def _memory(pid: int) -> float:
    """Return the bytes of memory that would be free without the process."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) * 1024.0 for line in lines if line.startswith(("Private_Clean", "Private_Dirty")))


def _told(looks: list[Look]) -> str:
    script = statistics.mean(look.script for look in looks)
    told = [f"{look.name} {look.cpu:.1f} % {look.rate:.0f} B/s {look.memory / 1e6:.1f} MB" for look in looks]
    return "  ".join([*told, f"a script {script:.2f} %"])


def _figures(looks: list[Look], idle: list[float]) -> list[Figure]:
    names = list(dict.fromkeys(look.name for look in looks))
    seen = {name: [look for look in looks if look.name == name] for name in names}
    rates = {name: f"{statistics.median(look.rate for look in seen[name]):.0f} B/s sent" for name in names}
    script = statistics.mean(look.script for look in looks)
    least, most = (pick(look.memory for look in looks) / 1e6 for pick in (min, max))
    return [
        *(figure(f"{n}: CPU", [look.cpu for look in seen[n]], "%", LOAD, baseline=rates[n]) for n in names),
        figure("all of them: CPU", [look.cpu for look in looks], "%", LOAD,
               baseline=f"{MINUTES:g} minutes, 80x24; one of the scripts {script:.2f} %",
               of=statistics.mean),
        figure("memory, last third against the first, by screen", [_drift(seen[name]) for name in names], "%",
               DRIFT * 100, baseline=f"{least:.1f} to {most:.1f} MB"),
        figure(f"bytes in {QUIET / 4:g} s when nothing changes", idle, "B", 0, baseline="the same screen"),
    ]  # fmt: skip


def _drift(looks: list[Look]) -> float:
    """Return by how many per cent the memory at the end of the looks differs from that at their beginning."""
    third = max(len(looks) // 3, 1)
    before, after = (statistics.median(look.memory for look in part) for part in (looks[:third], looks[-third:]))
    return abs(after / before - 1) * 100
