"""The first tab: what became of the tasks, side by side, and their main values."""

from __future__ import annotations

from collections.abc import Sequence

from store import clock
from store.records import MONITOR, TaskDetail, TaskRow
from tui import format as form
from tui.columns import metric_name, ran
from tui.tabs.overview import METRICS
from tui.widgets import rows

from .base import TableTab
from .source import Compared
from .table import Cell, Item, Line, line


def build(compared: Compared, ascii_only: bool) -> list[Item]:
    """Return the lines: those in which some task has something."""
    found = [member.row for member in compared.members]
    details = [member.detail for member in compared.members]
    letters = {member.row.id: member.letter for member in compared.members}
    plain: list[Line] = [
        Line("status", tuple(_status(row, ascii_only) for row in found)),
        line("reason", [row.status_reason or None for row in found]),
        line("project", [row.project for row in found]),
        line("type", [row.type for row in found]),
        line("progress", [form.percentage(row.progress).strip() or None for row in found]),
        line("iteration", [form.count(row.last_iteration) or None for row in found]),
        line("created", [form.local_time(row.created)[:16] for row in found]),
        line("started", [form.local_time(row.started)[:16] or None for row in found]),
        line("run time", [ran(row, clock.now()) or None for row in found]),
        line("user", ["@".join(part for part in (row.user, row.host) if part) or None for row in found]),
        line("worker", [row.worker or None for row in found]),
        line("queue", [(row.queue if row.status == "pending" else "") or None for row in found]),
        line("parent", [_parent(row, letters) for row in found]),
        line("tags", [" ".join(row.tags) or None for row in found]),
        line("comment", [row.comment or None for row in found]),
        line("id", [form.short_id(row.id) for row in found]),
    ]
    said = [Line(item.key, item.cells) for item in plain if any(text != "-" for text, _ in item.cells)]
    return [*said, *_values(details)]


def _status(row: TaskRow, ascii_only: bool) -> Cell:
    archived = " archived" if row.archived else ""
    return f"{form.status_mark(row.status, ascii_only)} {row.status.capitalize()}{archived}", row.status


def _parent(row: TaskRow, letters: dict[str, str]) -> str | None:
    return letters.get(row.parent, form.short_id(row.parent)) if row.parent else None


def _values(details: Sequence[TaskDetail]) -> list[Item]:
    """The last values of the first metrics; all of them are on tab 6."""
    lasts = [{(m.title, m.series): m.last for m in detail.metrics} for detail in details]
    keys = [key for key in dict.fromkeys(key for last in lasts for key in last) if not key[0].startswith(MONITOR)]
    if not keys:
        return []
    more = f"{len(keys) - METRICS} more on tab 6" if len(keys) > METRICS else ""
    lines = [
        Line(metric_name(key), line("", [form.number(last.get(key)) or None for last in lasts]).cells, right=True)
        for key in keys[:METRICS]
    ]
    return [rows.BLANK, rows.heading("Scalars", f"last values  {more}".strip()), *lines]


class Pane(TableTab):
    """The summary tab."""

    def items(self, compared: Compared) -> list[Item]:
        """What became of the tasks."""
        return build(compared, self.look.ascii)

    def aged(self) -> None:
        """Some of them run on."""
        if self.compared is not None:
            self.take(self.compared)
