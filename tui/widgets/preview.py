"""One line about the task under the cursor: what the table has no room for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.widget import Widget

from store import clock
from tui import format as form
from tui.columns import is_quiet, quiet

from .bar import look_of

if TYPE_CHECKING:
    from store.records import TaskRow


class Preview(Widget):
    """Id, project, why it stands as it does, comment, owner."""

    def __init__(self) -> None:
        super().__init__()
        self.row: TaskRow | None = None

    def show(self, row: TaskRow | None) -> None:
        """Show a task's line."""
        if row != self.row:
            self.row = row
            self.refresh()

    def render(self) -> Text:
        """Draw the parts that there are, parted by dots."""
        line = Text(no_wrap=True, end="")
        if self.row is None:
            return line
        look, row = look_of(self), self.row
        line.append(form.short_id(row.id), look.style("accent"))
        dot = " - " if look.ascii else " · "
        for text, style in _parts(row):
            line.append(dot, look.style("dim"))
            line.append(form.one_line(text), look.style(style))
        return form.cut(line, self.size.width, look.ascii)


def _parts(row: TaskRow) -> list[tuple[str, str]]:
    state = row.status.capitalize()
    says_more = row.status_reason and row.status_reason.lower() != row.status
    parts = [(f"{state}: {row.status_reason}" if says_more else state, row.status)]
    if is_quiet(row, clock.now()):
        parts.append((quiet(row, clock.now()), "yellow"))
    parts.append((row.project, "normal"))
    if row.worker and row.status == "running":
        parts.append((f"run by {row.worker}", "normal"))
    if row.user or row.host:
        parts.append(("@".join(part for part in (row.user, row.host) if part), "dim"))
    if row.started is not None:
        parts.append((f"started {form.local_time(row.started)[:16]}", "dim"))
    if row.comment:
        parts.append((row.comment, "dim"))
    return parts
