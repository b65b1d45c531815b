"""What there is to tell of a user's tasks (``queries.news``): plain data, standard library only."""

from __future__ import annotations

from typing import NamedTuple


class Ended(NamedTuple):
    """A task that was Running and no longer is; ``status`` is what it became, ``reason`` why."""

    task: str
    name: str
    project: str
    status: str
    reason: str


class NotFinite(NamedTuple):
    """A metric of a Running task whose last value is NaN or infinite."""

    task: str
    name: str
    project: str
    execution: int
    title: str
    series: str
    value: float
    iteration: int
