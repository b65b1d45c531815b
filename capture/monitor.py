"""How busy the machine is, as scalars of the tasks that run on it.

Sampled every two seconds, reported as means: a first report soon after a task has begun, then one each half minute, in
``:monitor:machine`` and ``:monitor:gpu``. GPUs are asked for elsewhere, because that takes long. It keeps numbers and
knows neither journals nor the store.
"""

from __future__ import annotations

import os
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from .gpus import Card

MACHINE, GPU = ":monitor:machine", ":monitor:gpu"
SAMPLE_EVERY = 2.0
FIRST_AFTER = 5.0
REPORT_EVERY = 30.0
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_GB = 2.0**30
_MB = 2.0**20

Values = dict[tuple[str, str], float]
"""(title, series) -> value."""


@dataclass(slots=True)
class Process:
    """One script's share: what it was last seen to have used, and when its next report is due."""

    pid: int
    due: float
    seconds: float = 0.0
    at: float = 0.0


@dataclass(slots=True)
class Monitor:
    """The machine's recent samples and the scripts that are to be told of them."""

    folder: Path
    processes: dict[str, Process] = field(default_factory=dict)
    _samples: deque[tuple[float, Values]] = field(default_factory=deque)
    _counters: tuple[float, dict[str, float]] | None = None

    def sample(self) -> None:
        """Look at the machine, if the last look is two seconds old. Costs about 0.1 ms."""
        now = time.monotonic()
        if self._samples and now - self._samples[-1][0] < SAMPLE_EVERY:
            return
        memory = psutil.virtual_memory()
        values = {
            (MACHINE, "cpu_usage"): psutil.cpu_percent(None),
            (MACHINE, "memory_used_gb"): (memory.total - memory.available) / _GB,
            (MACHINE, "memory_free_gb"): memory.available / _GB,
        }
        self._add(now, values)

    def add_gpus(self, cards: list[Card]) -> None:
        """Add what the GPUs say."""
        values: Values = {}
        for card in cards:
            for series, value in _of_card(card):
                if value is not None:
                    values[GPU, f"gpu_{card.index}_{series}"] = value
        if values:
            self._add(time.monotonic(), values)

    def watch(self, key: str, pid: int) -> Process:
        """Report from soon on for the script ``key``, which is the process ``pid``."""
        if key not in self.processes:
            now = time.monotonic()
            self.processes[key] = Process(pid, now + FIRST_AFTER, _cpu_seconds(pid), now)
        return self.processes[key]

    def report(self, key: str) -> Values:
        """Return what a script is to be told now; empty if nothing is due."""
        process, now = self.processes[key], time.monotonic()
        if now < process.due:
            return {}
        values = self._means(process.at) | self._rates(now) | _of_process(process, now)
        process.due = now + REPORT_EVERY
        return values

    def _add(self, now: float, values: Values) -> None:
        self._samples.append((now, values))
        while self._samples[0][0] < now - REPORT_EVERY - FIRST_AFTER:
            self._samples.popleft()

    def _means(self, since: float) -> Values:
        sums: dict[tuple[str, str], list[float]] = {}
        for at, values in self._samples:
            if at >= since:
                for key, value in values.items():
                    sums.setdefault(key, []).append(value)
        return {key: sum(found) / len(found) for key, found in sums.items()}

    def _rates(self, now: float) -> Values:
        """Return bytes a second of disks and networks since the last report of anybody, in MB."""
        if self._counters is not None and now - self._counters[0] < 1.0:
            return {}
        counters = _counters()
        before, self._counters = self._counters, (now, counters)
        values: Values = {(MACHINE, "disk_free_percent"): 100.0 - psutil.disk_usage(os.fspath(self.folder)).percent}
        if before is not None:
            span = now - before[0]
            values |= {
                (MACHINE, name): (value - before[1].get(name, value)) / span / _MB for name, value in counters.items()
            }
        return values


def _counters() -> dict[str, float]:
    found: dict[str, float] = {}
    disks, networks = psutil.disk_io_counters(), psutil.net_io_counters()
    if disks is not None:
        found |= {"disk_read_mbs": disks.read_bytes, "disk_write_mbs": disks.write_bytes}
    if networks is not None:
        found |= {"network_tx_mbs": networks.bytes_sent, "network_rx_mbs": networks.bytes_recv}
    return found


def _of_process(process: Process, now: float) -> Values:
    """Return the script's own share: percent of one core since its last report, memory now."""
    seconds, values = _cpu_seconds(process.pid), {}
    if process.at and now > process.at and seconds >= process.seconds:
        values[MACHINE, "process_cpu_usage"] = 100.0 * (seconds - process.seconds) / (now - process.at)
    process.seconds, process.at = seconds, now
    try:
        pages = int(Path(f"/proc/{process.pid}/statm").read_text("ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return values
    return values | {(MACHINE, "process_memory_gb"): pages * _PAGE / _GB}


def _cpu_seconds(pid: int) -> float:
    """Return the processor time of a process and of its children that have ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return 0.0
    fields = stat[stat.rindex(b")") + 2 :].split()
    return sum(map(int, fields[11:15])) / _TICKS


def _of_card(card: Card) -> list[tuple[str, float | None]]:
    used, total = card.memory_used, card.memory_total
    return [
        ("utilization", card.utilization),
        ("mem_usage", 100.0 * used / total if used is not None and total else None),
        ("mem_used_gb", used / 1024 if used is not None else None),
        ("temperature", card.temperature),
        ("power_usage", card.power),
    ]
