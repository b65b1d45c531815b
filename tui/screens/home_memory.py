"""What the home screen remembers: reads it before the first rows, and notes it within two seconds when it has changed.

A dropped link ends the process without a word. Whatever moves is drawn, so there is a look after each frame, every two
seconds at most: no key, screen or tab has to know of it, and where nothing happens nobody is woken. Whoever leaves by a
key begins anew next time, with the same columns, order, filters and folds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from textual.message import Message

from tui import chosen, home_lines, messages
from tui.cli import QUEUES, SETTINGS
from tui.columns import METRIC
from tui.first import SEARCH
from tui.home_data import View
from tui.later import later
from tui.remembered import Memory, Order, Remembered, Where

from .base import LabtopScreen
from .home_rows import HomeRows

T = TypeVar("T")
PACE = 2.0


class HomeMemory(HomeRows, inherit_bindings=False):
    """Projects and tasks that stand where they stood."""

    def __init__(self) -> None:
        super().__init__()
        self._kept = Memory()
        """What is in the file."""
        self._open_again = Where()
        self.typed_over: str | None = None
        """The filter of before, while another one is typed."""
        self._noting = False

    def recall(self) -> None:
        """Take up what is remembered; what the command line asks for goes before it."""
        self.labtop.drawn = self._note_soon
        self._file = Remembered(self.data.location.setting)
        if self.labtop.asks:
            self._kept = self.memory = self._file.read()
        else:  # a picture, or lines: where somebody stands is not theirs, how they want their tables is
            self.memory = Memory(self._file.orders())
        self.projects.folded = set(self.memory.folded)
        where = self.memory.where
        if self.labtop.first_project is None and self.labtop.first_task is None:
            self._return_to(where)
        else:
            self.view = self.in_project((self.labtop.first_project or "").strip("/") or None)

    def _return_to(self, where: Where) -> None:
        self.view = replace(self.in_project(where.project or None), archived=where.archived)
        self.begin = (where.task, max(where.cursor, 0), max(where.top, 0))
        self._open_again = where if self.labtop.first_tab is None else Where()

    def on_store(self, message: Message) -> None:
        """Have opened again what was open over the table; a filter of last time may hide what one comes for."""
        if isinstance(message, messages.StoreOpened):
            where, self._open_again = self._open_again, Where()
            self._reopen(where)
            if not self.table.loaded and (text := self.view.text) and text == self.memory.filter(self.view.project):
                self.say(home_lines.last_time(text))
        super().on_store(message)

    def _reopen(self, where: Where) -> None:
        if where.tab == QUEUES:
            self.labtop.open_queues()
        elif where.tab == SETTINGS:
            self.labtop.open_settings()
        elif where.tab == SEARCH:
            self.action_search_everywhere(where.opened)
        elif where.opened:
            self.labtop.first_task, self.labtop.first_tab = where.opened, where.tab

    def in_project(self, path: str | None) -> View:
        """Return the view of a project, in its columns and order, and under its filter."""
        if self.table.loaded:
            self.memory = self._with_order()
        order = self.memory.order(path)
        columns = chosen.valid(order.columns)
        known = {METRIC, *(column.sort for column in chosen.every(None, False, columns) if column.sort)}
        order = order if order.sort in known else Order()
        given = self.labtop.first_text.strip()
        text = given if given and self.wanted.text == given else self.memory.filter(path)
        return replace(self.wanted, project=path, metric=None, text=text, columns=columns,
                       widths=chosen.widths_in(order.widths), sort=order.sort,
                       descending=order.descending)  # fmt: skip

    def _note_soon(self) -> None:
        """Write down what has changed, after a while in which more may."""
        if not self._noting and self.labtop.asks:
            self._noting = True
            later(self, PACE, self._look)

    def _look(self) -> None:
        self._noting = False
        self.note()

    def note(self) -> None:
        """Write down what has changed."""
        if not (self.table.loaded and self.labtop.asks) or self.labtop.first_task is not None:
            return
        self.memory = self._now()
        if self.memory != self._kept:
            self._kept = self.memory
            self.run_worker(asyncio.to_thread(self._file.keep, self.memory), group="memory")

    def on_unmount(self) -> None:
        """Leaving in peace: where one stood is forgotten. The panes have gone by now."""
        if self._loads and self.labtop.asks:
            self._file.keep(replace(self._with_order(), where=Where()))

    def _now(self) -> Memory:
        return replace(self._with_order(), folded=tuple(sorted(self.projects.folded)), where=self._where())

    def _with_order(self) -> Memory:
        view, memory, path = self.view, self.memory, self.view.project or ""
        order = Order(view.columns, view.sort, view.descending, chosen.written(view.widths))
        if order != memory.order(path):
            memory = replace(memory, orders=_last(memory.orders, path, order))
        text = view.text if self.typed_over is None else self.typed_over
        if text != memory.filter(path) and not (text and text == self.labtop.first_text.strip()):
            memory = replace(memory, narrowed=_last(memory.narrowed, path, text))
        return memory

    def _where(self) -> Where:
        view, table = self.view, self.table
        task = table.current.id if table.current is not None else ""
        opened, tab = [screen.stand for screen in self.app.screen_stack if isinstance(screen, LabtopScreen)][-1]
        return Where(view.project or "", bool(view.archived), task, table.cursor, table.top, opened, tab)


def _last(known: Mapping[str, T], path: str, value: T) -> dict[str, T]:
    """Return what is known of projects with that of one as the newest, at the end."""
    return {**{project: other for project, other in known.items() if project != path}, path: value}
