"""Screens and dialogs as lines: what their widgets show, without frames, padding, bars and colours."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, cast

from textual.geometry import Region
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from store import clock, columns
from store.lifecycle import Status, label
from store.records import ConsoleLine, MetricRow, TaskRow
from tui import chosen
from tui import format as form
from tui.columns import Scene, metric_name
from tui.dialogs.palette import PaletteDialog
from tui.screens.task import TaskScreen
from tui.widgets.ansi import parse
from tui.widgets.bar import KeyLine, Notice, StatusLine
from tui.widgets.console import Console
from tui.widgets.lines import LinesView
from tui.widgets.pane import Pane
from tui.widgets.prompt import Prompt
from tui.widgets.scalars import Charts
from tui.widgets.tabs import SearchLine, TabLine

if TYPE_CHECKING:
    from textual.screen import Screen

    from tui.baselines import Baselines
    from tui.dialogs.base import Dialog
    from tui.home_data import Cells, View
    from tui.widgets.tree import Node

CELL = 40
"""Characters told of a hyperparameter."""
_SUMMARY = ("first", "last", "min", "max")
"""What ``course_in_words`` is told of a series, in its order."""
TAIL = 20
"""Lines of a console's end."""
_AROUND = (StatusLine, KeyLine, Notice, Prompt, TabLine, SearchLine, Input, TextArea)
_DRAWN = re.compile(r"[\u2500-\u259f\u2800-\u28ff]+")
_MARKS = {form.status_mark(status): label(status) for status in Status}
_MARK = re.compile("|".join(map(re.escape, _MARKS)))
_GAP = re.compile(r" {2,}")


def tidy(text: str) -> str:
    """Return a drawn line as one reads it out; empty if it was only drawing."""
    text = _MARK.sub(lambda found: f"{_MARKS[found[0]]} ", text)
    return _GAP.sub("  ", _DRAWN.sub(" ", text)).strip()


def task_line(number: int, row: TaskRow, view: View, cells: Cells, baselines: Baselines) -> str:
    """Return a task of the table: its number there, state, name, what is known of it, and what its columns hold."""
    said = [f"{number}. {label(row.status)}: {row.name}", row.project]
    scene = Scene(clock.now(), cells=cells, baselines=baselines)
    said += [f"baseline of {path}" for path in baselines.projects_of(row.id)]
    if row.progress is not None:
        said.append(form.percentage(row.progress).strip())
    if row.last_iteration is not None:
        said.append(f"iteration {row.last_iteration}")
    if row.metric is not None and view.metric is not None:
        said.append(f"{metric_name(view.metric)} {form.number(row.metric)}")
    said += _chosen(row, view, scene)
    if row.tags:
        said.append(f"tags {' '.join(row.tags)}")
    said += [f"{form.age(scene.now - row.activity)} ago", form.short_id(row.id)]
    return ", ".join(said) + (", archived" if row.archived else "")


def summaries(keys: Sequence[str]) -> list[str]:
    """Return the keys of what is told of the courses among chosen columns: what is drawn of them are means."""
    chosen_ones = (columns.parse(key) for key in keys if key != chosen.GPU)
    courses = [column for column in chosen_ones if column.aggregate == columns.SPARKLINE]
    return [column._replace(aggregate=number).key for column in courses for number in _SUMMARY]


def _chosen(row: TaskRow, view: View, scene: Scene) -> Iterator[str]:
    """Yield what a task has in the columns somebody chose; fields are told of every task."""
    own = scene.cells.get(row.id, {})
    for column in chosen.every(None, False, view.cells):
        if column.key in view.cells:
            known = [value for key in summaries([column.key]) if isinstance(value := own.get(key), float)]
            drawn = "".join(text for text, _ in column.draw(row, CELL, scene)).strip()
            if drawn not in ("", form.BASELINE[False]):
                yield f"{column.title} {course_in_words(*known) if known else drawn}"


def course_in_words(first: float, last: float, least: float, most: float) -> str:
    """Return how a series went: ``falling from 2.300 to 0.4000``, and where it was lower or higher than that."""
    way = "falling" if last < first else "rising" if last > first else ""
    span = f"{way} from {form.number(first)} to".lstrip() if first != last else "at"
    lower = [f"lowest {form.number(least)}"] if least < min(first, last) else []
    higher = [f"highest {form.number(most)}"] if most > max(first, last) else []
    return ", ".join([f"{span} {form.number(last)}", *lower, *higher])


def state_line(row: TaskRow, before: str | None) -> str:
    """Return what a task has become, and when; of a failure the reason."""
    was = f"{label(before)} to " if before else ""
    reason = f", {row.status_reason}" if row.status == "failed" and row.status_reason else ""
    return f"{time.strftime('%H:%M:%S')} {row.name}: {was}{label(row.status)}{reason}"


def console_line(line: ConsoleLine) -> str:
    """Return a console line without its colours."""
    return "".join(text for text, _ in parse(line.text))


def project_line(node: Node) -> str:
    """Return a project of the tree: its path, how many tasks it has in each state, what it is for."""
    states = ", ".join(f"{n:,} {label(state)}" for state, n in node.counts.items() if n)
    more = [node.description, f"baseline {form.short_id(node.baseline)}" if node.baseline else ""]
    return ". ".join([f"{node.path}: {states or 'no tasks'}", *filter(None, more)])


def screen_lines(screen: Screen[object]) -> Iterator[str]:
    """Yield what a screen shows but the table of tasks, which has lines of its own."""
    if isinstance(screen, TaskScreen) and screen.detail is not None:
        row = screen.detail.row
        yield f"{label(row.status)}: {row.name}, {row.project}, {form.short_id(row.id)}, {screen.tab}"
        if isinstance(screen.pane(), Charts):
            yield from metric_lines(screen.detail.metrics)
            return
        yield from _widget_lines(screen.pane())
        return
    yield tidy(screen.query_one(StatusLine).text().plain)
    for widget in screen.query("*"):
        if widget.display and not widget.children and not isinstance(widget, _AROUND) and _in_sight(widget):
            yield from _widget_lines(widget)


def _in_sight(widget: Widget) -> bool:
    return all(node.display for node in widget.ancestors_with_self if isinstance(node, Widget)) and bool(widget.size)


def _widget_lines(widget: Widget) -> Iterator[str]:
    """Yield a widget's lines: all of them where it has rows, else those in sight."""
    if isinstance(widget, Console):
        return  # the reader asks for its lines
    if isinstance(widget, Pane) and (told := widget.told()) is not None:
        yield from told
    elif isinstance(widget, LinesView) and widget.count:
        yield from said(tidy("".join(text for text, _ in widget.row(i) or ())) for i in range(widget.count))
    else:
        strips = widget.render_lines(Region(0, 0, *widget.size))
        yield from said(tidy(strip.text) for strip in strips)


def said(lines: Iterable[str]) -> Iterator[str]:
    """Leave out what says nothing."""
    return (line for line in lines if line)


def metric_lines(metrics: Iterable[MetricRow]) -> Iterator[str]:
    """Yield each series of a task in words: what charts show to those who see them."""
    none = True
    for row in metrics:
        none = False
        least, most = form.number(row.min), form.number(row.max)
        nan = f", {row.nan_count:,} NaN" if row.nan_count else ""
        yield (f"{metric_name((row.title, row.series))}: last {form.number(row.last)} at iteration "
               f"{row.last_iteration}, min {least or 'none'}, max {most or 'none'}, "
               f"{form.counted(row.n, 'point')}{nan}")  # fmt: skip
    if none:
        yield "No scalars yet. They come with logger.report_scalar(…)."


def dialog_lines(dialog: Dialog[object]) -> Iterator[str]:
    """Yield title, text and lists of a dialog."""
    yield dialog.heading
    yield from said(line.strip() for line in dialog.text.splitlines())
    if isinstance(dialog, PaletteDialog):
        for row in dialog.rows:
            yield ": ".join(part for part in (row.shown, row.why or row.note) if part)
        return
    for widget in dialog.query("*"):
        if not widget.children and not isinstance(widget, (Static, *_AROUND)):
            yield from _widget_lines(widget)


def problem_of(dialog: Dialog[object]) -> str:
    """Return what a dialog says is wrong with the answer."""
    found = dialog.query(".problem")
    return str(cast("Static", found.first()).content).strip() if found else ""
