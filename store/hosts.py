"""Machines and who holds their GPUs, as the recorders on them see it.

Only recorders write here, and only what says something new, so that a store in which nothing happens stays as it is.
Several recorders of one host (one a user) see the same processes, but each knows the tasks of its own: what another
one knew is kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, replace

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from . import tables
from .engine import Store
from .load import CPU, SHARE, differs
from .records import STALE, GpuRow, Holder, HostRow, Load
from .text import json_object

AGAIN = 60.0
"""Seconds after which a sample that says nothing new is written all the same: it is still so."""
_LARGEST = 1e18
_H = tables.host.c


def note(store: Store, row: HostRow) -> bool:
    """Keep a sample of a machine, unless it says nothing new; return whether it was kept."""
    with store.read() as c:
        kept = next(iter(_rows(c, row.name)), None)
    if kept is not None and row.time - kept.time < STALE:
        row = replace(row, gpus=tuple(_joined(gpu, kept.gpus) for gpu in row.gpus))
        if row.time - kept.time < AGAIN and not _differs(row, kept):
            return False
    sample = json.dumps({"load": row.load and asdict(row.load), "gpus": [asdict(gpu) for gpu in row.gpus],
                         "problem": row.problem})  # fmt: skip
    with store.write() as tx:
        upsert = tables.upsert(tables.host, tx.connection.dialect.name)
        tx.execute(upsert, {"name": row.name, "time": row.time, "sample": sample})
        tx.notify()
    return True


def listing(c: Connection) -> list[HostRow]:
    """Return the machines by name, each as it was seen last."""
    return list(_rows(c))


def _joined(gpu: GpuRow, before: Iterable[GpuRow]) -> GpuRow:
    """Return a GPU with the tasks that another recorder has told of for the same processes."""
    tasks = {holder.pid: holder.task for other in before if other.index == gpu.index for holder in other.holders}
    holders = (replace(holder, task=holder.task or tasks.get(holder.pid, "")) for holder in gpu.holders)
    return replace(gpu, holders=tuple(holders))


# What makes a difference --------------------------------------------------------------------------------------------


def _differs(new: HostRow, old: HostRow) -> bool:
    if new.problem != old.problem or len(new.gpus) != len(old.gpus) or differs(new.load, old.load):
        return True
    return any(_changed(a, b) for a, b in zip(new.gpus, old.gpus, strict=True))


def _changed(a: GpuRow, b: GpuRow) -> bool:
    who = [{(holder.pid, holder.user, holder.task) for holder in gpu.holders} for gpu in (a, b)]
    if (a.index, a.name, who[0]) != (b.index, b.name, who[1]):
        return True
    memory = SHARE * (b.memory_total or 0.0)
    return _far(a.utilization, b.utilization, CPU) or _far(a.memory_used, b.memory_used, memory)


def _far(a: float | None, b: float | None, least: float) -> bool:
    return a is not b if a is None or b is None else abs(a - b) > least


# From rows ----------------------------------------------------------------------------------------------------------


def _rows(c: Connection, name: str | None = None) -> Iterable[HostRow]:
    wanted = sa.select(_H.name, _H.time, _H.sample).order_by(_H.name)
    for row in c.execute(wanted if name is None else wanted.where(_H.name == name)).all():
        found = json_object(row.sample)
        gpus = [_gpu(gpu) for gpu in _objects(found.get("gpus"))]
        yield HostRow(row.name, row.time, _load(found.get("load")), tuple(gpus), _text(found.get("problem")))


def _load(found: object) -> Load | None:
    numbers = [_number(found.get(name)) for name in Load.__slots__] if isinstance(found, dict) else []
    known = [number for number in numbers if number is not None]
    return Load(*known) if len(known) == len(Load.__slots__) else None


def _gpu(found: dict[str, object]) -> GpuRow:
    used, total = _number(found.get("memory_used")), _number(found.get("memory_total"))
    holders = tuple(_holder(holder) for holder in _objects(found.get("holders")))
    index, name = _whole(found.get("index")), _text(found.get("name"))
    return GpuRow(index, name, _number(found.get("utilization")), used, total, holders)


def _holder(found: dict[str, object]) -> Holder:
    user, task = _text(found.get("user")), _text(found.get("task"))
    return Holder(_whole(found.get("pid")), user, task, _number(found.get("memory")))


def _objects(found: object) -> list[dict[str, object]]:
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _number(found: object) -> float | None:
    if not isinstance(found, (int, float)):
        return None
    return float(found) if -_LARGEST < found < _LARGEST else None


def _whole(found: object) -> int:
    return found if isinstance(found, int) else 0


def _text(found: object) -> str:
    return found if isinstance(found, str) else ""
