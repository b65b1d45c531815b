"""The plots tab: what the script reported as plots, one of them drawn beside their list."""

from __future__ import annotations

from store.records import TaskDetail
from tui.export.figures import Reported, of_plot
from tui.export.what import Export
from tui.plots.draw import drawn
from tui.plots.painter import Painter
from tui.task_data import TaskSource
from tui.widgets.plots import Plots

from .base import TaskPane


class Pane(Plots, TaskPane):
    """The plots of the task."""

    blank = (
        "No plots yet. logger.report_confusion_matrix, report_histogram, report_table and their like are drawn here as "
        "soon as the script calls them."
    )

    def __init__(self, source: TaskSource, *, id: str) -> None:
        Plots.__init__(self, Painter(source.figure, drawn), id=id)
        self.source = source
        self._owner = ""

    def take(self, detail: TaskDetail) -> None:
        """Show its plots."""
        self._owner = detail.row.name
        self.show_plots(detail.plots)

    def export(self) -> Export | str:
        """The chosen plot, at the iteration looked at."""
        plot = self.plot
        if plot is None:
            return "There is no plot to export yet."
        at = plot.iterations[self.at]
        return of_plot(Reported(self.source.task, self._owner, plot.title, plot.series, at, self.look.inks))
