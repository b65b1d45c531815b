"""The board of machines: their load, and which task and which user holds which GPU."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from rich.cells import cell_len

from store import clock
from store.records import STALE, GpuRow, Holder, HostRow, Load
from tui import format as form
from tui import keymap
from tui.queues_data import Floor

from .board import Board, Item
from .lines import Piece, Row

INDEX, MODEL, SHARE, MEMORY, BAR = 3, 22, 5, 12, 8
ROOMY = 80
"""Width from which a GPU's model and the bar of the processors are shown."""
FREE = 0.05
"""The share of its memory that a GPU nobody holds may use by itself."""
_GIB = 2.0**30


class MachineBoard(Board):
    """Machines and their GPUs."""

    TITLE = "Machine"
    KEYS = "machine"
    BINDINGS: ClassVar[Any] = keymap.bindings("machine")
    blank = "The machine's load and who holds its GPUs are shown here while a task runs."

    def show(self, floor: Floor, here: str) -> None:
        """Show what there is now; ``here`` is the machine the dashboard runs on."""
        self.floor, self.here = floor, here
        items: list[Item] = []
        for host in floor.hosts:
            items.append(Item(f"host {host.name}", partial(self._host, host)))
            items += [Item(f"gpu {host.name} {gpu.index}", partial(self._gpu, gpu)) for gpu in host.gpus]
            if not host.gpus:
                items.append(Item(f"none {host.name}", partial(self._none, host)))
        self.put(items)

    @property
    def gpu(self) -> GpuRow | None:
        """The GPU under the cursor."""
        gpus = ((f"gpu {host.name} {gpu.index}", gpu) for host in self.floor.hosts for gpu in host.gpus)
        return next((gpu for key, gpu in gpus if key == self.key), None)

    @property
    def task_id(self) -> str:
        """The task that holds the GPU under the cursor; empty if it is not one alone."""
        tasks = {holder.task for holder in self.gpu.holders if holder.task} if self.gpu is not None else set()
        return tasks.pop() if len(tasks) == 1 else ""

    def about(self) -> str:
        """Return what is said of the line under the cursor: the GPU with all who hold it."""
        gpu = self.gpu
        if gpu is None:
            return ""
        memory = [f"{who}: {_gib(sum(holder.memory or 0.0 for holder in held))} GiB" for who, held in self._held(gpu)]
        return f"GPU {gpu.index}, {gpu.name}. " + (", ".join(memory) or self._unheld(gpu)) + "."

    def _held(self, gpu: GpuRow) -> list[tuple[str, list[Holder]]]:
        """Who holds a GPU, each once, with the processes."""
        who: dict[str, list[Holder]] = {}
        for holder in gpu.holders:
            who.setdefault(self._who(holder), []).append(holder)
        return list(who.items())

    def _who(self, holder: Holder) -> str:
        row = self.floor.rows.get(holder.task)
        if holder.task:
            name = row.name if row is not None else f"a task that was deleted, {holder.task[:8]}"
            ended = "" if row is None or row.status == "running" else f", {row.status.capitalize()}"
            return f"{name} ({holder.user or 'unknown'}{ended})"
        return f"{holder.user} (pid {holder.pid})" if holder.user else f"pid {holder.pid}, out of sight"

    @staticmethod
    def _unheld(gpu: GpuRow) -> str:
        used, total = gpu.memory_used or 0.0, gpu.memory_total or 0.0
        return "free" if used <= FREE * total or not total else "in use, by whom cannot be seen"

    # Lines ------------------------------------------------------------------------------------------------------

    def _host(self, host: HostRow, width: int) -> Row:
        pieces: list[Piece] = [(form.one_line(host.name, 40), "bold bright")]
        age = clock.now() - host.time
        if age > STALE and (host.gpus or host.name != self.here):
            what = "GPUs as of" if host.name == self.here else "as of"
            pieces.append((f"  {what} {form.age(age)} ago", "yellow"))
        if host.load is not None:
            pieces += self._load(host.load, width)
        return _cut(pieces, width, self.look.ascii)

    def _load(self, load: Load, width: int) -> list[Piece]:
        bar = form.bar(load.cpu, BAR, self.look.ascii) if width > ROOMY else ""
        memory = f"{_size(load.memory_used)}/{_size(load.memory_total)} GiB"
        return [
            ("  cpu ", "dim"), (bar, "accent on raised"), (form.percentage(load.cpu).strip().rjust(4), "normal"),
            ("  memory ", "dim"), (memory, "normal"),
            ("  disk ", "dim"), (f"{_size(load.disk_free)} GiB free", "normal"),
        ]  # fmt: skip

    def _none(self, host: HostRow, width: int) -> Row:
        why = f": {host.problem}" if host.problem else ""
        return ((form.fit(f"No GPU here{why}.", width, ascii_only=self.look.ascii), "dim"),)

    def _gpu(self, gpu: GpuRow, width: int) -> Row:
        fit = partial(form.fit, ascii_only=self.look.ascii)
        pieces: list[Piece] = [(fit(gpu.index, INDEX - 1, "right") + " ", "bright")]
        if width > ROOMY:
            pieces.append((fit(gpu.name, MODEL) + " ", "dim"))
        share = form.percentage(gpu.utilization).strip() or "-"
        memory = f"{_gib(gpu.memory_used)}/{_gib(gpu.memory_total)} GiB"
        bar = form.bar(gpu.utilization, BAR, self.look.ascii)
        pieces += [(bar, "accent on raised"), (fit(share, SHARE, "right") + " ", "normal")]
        pieces.append((fit(memory, MEMORY, "right") + "  ", "normal"))
        return _cut([*pieces, *self._holders(gpu)], width, self.look.ascii)

    def _holders(self, gpu: GpuRow) -> list[Piece]:
        held = self._held(gpu)
        if not held:
            said = self._unheld(gpu)
            return [(said, "green" if said == "free" else "yellow")]
        pieces: list[Piece] = []
        for who, holders in held:
            between = "; " if pieces else ""
            pieces.append((between + form.one_line(who), "running" if holders[0].task else "yellow"))
        return pieces


def _cut(pieces: list[Piece], width: int, ascii_only: bool) -> Row:
    """Return the pieces that fit, the last of them shortened."""
    row: list[Piece] = []
    left = width
    for text, role in pieces:
        if cell_len(text) > left:
            row.append((form.fit(text, left, ascii_only=ascii_only), role))
            break
        row.append((text, role))
        left -= cell_len(text)
    return tuple(row)


def _gib(mebibytes: float | None) -> str:
    return "?" if mebibytes is None else _size(mebibytes * 2.0**20)


def _size(size: float) -> str:
    gib = size / _GIB
    return f"{gib:.0f}" if gib >= 10 or gib < 0.05 else f"{gib:.1f}"
