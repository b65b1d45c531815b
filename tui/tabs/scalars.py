"""The scalars tab: charts of what the script reported."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from store.lifecycle import FINAL
from store.records import MONITOR, MetricRow, TaskDetail
from tui.columns import metric_name
from tui.export.series import Series
from tui.task_data import TaskSource
from tui.widgets.scalars import Charts

from .base import TaskPane

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection


class Pane(Charts, TaskPane):
    """The script's charts; ``MACHINE`` says whether they are the machine's instead."""

    NOTHING: ClassVar[str] = "No scalars yet. logger.report_scalar(title, series, value, iteration) draws them here."
    OVER: ClassVar[str] = NOTHING
    """What is said of a task that is over."""
    MACHINE: ClassVar[bool] = False

    def __init__(self, source: TaskSource, *, id: str) -> None:
        Charts.__init__(self, source, self.NOTHING, id=id)
        self.source = source
        self._of = ""
        self._names: dict[int, str] = {}

    def beside(self, connection: Connection, detail: TaskDetail) -> None:
        """Read what the charts in sight will be drawn of, if they are drawn at once."""
        if not self.listed and self.rest <= 0:
            self.painter.read_ahead(detail.metrics, partial(self.source.courses_by, connection))

    def take(self, detail: TaskDetail) -> None:
        """Show its series."""
        self.say_blank(self.OVER if detail.row.status in FINAL else self.NOTHING)
        self._of = detail.row.name
        own = [metric for metric in detail.metrics if metric.title.startswith(MONITOR) is self.MACHINE]
        self._names = {metric.number: metric_name((metric.title, metric.series)) for metric in own}
        self.show_metrics(self.charted(own), detail.row.started or detail.row.created, detail.row.project)

    def charted(self, metrics: Sequence[MetricRow]) -> Sequence[MetricRow]:
        """Return series with the chart they stand in as title: by themselves, the one they were reported with."""
        return metrics

    def series_of(self, metric: MetricRow) -> Series:
        """A series of the task, as it was recorded."""
        name = self._names[metric.number]
        return Series(self.source.task, self._of, metric.number, self.source.origin, name, metric.series)
