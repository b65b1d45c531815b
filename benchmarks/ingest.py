"""A million points from one script: seconds until they are all in the store, and bytes a point on disk."""

from __future__ import annotations

import time
from pathlib import Path

from .measure import Figure, figure, fresh_store, number, python, stop_recorders

POINTS = 1_000_000
CODE = f"""
import math, random, struct
from capture import Task
task = Task.init(project_name="bench", task_name="ingest", reuse_last_task_id=False)
log = task.get_logger().report_scalar
rng = random.Random(1)
values = [struct.unpack("f", struct.pack("f", math.exp(-i / 4000) + rng.random() / 50))[0] for i in range(10_000)]
import time
print(time.time(), flush=True)
for i in range({POINTS} // 4):
    v = values[i % 10_000]
    log("loss", "train", v, i); log("loss", "val", v, i); log("acc", "train", v, i); log("acc", "val", v, i)
print(time.time(), flush=True)
"""
RAW = f"""
import sqlite3, time
db = sqlite3.connect("raw.db"); db.execute("pragma journal_mode=wal")
db.execute("create table p (task text, series int, i int, t real, v real, primary key (task, series, i)) without rowid")
rows = [(s, i) for s in range(4) for i in range({POINTS} // 4)]
a = time.perf_counter()
with db:
    db.executemany("insert into p values ('x', ?, ?, 0.5, 0.5)", rows)
print({POINTS} / (time.perf_counter() - a))
"""


def run() -> list[Figure]:
    """Count from the first call until a reader sees the last point; beside rows inserted by the raw driver."""
    rates, sizes, raw = [], [], []
    for _ in range(3):
        with fresh_store() as environ:
            raw.append(float(python(RAW, environ)))
            began = float(python(CODE, environ).split()[0])
            rates.append(POINTS / (_durable(environ["CAPTURE_STORE"]) - began))
            stop_recorders(environ["CAPTURE_STORE"])
            sizes.append(Path(environ["CAPTURE_STORE"], "store.db").stat().st_size / POINTS)
    beside = f"raw sqlite3 rows {number(sorted(raw)[1])} points/s"
    return [
        figure("1 M points until durable in the store", rates, "points/s", 300_000, baseline=beside, at_least=True),
        figure("bytes a point in the store", sizes, "B", 10, baseline="24 B uncompressed"),
    ]


def _durable(home: str) -> float:
    import sqlalchemy as sa

    from store.engine import open_store
    from store.tables import task_metric

    with open_store(home, read_only=True) as store:
        for _ in range(6000):
            with store.read() as connection:
                seen = connection.execute(
                    sa.select(sa.func.sum(task_metric.c.n)).where(task_metric.c.title.not_like(":monitor:%"))
                ).scalar()
            if seen == POINTS:
                return time.time()
            time.sleep(0.01)
    raise RuntimeError(f"only {seen} of {POINTS} points after a minute")
