"""The columns a person may choose for the task table: every field, any series in short, any hyperparameter.

Pure drawing, as ``columns``. What series and hyperparameters hold comes with the scene: the rows do not have it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from rich.cells import cell_len

from store import pace
from store.columns import FORMS, SPARKLINE, parse
from store.errors import InvalidValue
from tui import columns as cols
from tui import format as form
from tui.columns import Cell, Column, Piece, Scene
from tui.spark import sparkline

if TYPE_CHECKING:
    from store.records import SeriesKey, TaskRow

GPU = "gpu"
"""The key of the column of GPUs: a field to those who choose it, but machines know it, not the rows."""
COURSE = 12
"""Cells of a sparkline."""
NARROWEST, WIDEST = 4, 60
"""Cells that somebody may give a column, at the least and at the most, where it takes no other."""


def left(row: TaskRow, now: float) -> float | None:
    """Return the seconds a Running task needs at its pace so far; None if not known, or if it stands still."""
    return None if cols.is_quiet(row, now) else pace.left(row)


def _pace(row: TaskRow, scene: Scene) -> float | None:
    return None if cols.is_quiet(row, scene.now) else pace.speed(row)


def _speed(row: TaskRow, width: int, scene: Scene) -> list[Piece]:
    if pace.speed(row) is not None and cols.is_quiet(row, scene.now):
        return [(form.fit("stopped", width, "right", scene.ascii), "yellow")]
    return [(form.fit(form.number(_pace(row, scene)), width, "right"), "normal")]


def _left(row: TaskRow, width: int, scene: Scene) -> list[Piece]:
    return [(form.fit(form.age(left(row, scene.now)), width, "right"), "normal")]


def _held(row: TaskRow, scene: Scene) -> Cell:
    return _kept(row, scene, GPU) if row.status == "running" else None


def _gpu(row: TaskRow, width: int, scene: Scene) -> list[Piece]:
    return [(form.fit(_held(row, scene) or "", width, ascii_only=scene.ascii), "normal")]


FIELDS = (
    Column("speed", "it/s", 7, 7, _speed, "speed", pace.speed, right=True, data=_pace, called="it/s"),
    Column("left", "left", 4, 4, _left, "left", pace.left, right=True, down=False,
           data=lambda row, scene: left(row, scene.now), called="left (s)"),
    Column(GPU, "gpu", 4, 12, _gpu, data=_held),
    Column("user", "user", 6, 14, cols.plain(lambda row: row.user, "dim"), "user", lambda row: row.user, down=False),
    Column("host", "host", 6, 18, cols.plain(lambda row: row.host, "dim"), "host", lambda row: row.host, down=False),
    Column("worker", "worker", 8, 20, cols.plain(lambda row: row.worker, "dim"), "worker", lambda row: row.worker,
           down=False),
    Column("queue", "queue", 6, 14, cols.plain(lambda row: row.queue, "dim"), "queue", lambda row: row.queue or None,
           down=False),
    Column("parent", "parent", 8, 8, cols.plain(lambda row: form.short_id(row.parent or ""), "dim"),
           data=lambda row, scene: row.parent),
    Column("comment", "comment", 10, 40, cols.plain(lambda row: row.comment, "dim"),
           data=lambda row, scene: row.comment),
    Column("id", "id", 8, 8, cols.plain(lambda row: form.short_id(row.id), "dim"), data=lambda row, scene: row.id),
)  # fmt: skip
"""Fields that are shown only where they were chosen."""


def every(metric: SeriesKey | None, one_project: bool, keys: Iterable[str] = ()) -> list[Column]:
    """Return every column there is: the ones a width chooses from, the other fields, and the cells among ``keys``."""
    return [*cols.columns(metric, one_project), *FIELDS, *(cell_column(key) for key in keys if ":" in key)]


def cells_of(keys: Iterable[str]) -> tuple[str, ...]:
    """Return those of the keys whose values the rows do not have: a series' summary, a hyperparameter, GPUs."""
    return tuple(key for key in keys if ":" in key or key == GPU)


def valid(keys: Iterable[object]) -> tuple[str, ...]:
    """Return the keys that name a column, each once."""
    return tuple(dict.fromkeys(found for key in keys if isinstance(key, str) and (found := _whole(key))))


def _whole(key: str) -> str:
    """Return a column's key with its summary; empty if it names none."""
    if ":" not in key:
        return key if any(column.key == key for column in every(None, False)) else ""
    try:
        return parse(key).key
    except InvalidValue:
        return ""


def cell_column(key: str) -> Column:
    """Return the column of a series' summary, of its course, of what it differs by, or of a hyperparameter."""
    wanted = parse(key)
    if wanted.aggregate == SPARKLINE:
        return Column(key, wanted.name, COURSE, COURSE, _drawn(wanted.key, "accent", "left"), wanted.key)
    tail = f" {wanted.aggregate}" if wanted.aggregate not in ("", "last") else ""
    title = wanted.name + tail if wanted.kind == "metric" else wanted.name.partition("/")[2]
    least = min(max(cell_len(form.one_line(title, 40)) + 1, 8), 12)
    style = "bright" if wanted.kind == "metric" else "normal"
    draw = _compared(wanted.key, style) if wanted.is_delta else _drawn(wanted.key, style, "right")
    called = title if wanted.kind == "metric" else wanted.name
    data = partial(_difference if wanted.is_delta else _kept, key=wanted.key)
    return Column(key, title, least, 16, draw, wanted.key, right=True, tail=tail, data=data, called=called)


def _kept(row: TaskRow, scene: Scene, key: str) -> Cell:
    return scene.cells.get(row.id, {}).get(key)


def _drawn(key: str, style: str, align: form.Align) -> Callable[[TaskRow, int, Scene], list[Piece]]:
    """Return what draws a task's cell."""

    def draw(row: TaskRow, width: int, scene: Scene) -> list[Piece]:
        text = _text(_kept(row, scene, key), scene.ascii)
        return [(form.fit(text, width, align, scene.ascii), style)]

    return draw


def _compared(key: str, style: str) -> Callable[[TaskRow, int, Scene], list[Piece]]:
    """Return what draws how far a task's value is from its baseline's; the baseline itself has its mark there."""

    def draw(row: TaskRow, width: int, scene: Scene) -> list[Piece]:
        itself = scene.baselines.of(row.project) == row.id
        text = form.BASELINE[scene.ascii] if itself else form.signed(_difference(row, scene, key))
        return [(form.fit(text, width, "right", scene.ascii), style)]

    return draw


def _difference(row: TaskRow, scene: Scene, key: str) -> float | None:
    own, other = (scene.cells.get(task, {}).get(key) for task in (row.id, scene.baselines.of(row.project)))
    return own - other if isinstance(own, float) and isinstance(other, float) else None


def compares(keys: Iterable[str]) -> bool:
    """Return whether any of these columns compares tasks with their baselines."""
    return any(":" in key and parse(key).is_delta for key in keys)


def _text(value: Cell, ascii_only: bool) -> str:
    if isinstance(value, tuple):
        return sparkline(value, COURSE, ascii_only)
    return value if isinstance(value, str) else form.number(value)


def following(key: str, by: int) -> str:
    """Return the key of a series' next form, as they stand in ``FORMS``; another column's own."""
    if not key.startswith("metric:"):
        return key
    column = parse(key)
    at = FORMS.index(column.aggregate) + by
    return column._replace(aggregate=FORMS[at % len(FORMS)]).key


def written(widths: Iterable[tuple[str, int]]) -> tuple[str, ...]:
    """Return widths as they are remembered: ``14 metric:loss/val.last``."""
    return tuple(f"{width} {key}" for key, width in widths)


def widths_in(texts: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """Return the widths in such texts; what is none is left out."""
    pairs = [text.partition(" ") for text in texts]
    return tuple((key, int(width)) for width, _, key in pairs if width.isascii() and width.isdigit() and len(width) < 4)


def bounds(column: Column) -> tuple[int, int]:
    """Return the fewest and the most cells that somebody may give a column: a field is drawn for its least."""
    return (NARROWEST if ":" in column.key else column.least, max(column.most, WIDEST))


def sized(column: Column, given: Mapping[str, int]) -> Column:
    """Return a column in the width that somebody gave it, if they did."""
    if column.key not in given:
        return column
    least, most = bounds(column)
    width = min(max(given[column.key], least), most)
    return column._replace(least=width, most=width)


def arranged(chosen: Sequence[Column], width: int) -> list[tuple[Column, int]]:
    """Return the chosen columns that fit into ``width`` cells, each with its width; state and name go last."""
    widths: dict[str, int] = {}
    left = width + 1
    for column in sorted(chosen, key=lambda column: column.key not in ("status", "name")):
        if column.least + 1 > left:
            break
        widths[column.key] = column.least
        left -= column.least + 1
    for key, most in _growing(chosen):
        if key in widths:
            more = min(max(most - widths[key], 0), left)
            widths[key] += more
            left -= more
    return [(column, widths[column.key]) for column in chosen if column.key in widths]


def _growing(chosen: Collection[Column]) -> list[tuple[str, int]]:
    rest = [(column.key, column.most) for column in chosen if column.key != "name"]
    name = next((column.most for column in chosen if column.key == "name"), 0)
    return [("name", min(30, name)), *rest, ("name", name)]
