"""The samples tab: the pictures and other files that the script reported for a look, one of them beside their list.

A key shows the chosen picture in its own pixels, by the terminal's graphics: over the whole terminal, for as long as
the dashboard does not draw.
"""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual.binding import BindingType

from store.errors import LabtopError
from store.records import TaskDetail
from tui import external
from tui import format as form
from tui.keymap import bindings
from tui.pictures.decode import Unreadable
from tui.pictures.draw import drawn
from tui.pictures.graphics import still
from tui.pictures.terminal import room
from tui.plots.painter import Painter, View
from tui.task_data import TaskSource
from tui.widgets.bar import labtop_of
from tui.widgets.samples import Samples

from .base import TaskPane

BACK = "any key goes back"


class Pane(Samples, TaskPane):
    """The debug samples of the task."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("samples")]
    blank = (
        "No debug samples yet. logger.report_image and report_media keep pictures and other files, and pictures are "
        "drawn here as soon as the script calls them."
    )

    def __init__(self, source: TaskSource, *, id: str) -> None:
        Samples.__init__(self, Painter(source.sample, drawn), id=id)

    def take(self, detail: TaskDetail) -> None:
        """Show its debug samples."""
        self.show_plots(detail.samples)

    def action_view(self) -> None:
        """Show the chosen picture in its own pixels until the next key."""
        view = self._view()
        if view is not None:
            self.run_worker(self._look(view), group="view", exclusive=True)

    async def _look(self, view: View) -> None:
        """Show a picture, unless one has gone elsewhere while it was read."""
        app = labtop_of(self)
        try:
            here = room(external.terminal(app))
            sample, line = await self.painter.payload(view), self._below(view, here.columns)
            made = await asyncio.to_thread(still, sample, line, here, app.user_settings.graphics)
            if self.has_focus and self.screen.is_current:
                external.show(app, *made)
        except (LabtopError, Unreadable) as error:
            self.post_message(self.Refused(str(error)))

    def _below(self, view: View, columns: int) -> bytes:
        name = f"{view.title}/{view.series}" if view.series else view.title
        what = form.fit(f"{name}  iteration {view.iteration}", columns - len(BACK) - 3, ascii_only=self.look.ascii)
        return f"{what.rstrip()}  {BACK}".encode("ascii" if self.look.ascii else "utf-8", "replace")
