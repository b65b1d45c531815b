"""A training that never took place: its curves and its console, handed over as the recorder hands over a script's.

Both follow from the task's name and its learning rate, so that a clone with another rate looks like one. What it does
not do: open the store.
"""

from __future__ import annotations

import math
import random
import uuid
from collections.abc import Sequence
from typing import Any

from store import figures
from store.records import Batch, Event, Line, Plot, Points, Position

HOST = "gpu1"
STEPS = 25
"""Training steps of an epoch."""
NAMES = ("cat", "dog", "frog", "ship")


class Training:
    """A task's script, epoch after epoch.

    Args:
        task: its id.
        name: its name; the noise follows from it.
        rate: the learning rate; from 0.2 on it diverges.
        epochs: how many it would run.
        began: when it was started.
        pace: seconds an epoch takes.
        execution: the execution it writes for; 0 for a task that its own start makes.
    """

    def __init__(
        self, task: str, name: str, rate: float, epochs: int, began: float, pace: float, execution: int = 0
    ) -> None:
        self.task, self.name, self.rate, self.epochs = task, name, rate, epochs
        self.began, self.pace = began, pace
        self.execution = execution
        self.epoch = 0
        self.claimed = execution > 0
        self._writer = uuid.uuid4().hex[:16]
        self._position = Position(0, 0)
        self._noise = random.Random(name)

    @property
    def now(self) -> float:
        """When its last epoch ended."""
        return self.began + self.epoch * self.pace

    @property
    def diverged(self) -> bool:
        """Whether its loss is no number any more."""
        return self.rate >= 0.2 and self.epoch >= 12

    def start(self, project: str = "", tags: Sequence[str] = (), user: str = "") -> Event:
        """Return the event that begins its records."""
        event: Event = {"e": "start", "task": self.task, "mode": "claimed" if self.claimed else "new"}
        event |= {"project": project, "name": self.name, "tags": list(tags), "user": user, "host": HOST}
        return event | {"execution": self.execution or None, "time": self.began}

    def end(self, status: str, reason: str = "") -> Batch:
        """Return its last words."""
        lines = [Line(self.now, "err", 0, reason)] if reason else []
        return self._batch([{"e": "end", "status": status, "reason": reason, "time": self.now}], lines=lines)

    def first(self, start: Event, model: str) -> Batch:
        """Return what it says when it starts."""
        given = {"model": (model, "str"), "lr": (f"{self.rate:g}", "float"), "epochs": (str(self.epochs), "int"),
                 "batch-size": ("128", "int"), "amp": ("False", "bool")}  # fmt: skip
        values = {
            f"Args/{key}": {"value": value, "type": kind, "description": ""} for key, (value, kind) in given.items()
        }
        network = {"e": "configuration", "name": "net", "text": '{"momentum": 0.9, "nesterov": true}', "type": "json"}
        events = [start] if self.claimed else [start, {"e": "parameters", "values": values}, network]
        said = f"{model}: 11.2 M parameters, 128 pictures a step, lr {self.rate:g}"
        return self._batch(events, lines=[Line(self.began, "out", 0, said)])

    def train(self, epochs: int) -> Batch:
        """Return the records of the next epochs."""
        scalars = {key: Points() for key in (("loss", "train"), ("loss", "val"), ("accuracy", "val"))}
        lines = []
        for _ in range(min(epochs, self.epochs - self.epoch)):
            self.epoch += 1
            loss, accuracy = self._epoch(scalars)
            lines.append(Line(self.now, "out", 0, f"epoch {self.epoch:3}/{self.epochs}  loss {loss:.4f}  "
                              f"val accuracy {accuracy:.3f}"))  # fmt: skip
        progress = {"e": "progress", "value": 100 * self.epoch / self.epochs}
        return self._batch([progress], scalars, lines, [self._confusion()] if self.epoch >= self.epochs else [])

    def _epoch(self, scalars: dict[tuple[str, str], Points]) -> tuple[float, float]:
        gauss = self._noise.gauss
        loss = decay = 0.0
        for step in range((self.epoch - 1) * STEPS, self.epoch * STEPS):
            decay = math.exp(-step * self.rate / 60)
            loss = math.nan if self.diverged else 0.18 + 2.1 * decay + gauss(0, 0.05 + 0.1 * decay)
            _add(scalars["loss", "train"], step, self._at(step), loss)
        accuracy = 0.94 - 0.84 * decay + gauss(0, 0.006)
        _add(scalars["loss", "val"], step, self.now, 0.24 + 2.0 * decay + gauss(0, 0.02))
        _add(scalars["accuracy", "val"], step, self.now, accuracy)
        return loss, accuracy

    def _at(self, step: int) -> float:
        return self.began + (step + 1) / STEPS * self.pace

    def _confusion(self) -> Plot:
        rows = [
            [self._noise.randint(80, 99) if i == j else self._noise.randint(0, 9) for j in range(4)] for i in range(4)
        ]
        trace: dict[str, Any] = {"type": "heatmap", "x": list(NAMES), "y": list(NAMES), "z": rows}
        figure = {"data": [trace], "layout": {"title": "confusion"}}
        return Plot(
            "confusion", "val", self.epoch * STEPS - 1, self.now, figures.types_of(figure), figures.pack(figure)
        )

    def _batch(
        self, events: list[Event], scalars: dict[tuple[str, str], Points] | None = None, lines: Sequence[Line] = (),
        plots: Sequence[Plot] = (),
    ) -> Batch:  # fmt: skip
        old = self._position
        self._position = Position(0, old.offset + 1)
        count = len(events) + len(lines) + sum(len(points) for points in (scalars or {}).values())
        return Batch(
            self._writer, self.task, self.execution, True, HOST, old, self._position, {}, scalars or {}, list(lines),
            events, count, list(plots),
        )  # fmt: skip


def _add(points: Points, step: int, at: float, value: float) -> None:
    points.iterations.append(step)
    points.times.append(at)
    points.values.append(value)
