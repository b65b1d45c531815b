"""Who holds the GPUs of this machine: processes as ``nvidia-smi`` names them, with their users and our tasks.

A process belongs to a task if it, or one it descends from, writes that task's journal, or if it carries the marker that
a script leaves to all it starts. Of other users' processes only the user can be told. Runs in the jobs' thread: it gets
the roster's processes as plain data.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping
from pathlib import Path

from capture import gpus
from capture.gpus import Answer, Use
from capture.process import parent
from store import clock, who
from store.load import load
from store.records import GpuRow, Holder, HostRow

_MARKER = b"CAPTURE_PROC_MASTER_ID="


def seen(answer: Answer, tasks: Mapping[int, str], folder: Path) -> HostRow:
    """Return this machine as it is now.

    Args:
        answer: its GPUs.
        tasks: pid of each process that writes a journal here -> its task.
        folder: a place on the disk that matters.
    """
    uses = gpus.uses() if answer.cards else []
    rows = tuple(
        GpuRow(
            card.index, card.name, card.utilization, card.memory_used, card.memory_total,
            tuple(_holder(use, tasks) for use in uses if use.uuid == card.uuid),
        )
        for card in answer.cards
    )  # fmt: skip
    return HostRow(who.host(), clock.now(), load(folder), rows, answer.error)


def _holder(use: Use, tasks: Mapping[int, str]) -> Holder:
    return Holder(use.pid, _user(use.pid), _task(use.pid, tasks), use.memory)


def _user(pid: int) -> str:
    try:
        number = os.stat(f"/proc/{pid}").st_uid
    except OSError:
        return ""  # it has gone, or runs in a container of its own
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _task(pid: int, tasks: Mapping[int, str]) -> str:
    """Return a process' task; of nested ones the nearest."""
    ancestor = pid
    while ancestor > 1:
        if ancestor in tasks:
            return tasks[ancestor]
        ancestor = parent(ancestor)
    return _marked(pid)


def _marked(pid: int) -> str:
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return ""
    marker = next((entry for entry in environment if entry.startswith(_MARKER)), b"")
    return (marker.decode("utf-8", "replace") + "::").split(":")[1]
