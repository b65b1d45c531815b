"""Why a Pending task waits, in one sentence that says what would help. Standard library only; knows rows, no tables."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence

from .records import WorkerRow

ASKED = {"draining": "is draining and takes no more tasks", "stopping": "is stopping"}
"""What a worker that was asked to end is doing, by its state."""


def why(queue: str, ahead: Sequence[str], workers: Sequence[WorkerRow], named: Callable[[str], str], now: float) -> str:
    """Return the sentence.

    Args:
        queue: the queue's name.
        ahead: the ids of the tasks that stand before it, the first to be claimed first.
        workers: every worker there is.
        named: what sentences call a task, by its id.
        now: the time.
    """
    serving = [worker for worker in workers if queue in worker.queues]
    living = [worker for worker in serving if not worker.lost(now)]
    taking = [worker for worker in living if worker.state not in ASKED]
    start = f"`capture agent --queue {shlex.quote(queue)}` starts"
    if not serving:
        return f"No agent serves this queue: {start} one."
    if not living:
        return f"{_all(serving, 'was lost', 'were lost')}: {start} another."
    if not taking:
        return f"{_all(living, ASKED[living[0].state], 'are draining or stopping')}: {start} another."
    free = [worker for worker in taking if worker.task is None]
    place = f"it is {ordinal(len(ahead) + 1)}, behind {named(ahead[-1])}" if ahead else "it is the next"
    if free:
        return f"{free[0].name} is free and claims within seconds; {place}."
    busy = " and ".join(f"{worker.name} with {named(worker.task or '')}" for worker in taking[:2])
    others = f" and {len(taking) - 2} more" if len(taking) > 2 else ""
    who = "Its agent is busy" if len(taking) == 1 else f"All {len(taking)} agents of it are busy"
    return f"{who}: {busy}{others}; {place}."


def _all(workers: Sequence[WorkerRow], one: str, several: str) -> str:
    return f"Its agent {workers[0].name} {one}" if len(workers) == 1 else f"All {len(workers)} agents of it {several}"


def ordinal(number: int) -> str:
    """Return ``1st``, ``2nd``, ``11th``."""
    ending = "th" if number // 10 % 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
