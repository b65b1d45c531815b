"""The plots, or debug samples, of a task: their list, and beside it the chosen one at an iteration; or that one alone.

Only the chosen one is read and drawn (``tui.plots``, ``tui.pictures``), off the event loop; what is longer or wider
than the pane is scrolled. Knows rows and pictures, not what is in them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Protocol

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.binding import BindingType
from textual.strip import Strip

from store.errors import StoreUnusable
from tui import format as form
from tui.charts import adapter
from tui.keymap import bindings
from tui.plots.cells import Terminal
from tui.plots.draw import Drawn, said
from tui.plots.heat import HEAT, SHADES
from tui.plots.painter import Painter, View
from tui.plots.sheet import BOLD

from .pane import Pane

_SLIDER = 20
_NOTHING = Drawn((), ())


class Listed(Protocol):
    """What is listed: a title and series, the iterations kept, when it was reported last."""

    @property
    def title(self) -> str:
        """What it is one of."""

    @property
    def series(self) -> str:
        """Which of these; may be empty."""

    @property
    def iterations(self) -> tuple[int, ...]:
        """In their order, at least one."""

    @property
    def time(self) -> float:
        """Changes when one of them was reported again."""


def name_of(plot: Listed | View) -> str:
    """Return a plot's title and series as one name."""
    return f"{plot.title}/{plot.series}" if plot.series else plot.title


class Plots(Pane):
    """The list and the chosen plot. ``show_plots`` says what there is; pictures come from the painter."""

    DEFAULT_CSS = "Plots { height: 1fr; width: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("plots")]
    LEAST: ClassVar[int] = 60
    """Columns from which on the list stands beside the plot."""

    def __init__(self, painter: Painter[Any], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.painter = painter
        self.plots: list[Listed] = []
        self.chosen = 0
        self.full = False
        self.iteration: int | None = None
        """The iteration looked at; None: the newest, whichever it is."""
        self._top = self._left = self._listed = 0
        self._painting = self._stale = False
        self._shown: Drawn = _NOTHING

    # -- data -----------------------------------------------------------------------------------------------------

    def show_plots(self, plots: Sequence[Listed]) -> None:
        """Show these plots, the same one as before as far as it is there."""
        if list(plots) == self.plots:
            return
        before = self.plot
        self.plots = list(plots)
        names = [(plot.title, plot.series) for plot in plots]
        here = (before.title, before.series) if before is not None else None
        self.chosen = names.index(here) if here in names else min(self.chosen, max(0, len(names) - 1))
        self._changed()

    @property
    def plot(self) -> Listed | None:
        """The chosen plot."""
        return self.plots[self.chosen] if self.plots else None

    @property
    def at(self) -> int:
        """Where the iteration looked at stands among those of the chosen plot."""
        plot = self.plot
        if plot is None or self.iteration not in plot.iterations:
            return len(plot.iterations) - 1 if plot is not None else 0
        return plot.iterations.index(self.iteration)

    def told(self) -> list[str] | None:
        """The names of the plots, and what is read out of the chosen one where what is drawn is no text."""
        plot = self.plot
        if plot is None or not self._shown.words:
            return None
        names = [form.one_line(name_of(one)) for one in self.plots]
        listed = [f"{number}. {name}" for number, name in enumerate(names, 1)]
        return [*listed, f"{names[self.chosen]}, iteration {plot.iterations[self.at]}", *self._shown.words]

    @property
    def busy(self) -> bool:
        """Whether the chosen plot is still to be drawn."""
        return self._painting

    # -- drawing --------------------------------------------------------------------------------------------------

    @property
    def list_width(self) -> int:
        """Columns of the list, none where the plot has the whole pane."""
        if self.full or len(self.plots) < 2 or self.size.width < self.LEAST:
            return 0
        return min(34, max(22, self.size.width // 4))

    @property
    def room(self) -> int:
        """Rows for the plot below its own title."""
        return max(1, self.size.height - 1)

    def _view(self) -> View | None:
        plot = self.plot
        if plot is None or not self.size.width:
            return None
        width = self.size.width - self.list_width
        return View(plot.title, plot.series, plot.iterations[self.at], plot.time, width, self.room, self.terminal)

    @property
    def terminal(self) -> Terminal:
        """What pictures may be made of."""
        return Terminal(self.look.ascii, self.look.colour)

    def repaint(self) -> None:
        """Have the chosen plot drawn, unless it is."""
        self._stale = True
        if not self._painting and self.is_attached and self.display:
            self._painting = True
            self.run_worker(self._paint(), group="plots")

    async def _paint(self) -> None:
        try:
            while self._stale:
                self._stale = False
                await self.paint_in_sight()
        finally:
            self._painting = False

    async def paint_in_sight(self) -> None:
        """Draw what is in sight."""
        view = self._view()
        if view is not None:
            self._show_drawn(view, await self.drawn_by(self.painter, view))

    async def drawn_by(self, painter: Painter[Any], view: View) -> Drawn:
        """Return what a painter makes of a view, or that it cannot be read."""
        try:
            await painter.paint(view)
        except StoreUnusable:
            return said(form.AWAY, view.width)
        return painter.find(view) or _NOTHING

    def _show_drawn(self, view: View, drawn: Drawn) -> None:
        if view == self._view():
            self._shown = drawn
            self._hold()
            self._changed_place()

    def read_again(self) -> None:
        """Draw what could not be read."""
        self.repaint()

    def _changed(self) -> None:
        self.repaint()
        self._changed_place()

    def _changed_place(self) -> None:
        self.refresh()
        self.note()

    def render_line(self, y: int) -> Strip:
        """One row: of the list, and of the plot."""
        base, width = self.base, self.size.width
        if not self.plots:
            return self.nothing(y).apply_style(base)
        beside = self.list_width
        left = self._list_row(y, beside) if beside else []
        return Strip([*left, *self._plot_row(y, width - beside)]).apply_style(base).adjust_cell_length(width, base)

    def _list_row(self, y: int, width: int) -> list[Segment]:
        index = self._first_listed() + y
        if index >= len(self.plots):
            return [Segment(" " * width)]
        plot, chosen = self.plots[index], index == self.chosen
        mark = (">" if self.look.ascii else "▸") if chosen else " "
        count = f" {len(plot.iterations)}" if len(plot.iterations) > 1 else ""
        name = name_of(plot)
        style = self.style("bright bold" if chosen else "")
        text = Segment(f"{mark} {form.fit(name, width - 4 - len(count), ascii_only=self.look.ascii)}", style)
        cells = Strip([text, Segment(f"{count} ", self.style("dim"))])
        if chosen:
            cells = cells.apply_style(self.style("on cursor" if self.has_focus else "on idle_cursor"))
        return [*cells, Segment(" ")]

    def _first_listed(self) -> int:
        """Return the plot on the list's first line, so that the chosen one is in sight."""
        height = max(1, self.size.height)
        self._listed = min(max(self._listed, self.chosen - height + 1), self.chosen)
        return self._listed

    def _plot_row(self, y: int, width: int) -> Strip | list[Segment]:
        if y == 0:
            return self._title(width)
        head, line = self._shown.head, y - 1
        if line < len(head):
            row = head[line]
        elif self._top + line - len(head) < len(self._shown.rows):
            row = self._shown.rows[self._top + line - len(head)]
        else:
            return []
        return self._in_sight(Strip(Segment(run.text, self._role(run.role)) for run in row), width)

    def _in_sight(self, row: Strip, width: int) -> Strip:
        """Return the part of a row that is looked at, with a mark where it is cut: half a number is another one."""
        seen, mark = row.crop(self._left, self._left + width), Strip([Segment(self._cut, self.style("dim"))])
        if self._left and seen.cell_length:
            seen = Strip([*mark, *seen.crop(1)])
        if cell_len(row.text.rstrip()) > self._left + width:
            seen = Strip([*seen.crop(0, width - 1), *mark])
        return seen

    @property
    def _cut(self) -> str:
        return "~" if self.look.ascii else "…"

    def _title(self, width: int) -> list[Segment]:
        plot = self.plot
        assert plot is not None
        iteration = f"  iteration {plot.iterations[self.at]}{self._slider(len(plot.iterations))}"
        name = name_of(plot)
        room = max(8, width - len(iteration) - 1)
        title = form.fit(name, min(room, len(name) * 2), ascii_only=self.look.ascii).rstrip()
        return [Segment(title, self.style("accent bold")), Segment(iteration, self.style("dim"))]

    def _slider(self, count: int) -> str:
        if count < 2:
            return ""
        line, knob = ("-", "o") if self.look.ascii else ("─", "●")
        size = min(_SLIDER, count)
        place = self.at * (size - 1) // (count - 1)
        return f"  {line * place}{knob}{line * (size - 1 - place)}  {self.at + 1}/{count}"

    def _role(self, role: int) -> Style:
        if role >= HEAT:
            shade = role - HEAT
            return self.style(f"{'background' if shade >= SHADES // 2 else 'bright'} on heat{shade}")
        if role >= adapter.SERIES:
            return self.style(f"series{role - adapter.SERIES}")
        return self.style({adapter.BAD: "red bold", adapter.AXIS: "dim", BOLD: "bright bold"}.get(role, ""))

    # -- keys -----------------------------------------------------------------------------------------------------

    @property
    def beyond(self) -> int:
        """Rows of the plot that are not in sight at once."""
        return max(0, len(self._shown.rows) + len(self._shown.head) - self.room)

    def _hold(self) -> None:
        self._top = min(max(0, self._top), self.beyond)

    def action_step(self, by: int) -> None:
        """Choose the plot above or below; over the whole pane, scroll where there is something to scroll."""
        if self.full and self.beyond:
            self.scroll_rows(by)
        else:
            self.choose(self.chosen + by)

    def choose(self, index: int) -> None:
        """Choose a plot, at its newest iteration."""
        index = min(max(0, index), len(self.plots) - 1)
        if self.plots and index != self.chosen:
            self.chosen, self.iteration = index, None
            self._top = self._left = 0
            self._changed()

    def action_page(self, way: int) -> None:
        """Scroll by a screenful."""
        self.scroll_rows(way * max(1, self.room - len(self._shown.head) - 1))

    def scroll_rows(self, by: int) -> None:
        """Scroll the plot by rows."""
        self._top += by
        self._hold()
        self._changed_place()

    def action_end(self, way: int) -> None:
        """Go to the first or last plot; over the whole pane, to the first or last row."""
        if self.full and self.beyond:
            self.scroll_rows(way * len(self._shown.rows))
        else:
            self.choose(way * len(self.plots))

    def action_iteration(self, by: int) -> None:
        """Look at the iteration before or after; the last one goes on with the task."""
        plot = self.plot
        if plot is None:
            return
        at = min(max(0, self.at + by), len(plot.iterations) - 1)
        self.iteration = None if at == len(plot.iterations) - 1 else plot.iterations[at]
        self._changed()

    def action_full(self) -> None:
        """The plot over the whole pane, or the list beside it again."""
        self.full = bool(self.plots) and not self.full
        self._left = 0
        self._changed()

    def action_aside(self, by: int) -> None:
        """Scroll sideways."""
        seen = [*self._shown.head, *self._shown.rows[self._top : self._top + self.room]]
        widest = max((sum(len(run.text) for run in row) for row in seen), default=0)
        self._left = max(0, min(self._left + by, widest - self.size.width + self.list_width))
        self._changed_place()

    def leave(self) -> bool:
        """Step back from the whole pane. False when there was nothing to leave."""
        if self.full:
            self.action_full()
            return True
        return False

    def caption(self) -> str:
        """What the tab line says at its right: which plot of how many, and the rows in sight of a longer one."""
        hidden = not self.list_width or len(self.plots) > self.size.height
        parts = [f"{self.chosen + 1}/{len(self.plots)}"] if len(self.plots) > 1 and hidden else []
        if self.beyond:
            inside = self.room - len(self._shown.head)
            parts.append(f"rows {self._top + 1}-{self._top + inside} of {len(self._shown.rows)}")
        return "  ".join(parts)

    def on_mouse_scroll_down(self) -> None:
        """Three rows a notch."""
        self.scroll_rows(3)

    def on_mouse_scroll_up(self) -> None:
        """Three rows a notch."""
        self.scroll_rows(-3)

    def on_resize(self) -> None:
        """Another size, another picture."""
        self.repaint()

    def on_show(self) -> None:
        """Draw what came in while hidden."""
        self.repaint()
