"""The system tab: charts of the machine's load while the task ran."""

from __future__ import annotations

from typing import ClassVar

from . import scalars


class Pane(scalars.Pane):
    """The charts of the machine."""

    NOTHING: ClassVar[str] = "No samples of the machine yet. The recorder takes them while the task runs."
    OVER: ClassVar[str] = "No samples of the machine: the task ended before one was taken."
    MACHINE: ClassVar[bool] = True
