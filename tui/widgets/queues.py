"""The boards of queues and of workers: each line of them, and what the line below says of it."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from store import clock
from store.records import QueueRow, WorkerRow
from store.waiting import ASKED, why
from tui import format as form
from tui import keymap
from tui.queues_data import Floor

from .board import Board, Item
from .lines import Piece, Row

PLACE, NAME, PROJECT, USER, AGE, STATE, BAR = 4, 14, 22, 10, 4, 9, 8
ROOMY = 56
"""The width from which a task's project and user are shown beside it."""
QUEUES_FROM, LOAD_FROM, BOTH_FROM, OWNER_FROM = 66, 76, 90, 112
"""The widths from which a worker's queues, how busy it keeps its machine, both, and its owner are shown beside it."""
SHARE_BAR = 3


class QueueBoard(Board):
    """The queues, each with its tasks in the order they will be claimed."""

    TITLE = "Queues"
    KEYS = "queue"
    BINDINGS: ClassVar[Any] = keymap.bindings("queue")
    _names: frozenset[str] = frozenset()
    """Those that more than one task has."""

    def show(self, floor: Floor) -> None:
        """Show what there is now."""
        items: list[Item] = []
        self.floor = floor
        self._names = form.shared(floor.rows.values())
        for queue in floor.queues:
            items.append(Item(f"queue {queue.name}", partial(self._heading, queue)))
            waiting = enumerate(queue.tasks, 1)
            items += [Item(f"task {task}", partial(self._waiting, task, place)) for place, task in waiting]
        self.put(items)

    @property
    def heading(self) -> QueueRow | None:
        """The queue whose own line is under the cursor."""
        kind, _, name = self.key.partition(" ")
        return next((q for q in self.floor.queues if kind == "queue" and q.name == name), None) if kind else None

    @property
    def task_id(self) -> str:
        """The task under the cursor; empty on a queue's own line."""
        kind, _, task = self.key.partition(" ")
        return task if kind == "task" else ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is done to queues belongs to their own lines; on a task's the same letters mean the task."""
        return self.heading is not None if action == "on_queue" else super().check_action(action, parameters)

    def action_on_queue(self, word: str) -> None:
        """Have something done to the queue under the cursor."""
        self.post_message(self.Asked(word))

    def about(self) -> str:
        """Return what is said of the line under the cursor."""
        queue = self.heading
        if queue is not None:
            return f'Queue "{queue.name}": {how_many(queue)}. {served(self.floor, queue)}'
        found = self.floor.queue_of(self.task_id)
        return "" if found is None else self.floor.why(self.task_id, found, clock.now())

    def _heading(self, queue: QueueRow, width: int) -> Row:
        agents = [worker.name for worker in self.floor.workers if queue.name in worker.queues]
        name = form.fit(queue.name, min(max(len(queue.name), 1), width // 2), ascii_only=self.look.ascii)
        row: list[Piece] = [(name, "bold bright"), (f"  {how_many(queue)}", "normal")]
        lonely = queue.tasks and not agents
        text = ("  no agent" if lonely else "") if not agents else "  agents: " + ", ".join(agents)
        left = max(width - sum(len(piece) for piece, _ in row), 0)
        return (*row, (form.fit(text, left, ascii_only=self.look.ascii), "yellow" if lonely else "dim"))

    def _waiting(self, task: str, place: int, width: int) -> Row:
        found = self.floor.rows.get(task)
        number: Piece = (f"{place:>{PLACE}} ", "dim")
        if found is None:
            return (number, (form.short_id(task), "dim"))
        fit = partial(form.fit, ascii_only=self.look.ascii)
        beside = [(fit(found.project, PROJECT), "dim"), (fit(found.user, USER), "dim")] if width > ROOMY else []
        age = form.fit(form.age(clock.now() - found.activity), AGE, "right")
        room = width - PLACE - 1 - AGE - 1 - sum(len(text) + 1 for text, _ in beside)
        name = form.told_apart(found, room - 1, self._names, self.look.ascii)
        pieces = [number, (name + " ", "normal")]
        return (*pieces, *((text + " ", role) for text, role in beside), (age, "dim"))


def how_many(queue: QueueRow) -> str:
    """Return how many tasks wait in a queue."""
    return f"{len(queue.tasks):,} waiting" if queue.tasks else "empty"


def served(floor: Floor, queue: QueueRow) -> str:
    """Return who takes tasks from a queue, or how somebody would."""
    now = clock.now()
    names = [f"{w.name} ({state_of(w, now)})" for w in floor.workers if queue.name in w.queues]
    return f"Its agents: {', '.join(names)}." if names else why(queue.name, (), (), str, now)


def state_of(worker: WorkerRow, now: float) -> str:
    """Return a worker's state in a word: ``lost``, ``draining``, ``stopping``, ``running``, ``idle``."""
    if worker.lost(now):
        return "lost"
    return worker.state if worker.state in ASKED else "running" if worker.task else "idle"


class WorkerBoard(Board):
    """The running agents and what they are doing."""

    TITLE = "Workers"
    KEYS = "worker"
    BINDINGS: ClassVar[Any] = keymap.bindings("worker")
    blank = "No agent is running: `capture agent --queue default` starts one, and it takes the tasks that wait."

    def show(self, floor: Floor) -> None:
        """Show what there is now."""
        self.floor = floor
        self.put([Item(worker.id, partial(self._worker, worker)) for worker in floor.workers])

    @property
    def worker(self) -> WorkerRow | None:
        """The worker under the cursor."""
        return next((worker for worker in self.floor.workers if worker.id == self.key), None)

    @property
    def task_id(self) -> str:
        """The task of the worker under the cursor."""
        return (self.worker.task or "") if self.worker is not None else ""

    def about(self) -> str:
        """Return what is said of the worker under the cursor."""
        worker = self.worker
        if worker is None:
            return ""
        who = f"{worker.name}: {worker.user}@{worker.host}, pid {worker.pid}, queues {', '.join(worker.queues)}"
        return f"{who}. {_standing(worker, self.floor)}"

    def _worker(self, worker: WorkerRow, width: int) -> Row:
        fit, now = partial(form.fit, ascii_only=self.look.ascii), clock.now()
        state = state_of(worker, now)
        role = {"lost": "red", "running": "running", "idle": "dim"}.get(state, "yellow")
        seen = fit(form.age(now - worker.heartbeat), AGE, "right")
        right: list[Piece] = [(seen, "red" if state == "lost" else "dim")]
        if QUEUES_FROM < width <= LOAD_FROM or width > BOTH_FROM:
            right.insert(0, (fit(",".join(worker.queues), NAME) + " ", "dim"))
        if width > LOAD_FROM:
            right[:0] = self._busy(worker if worker.task and state != "lost" else None, now)
        if width > OWNER_FROM:
            right.insert(0, (fit(f"{worker.user}@{worker.host}", PROJECT) + " ", "dim"))
        left: Row = ((fit(worker.name, NAME) + " ", "bright"), (fit(state, STATE) + " ", role))
        room = width - NAME - STATE - 2 - sum(len(text) for text, _ in right)
        return (*left, *self._doing(worker, room), *right)

    def _busy(self, worker: WorkerRow | None, now: float) -> list[Piece]:
        """How busy its machine's processors and its task's GPUs are; as many cells where nobody knows."""
        cpu, gpu = self.floor.busy(worker, now) if worker is not None else (None, None)
        return [piece for name, percent in (("cpu", cpu), ("gpu", gpu)) for piece in self._share(name, percent)]

    def _share(self, name: str, percent: float | None) -> list[Piece]:
        if percent is None:
            return [(" " * (len(name) + SHARE_BAR + 6), "dim")]
        bar, number = form.bar(percent, SHARE_BAR, self.look.ascii), form.percentage(percent)
        return [(f"{name} ", "dim"), (bar, "accent on raised"), (f"{number} ", "normal")]

    def _doing(self, worker: WorkerRow, room: int) -> Row:
        """The task and its progress bar."""
        ascii_only, row = self.look.ascii, self.floor.rows.get(worker.task or "")
        if row is None or row.progress is None:
            name = row.name if row is not None else form.short_id(worker.task or "")
            return ((form.fit(name, room - 1, ascii_only=ascii_only) + " ", "normal"),)
        bar, number = form.bar(row.progress, BAR, ascii_only), form.percentage(row.progress)
        name = form.fit(row.name, room - BAR - 7, ascii_only=ascii_only)
        return ((name + " ", "normal"), (bar, f"{row.status} on raised"), (f" {number} ", "normal"))


def _standing(worker: WorkerRow, floor: Floor) -> str:
    """What a worker is doing, in a sentence."""
    now = clock.now()
    task = floor.named(worker.task) if worker.task else ""
    ago = form.age(now - worker.heartbeat)
    if worker.lost(now):
        after = f" Whether {task} is still alive is found out." if task else ""
        ended = f"ended without saying so, last seen {ago} ago"
        return f"It {ended if worker.gone() else f'was lost: no sign of life for {ago}'}.{after}"
    if worker.state in ASKED:
        ends = f" It ends after {task}." if task and worker.state == "draining" else ""
        return f"It {ASKED[worker.state]}.{ends}"
    return f"It runs {task}." if task else "It is free."
