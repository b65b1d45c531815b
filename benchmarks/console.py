"""Printing: what a line costs in the script, and when the last one can be read."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .measure import Figure, figure, fresh_store, number

LINES = 200_000
LOOP = f"""
import os, sys, time
a = time.perf_counter()
for i in range({LINES}):
    print("step", i, "loss 0.123456")
sys.stdout.flush()
os.write(2, b" %f" % ((time.perf_counter() - a) / {LINES} * 1e6))
"""
START = """
import os
from capture import Task
task = Task.init(project_name="bench", task_name="lines", reuse_last_task_id=False)
os.write(2, task.id.encode())
"""


def run() -> list[Figure]:
    """Alternate the loop with and without capture, output to a file; then count what `capture logs` prints."""
    bare, ours, ready = [], [], []
    for _ in range(5):
        with fresh_store() as environ:
            bare.append(float(_narration(LOOP, environ)[-1]))
            words = _narration(START + LOOP, environ)
            ours.append(float(words[-1]))
            ready.append(_until_readable(words[0], environ))
    extra = [a - b for a, b in zip(ours, bare, strict=True)]
    beside = f"the same loop without capture {number(sorted(bare)[2])} µs a line"
    return [
        figure("printed line, over no capture", extra, "µs", 1.5, baseline=beside),
        figure(f"end of script to `capture logs` of {LINES:,} lines", ready, "s", 1.0, baseline=beside),
    ]


def _narration(code: str, environ: dict[str, str]) -> list[str]:
    """Run a script with stdout in a file and return the words it wrote to stderr."""
    with tempfile.TemporaryDirectory() as folder, Path(folder, "out").open("wb") as out:
        script = Path(folder, "script.py")
        script.write_text(code)
        done = subprocess.run([sys.executable, str(script)], env=environ, stdout=out, stderr=subprocess.PIPE, text=True)
    return done.stderr.split()


def _until_readable(task: str, environ: dict[str, str]) -> float:
    start = time.perf_counter()
    logs = subprocess.run([sys.executable, "-m", "capture.cli", "logs", task], env=environ, capture_output=True)
    spent = time.perf_counter() - start
    kept = logs.stdout.count(b"\n")
    if kept != LINES:
        raise RuntimeError(f"capture logs printed {kept} of {LINES} lines: {logs.stderr.decode()}")
    return spent
