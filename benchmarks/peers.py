"""What users would pick instead, measured in the same run where it installs (in an environment of its own)."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from .measure import ROOT, number
from .terminal import Terminal, terminal

FOLDER = ROOT / ".venv-peers"
PACKAGES = ("tensorboardX", "trackio", "wandb")
SCALAR = {
    "tensorboardX": """
from tensorboardX import SummaryWriter
w = SummaryWriter("logs"); call = lambda i: w.add_scalar("loss/train", 0.5, i)
""",
    "trackio": """
import os; os.environ["TRACKIO_DIR"] = os.getcwd()
import trackio
trackio.init(project="bench", embed=False); call = lambda i: trackio.log({"loss/train": 0.5}, step=i)
""",
}
LIVE = """
import time, wandb
run = wandb.init(project="bench", mode="offline")
for n in range(1, 10000):
    run.log({"loss/train": 1 / n})
    time.sleep(1)
"""
TIMER = """
import time
spans = []
for i in range(20000):
    a = time.perf_counter_ns(); call(i); spans.append(time.perf_counter_ns() - a)
spans.sort()
print("P50", spans[len(spans) // 2] / 1000, flush=True)
import os; os._exit(0)
"""


@functools.cache
def interpreter() -> Path | None:
    """Return the Python of the peers' environment, None where they do not install."""
    python, made = FOLDER / "bin/python", FOLDER / "made"
    pip = [str(python), "-m", "pip", "install", "-q", *PACKAGES]
    there = made.exists() and made.read_text("utf-8").split() == [*PACKAGES]
    try:
        for command in () if there else ([sys.executable, "-m", "venv", "--clear", str(FOLDER)], pip):
            subprocess.run(command, capture_output=True, timeout=300, check=True)
        made.write_text(" ".join(PACKAGES), "utf-8")
    except (OSError, subprocess.SubprocessError):
        return None
    return python


@functools.cache
def peer_scalar_costs() -> str:
    """Return the peers' p50 of one scalar call, as text to stand beside ours."""
    python = interpreter()
    if python is None:
        return "; peers did not install here"
    return "".join(f"; {name} {_cost(python, setup)}" for name, setup in SCALAR.items())


@functools.cache
def leet() -> str:
    """Return what W&B's terminal UI costs over a script that reports a value a second, as text to stand beside ours."""
    python = interpreter()
    if python is None or not (python.parent / "wandb").exists():
        return "; W&B LEET did not install here"
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "live.py")
        script.write_text(LIVE)
        environ = {**os.environ, "HOME": folder, "WANDB_DIR": folder, "WANDB_SILENT": "true", "WANDB_MODE": "offline"}
        child = subprocess.Popen([str(python), str(script)], cwd=folder, env=environ, stdout=subprocess.DEVNULL)
        try:
            return f"; W&B LEET {_watched(python.parent, Path(folder, 'wandb/latest-run'), environ)}"
        except (TimeoutError, OSError):
            return "; W&B LEET did not start here"
        finally:
            child.kill()
            child.wait()


def _watched(programs: Path, run: Path, environ: dict[str, str]) -> str:
    deadline = time.monotonic() + 30
    while not run.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    with terminal([str(programs / "wandb"), "leet", "run", str(run)], environ, size=(200, 50)) as opened:
        opened.wait_for(b"loss")
        opened.read(5)
        start, before, began = len(opened.seen), _cpu(opened), time.monotonic()
        came, took = opened.read(10), time.monotonic() - began
        load = (_cpu(opened) - before) / took * 100
    return f"{number(came / took / 1000)} kB/s, {number(load)} % CPU, {number(start / 1000)} kB to start"


def _cpu(opened: Terminal) -> float:
    """Return the seconds of CPU of a program and what it has started."""
    whole = psutil.Process(opened.pid)
    return sum(sum(each.cpu_times()[:2]) for each in (whole, *whole.children(recursive=True)))


def _cost(python: Path, setup: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "peer.py")
        script.write_text(setup + TIMER)
        try:
            done = subprocess.run([str(python), str(script)], cwd=folder, capture_output=True, text=True, timeout=120)
        except subprocess.TimeoutExpired:
            return "timed out"
    lines = [line for line in done.stdout.splitlines() if line.startswith("P50 ")]
    return f"{number(float(lines[0].split()[1]))} µs" if lines else "failed"
