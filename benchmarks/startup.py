"""What capture adds to a script's start and end: import, Task.init, a whole hello."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from .measure import Figure, figure, fresh_store, number, python, stop_recorders, wall

IMPORT = "import time; a = time.perf_counter(); import capture; print((time.perf_counter() - a) * 1000)"
INIT = """
import time
from capture import Task
a = time.perf_counter()
task = Task.init(project_name="bench", task_name="init", reuse_last_task_id=False)
print((time.perf_counter() - a) * 1000)
"""
BARE = "for i in range(10):\n    print(i)\n"
HELLO = f"""
from capture import Task
task = Task.init(project_name="bench", task_name="hello", reuse_last_task_id=False)
for i in range(10):
    task.get_logger().report_scalar("loss", "train", 1 / (i + 1), i)
{BARE}
"""


def run() -> list[Figure]:
    """Measure each in fresh processes; the warm ones with a recorder that is already there."""
    bare: list[float] = []
    imports: list[float] = []
    warm: list[float] = []
    warm_hello: list[float] = []
    with fresh_store() as environ:
        python(HELLO, environ)
        for _ in range(15):
            bare.append(wall([sys.executable, "-c", "print()"], environ) * 1000)
            imports.append(float(python(IMPORT, environ)))
            warm.append(float(python(INIT, environ)))
            warm_hello.append(_seconds(HELLO, environ) - _seconds(BARE, environ))
    first, cold, cold_hello = [], [], []
    for _ in range(7):
        with fresh_store() as environ:
            first.append(float(python(INIT, environ)))
            stop_recorders(environ["CAPTURE_STORE"])
            cold.append(float(python(INIT, environ)))
            stop_recorders(environ["CAPTURE_STORE"])
            cold_hello.append(_seconds(HELLO, environ) - _seconds(BARE, environ))
    beside = f"bare Python {number(statistics.median(bare))} ms"
    return [
        figure("import capture, over bare Python", imports, "ms", 15, baseline=beside),
        figure("Task.init, recorder running", warm, "ms", 5, baseline=beside),
        figure("Task.init, no recorder running", cold, "ms", 15, baseline=beside),
        figure("Task.init, the first ever (it makes the store's folders)", first, "ms", 15, baseline=beside),
        figure("hello over the bare script, warm", _ms(warm_hello), "ms", 60, baseline=beside),
        figure("hello over the bare script, cold", _ms(cold_hello), "ms", 120, baseline=beside),
    ]


def _ms(seconds: list[float]) -> list[float]:
    return [value * 1000 for value in seconds]


def _seconds(code: str, environ: dict[str, str]) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], env=environ, check=True, capture_output=True)
    return time.perf_counter() - start
