"""The task table: draws the rows in sight, asks for pages it has not got, sends a line again only if it changed.

Textual's own table computes every row's width (13 s for 100 k rows) and repaints everything at each change. This one
never opens the store: it posts ``Wanted`` and is handed pages.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip

from store import clock
from tui import chosen, keymap
from tui import columns as cols
from tui import format as form
from tui.baselines import Baselines
from tui.pages import KEEP, PAGE, Pages

from .roll import Roll

if TYPE_CHECKING:
    from store.records import SeriesKey, TaskRow

GUTTER = 2
BAR = 1
"""Cells at the right edge that show which part of the table is in sight."""


class TaskTable(Roll):
    """Rows of tasks with a cursor and marks."""

    BINDINGS: ClassVar[Any] = keymap.bindings("table")

    class Wanted(Message):
        """Pages in sight that are not in memory."""

        def __init__(self, numbers: list[int]) -> None:
            super().__init__()
            self.numbers = numbers

    class Moved(Message):
        """The cursor stands on another row, or on a row that changed."""

    class Opened(Message):
        """Enter on a row."""

        def __init__(self, row: TaskRow) -> None:
            super().__init__()
            self.row = row

    class Ranged(Message):
        """All rows from one task to another shall be marked; few of them may be in memory."""

        def __init__(self, one: str, other: str) -> None:
            super().__init__()
            self.one, self.other = one, other

    def __init__(self) -> None:
        super().__init__()
        self.pages = Pages()
        self.loaded = False
        self.marks: dict[str, TaskRow] = {}
        self.empty: list[tuple[str, str]] = []
        """Lines (text, style) shown when there is no row."""
        self.metric: SeriesKey | None = None
        self.one_project = False
        self.columns: tuple[str, ...] = ()
        """Keys of the columns somebody chose."""
        self.widths: Mapping[str, int] = {}
        """Widths that somebody gave some of them."""
        self.cells: dict[str, Mapping[str, cols.Cell]] = {}
        """What tasks in memory, and the baselines they are compared with, have in those that are no fields."""
        self.baselines = Baselines()
        self.sort = "activity"
        self.descending = True
        self._layout: tuple[object, list[tuple[cols.Column, int]]] = (None, [])
        self._asked: frozenset[int] = frozenset()
        self._last_mark: str | None = None
        """The task that was marked or unmarked last, wherever it stands by now."""

    # What the screen hands over ---------------------------------------------------------------------------------

    def use(
        self, columns: tuple[str, ...], cells: Mapping[str, Mapping[str, cols.Cell]], widths: Mapping[str, int]
    ) -> None:
        """Show chosen columns (none: as many as fit), with what the tasks have in those that are no fields."""
        self.columns, self.cells, self.widths = columns, dict(cells), widths
        self._layout = (None, [])

    def fill(self, cells: Mapping[str, Mapping[str, cols.Cell]]) -> None:
        """Take what some tasks have in the chosen columns."""
        if len(self.cells) > 2 * KEEP * PAGE:
            self.cells = {task: self.cells[task] for task in self.needed(self.cells)}
        self.cells.update(cells)
        self.sync()

    def needed(self, tasks: Iterable[str]) -> list[str]:
        """Return those of some tasks whose cells are: they are in memory, or tasks there are compared with them."""
        compared = self.compared
        return [task for task in tasks if task in compared or self.pages.place(task) is not None]

    @property
    def compared(self) -> set[str]:
        """The baselines that tasks in memory are compared with; none while no column does."""
        if not chosen.compares(self.columns):
            return set()
        return {self.baselines.of(project) for project in {row.project for row in self.pages}} - {""}

    def show(self, total: int, pages: dict[int, list[TaskRow]], *, keep: str | None = None) -> None:
        """Show another list: ``total`` rows, some pages of it, the cursor on the task ``keep`` if it is there."""
        self.pages.clear(total)
        self.loaded = True
        self._asked = frozenset()
        for number, rows in pages.items():
            self.pages.put(number, rows)
        place = self.pages.place(keep) if keep else None
        self.go(place if place is not None else min(self.cursor, max(total - 1, 0)))
        self.sync()

    def supply(self, number: int, rows: Sequence[TaskRow]) -> None:
        """Take a page that was wanted."""
        self.pages.put(number, rows)
        self._asked -= {number}
        self.sync()

    def change(self, rows: Sequence[TaskRow], gone: Collection[str], total: int) -> None:
        """Take changed rows: in place where they stay in order, else moved; lines that did not change stay."""
        stand = self.current
        if total == self.pages.total and not gone and all(self._stays(row) for row in rows):
            for row in rows:
                self.pages.replace(row)
        else:
            self.pages.settle(rows, gone, total, cols.before(self.order, self.descending))
            self._asked = frozenset()
            place = self.pages.place(stand.id) if stand else None
            self.go(place if place is not None else min(self.cursor, max(total - 1, 0)))
        self.remark(rows, gone)
        if stand is not None and (stand.id in gone or any(row.id == stand.id for row in rows)):
            self.moved()
        self.sync()

    def mark(self, rows: Iterable[TaskRow], *, also: bool = False) -> None:
        """Mark these rows, in sight or not, and no others, unless ``also``."""
        self.marks = (self.marks if also else {}) | {row.id: row for row in rows}
        self.moved()
        self.sync()

    def remark(self, rows: Iterable[TaskRow], gone: Collection[str]) -> None:
        """Have the marks hold tasks as they are now, in sight or not, and none of those that are gone."""
        self.marks.update((row.id, row) for row in rows if row.id in self.marks)
        self.unmark(gone)

    def unmark(self, tasks: Collection[str]) -> None:
        """Forget marks of tasks."""
        if [task for task in tasks if self.marks.pop(task, None)]:
            self.moved()
            self.sync()

    def _stays(self, row: TaskRow) -> bool:
        place = self.pages.place(row.id)
        old = self.pages.get(place) if place is not None else None
        column = self.order
        return old is not None and column.value(old) == column.value(row)

    @property
    def order(self) -> cols.Column:
        """The column the table is sorted by."""
        return next((column for column in self.available if column.sort == self.sort), cols.AGE)

    @property
    def available(self) -> list[cols.Column]:
        """Every column, shown or not."""
        return chosen.every(self.metric, self.one_project, self.columns)

    @property
    def current(self) -> TaskRow | None:
        """The row under the cursor, None if there is none or it is not in memory yet."""
        return self.pages.get(self.cursor)

    @property
    def in_sight(self) -> tuple[int, int]:
        """First and last index in sight."""
        return self.top, self.top + max(self.size.height - 2, 0)

    # Moving -----------------------------------------------------------------------------------------------------

    @property
    def count(self) -> int:
        """Rows of the view, in memory or not."""
        return self.pages.total

    def moved(self) -> None:
        """Tell the screen."""
        self.post_message(self.Moved())

    def action_open(self) -> None:
        """Open the row."""
        if self.current is not None:
            self.post_message(self.Opened(self.current))

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor, one on the cursor opens."""
        index = self.index_at(event.y)
        if not 0 <= index < self.count:
            return
        if index == self.cursor and event.chain > 1:
            self.action_open()
        self.move_to(index)

    # Marks ------------------------------------------------------------------------------------------------------

    @property
    def chosen(self) -> list[TaskRow]:
        """The marked rows, else the one under the cursor."""
        if self.marks:
            return list(self.marks.values())
        return [self.current] if self.current is not None else []

    def action_mark(self) -> None:
        """Mark or unmark the row, and go on."""
        row = self.current
        if row is not None:
            self._last_mark = row.id
            if self.marks.pop(row.id, None) is None:
                self.marks[row.id] = row
        self.go(self.cursor + 1)
        self.moved()
        self.sync()

    def action_mark_range(self) -> None:
        """Mark from the last mark to here."""
        if self.current is not None:
            first, self._last_mark = self._last_mark or self.current.id, self.current.id
            self.post_message(self.Ranged(first, self._last_mark))

    def action_unmark(self) -> None:
        """Clear the marks."""
        self.marks.clear()
        self._last_mark = None
        self.moved()
        self.sync()

    # Drawing ----------------------------------------------------------------------------------------------------

    def sync(self, rows: Iterable[int] | None = None) -> None:
        """Ask for pages in sight that are missing, and draw again only the lines that changed."""
        if not self.is_mounted or not self.size.height:
            return
        missing = frozenset(self.pages.missing(*self.in_sight))
        if missing - self._asked:
            self.post_message(self.Wanted(sorted(missing - self._asked)))
            self._asked |= missing
        super().sync(rows)

    def draw(self, y: int) -> Strip:
        """Return a line: the heading, a row, or what is said in place of rows."""
        if y == 0:
            return self._heading()
        if not self.pages.total:
            return self._nothing(y - 1)
        index = self.index_at(y)
        if index >= self.count:
            return Strip.blank(self.size.width)
        row = self.pages.get(index)
        return self._row(index, row) if row is not None else self._waiting(index)

    @property
    def in_columns(self) -> list[tuple[cols.Column, int]]:
        """The columns on the screen and their widths; none while the table is not shown."""
        key = (self.size.width, self.metric, self.one_project, self.columns)
        if self._layout[0] != key:
            name = cols.metric_name(self.metric) if self.metric else ""
            if self.columns:
                shown = chosen.arranged(self._chosen_columns(self.columns, self.widths), self._width)
            else:
                available = cols.columns(self.metric, self.one_project)
                shown = cols.layout(available, self._width, min(cell_len(name) + 1, 12))
            self._layout = (key, shown)
        return self._layout[1]

    @property
    def _width(self) -> int:
        """Cells for columns."""
        return self.size.width - GUTTER - BAR - 1

    def _chosen_columns(self, keys: tuple[str, ...], widths: Mapping[str, int]) -> list[cols.Column]:
        known = {column.key: column for column in chosen.every(self.metric, False, keys)}
        return [chosen.sized(known[key], widths) for key in keys if key in known]

    def left_out(self, keys: tuple[str, ...], widths: Mapping[str, int]) -> list[str]:
        """Return the titles of the columns for which there is no room when all of these are chosen, so wide."""
        wanted = self._chosen_columns(keys, widths)
        shown = {column.key for column, _ in chosen.arranged(wanted, self._width)}
        return [column.title for column in wanted if column.key not in shown]

    def _heading(self) -> Strip:
        look = self.look
        style = look.style("bold accent" if self.has_focus else "dim")
        text = " " * GUTTER
        for column, width in self.in_columns:
            sorts = bool(column.sort) and column.sort == self.sort and width > min(len(column.title), 3)
            arrow = self._arrow(look.ascii) if sorts else ""
            title = cols.heading(column, width - len(arrow)) + arrow
            text += form.fit(title, width, "right" if column.right else "left") + " "
        return Strip([Segment(form.fit(text, self.size.width), style)], self.size.width)

    def _arrow(self, ascii_only: bool) -> str:
        return ("+", "-", "↑", "↓")[self.descending + (0 if ascii_only else 2)]

    def _nothing(self, y: int) -> Strip:
        if not 0 < y <= len(self.empty):
            return Strip.blank(self.size.width)
        text, style = self.empty[y - 1]
        return Strip([Segment(form.fit("  " + text, self.size.width), self.look.style(style))], self.size.width)

    def _row(self, index: int, row: TaskRow) -> Strip:
        look = self.look
        here = index == self.cursor
        ground = (" on cursor" if self.has_focus else " on idle_cursor") if here else ""
        scene = cols.Scene(clock.now(), look.ascii, cells=self.cells, baselines=self.baselines)
        marked = ("*" if look.ascii else "•") if row.id in self.marks else " "
        pointer = (">" if look.ascii else "▌") if here else " "
        segments = [Segment(pointer, look.style("accent" + ground)), Segment(marked, look.style("accent" + ground))]
        gap = Segment(" ", look.style("normal" + ground))
        for column, width in self.in_columns:
            for text, style in column.draw(row, width, scene):
                segments.append(Segment(text, look.style(self._emphasis(style, here) + ground)))
            segments.append(gap)
        return self._edged(segments, index, ground)

    @staticmethod
    def _emphasis(style: str, here: bool) -> str:
        if " on " in style:
            return style.split(" on ")[0] if here else style
        return {"normal": "bright"}.get(style, style) if here else style

    def _waiting(self, index: int) -> Strip:
        look = self.look
        return self._edged([Segment("    " + ("..." if look.ascii else "…"), look.style("dim"))], index, "")

    def _edged(self, segments: list[Segment], index: int, ground: str) -> Strip:
        """Fill a line up and end it with the part of the bar that belongs to it."""
        look, width = self.look, self.size.width
        strip = Strip(segments).adjust_cell_length(width - BAR, look.style("normal" + ground))
        return Strip([*strip, Segment(self._thumb(index - self.top), look.style("dim" + ground))], width)

    def _thumb(self, line: int) -> str:
        rows, total = self.room, self.count
        if total <= rows:
            return " "
        size = max(1, rows * rows // total)
        start = round(self.top / (total - rows) * (rows - size))
        return ("|" if self.look.ascii else "▐") if start <= line < start + size else " "
