"""How much of what was sent the terminal has not shown yet.

Between here and the eyes lie buffers (of the pty, of SSH) that take in seconds of output before any write blocks. So
the terminal is asked for its cursor after every few frames: the answer says that everything before was read. A terminal
that has never answered is not waited for.
"""

from __future__ import annotations

import threading
from collections import deque

ASK = "\x1b[6n"
"""Where is the cursor? Every terminal answers, and Textual reads the answer as an event of its own."""
_OFTEN = 1024
"""Bytes after which to ask again."""
_WINDOW = 2048
"""Unanswered bytes with which another frame may still be sent: a tenth of a second at 20 kB/s."""
_PATIENCE = 2.0
"""Seconds after which answers are taken for lost."""


class Flow:
    """Counts bytes on their way: questions and waiting in the writer's thread, answers in the reader's."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._asked: deque[int] = deque()
        self._since = 0
        self._answers = False

    def sent(self, size: int) -> str:
        """Note that so much is sent; return the question to send with it, if one is due."""
        with self._changed:
            self._since += size
            if self._since < _OFTEN:
                return ""
            self._asked.append(self._since)
            self._since = 0
            return ASK

    def answered(self) -> None:
        """Note an answer."""
        with self._changed:
            self._answers = True
            if self._asked:
                self._asked.popleft()
            self._changed.notify_all()

    def forget(self) -> None:
        """Nothing is on its way any more, or nobody is to wait for it."""
        with self._changed:
            self._asked.clear()
            self._since = 0
            self._changed.notify_all()

    def wait(self, below: int = _WINDOW, patience: float = _PATIENCE) -> None:
        """Wait until fewer bytes than ``below`` are unanswered."""
        with self._changed:
            if not self._changed.wait_for(lambda: not self._answers or sum(self._asked) < below, patience):
                self._asked.clear()
