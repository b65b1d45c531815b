"""The recorder's socket: one JSON line in, one JSON line out, each in a thread of its own.

It answers from the store and from what the loop tells it, and never touches a journal. Scripts wait for an answer for
50 ms at most and then look for themselves, so nothing here may depend on the loop but ``sync``.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from capture import address, facts
from store import clock
from store.engine import Store

from . import VERSION

log = logging.getLogger("labtop.recorder")
_PATIENCE = 2.0
_LONGEST = 1 << 16

Question = dict[str, Any]
Sync = Callable[[float], int]
"""Waits up to so many seconds until everything is in the store; returns how many records are still on the way."""


class Server:
    """Answers scripts and commands. ``store`` is None as long as it cannot be opened."""

    def __init__(self, home: Path, sync: Sync) -> None:
        self.store: Store | None = None
        self.path = Path(address.socket_path(home))
        self._sync = sync
        self._socket: socket.socket | None = None

    def start(self) -> None:
        """Listen. Without a socket the recorder still records; scripts and commands then look for themselves."""
        try:
            self._socket = self._listening()
        except OSError as error:
            log.warning("no socket at %s: %s", self.path, error)
            return
        threading.Thread(target=self._run, args=(self._socket,), name="socket", daemon=True).start()

    def close(self) -> None:
        """Stop answering."""
        if self._socket is not None:
            self._socket.close()
            self.path.unlink(missing_ok=True)

    def _listening(self) -> socket.socket:
        if self.path.parent == Path(address.runtime_folder()):
            _private(self.path.parent)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.path.unlink(missing_ok=True)  # we hold the lock: whoever listened there before is gone
        before = os.umask(0o177)
        try:
            listener.bind(os.fspath(self.path))
        finally:
            os.umask(before)
        listener.listen(64)
        return listener

    def _run(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(_PATIENCE)
            try:
                question = json.loads(_line(connection))
                if (answer := self._answer(question)) is None:
                    return  # whoever asked looks for himself
            except Exception as error:
                log.warning("a question could not be answered: %s", error)
                answer = {}
            try:
                connection.sendall(json.dumps(answer).encode() + b"\n")
            except OSError:
                return  # who asked has not waited

    def _answer(self, question: Question) -> dict[str, Any] | None:
        kind = question.get("op")
        if kind == "ping":
            return {"pid": os.getpid(), "version": VERSION}
        if kind == "sync":
            return {"left": self._sync(float(question.get("timeout", _PATIENCE)))}
        if self.store is None:
            return None
        return _known(self.store, question) if kind in ("candidate", "task") else {}


def _known(store: Store, question: Question) -> dict[str, Any]:
    """Return what an init asks of the store."""
    with store.read() as connection:
        return facts.answer(lambda sql, values: connection.execute(sa.text(sql), values).all(), question, clock.now())


def _line(connection: socket.socket) -> bytes:
    data = b""
    while b"\n" not in data and len(data) < _LONGEST:
        part = connection.recv(4096)
        if not part:
            break
        data += part
    return data


def _private(folder: Path) -> None:
    """Make the folder for sockets, and refuse one that is somebody else's or open to others."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        found = folder.lstat()
        if found.st_uid != os.getuid() or found.st_mode & 0o077 or folder.is_symlink():
            raise PermissionError(f"{folder} is not a private folder of ours") from None
