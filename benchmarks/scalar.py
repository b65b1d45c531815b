"""report_scalar: nanoseconds a call, beside a raw 64-byte write() of the same process and the peers' calls."""

from __future__ import annotations

import json

from .measure import Figure, figure, fresh_store, number, python
from .peers import peer_scalar_costs

CALLS = 200_000
CODE = f"""
import json, os, sys, time
from capture import Task
task = Task.init(project_name="bench", task_name="scalar", reuse_last_task_id=False)
report = task.get_logger().report_scalar
fd = os.open("raw", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
line = b"x" * 64
def spans(call):
    clock = time.perf_counter_ns
    out = []
    for i in range({CALLS}):
        a = clock(); call(i); out.append(clock() - a)
    out.sort()
    return out[len(out) // 2], out[int(len(out) * 0.99)]
write = os.write
spans(lambda i: report("warm", "up", 0.5, i))
empty = spans(lambda i: None)[0]
calls = [lambda i: write(fd, line), lambda i: report("loss", "train", 0.5, i)]
turn = -1 if sys.argv[1] == "1" else 1
raw, ours = [spans(call) for call in calls[::turn]][::turn]
print(json.dumps([empty, raw, ours]))
"""


def run() -> list[Figure]:
    """Measure in six processes that take turns in what comes first; the cost of the empty call is taken off all."""
    rows = []
    for turn in range(6):
        with fresh_store() as environ:
            rows.append(json.loads(python(CODE, environ, str(turn % 2))))
    raw = [(r[0] - e) / 1000 for e, r, _ in rows]
    ours = [(o[0] - e) / 1000 for e, _, o in rows]
    tail = [(o[1] - e) / 1000 for e, _, o in rows]
    ratios = [o / r for o, r in zip(ours, raw, strict=True)]
    middle = sorted(raw)[len(raw) // 2]
    beside = f"raw write() of 64 bytes {number(middle)} µs" + peer_scalar_costs()
    return [
        figure("report_scalar p50", ours, "µs", 1.5, baseline=beside),
        figure("report_scalar p99", tail, "µs", 10, baseline=beside),
        figure("report_scalar over raw write()", ratios, "x", 1.6, baseline=f"{number(middle)} µs"),
    ]
