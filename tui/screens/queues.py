"""Queues, workers and machines, live: what waits and why, who runs what, which task holds which GPU.

Everything is read again when anybody has committed something, at most twice a second and only while it is in sight;
what has not changed is not drawn. This machine's own load is looked at every few seconds, and shown when it moved.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.message import Message

from store import clock, who
from store.errors import LabtopError
from store.load import differs
from store.records import Load, QueueRow, TaskRow
from tui import keymap, messages, queues_data, steering
from tui.cli import QUEUES
from tui.data import READ_ONLY
from tui.later import later
from tui.queues_data import Floor
from tui.widgets.about import About
from tui.widgets.bar import KeyLine
from tui.widgets.board import Board
from tui.widgets.machine import MachineBoard
from tui.widgets.queues import QueueBoard, WorkerBoard

from .base import LabtopScreen

PACE = 0.5
"""Least seconds between a commit and the reading after it."""
LOOK = 5.0
"""Seconds between two looks at this machine."""
ON_QUEUE = frozenset(key.id for key in keymap.KEYS if key.action.startswith("on_queue"))
ON_TASK = frozenset(key.id for key in keymap.KEYS if key.group == "Task")
ON_WORKER = frozenset({"worker.drain", "worker.stop"})
ON_A_TASK = frozenset({"board.open", "queue.earlier", "queue.later", "queue.first", "queue.elsewhere"})
"""Keys that mean something on a queue's own line; to any task, of which a board's key line names one; to a worker; to
the task of the line."""


class QueuesScreen(LabtopScreen):
    """The screen of queues, workers and machines."""

    KEYS: ClassVar[str] = "queues"
    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings("queues")]
    AUTO_FOCUS = "QueueBoard"

    def __init__(self) -> None:
        super().__init__()
        self.floor = Floor()
        self.load: Load | None = None
        self._known = False
        """Whether the floor has been read."""
        self._stale = False
        self._one_at_a_time = asyncio.Lock()
        self._soon: asyncio.TimerHandle | None = None

    def body(self) -> ComposeResult:
        """The queues, beside or above the workers and the machines; below them what there is to say of a line."""
        with Container(classes="floor"):
            yield QueueBoard()
            with Vertical(classes="beside"):
                yield WorkerBoard()
                yield MachineBoard()
        yield About()

    def on_mount(self) -> None:
        """Read, and go on doing so."""
        self.show_status()
        self.set_interval(LOOK, self._watch)
        self._watch()
        self.reload()

    # Live -------------------------------------------------------------------------------------------------------

    def on_store(self, message: Message) -> None:
        """Take the rows of tasks that changed; read all when the store can be read again."""
        if isinstance(message, messages.StoreChanged):
            known = self.floor.rows
            known.update({row.id: row for row in message.changes.tasks if row.id in known})
            for task in message.changes.deleted:
                known.pop(task, None)
        elif isinstance(message, messages.StoreOpened):
            self.reload()
        self.show_status()

    def on_commit(self) -> None:
        """Somebody changed something: look a little later, together with what follows."""
        if self._soon is None and self.is_current:
            self._soon = later(self, PACE, self._reload_now)

    def _reload_now(self) -> None:
        self._soon = None
        self.reload()

    def aged(self) -> None:
        """Read, though nobody has committed anything: not only ages change, agents fall silent too."""
        self.reload()

    def reload(self) -> None:
        """Read, if somebody can see it."""
        if self.is_attached and self.is_current and self.data.opened:
            self.run_worker(self.look_again(), group="queues")

    async def look_again(self) -> None:
        """Read what there is and show it; what is read was committed before this was called, or later."""
        self._stale = True
        async with self._one_at_a_time:
            if not self._stale:
                return
            self._stale = False
            try:
                found = await self.data.read(queues_data.load, frozenset(self.floor.rows), clock.now())
            except LabtopError as error:
                self.say(str(error), "error")
                return
            kept = {task: self.floor.rows[task] for task in found.tasks() if task in self.floor.rows}
            self.floor, self._known = replace(found, rows=found.rows | kept), True
        self._show()

    def _watch(self) -> None:
        if self.is_current:
            self.run_worker(self._look_here(), group="machine", exclusive=True)

    async def _look_here(self) -> None:
        """Look at this machine; what moved only a little stays as it stands."""
        load = await self.data.load()
        if differs(load, self.load):
            self.load = load
            self._show()

    # Showing ----------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        if not (self.is_attached and self._known):
            return
        here = who.host()
        floor = self.floor if self.load is None else self.floor.with_load(here, self.load, clock.now())
        self.query_one(QueueBoard).show(floor)
        self.query_one(WorkerBoard).show(floor)
        self.query_one(MachineBoard).show(floor, here)
        self.show_status()

    @property
    def stand(self) -> tuple[str, str]:
        """Itself."""
        return "", QUEUES

    def show_status(self) -> None:
        """Show what is looked at; or that the store is away."""
        if self.labtop.banner:
            self.say(self.labtop.banner, "error")
        look, floor, now = self.look, self.floor, clock.now()
        line = Text("queues and workers", style=look.style("bold bright"), no_wrap=True, end="")
        if not self._known:
            self.status(line)
            return
        waiting = sum(len(queue.tasks) for queue in floor.queues)
        line.append(f"  {waiting:,} waiting", look.style("pending" if waiting else "normal"))
        lost = sum(worker.lost(now) for worker in floor.workers)
        line.append(f"  {_workers(len(floor.workers) - lost)}", look.style("normal"))
        if lost:
            line.append(f"  {lost} lost", look.style("red"))
        self.status(line)

    @property
    def board(self) -> Board:
        """The board that has the keys."""
        focused = self.keyed
        return focused if isinstance(focused, Board) else self.query_one(QueueBoard)

    @on(Board.Moved)
    @on(events.DescendantFocus)
    def show_line(self) -> None:
        """Show what there is to say of the line under the cursor, and the keys that mean something to it."""
        board = self.board
        for node in self.query(".floor *"):
            node.set_class(node in board.ancestors_with_self, "-keyed")
        self.query_one(About).show(board.about() if board.known else "")
        rows = self.targets()
        named = "task.enqueue" if isinstance(board, QueueBoard) else "task.abort"
        hidden = ON_TASK - {named} if rows else ON_TASK | ON_A_TASK
        if self._heading() is None:
            hidden |= ON_QUEUE
        if not board.count:
            hidden |= ON_WORKER
        self.query_one(KeyLine).use(("queues", board.KEYS, "board"), hidden, rows[0] if rows else None)

    def help_screens(self) -> tuple[str, ...]:
        """The keys of the screen and of every board."""
        return (self.KEYS, "board", *(board.KEYS for board in self.query(Board)), "app")

    # Keys -------------------------------------------------------------------------------------------------------

    def targets(self) -> list[TaskRow]:
        """The task under the cursor: the one that waits, that the worker runs, that holds the GPU."""
        row = self.floor.rows.get(self.board.task_id) if self.board.known else None
        return [] if row is None else [row]

    @property
    def settling(self) -> bool:
        """Whether it is read for the first time: what is typed is meant for what there will be."""
        return not self._known and not self.labtop.banner

    def no_targets(self) -> str:
        """Say where the tasks are."""
        ways = ", ".join(keymap.now(way) for way in ("move.down", "move.up", "pane.next"))
        return f"There is no task on this line. Go to one first ({ways})."

    def _heading(self) -> QueueRow | None:
        board = self.board
        return board.heading if isinstance(board, QueueBoard) and board.known else None

    @on(Board.Asked)
    def _asked(self, message: Board.Asked) -> None:
        if message.word == "open":
            self._open()
        elif self.labtop.read_only:
            self.say(READ_ONLY, "refused")
        elif (work := self._work(message.word)) is None:
            self.say(self.no_targets() if message.word in steering.ON_TASKS else "There is no worker here.")
        else:
            self.carry_out(work)

    def _work(self, word: str) -> Awaitable[None] | None:
        """Return what a word asks for, done to what is under the cursor; None where it means nothing."""
        board, queue = self.board, self._heading()
        if word == "new":
            return steering.new(self)
        if isinstance(board, WorkerBoard):
            worker = board.worker
            return steering.ON_WORKERS[word](self, worker) if worker is not None else None
        if queue is not None and word in steering.ON_QUEUES:
            return steering.ON_QUEUES[word](self, queue)
        return steering.ON_TASKS[word](self, board.task_id) if board.task_id and word in steering.ON_TASKS else None

    def _open(self) -> None:
        rows = self.targets()
        if rows:
            self.labtop.open_task(rows[0].id)
        else:
            self.say(self.no_targets())

    def action_next_pane(self) -> None:
        """The next board."""
        self._step(1)

    def action_previous_pane(self) -> None:
        """The board before."""
        self._step(-1)

    def _step(self, by: int) -> None:
        boards = list(self.query(Board))
        boards[(boards.index(self.board) + by) % len(boards)].focus()


def _workers(number: int) -> str:
    return "no worker" if not number else f"{number} {'worker' if number == 1 else 'workers'}"
