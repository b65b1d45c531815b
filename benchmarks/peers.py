"""What users would pick instead, measured in the same run where it installs (in an environment of its own)."""

from __future__ import annotations

import functools
import subprocess
import sys
import tempfile
from pathlib import Path

from .measure import ROOT, number

FOLDER = ROOT / ".venv-peers"
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
    pip = [str(python), "-m", "pip", "install", "-q", "tensorboardX", "trackio"]
    try:
        for command in () if made.exists() else ([sys.executable, "-m", "venv", "--clear", str(FOLDER)], pip):
            subprocess.run(command, capture_output=True, timeout=300, check=True)
        made.touch()
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
