"""Time and ids, the two things a reproducible store has to hold still.

All times are seconds since the epoch, UTC, as float. With ``CAPTURE_CLOCK`` set to an ISO time, optionally followed by
``+SECONDS``, the clock stands at that time and advances by that step at each reading, and ids follow from it: seeded
stores, snapshots and screenshots then come out the same every time.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime


def _frozen(setting: str) -> Callable[[], float]:
    start, _, step = setting.partition("+")
    base = datetime.fromisoformat(start).replace(tzinfo=UTC).timestamp()
    ticks = itertools.count()
    pace = float(step or 0)
    return lambda: base + pace * next(ticks)


_setting = os.environ.get("CAPTURE_CLOCK", "")
now: Callable[[], float] = _frozen(_setting) if _setting else time.time
_ids = itertools.count()


def new_id() -> str:
    """Return a new id of 32 hex characters."""
    if not _setting:
        return uuid.uuid4().hex
    return hashlib.blake2b(f"{_setting}/{next(_ids)}".encode(), digest_size=16).hexdigest()


def iso(seconds: float | None) -> str | None:
    """Return a time as ISO 8601 UTC (``2026-01-05T09:00:00.250Z``), None for None."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
