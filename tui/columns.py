"""The columns of the task table: what they show, how wide they get, and how they sort.

Pure drawing: a column turns a row into pieces of text with style names; the widget puts them on the screen. Which
columns are shown follows from the width alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.cells import cell_len

from store import pace
from store.clock import iso
from store.lifecycle import standing
from tui import format as form
from tui.baselines import Baselines

if TYPE_CHECKING:
    from store.records import SeriesKey, TaskRow

Cell = float | str | tuple[float, ...] | None
"""A number, a text, a course (a value for each cell of its sparkline), or nothing."""
Piece = tuple[str, str]
"""A text of known width and the name of its style."""


@dataclass(frozen=True)
class Scene:
    """What drawing depends on besides the row."""

    now: float
    ascii: bool = False
    wide: bool = False
    cells: Mapping[str, Mapping[str, Cell]] = field(default_factory=dict)
    """Task -> key of a chosen column -> what it has there."""
    baselines: Baselines = field(default_factory=Baselines)


class Column(NamedTuple):
    """A column.

    Attributes:
        key: its name in settings and on the command line.
        title: its heading.
        least: the fewest cells it is shown in.
        most: the most it grows to.
        draw: the cell of a row.
        sort: key of ``TaskQuery.sort``; empty if it does not sort.
        value: what it sorts by, to place a changed row without asking the store.
        right: right-aligned.
        down: the order that is natural for it is descending.
        tail: the end of its heading that says which form of a series it is.
        data: what it holds in a file, in full, where that is not what it sorts by. Times are ISO 8601, spans seconds.
        called: its heading where that stands in a file; empty: its key.
    """

    key: str
    title: str
    least: int
    most: int
    draw: Callable[[TaskRow, int, Scene], list[Piece]]
    sort: str = ""
    value: Callable[[TaskRow], Any] = lambda row: None
    right: bool = False
    down: bool = True
    tail: str = ""
    data: Callable[[TaskRow, Scene], object] | None = None
    called: str = ""

    def content(self, row: TaskRow, scene: Scene) -> object:
        """Return what it holds of a row: a number, a text, None for nothing."""
        return self.value(row) if self.data is None else self.data(row, scene)

    @property
    def said(self) -> str:
        """What sentences call it: its heading, or its name where that is a letter."""
        return self.title if len(self.title) > 1 else self.key

    @property
    def is_metric(self) -> bool:
        """Whether it shows a metric."""
        return self.key.partition(":")[0] == "metric"


def plain(get: Callable[[TaskRow], object], style: str, align: form.Align = "left") -> Any:
    """Return what draws a text of a row."""

    def draw(row: TaskRow, width: int, scene: Scene) -> list[Piece]:
        return [(form.fit(get(row), width, align, scene.ascii), style)]

    return draw


def _status(row: TaskRow, width: int, scene: Scene) -> list[Piece]:
    return [(form.fit(form.status_mark(row.status, scene.ascii), width), row.status)]


def _name(row: TaskRow, width: int, scene: Scene) -> list[Piece]:
    """The name, a baseline's behind its mark; then, where there is room, why it failed (unless progress says that)."""
    mark = f"{form.BASELINE[scene.ascii]} " if row.id in scene.baselines.tasks else ""
    name = mark + form.one_line(row.name, width * 2)
    used = cell_len(name)
    style = "dim" if row.status == "draft" else "normal"
    reason = form.one_line(_why(row), width) if row.progress is not None else ""
    if not reason or width - used < 12:
        return [(form.fit(name, width, ascii_only=scene.ascii), style)]
    return [(name, style), ("  ", style), (form.fit(reason, width - used - 2, ascii_only=scene.ascii), "dim")]


def _why(row: TaskRow) -> str:
    """Why it failed or was aborted, if that says more than the state."""
    said = row.status in ("failed", "aborted") and row.status_reason.lower() != row.status
    return row.status_reason if said else ""


def _type(row: TaskRow, width: int, scene: Scene) -> list[Piece]:
    name = row.type if len(row.type) <= width else form.SHORT_TYPES.get(row.type, row.type)
    return [(form.fit(name, width, ascii_only=scene.ascii), "dim")]


def is_quiet(row: TaskRow, now: float) -> bool:
    """Whether a Running task has reported and printed nothing for a while, and for clearly longer than a step takes.

    What it has done until then is one step where it has no iterations.
    """
    if row.status != "running" or row.started is None:
        return False
    seen = _seen(row, now)
    step = (seen - row.started) / max(pace.done(row), 1)
    return now - seen > max(form.STALE_AFTER, STEPS * step)


def _seen(row: TaskRow, now: float) -> float:
    """Return when a Running task reported or printed last; of one that was continued, in this execution."""
    return max(row.last_seen or 0.0, row.started or now)


def quiet(row: TaskRow, now: float) -> str:
    """Return for how long a task that fell silent has been: ``quiet 12m``."""
    return f"quiet {form.age(now - _seen(row, now))}"


def _progress(row: TaskRow, width: int, scene: Scene) -> list[Piece]:
    """Bar and number; a Running task that fell silent says so beside them, where there is room for how long."""
    silent = is_quiet(row, scene.now)
    said = quiet(row, scene.now) if silent else ""
    if row.progress is None:
        return [(form.fit(said or _why(row), width, ascii_only=scene.ascii), "yellow" if said else "dim")]
    number = form.percentage(row.progress)
    said = said if width >= 20 else said.partition(" ")[0]
    room = width - len(number) - 1 - (len(said) + 1 if said else 0)
    style = "running" if row.status == "running" and not silent else f"soft:{row.status}"
    bar = (form.bar(row.progress, room, scene.ascii), f"{style} on raised")
    return [bar, (" ", "dim"), (number, "normal"), *([(f" {said}", "yellow")] if said else [])]


def _age(row: TaskRow, width: int, scene: Scene) -> list[Piece]:
    return [(form.fit(form.age(scene.now - row.activity), width, "right"), "dim")]


def run_time(row: TaskRow, now: float) -> float | None:
    """Return how long a task has run, None if it never started."""
    if row.started is None:
        return None
    return max((row.completed if row.completed is not None and row.status != "running" else now) - row.started, 0.0)


def ran(row: TaskRow, now: float) -> str:
    """Return how long a task has run: to the minute while it does, so that what stands still is seldom drawn."""
    spent = run_time(row, now)
    return form.age(spent) if row.status == "running" else form.duration(spent)


def _time(row: TaskRow, width: int, scene: Scene) -> list[Piece]:
    return [(form.fit(ran(row, scene.now), width, "right"), "dim")]


def _where(row: TaskRow) -> str:
    """Who or what it belongs to now: the queue while it waits, the agent or host that runs it, else the user."""
    if row.status == "pending":
        return f"in {row.queue}"
    return row.worker or "@".join(part for part in (row.user, row.host) if part)


def _project(row: TaskRow, width: int, scene: Scene) -> list[Piece]:
    """The path; of a long one its end."""
    return [(form.fit(form.end_of(row.project, width, scene.ascii), width), "dim")]


STEPS = 4
"""Steps of its own that a task may leave out before it counts as quiet."""
STATUS = Column("status", "S", 2, 2, _status, "status", lambda row: (standing(row.status), -row.activity), down=False,
                data=lambda row, scene: row.status)  # fmt: skip
NAME = Column("name", "name", 14, 400, _name, "name", lambda row: row.name, down=False)
PROJECT = Column("project", "project", 14, 24, _project, "project",
                 lambda row: row.project, down=False)  # fmt: skip
TYPE = Column("type", "type", 5, 15, _type, "type", lambda row: row.type, down=False)
PROGRESS = Column("progress", "progress", 12, 22, _progress, "progress", lambda row: row.progress)
ITERATION = Column("iteration", "iter", 6, 8, plain(lambda row: form.count(row.last_iteration), "normal", "right"),
                   "last_iteration", lambda row: row.last_iteration, right=True)  # fmt: skip
TIME = Column("time", "time", 6, 6, _time, "time", pace.span, right=True,
              data=lambda row, scene: run_time(row, scene.now), called="run time (s)")  # fmt: skip
AGE = Column("age", "age", 4, 4, _age, "activity", lambda row: row.activity, right=True,
             data=lambda row, scene: iso(row.activity), called="activity")  # fmt: skip
OWNER = Column("where", "where", 10, 20, plain(_where, "dim"), "user", lambda row: row.user, down=False,
               data=lambda row, scene: _where(row))  # fmt: skip
TAGS = Column("tags", "tags", 8, 26, plain(lambda row: " ".join(row.tags), "normal"),
              data=lambda row, scene: ", ".join(row.tags))  # fmt: skip


METRIC = "metric"
"""What a table in the order of its scalar is sorted by."""


def metric_column(metric: SeriesKey | None) -> Column:
    """Return the column of a scalar's last value."""
    title = "metric" if metric is None else metric_name(metric)
    draw = plain(lambda row: form.number(row.metric), "bright", "right")
    return Column("metric", title, 8, 12, draw, METRIC if metric else "", _known, right=True,
                  data=lambda row, scene: row.metric, called=title)  # fmt: skip


def _known(row: TaskRow) -> float | None:
    return None if row.metric is None or math.isnan(row.metric) else row.metric


def metric_name(metric: SeriesKey) -> str:
    """Return ``title/series``, or the title alone where both are the same."""
    title, series = metric
    return title if title == series else f"{title}/{series}"


def heading(column: Column, width: int) -> str:
    """Return a column's title in at most ``width`` cells; of a long metric form and series are kept, they say more."""
    if column.tail:
        return _cut(column.title.removesuffix(column.tail), width - len(column.tail)) + column.tail
    return _cut(column.title, width)


def _cut(text: str, width: int) -> str:
    title = form.one_line(text, 200)
    start, slash, series = title.rpartition("/")
    if cell_len(title) > width and slash and cell_len(series) <= width - 3:
        return form.fit(start, width - 1 - cell_len(series)) + slash + series
    return form.fit(title, min(width, cell_len(title)))


def columns(metric: SeriesKey | None, one_project: bool) -> list[Column]:
    """Return every column in the order of the screen."""
    value = metric_column(metric)
    middle = [] if one_project else [PROJECT]
    return [STATUS, NAME, *middle, TYPE, PROGRESS, ITERATION, value, TIME, AGE, OWNER, TAGS]


IMPORTANCE = ("status", "name", "progress", "age", "metric", "iteration", "type", "tags", "project", "time", "where")
SPARE = {"type": 6, "tags": 6, "project": 14, "time": 14, "where": 10}
"""Cells that must be left for names and bars when one of these is shown: names alike at their start stay apart."""
_GROW = (
    ("name", 20), ("metric", 10), ("name", 23), ("progress", 16), ("name", 30), ("tags", 14), ("project", 20),
    ("progress", 18), ("name", 44), ("where", 18), ("type", 11), ("project", 24), ("progress", 22), ("tags", 26),
    ("name", 400),
)  # fmt: skip


def layout(available: list[Column], width: int, metric_width: int = 8) -> list[tuple[Column, int]]:
    """Return the columns that fit into ``width`` cells, each with its width; they are parted by one cell."""
    by_key = {column.key: column for column in available}
    widths: dict[str, int] = {}
    left = width + 1
    for key in IMPORTANCE:
        spare = SPARE.get(key, 0)
        if key in by_key and by_key[key].least + 1 + spare <= left:
            widths[key] = by_key[key].least
            left -= by_key[key].least + 1
        elif key in by_key:
            break
    for key, most in _GROW:
        if key in widths:
            goal = max(metric_width, 8) if key == "metric" else min(most, by_key[key].most)
            more = min(max(goal - widths[key], 0), left)
            widths[key] += more
            left -= more
    return [(column, widths[column.key]) for column in available if column.key in widths]


def before(column: Column, descending: bool) -> Callable[[TaskRow, TaskRow], bool]:
    """Return whether a row stands before another in a column's order: no value last, ids break ties."""

    def first(a: TaskRow, b: TaskRow) -> bool:
        x, y = column.value(a), column.value(b)
        if x is None or y is None:
            if (x is None) != (y is None):
                return y is None
            x, y = 0, 0
        return (x, a.id) > (y, b.id) if descending else (x, a.id) < (y, b.id)

    return first
