"""What goes on in the demo's store while one looks: tasks train until they end or are aborted, an agent runs others.

The agent is one row of the store and claims from the queue ``default``. All of it is one thread; whatever goes wrong
there ends the liveliness, not the dashboard.
"""

from __future__ import annotations

import logging
import os
import threading
import time
import uuid
from typing import Any

from store import queues, who
from store.engine import Store, open_store
from store.errors import LabtopError
from store.ingest import ingest
from store.paths import Location
from store.queries import details
from store.records import Claim, WorkerRow

from .training import HOST, Training

PACE = 1.0
"""Seconds between two looks."""
AGENT, QUEUE = "demo", "default"
EPOCHS, SECONDS = 60, 1.0
"""How long a task that the agent runs takes: epochs, and seconds an epoch."""
log = logging.getLogger("tui.demo")


class Living:
    """The thread.

    Args:
        location: the store.
        trainings: what is under way.
    """

    def __init__(self, location: Location, trainings: list[Training]) -> None:
        self._location = location
        self._trainings = trainings
        self._mine: Training | None = None
        self._worker = uuid.uuid4().hex
        self._by = f"{who.user()}@{HOST}"
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="demo", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it, and wait for what it is writing."""
        self._stopping.set()
        self._thread.join(5)

    def _run(self) -> None:
        try:
            with open_store(self._location, create=False) as store:
                now = time.time()
                row = WorkerRow(self._worker, AGENT, HOST, who.user(), os.getpid(), [QUEUE], None, "idle", now, now)
                queues.register(store, row)
                while not self._stopping.wait(PACE):
                    self._look(store)
        except LabtopError as error:
            log.warning("the demo stands still: %s", error)

    def _look(self, store: Store) -> None:
        held = (self._mine.task, self._mine.execution) if self._mine else None
        queues.beat(store, self._worker, held, "running" if held else "idle")
        if self._mine is None:
            claim = queues.claim(store, self._worker, [QUEUE], self._by)
            if claim is not None:
                self._mine = self._begin(store, claim)
                self._trainings.append(self._mine)
        for training in list(self._trainings):
            self._go_on(store, training)

    def _begin(self, store: Store, claim: Claim) -> Training:
        with store.read() as connection:
            detail = details.detail(connection, claim.task)
        values: dict[str, Any] = {row.key: row.value for row in detail.parameters}
        name, rate = detail.row.name, _number(values.get("Args/lr"), 0.05)
        epochs = int(_number(values.get("Args/epochs"), EPOCHS))
        training = Training(claim.task, name, rate, max(epochs, 1), time.time(), SECONDS, claim.execution)
        ingest(store, [training.first(training.start(), str(values.get("Args/model", "a model")))], self._by)
        return training

    def _go_on(self, store: Store, training: Training) -> None:
        due = int((time.time() - training.now) / training.pace)
        if not due:
            return
        taken = ingest(store, [training.train(due)], self._by)[0]
        if taken.outcome != "stored":  # reset, deleted or settled by somebody
            self._forget(training)
        elif taken.abort_requested:
            self._end(store, training, "aborted")
        elif training.diverged:
            self._end(store, training, "failed", "FloatingPointError: loss is NaN")
        elif training.epoch >= training.epochs:
            self._end(store, training, "completed")

    def _end(self, store: Store, training: Training, status: str, reason: str = "") -> None:
        ingest(store, [training.end(status, reason)], self._by)
        self._forget(training)

    def _forget(self, training: Training) -> None:
        self._trainings.remove(training)
        if training is self._mine:
            self._mine = None


def _number(text: str | None, default: float) -> float:
    try:
        return min(max(float(text or ""), 1e-6), 1e6)
    except ValueError:
        return default
