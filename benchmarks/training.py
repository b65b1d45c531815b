"""A training loop with five scalars a step: the caller's time and the whole loop, alternating with the bare loop."""

from __future__ import annotations

import json
import statistics

from .measure import Figure, figure, fresh_store, number, python

PAIRS = 30
CODE = f"""
import json, time
from capture import Task
task = Task.init(project_name="bench", task_name="training", reuse_last_task_id=False)
log = task.get_logger().report_scalar
work = bytearray(400_000)
def step():
    return sum(work[::40]) + sum(work[::41]) + sum(work[::43])
def loop(report, steps=200):
    spent = 0
    a = time.perf_counter()
    for i in range(steps):
        step()
        if report:
            b = time.perf_counter()
            log("loss", "train", 0.5, i); log("loss", "val", 0.6, i); log("acc", "train", 0.7, i)
            log("acc", "val", 0.8, i); log("lr", "lr", 0.1, i)
            spent += time.perf_counter() - b
    return time.perf_counter() - a, spent / steps * 1e6
loop(True, 20)
pairs = []
for _ in range({PAIRS}):
    bare, _n = loop(False); ours, cost = loop(True)
    pairs.append([ours / bare, cost, bare / 200 * 1000])
print(json.dumps(pairs))
"""


def run() -> list[Figure]:
    """Run the pairs in one process; buffers are reused, so that page faults do not favour either side."""
    with fresh_store() as environ:
        pairs = json.loads(python(CODE, environ))
    beside = f"a bare step of {number(statistics.median(p[2] for p in pairs))} ms"
    return [
        figure("caller time, a step with 5 scalars", [p[1] for p in pairs], "µs", 12, baseline=beside),
        figure("whole training loop", [p[0] for p in pairs], "x", 1.03, baseline=beside),
    ]
