"""The samples tab: the debug samples that several tasks reported under one name, at the same or the nearest iteration.

Read and drawn as on a task's own screen, a painter for each task; what there is no room for is scrolled to with the
chosen task. Here is only where the pictures stand and what is said of each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from rich.segment import Segment
from textual.binding import BindingType
from textual.strip import Strip

from tui import format as form
from tui.keymap import bindings
from tui.pictures.draw import drawn
from tui.plots.draw import Drawn
from tui.plots.painter import Painter, View
from tui.widgets.plots import Listed
from tui.widgets.samples import Samples, words_of

from . import table
from .base import ComparePane
from .matching import Grid, Matched, grid, matched, nearest
from .source import Compared, CompareSource, Member

Picture = tuple[View, Drawn]


class Pane(Samples, ComparePane, inherit_bindings=False):
    """The list of samples, and the chosen one of each task. Over the whole pane it is that of the chosen task."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("matched", "samples")]
    LEAST = 100
    blank = (
        "None of these tasks has debug samples. logger.report_image and report_media keep pictures and other files, "
        "and pictures of one name are drawn here side by side."
    )

    def __init__(self, source: CompareSource, *, id: str) -> None:
        Samples.__init__(self, _painter(source, ""), id=id)  # of no task, until they are known
        self.source = source
        self.compared: Compared | None = None
        self._painters: dict[str, Painter[Any]] = {}
        self._pictures: dict[str, Picture] = {}
        """What was last drawn, by the task's id."""
        self._first = 0

    # What is shown ----------------------------------------------------------------------------------------------

    def take(self, compared: Compared) -> None:
        """Show the tasks as they are now."""
        before, self.compared = self.compared, compared
        ids = [member.row.id for member in compared.members]
        self._painters = {task: self._painters.get(task) or _painter(self.source, task) for task in ids}
        self.painter = self._painters[ids[compared.chosen]]
        self.show_plots(matched(compared))
        if before is None or _headings(before) != _headings(compared):
            self._changed()

    @property
    def members(self) -> Sequence[Member]:
        """The tasks in sight, the chosen one among them."""
        if self.compared is None:
            return ()
        members, chosen = self.compared.members, self.compared.chosen
        if self.full:
            return members[chosen : chosen + 1]
        shown = self.grid.across * self.grid.down
        self._first = table.held(self._first, shown, chosen, len(members))
        return members[self._first : self._first + shown]

    @property
    def grid(self) -> Grid:
        """Where the pictures stand."""
        count = 1 if self.full or self.compared is None else len(self.compared.members)
        return grid(self.size.width - self.list_width, self.room, count)

    # Drawing ----------------------------------------------------------------------------------------------------

    def _view(self) -> View | None:
        return None if self.compared is None else self._view_of(self.compared.members[self.compared.chosen])

    def _view_of(self, member: Member) -> View | None:
        """What is to be drawn of a task; None if it has no such sample."""
        row, cells = self._matched.rows[member.place] if self.plots else None, self.grid
        if row is None or not self.size.width:
            return None
        at = nearest(row.iterations, self._matched.iterations[self.at])
        high = max(1, cells.high - 1 - (cells.down > 1))
        return View(row.title, row.series, at, row.time, cells.wide, high, self.terminal)

    @property
    def _matched(self) -> Matched:
        plot = self.plot
        assert isinstance(plot, Matched)
        return plot

    async def paint_in_sight(self) -> None:
        """Draw the sample of each task in sight, one after the other."""
        for member in self.members:
            view, task = self._view_of(member), member.row.id
            if view is not None:
                self._pictures[task] = view, await self.drawn_by(self._painters[task], view)
                self.refresh()
            if self._stale:  # something else is looked at by now
                return

    def _plot_row(self, y: int, width: int) -> Strip | list[Segment]:
        if y == 0:
            return self._title(width)
        cells = self.grid
        row, line = divmod(y - 1, cells.high)
        members = self.members[row * cells.across : (row + 1) * cells.across] if row < cells.down else ()
        made = [Strip(self._cell(member, line)).adjust_cell_length(cells.wide) for member in members]
        return Strip([segment for strip in made for segment in strip])

    def _title(self, width: int) -> list[Segment]:
        assert self.compared is not None
        members, away = self.members, len(self.compared.members) - len(self.members)
        said = "" if self.full or not away else f"   {table.span(self.compared, members)}, {away} not shown"
        return [*super()._title(width - len(said)), Segment(said, self.style("dim"))]

    def _cell(self, member: Member, line: int) -> list[Segment]:
        """A line of a task's cell: its name, what the sample is, the picture."""
        if line == 0:
            return [self._heading(member)]
        if self._matched.rows[member.place] is None:
            return [Segment(self._without(member) if line == 1 else "", self.style("dim"))]
        picture = self._pictures.get(member.row.id)
        if picture is None or (picture[0].title, picture[0].series) != (self._matched.title, self._matched.series):
            return []
        rows = (*picture[1].head, *picture[1].rows)
        drawn = [Segment(run.text, self._role(run.role)) for run in (rows[line - 1] if line <= len(rows) else ())]
        said = self._elsewhere(picture[0]) if line == 1 and picture[1].head else ""
        return [Segment(said, self.style("yellow")), Segment("  " if said else ""), *drawn]

    def _without(self, member: Member) -> str:
        """Say that a task has no such sample; of one that only one task has, which that is."""
        assert self.compared is not None
        pairs = zip(self.compared.members, self._matched.rows, strict=True)
        having = [other.letter for other, row in pairs if row is not None]
        return f"{member.letter} has none of this name{f': only {having[0]} has' if len(having) == 1 else ''}."

    def _heading(self, member: Member) -> Segment:
        assert self.compared is not None
        width, ascii_only = self.grid.wide - table.GAP, self.look.ascii
        names = form.labels([one.row.name for one in self.compared.members], width - table.TITLE, ascii_only)
        text, role = table.title(self.compared, member, names[member.place], width, ascii_only)
        return Segment(text, self.style(role))

    def _elsewhere(self, view: View) -> str:
        """Which iteration this is, where the task has none of the one looked at."""
        return "" if view.iteration == self._matched.iterations[self.at] else f"nearest: {view.iteration}"

    def told_of(self, plot: Listed) -> Iterator[str]:
        """Yield what is said of the sample of each task in sight."""
        for member in self.members:
            if self._matched.rows[member.place] is None:
                yield self._without(member)
            elif picture := self._pictures.get(member.row.id):
                said = f"{self._elsewhere(picture[0])}  {words_of(picture[1])}".strip()
                yield f"{member.letter} {form.one_line(member.row.name)}: {said}"

    def title_of(self, view: View) -> str:
        """The chosen task's letter and name before what its own screen says."""
        assert self.compared is not None
        member = self.compared.members[self.compared.chosen]
        return f"{member.letter} {form.one_line(member.row.name)}  {super().title_of(view)}"

    # Keys -------------------------------------------------------------------------------------------------------

    def action_view(self) -> None:
        """Show the chosen task's picture in its own pixels until the next key."""
        if self.plots and self._view() is None and self.compared is not None:
            self.post_message(self.Refused(self._without(self.compared.members[self.compared.chosen])))
        super().action_view()


def _painter(source: CompareSource, task: str) -> Painter[Any]:
    return Painter(source.one(task).sample, drawn)


def _headings(compared: Compared) -> list[object]:
    """What is shown of the tasks beside their samples."""
    return [compared.chosen, *((one.letter, one.row.id, one.row.name, one.row.status) for one in compared.members)]
