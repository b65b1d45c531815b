"""Numbers, times and states in the words of a terminal. Pure functions; nothing is read or printed here."""

from __future__ import annotations

import math
from datetime import datetime

from store.lifecycle import Status
from store.text import counted as counted

GLYPHS = {
    Status.DRAFT: ("○", ""),
    Status.PENDING: ("◷", "yellow"),
    Status.RUNNING: ("▶", "blue"),
    Status.COMPLETED: ("✔", "green"),
    Status.FAILED: ("✖", "red"),
    Status.ABORTED: ("■", "dark_orange"),
    Status.PUBLISHED: ("★", "magenta"),
}


def short(task: str) -> str:
    """Return the part of an id that people read."""
    return task[:8]


def number(value: float | None) -> str:
    """Return a value in at most six significant digits; NaN and infinities as words, None as nothing."""
    if value is None:
        return ""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return f"{value:.6g}"


def percent(progress: float | None) -> str:
    """Return a progress value as on screens."""
    return "" if progress is None else f"{min(int(progress), 100)}%"


def age(seconds: float) -> str:
    """Return a length of time in its largest unit: ``42s 5m 3h 12d``."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size:
            return f"{int(seconds // size)}{unit}"
    return f"{max(int(seconds), 0)}s"


def local_time(seconds: float | None) -> str:
    """Return a time for people, in their own time zone."""
    return "" if seconds is None else datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M:%S")


def size(count: float) -> str:
    """Return a number of bytes with a unit."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1024:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} TiB"
