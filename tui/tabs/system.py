"""The system tab: charts of the machine's load while the task ran, one for each thing that is measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from store.records import MetricRow
from tui import machine

from . import scalars


class Pane(scalars.Pane):
    """The charts of the machine."""

    NOTHING: ClassVar[str] = "No samples of the machine yet. The recorder takes them while the task runs."
    OVER: ClassVar[str] = "No samples of the machine: the task ended before one was taken."
    MACHINE: ClassVar[bool] = True

    def charted(self, metrics: Sequence[MetricRow]) -> Sequence[MetricRow]:
        """Have what is measured alike in one chart, however it is recorded."""
        return machine.charted(metrics)
