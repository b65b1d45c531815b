"""What there is to say of the task under the cursor: a line of facts, and a glimpse of what it reported and printed.

Of a project it says what that is for. Draws what it is handed; how many lines it has is a matter of the style sheet.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from store import clock
from store.lifecycle import FINAL
from store.safe import safe_text
from tui import format as form
from tui import spark
from tui.columns import is_quiet, metric_name, quiet
from tui.spark import sparkline

from . import ansi
from .bar import look_of
from .textlines import TextLines

if TYPE_CHECKING:
    from store.records import TaskRow
    from tui.glimpse import Glimpse

    from .tree import Node


COURSE = 60
"""Cells of a course at most."""
PANE = 5
"""Lines from which the console has lines of its own."""
UNDESCRIBED = "No description yet: :describe TEXT says what it is for."
EVERYTHING = "Each project says here what it is for."


class Preview(TextLines):
    """Id, project, why it stands as it does, comment, owner; below it a glimpse of what it reported and printed."""

    def __init__(self) -> None:
        super().__init__()
        self.row: TaskRow | None = None
        self.glimpse: Glimpse | None = None
        self.project: Node | None = None
        self.baseline_of: list[str] = []
        self._drawn: tuple[object, ...] = ()

    @property
    def looks_in(self) -> bool:
        """Whether there is room for more than the facts."""
        return self.size.height > 1

    def show(self, row: TaskRow | None, glimpse: Glimpse | None, baseline_of: list[str]) -> None:
        """Show a task, with what is known of its metric and its console, and the projects whose baseline it is.

        It is drawn again only if that differs.
        """
        self.baseline_of = baseline_of
        self._take(row, glimpse, None)

    def tell(self, project: Node) -> None:
        """Tell of a project."""
        self._take(None, None, project)

    def _take(self, row: TaskRow | None, glimpse: Glimpse | None, project: Node | None) -> None:
        self.row, self.glimpse, self.project = row, glimpse, project
        if self._told() != self._drawn:
            self.refresh()

    def _told(self) -> tuple[object, ...]:
        """What there is to see: of a row that changed, not all is shown here."""
        return self.row and (self.row.id, _parts(self.row, self.baseline_of)), self.glimpse, self.project

    def text(self) -> Text:
        """Draw the facts, parted by dots, and the glimpse below them; of a project what it is for."""
        self._drawn = self._told()
        if self.project is not None:
            return self._about(self.project)
        if self.row is None:
            return Text(no_wrap=True, end="")
        lines = [self._facts(self.row), *(self._looked(self.glimpse) if self.glimpse and self.looks_in else ())]
        whole = Text("\n", no_wrap=True, end="").join(lines)
        whole.no_wrap, whole.end = True, ""
        return whole

    def _about(self, project: Node) -> Text:
        """Its path, its baseline and its description, in as many lines as there are."""
        look, width, height = look_of(self), max(self.size.width, 1), max(self.size.height, 1)
        whole = Text(form.one_line(project.path or project.label), look.style("accent"), end="")
        dot = " - " if look.ascii else " · "
        if project.baseline:
            whole.append(dot, look.style("dim")).append(f"baseline {form.short_id(project.baseline)}")
        whole.append(dot, look.style("dim"))
        said = project.description or (UNDESCRIBED if project.path else EVERYTHING)
        whole.append(safe_text(said), look.style("normal" if project.description else "dim"))
        lines = whole.wrap(self.app.console, width)
        rest = form.cut(Text(" ").join(lines[height - 1 :]), width, look.ascii)
        return Text("\n", no_wrap=True, end="").join([*lines[: height - 1], rest])

    def _facts(self, row: TaskRow) -> Text:
        look = look_of(self)
        line = Text(form.short_id(row.id), look.style("accent"), no_wrap=True, end="")
        dot = " - " if look.ascii else " · "
        for text, style in _parts(row, self.baseline_of):
            line.append(dot, look.style("dim"))
            line.append(form.one_line(text), look.style(style))
        return form.cut(line, self.size.width, look.ascii)

    def _looked(self, glimpse: Glimpse) -> list[Text]:
        look, width = look_of(self), self.size.width
        pane = self.size.height >= PANE
        line = self._course(glimpse, width // 2 if pane else width // 4)
        said = ["".join(text for text, _ in ansi.parse(printed)) for printed in glimpse.lines]
        if not said:
            yet = "" if self.row is not None and self.row.status in FINAL else " yet"
            nothing = f"nothing printed{yet}" if line else f"It has reported and printed nothing{yet}."
            return [line.append(nothing, look.style("dim"))]
        style = look.style("normal")
        if pane:
            return [*([line] if line else ()), *(form.cut(Text(one, style), width, look.ascii) for one in said)]
        return [form.cut(line.append(said[-1], style), width, look.ascii)]

    def _course(self, glimpse: Glimpse, width: int) -> Text:
        """The metric's name, its course, its last value."""
        look, line = look_of(self), Text(no_wrap=True, end="")
        last = glimpse.last
        if glimpse.series is None or last is None or not glimpse.points:
            return line
        name, room = metric_name(glimpse.series), min(width, COURSE)
        course = sparkline(spark.course(glimpse.points, room), room, look.ascii)
        line.append(form.fit(name, min(cell_len(form.one_line(name)), max(width, 8)), ascii_only=look.ascii),
                    look.style("dim"))  # fmt: skip
        line.append(f" {course} ", look.style("accent"))
        line.append(f"{form.number(last)}  ", look.style("bright" if math.isfinite(last) else "bold red"))
        return line


def _parts(row: TaskRow, baseline_of: list[str]) -> list[tuple[str, str]]:
    state = row.status.capitalize()
    says_more = row.status_reason and row.status_reason.lower() != row.status
    parts = [(f"{state}: {row.status_reason}" if says_more else state, row.status)]
    if is_quiet(row, clock.now()):
        parts.append((quiet(row, clock.now()), "yellow"))
    parts.append((row.project, "normal"))
    if baseline_of:
        others = "" if baseline_of == [row.project] else f" of {', '.join(baseline_of)}"
        parts.append((f"baseline{others}", "normal"))
    if row.worker and row.status == "running":
        parts.append((f"run by {row.worker}", "normal"))
    if row.user or row.host:
        parts.append(("@".join(part for part in (row.user, row.host) if part), "dim"))
    if row.started is not None:
        parts.append((f"started {form.local_time(row.started)[:16]}", "dim"))
    if row.comment:
        parts.append((row.comment, "dim"))
    return parts
