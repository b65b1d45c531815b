"""The scatter tab: a hyperparameter against a metric, a letter for each task."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui import format as form
from tui.charts import adapter, svg
from tui.charts.adapter import AXIS, Picture
from tui.dialogs.pick import PickDialog
from tui.export.compared import of_scatter
from tui.export.what import Export
from tui.keymap import bindings
from tui.look import Look
from tui.verbs import VERB_WORK

from .base import ComparePane
from .points import Point, Sight, draw, is_log, metrics_of, parameters_of
from .source import Compared, CompareSource

ENTRY = 38
"""Least cells of a task in the list below the picture."""
VALUES = 26
"""Cells of those that are not the name's."""


class Pane(ComparePane):
    """The picture, and below it a list of the tasks with both values."""

    DEFAULT_CSS = "ComparePane { height: 1fr; width: 1fr; }"
    BINDINGS: ClassVar[Any] = bindings("scatter")

    def __init__(self, source: CompareSource, *, id: str) -> None:
        super().__init__(id=id)
        self.compared: Compared | None = None
        self.given = ""
        """The hyperparameter."""
        self.reached = ""
        """The metric."""
        self.log_x: bool | None = None
        self.log_y = False
        self.picture = Picture()
        self._points: tuple[Point, ...] = ()
        self._sight: Sight | None = None

    # What is shown ----------------------------------------------------------------------------------------------

    def take(self, compared: Compared) -> None:
        """Show the tasks as they are now."""
        self.compared = compared
        parameters, metrics = parameters_of(compared), metrics_of(compared)
        self.given = self.given if self.given in parameters else next(iter(parameters), "")
        self.reached = self.reached if self.reached in metrics else next(iter(metrics), "")
        nothing: tuple[None, ...] = (None,) * len(compared.members)
        given, reached = parameters.get(self.given, nothing), metrics.get(self.reached, nothing)
        self._points = tuple(map(Point, compared.members, given, reached))
        self._paint()

    def _paint(self) -> None:
        self.refresh()
        self.note()
        height = self.size.height - 1 - self._list_rows
        sight = Sight(self._points, self.size.width, height, self.log_x, self.log_y, self.look.ascii)
        if self._known and self.size.width and sight != self._sight:
            self._sight = sight
            self.run_worker(partial(self._draw, sight), group="scatter", exclusive=True)  # type: ignore[arg-type]

    async def _draw(self, sight: Sight) -> None:
        picture = await asyncio.to_thread(draw, sight)
        if sight == self._sight:
            self.picture = picture
            self.refresh()
            self.note()

    @property
    def _known(self) -> bool:
        return bool(self.given and self.reached)

    @property
    def _across(self) -> int:
        return max(1, min(len(self._points), self.size.width // ENTRY))

    @property
    def _list_rows(self) -> int:
        return -(-len(self._points) // self._across)

    # Drawing ----------------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """The title, a row of the picture, or of the list."""
        base, width = self.base, self.size.width
        below = y - (self.size.height - self._list_rows)
        if not self._known:
            made = [Segment(self._nothing() if y == 0 else "", self.style("dim"))]
        elif y == 0:
            made = self._title()
        elif below >= 0:
            made = [segment for point in self._points[below :: self._list_rows] for segment in self._entry(point)]
        else:
            made = self._picture(y - 1)
        return Strip(made).apply_style(base).adjust_cell_length(width, base)

    def _nothing(self) -> str:
        if not self.known:
            return self.away
        what = "hyperparameters" if not self.given else "scalars"
        return f"None of these tasks has {what}: there is nothing to draw."

    def _title(self) -> list[Segment]:
        dim, bright = self.style("dim"), self.style("bold bright")
        up, along = form.one_line(self.reached), form.one_line(self.given)
        return [Segment("  "), Segment(up, bright), Segment("  over  ", dim), Segment(along, bright)]

    def _picture(self, y: int) -> list[Segment]:
        if not self.picture.rows:
            return [Segment(f"  {self.picture.why}" if y == 1 else "", self.style("dim"))]
        row = self.picture.rows[y] if y < len(self.picture.rows) else ()
        return [Segment(run.text, self._role(run.role)) for run in row]

    def _role(self, role: int) -> Style:
        series = adapter.SERIES <= role < adapter.BEHIND
        return self.style(f"bold series{role - adapter.SERIES}" if series else "dim" if role == AXIS else "")

    def _entry(self, point: Point) -> list[Segment]:
        assert self.compared is not None
        width, ascii_only = self.size.width // self._across, self.look.ascii
        names = form.labels([point.member.row.name for point in self._points], width - VALUES, ascii_only)
        name = form.fit(names[point.member.place], width - VALUES, ascii_only=ascii_only)
        return _entry(self.look, point, name, chosen=point.member.place == self.compared.chosen)

    # Keys -------------------------------------------------------------------------------------------------------

    def action_pick(self, what: str) -> None:
        """Choose the hyperparameter or the metric from a list."""
        if self.compared is not None:
            self.run_worker(self._pick(what, self.compared), group=VERB_WORK)

    async def _pick(self, what: str, compared: Compared) -> None:
        found: dict[str, Any] = dict(parameters_of(compared) if what == "given" else metrics_of(compared))
        title = "Which hyperparameter?" if what == "given" else "Which metric?"
        rows = [(name, _remark(values)) for name, values in found.items()]
        if not rows:
            self.post_message(self.Refused(self._nothing()))
            return
        picked = await self.app.push_screen_wait(PickDialog(title, "", rows, getattr(self, what)))
        if picked is not None:
            setattr(self, what, picked)
            self.log_x = None if what == "given" else self.log_x
            self.take(self.compared or compared)

    def action_log(self, axis: str) -> None:
        """Logarithmic or linear."""
        if axis == "y":
            self.log_y = not self.log_y
        else:
            self.log_x = not self._is_log
        self._paint()

    @property
    def _is_log(self) -> bool:
        return is_log([point.given for point in self._points], self.log_x)

    def action_open_task(self) -> None:
        """Open the chosen task."""
        self.post_message(self.Opened())

    def export(self) -> Export | str:
        """The points, and the picture."""
        if not self._known:
            return self._nothing()
        sight = Sight(self._points, svg.ACROSS, svg.DOWN, self.log_x, self.log_y, False)
        return of_scatter(sight, self.given, self.reached, self.look.inks)

    def caption(self) -> str:
        """The scales."""
        hidden = " ".join(self._hidden())
        parts = ["log x" if self._is_log else "", "log" if self.log_y else "", f"{hidden} behind" if hidden else ""]
        return "  ".join(part for part in parts if part)

    def _hidden(self) -> list[str]:
        """The tasks whose points lie under others'."""
        seen = {run.role for row in self.picture.rows for run in row}
        there = [point.member for point in self._points if point.given is not None and point.reached is not None]
        return [member.letter for member in there if seen and adapter.SERIES + member.place not in seen]


def _remark(values: Sequence[object]) -> str:
    """How many of the tasks have it."""
    known = [value for value in values if value is not None]
    different = len(set(known))
    return f"{different} value{'s' if different != 1 else ''}" if len(known) == len(values) else f"in {len(known)}"


def _entry(look: Look, point: Point, name: str, *, chosen: bool) -> list[Segment]:
    """A task of the list: its sign, letter and name, what it was given and what it reached."""
    given = form.NONE if point.given is None else form.one_line(point.given) or '""'
    given, reached = form.fit(given, 9, "right"), form.number(point.reached) or form.NONE
    return [
        Segment(f" {point.member.letter} ", look.style(f"bold series{point.member.place}")),
        Segment(name, look.style("bold accent underline" if chosen else "normal")),
        Segment(f" {given}", look.style("dim")),
        Segment(f"{reached:>11}  ", look.style("bright")),
    ]
