"""The dashboard in a pseudo-terminal of 160x48: first paint, first rows, report to screen, bytes of a change."""

from __future__ import annotations

import statistics
import subprocess
import sys

from .measure import Figure, figure, fresh_store, number, python, wall
from .terminal import NEEDLES, TUI, first, terminal

LIVE = """
import sys
from capture import Task
task = Task.init(project_name="bench", task_name="live one", reuse_last_task_id=False)
print(task.id, flush=True)
for line in sys.stdin:
    task.get_logger().report_scalar("loss", "train", 0.5, int(line))
"""
STOCK = """
from textual.app import App
from textual.widgets import Static
class Bare(App):
    def compose(self):
        yield Static("needle")
Bare().run()
"""


def run() -> list[Figure]:
    """Open the dashboard on 1,000 tasks a few times, beside what it is made of; then on one live task."""
    with fresh_store() as environ:
        python(NEEDLES, environ, "1000")
        figures = _starts(environ)
    with fresh_store() as environ:
        seen: dict[str, list[tuple[float, float]]] = {"": [], "stock": []}
        for switch in ("", "stock") * 2:
            seen[switch] += _live(environ, switch)
    (waits, ours), (_, stock) = (tuple(zip(*seen[switch], strict=True)) for switch in seen)
    return [
        *figures,
        figure("report_scalar to screen", waits, "s", 1, baseline="tick 0.25 s"),
        figure("bytes, one change of a live task", ours, "B", 3864,
               baseline=f"Textual by itself {number(statistics.median(stock))} B"),
    ]  # fmt: skip


def _starts(environ: dict[str, str]) -> list[Figure]:
    """Start every program in turn, seven times."""
    timed: list[list[float]] = [[] for _ in range(7)]
    stock, paint, rows, helps, cli_helps, lists, bare = timed
    capture = [sys.executable, "-m", "capture.cli"]
    for _ in range(7):
        stock.append(first([sys.executable, "-c", STOCK], environ, b"needle") * 1000)
        paint.append(first(TUI, environ, b"opening") * 1000)
        rows.append(first(TUI, environ, b"needle") * 1000)
        bare.append(wall([sys.executable, "-c", "pass"], environ) * 1000)
        helps.append(wall([*TUI, "--help"], environ) * 1000)
        cli_helps.append(wall([*capture, "--help"], environ) * 1000)
        lists.append(wall([*capture, "list"], environ))
    beside = f"a bare Textual app {number(statistics.median(stock))} ms"
    plain = f"bare Python {number(statistics.median(bare))} ms"
    return [
        figure("first paint", paint, "ms", 300, baseline=beside),
        figure("first rows, 1,000 tasks", rows, "ms", 900, baseline=beside),
        figure("tui --help", helps, "ms", 60, baseline=plain),
        figure("capture --help", cli_helps, "ms", 60, baseline=plain),
        figure("capture list, 1,000 tasks", lists, "s", 0.6, baseline=plain),
    ]


def _live(environ: dict[str, str], switch: str) -> list[tuple[float, float]]:
    """Have a script report iterations on demand; return how long each took to be seen, and how many bytes it took."""
    command, pipe = [sys.executable, "-c", LIVE], subprocess.PIPE
    child = subprocess.Popen(command, env=environ, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True)
    assert child.stdin is not None and child.stdout is not None
    child.stdout.readline()
    seen: list[tuple[float, float]] = []
    with terminal(TUI, environ, switch=switch) as opened:
        opened.wait_for(b"live one")
        for iteration in range(1111, 10000, 1111):  # every digit changes: only what changed is sent
            opened.read(0.7)
            before = len(opened.seen)
            child.stdin.write(f"{iteration}\n")
            child.stdin.flush()
            seconds = opened.wait_for(str(iteration).encode(), before)
            seen.append((seconds, len(opened.seen) - before))
    child.kill()
    child.wait()
    return seen
