"""How busy this machine is, at this moment.

For a recorder, which keeps it in the store (``store.hosts``), and for a dashboard that shows the machine it runs on.
Knows neither tables nor tasks.
"""

from __future__ import annotations

import os
from pathlib import Path

import psutil

from .records import Load

_LOOK = 0.2
"""Seconds over which the processors are watched."""


def load(folder: Path) -> Load:
    """Return the load of this machine and of the disk a folder is on; takes a fifth of a second."""
    cpu = psutil.cpu_percent(_LOOK)
    memory, disk = psutil.virtual_memory(), psutil.disk_usage(os.fspath(folder))
    return Load(cpu, memory.total - memory.available, memory.total, disk.free, disk.used + disk.free)
