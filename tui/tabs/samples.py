"""The samples tab: the pictures and other files that the script reported for a look, one of them beside their list."""

from __future__ import annotations

from store.records import TaskDetail
from tui.pictures.draw import drawn
from tui.plots.painter import Painter
from tui.task_data import TaskSource
from tui.widgets.samples import Samples

from .base import TaskPane


class Pane(Samples, TaskPane):
    """The debug samples of the task."""

    blank = (
        "No debug samples yet. logger.report_image and report_media keep pictures and other files, and pictures are "
        "drawn here as soon as the script calls them."
    )

    def __init__(self, source: TaskSource, *, id: str) -> None:
        Samples.__init__(self, Painter(source.sample, drawn), id=id)

    def take(self, detail: TaskDetail) -> None:
        """Show its debug samples."""
        self.show_plots(detail.samples)
