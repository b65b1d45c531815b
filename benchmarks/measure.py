"""What every benchmark shares: figures, child processes in stores of their own, percentiles."""

from __future__ import annotations

import math
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from capture.recorder.election import holder

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Figure:
    """One measured figure beside its baseline of the same run; ``aim`` is what we want, as text."""

    claim: str
    value: float
    unit: str
    aim: str
    baseline: str
    n: int
    spread: str
    met: bool | None
    note: str = ""


def figure(claim: str, values: Sequence[float], unit: str, limit: float, *, baseline: str, at_least: bool = False,
           note: str = "", of: Callable[[Sequence[float]], float] = statistics.median) -> Figure:  # fmt: skip
    """Reduce repeated measurements to a figure and compare it with its aim; a single one is none."""
    if len(values) < 3:
        raise ValueError(f"{claim}: {len(values)} measurements say nothing of their spread")
    value = of(values)
    met = value >= limit if at_least else value <= limit
    sign = "≥" if at_least else "≤"
    spread = f"{number(min(values))}–{number(max(values))}"
    return Figure(claim, value, unit, f"{sign} {number(limit)} {unit}", baseline, len(values), spread, met, note)


def number(value: float) -> str:
    """Return a value with three significant digits."""
    if value == 0 or not math.isfinite(value):
        return str(value)
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{digits}f}"


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which ``share`` (0–1) of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@contextmanager
def fresh_store() -> Iterator[dict[str, str]]:
    """Yield the environment of a store of its own below the temporary folder."""
    with tempfile.TemporaryDirectory(prefix="labtop-bench-", ignore_cleanup_errors=True) as folder:
        environ = {
            **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
            "CAPTURE_STORE": f"{folder}/store",
            "XDG_CONFIG_HOME": f"{folder}/config",
            "XDG_STATE_HOME": f"{folder}/state",
            "PYTHONPATH": str(ROOT),
            "CAPTURE_LOG_LEVEL": "warning",
        }
        yield environ
        stop_recorders(f"{folder}/store")


def recorders(home: str) -> list[int]:
    """Return the process ids in a store's recorder locks."""
    found = (holder(lock) for lock in Path(home).glob("recorder-*.lock"))
    return [who.pid for who in found if who is not None]


def stop_recorders(home: str) -> None:
    """Ask the recorder of a store to finish its work and go, by the process id in its own lock file."""
    for pid in recorders(home):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and any(map(psutil.pid_exists, recorders(home))):
        time.sleep(0.02)


def python(code: str, environ: dict[str, str], *arguments: str) -> str:
    """Run a script in a child process from a file of its own and return what it printed."""
    with tempfile.TemporaryDirectory(prefix="labtop-bench-") as folder:
        script = Path(folder, "script.py")
        script.write_text(code)
        done = subprocess.run(
            [sys.executable, str(script), *arguments], env=environ, cwd=folder, capture_output=True, text=True
        )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout


def wall(command: Sequence[str], environ: dict[str, str], **options: object) -> float:
    """Return the seconds a command takes from start to end."""
    start = time.perf_counter()
    subprocess.run(command, env=environ, check=True, stdout=subprocess.DEVNULL, **options)  # type: ignore[call-overload]
    return time.perf_counter() - start
