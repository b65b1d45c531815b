"""What init must know of the store without opening it: a task to reuse, a task's state, an agent's parameters.

The recorder is asked over its socket; when none answers in time, the SQLite file is read through the C module alone
(a script's folder may hold a ``sqlite3.py``). Nobody knows: the answer is empty, and init makes a new task. Never
raises, never waits long.
"""

from __future__ import annotations

import os
from time import monotonic, sleep

from . import facts, guard, plainjson, spawn, state
from .address import socket_path
from .facts import Facts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .state import Place

_PATIENCE = 0.05
_SYNC = 2.0


def ask(home: str, question: dict[str, Any], patience: float = _PATIENCE) -> dict[str, Any] | None:
    """Return the recorder's answer, None if there is none within ``patience`` seconds."""
    from _socket import AF_UNIX, SOCK_CLOEXEC, SOCK_STREAM, socket

    path = socket_path(home)
    if not os.path.exists(path):
        return None
    line = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC)
    try:
        line.settimeout(patience)
        line.connect(path)
        line.send(plainjson.dumps(question).encode() + b"\n")
        parts: list[bytes] = []
        while not parts or b"\n" not in parts[-1]:
            part = line.recv(65536)
            if not part:
                break
            parts.append(part)
        answer = plainjson.loads(b"".join(parts).decode())
        return answer if isinstance(answer, dict) else None
    except (OSError, ValueError):
        return None
    finally:
        line.close()


def candidate(place: Place, who: dict[str, str], hours: float) -> Facts | None:
    """Return the task that may be used again, without its parameters and configuration; None if there is none."""
    return _answered(place, {"op": "candidate", **who, "hours": hours})


def task(place: Place, task_id: str) -> Facts | None:
    """Return a task with its parameters and configuration, None if it is not known."""
    return _answered(place, {"op": "task", "id": task_id})


def _answered(place: Place, question: dict[str, Any]) -> Facts | None:
    found = ask(place.home, question)
    if found is None or not facts.whole(found):
        found = _read(place, question)
    return Facts(found) if found else None


def sync(place: Place) -> int:
    """Have this host's journals taken in; return how many records are still on the way (-1: nobody says).

    Starts a recorder if none is at work, and waits two seconds at most; offline, journals are left where they are.
    """
    if state.offline():
        return -1
    deadline = monotonic() + _SYNC
    if not _waiting(place.spool):
        return 0
    while (left := deadline - monotonic()) > 0:
        answer = ask(place.home, {"op": "sync", "timeout": left}, left + 0.1)
        if answer is not None:
            return int(answer.get("left", 0))
        spawn.watch_once(place.home, place.setting)
        sleep(0.01)
    return -1


def _waiting(spool: str) -> bool:
    try:
        with os.scandir(spool) as entries:
            return any(entry.name.endswith((".seg", ".w")) for entry in entries)
    except OSError:
        return False


def _read(place: Place, question: dict[str, Any]) -> dict[str, Any]:
    if place.database is None or not os.path.exists(place.database):
        return {}
    try:
        import _sqlite3

        quoted = place.database.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
        connection = _sqlite3.connect(f"file:{quoted}?mode=ro", timeout=_PATIENCE, uri=True)
    except (ImportError, OSError):
        return {}
    except _sqlite3.Error:
        return {}
    try:
        if _too_new(place, connection):
            return {}
        return facts.answer(lambda sql, values: connection.execute(sql, values).fetchall(), question, state.clock()())
    except _sqlite3.Error:
        return {}
    finally:
        connection.close()


def _too_new(place: Place, connection: Any) -> bool:
    """Whether the tables are of a newer version than ours, which no recorder of ours can write to; that is said."""
    from .door import store_module

    paths = store_module("paths")
    row = connection.execute(facts.SCHEMA).fetchone()
    found = str(row[0]) if row else ""
    newer = found.isdecimal() and int(found) > paths.SCHEMA
    if newer:
        kept = f"What this script reports waits in {place.spool} until then."
        guard.warn(f"{paths.too_new(place.setting, int(found))} {kept}", once="schema")
    return newer
