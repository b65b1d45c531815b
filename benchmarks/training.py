"""A training loop of 1.25 ms steps with five scalars each: the caller's time and the whole loop over the bare one.

The step is as long as the one that the aim of 1.03x and the peers' figures were measured with. In a step of a tenth of
that, the five calls are 3 % by themselves, and the figure says nothing that the caller's time does not. Pairs take
turns in which comes first, so that a machine that slows down favours neither.
"""

from __future__ import annotations

import json
import statistics

from .measure import Figure, figure, fresh_store, number, python

PAIRS = 30
STEPS = 100
CODE = f"""
import json, time
from capture import Task
task = Task.init(project_name="bench", task_name="training", reuse_last_task_id=False)
log = task.get_logger().report_scalar
work = bytearray(400_000)
def step():
    for _ in range(11):
        sum(work[::40]) + sum(work[::41]) + sum(work[::43])
def loop(report, steps={STEPS}):
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
for turn in range({PAIRS}):
    ours_first = turn % 2
    first, second = loop(ours_first), loop(not ours_first)
    (bare, _none), (ours, cost) = (second, first) if ours_first else (first, second)
    pairs.append([ours / bare, cost, bare / {STEPS} * 1000])
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
