"""What commands and dashboards ask of the recorder: first have everything taken in, then read.

Knows the socket and how to start a recorder; never touches a journal or the store.
"""

from __future__ import annotations

import json
import os
import socket
import time
from pathlib import Path
from typing import Any

from capture import address, spawn
from store.paths import Location

from . import backlog

_PAUSE = 0.02


def sync(location: Location, timeout: float = 2.0) -> int:
    """Have this host's journals taken in; return how many records are still on the way after ``timeout`` seconds.

    Starts a recorder if there is something to take in and none is at work; replaces one that is frozen. With an empty
    spool it costs one look at a folder.
    """
    if not waiting(location.spool):
        return 0
    deadline = time.monotonic() + timeout
    home = os.fspath(location.home)
    spawn.end_frozen(home)
    while (left := deadline - time.monotonic()) > 0:
        older = spawn.displace(home)  # it would leave journals of our version alone
        answer = None if older else ask(location, {"op": "sync", "timeout": left}, left + 0.1)
        if answer is not None and "left" in answer:
            return int(answer["left"])
        spawn.watch_once(home, location.setting)
        time.sleep(_PAUSE)
    return backlog.count(location.spool)


def waiting(spool: Path) -> bool:
    """Whether there is any journal to be taken in."""
    try:
        with os.scandir(spool) as entries:
            return any(entry.name.endswith((".seg", ".w")) for entry in entries)
    except OSError:
        return False


def ask(location: Location, question: dict[str, Any], timeout: float) -> dict[str, Any] | None:
    """Return the recorder's answer, None if there is no recorder or it does not answer in time."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(timeout)
            connection.connect(address.socket_path(location.home))
            connection.sendall(json.dumps(question).encode() + b"\n")
            with connection.makefile("rb") as answer:
                found = json.loads(answer.readline())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
