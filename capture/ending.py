"""How a script ends, without standing in its way: no handler of ours, no changed exit code.

Signals are noted in C by ``faulthandler``, which then lets the default action kill the process at once; a handler of
the script's own simply replaces ours. The exit code is written by the C library as its last act (``on_exit``), because
Python code cannot tell ``sys.exit(3)`` from a normal end any more by the time it is asked. For the same reason the text
of ``sys.exit("no data")`` is noted on its way. What the evidence means stands in docs/architecture.md; the recorder
decides.
"""

from __future__ import annotations

import _thread
import faulthandler
import os
import signal
import sys
from time import monotonic, sleep

from . import guard, process, spawn
from .presence import EXIT_AT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO, Any

    from .journal import Journal

_NOTED = ((signal.SIGTERM, "term"), (signal.SIGHUP, "hup"))
_PATIENCE = 0.05
_PATIENCE_WHERE_ALL_DIES = 1.0
_STEP = 0.002
_LONGEST = 200  # characters of a reason
SAID = ".said"
"""Beside the file that an agent handed over: what the script ended itself with."""


class LastWords:
    """What the script said when it asked Python to end it."""

    def __init__(self) -> None:
        self.text = ""
        self._announced: int | None = None
        self._original = sys.exit
        self._ours = self._listening()
        sys.exit = self._ours

    def _listening(self) -> Any:
        original = self._original

        def exit(status: Any = None, /) -> Any:
            if _thread.get_native_id() == os.getpid():  # in another thread it ends that thread alone
                self._note(status)
            return original(status)

        exit.__doc__, exit.__module__ = original.__doc__, original.__module__
        return exit

    @guard.guarded
    def _note(self, status: object) -> None:
        announced, self._announced = self._announced, None
        if status is not None and not isinstance(status, int):
            self._say(str(status))
        elif status is None or status != announced:
            self.text = ""

    def announce(self, code: int, text: str) -> None:
        """Note why the script is going to be ended with an exit code next."""
        self._say(text)
        self._announced = code

    def _say(self, text: str) -> None:
        lines = text.strip().splitlines()
        self.text = lines[0][:_LONGEST] if lines else ""

    def end(self) -> None:
        """Stop listening, unless somebody listens to us."""
        if sys.exit is self._ours:
            sys.exit = self._original


class Evidence:
    """The files that tell a dead script's story, for the process that decides its task's status."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self._files: list[IO[bytes]] = []
        self._registered: list[int] = []
        self._enabled = False

    def begin(self) -> None:
        """Have signals noted that nobody else handles."""
        caught, ignored = _dispositions()
        for number, suffix in _NOTED:
            if signal.getsignal(number) == signal.SIG_DFL and not (caught | ignored) >> (number - 1) & 1:
                faulthandler.register(number, self._file(suffix), all_threads=False, chain=True)
                self._registered.append(number)
        if not faulthandler.is_enabled():
            faulthandler.enable(self._file("fatal"), all_threads=False)
            self._enabled = True

    def _file(self, suffix: str) -> IO[bytes]:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        descriptor = process.high(os.open(f"{self.prefix}.{suffix}", flags, 0o600))
        self._files.append(os.fdopen(descriptor, "wb", buffering=0))
        return self._files[-1]

    def end(self) -> None:
        """Let go of the signals; in a forked child too, whose end must not pass for the parent's."""
        for number in self._registered:
            if signal.getsignal(number) == signal.SIG_DFL:
                faulthandler.unregister(number)
        if self._enabled:
            faulthandler.disable()
        self._registered, self._enabled = [], False

    def write_exit_code(self) -> bool:
        """Have the C library write the exit code when the interpreter has gone; return whether it can."""
        import ctypes

        libc = ctypes.CDLL(None)
        if not hasattr(libc, "on_exit"):
            return False
        descriptor = process.high(os.open(f"{self.prefix}.w", os.O_WRONLY | os.O_CLOEXEC))
        os.lseek(descriptor, EXIT_AT, os.SEEK_SET)
        libc.fdopen.restype = ctypes.c_void_p
        file = libc.fdopen(descriptor, b"w")
        return bool(file) and libc.on_exit(libc.fputc, ctypes.c_void_p(file)) == 0


def _dispositions() -> tuple[int, int]:
    """Return the masks of signals that are caught and that are ignored, as the kernel has them."""
    try:
        with open("/proc/self/status", encoding="utf-8", errors="replace") as file:
            found = dict(line.split(":", 1) for line in file if line.startswith("Sig"))
        return int(found["SigCgt"], 16), int(found["SigIgn"], 16)
    except (OSError, KeyError, ValueError):
        return 0, 0


def last_exception() -> BaseException | None:
    """Return the exception that ended the script, None if none did."""
    error: Any = getattr(sys, "last_exc", None) or getattr(sys, "last_value", None)
    return error if isinstance(error, BaseException) else None


def last_line(error: BaseException) -> str:
    """Return an exception as the last line of its traceback."""
    kind = type(error)
    known = kind.__module__ in ("builtins", "__main__")
    name = kind.__qualname__ if known else f"{kind.__module__}.{kind.__qualname__}"
    lines = str(guard.quietly(str, error) or "").strip().splitlines()
    return f"{name}: {lines[0]}" if lines else name


def exit_event(evidence: Evidence | None, said: str) -> dict[str, Any]:
    """Return the ``end`` event of a script whose exit code decides, and arrange for that to be written.

    ``said`` is what it ended itself with; an exception that ended it says more.
    """
    error = last_exception()
    reason = last_line(error) if error is not None else said
    event = {"e": "end", "status": "exit", "reason": reason, "interrupted": isinstance(error, KeyboardInterrupt)}
    if evidence is not None and not guard.attempt("noting the exit code", evidence.write_exit_code):
        event["status"] = "exit" if isinstance(error, KeyboardInterrupt) else ("failed" if reason else "completed")
    return event


def tell_runner(reason: str) -> None:
    """Leave why the script failed for the agent's runner, which sees its exit code alone."""
    handover = os.environ.get("CAPTURE_TASK_FILE")
    if reason and handover:
        with guard.Shield("saying why to the agent"), open(
            f"{handover}{SAID}", "w", encoding="utf-8", errors="backslashreplace",
            opener=lambda path, flags: os.open(path, flags | os.O_NOFOLLOW, 0o600),
        ) as file:  # fmt: skip
            file.write(reason)


def await_recorder(journal: Journal, home: str) -> None:
    """Wake the recorder and give it a moment: a container or a batch job may take it down with the script."""
    if not spawn.ring(home):
        return
    fragile = "SLURM_JOB_ID" in os.environ or os.path.exists("/.dockerenv")
    deadline = monotonic() + (_PATIENCE_WHERE_ALL_DIES if fragile else _PATIENCE)
    while not journal.acknowledged() and monotonic() < deadline:
        sleep(_STEP)
