"""How busy this machine is, at this moment.

For a recorder, which keeps it in the store (``store.hosts``), and for a dashboard that shows the machine it runs on.
Knows neither tables nor tasks.
"""

from __future__ import annotations

import os
from pathlib import Path

from .records import Load

CPU, SHARE = 10.0, 0.02
"""Percent of the processors (or of a GPU), and share of memory or disk, that make a difference."""
_LOOK = 0.2
"""Seconds over which the processors are watched."""


def load(folder: Path) -> Load:
    """Return the load of this machine and of the disk a folder is on, or would be; takes a fifth of a second."""
    import psutil

    cpu = psutil.cpu_percent(_LOOK)
    there = next(path for path in (folder, *folder.parents) if path.exists())
    memory, disk = psutil.virtual_memory(), psutil.disk_usage(os.fspath(there))
    return Load(cpu, memory.total - memory.available, memory.total, disk.free, disk.used + disk.free)


def differs(a: Load | None, b: Load | None) -> bool:
    """Whether a load says something new beside another."""
    if a is None or b is None:
        return a is not b
    pairs = ((a.memory_used, b.memory_used, b.memory_total), (a.disk_free, b.disk_free, b.disk_total))
    return abs(a.cpu - b.cpu) > CPU or any(abs(x - y) > SHARE * whole for x, y, whole in pairs)
