"""The only place in the script's process where any exception is caught: capture never stops the user's program.

What fails inside is said once on stderr and counted. It must not be used around what the user asks the store for
(``Task.get_task``, ``Task.enqueue``, …): there an error is the answer.
"""

from __future__ import annotations

import os
import sys
from functools import wraps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, ParamSpec, TypeVar

    P = ParamSpec("P")
    R = TypeVar("R")

failures = 0
"""How often something of ours failed in this process."""
_said: set[str] = set()


def quiet() -> bool:
    """Whether only warnings are wanted on stderr (``CAPTURE_LOG_LEVEL`` of warning or above)."""
    return os.environ.get("CAPTURE_LOG_LEVEL", "").lower() in ("warning", "error", "critical", "30", "40", "50")


def silent() -> bool:
    """Whether not even warnings are wanted on stderr."""
    return os.environ.get("CAPTURE_LOG_LEVEL", "").lower() in ("error", "critical", "40", "50")


def tell(message: str) -> None:
    """Write one line of narration to stderr, past our own recording of it."""
    if not quiet():
        _write(message)


def warn(message: str, once: str = "") -> None:
    """Write one warning line to stderr; with ``once``, only the first one of that key in this process."""
    key = once or message
    if key in _said:
        return
    _said.add(key)
    if not silent():
        _write(message)


def _write(message: str) -> None:
    stream = sys.stderr or sys.__stderr__
    try:
        write = getattr(stream, "labtop_plain_write", None) or stream.write  # type: ignore[union-attr]
        write(f"labtop: {message}\n")
        stream.flush()  # type: ignore[union-attr]
    except Exception:
        return  # stderr is closed, gone, or an object of the script's that raises: there is nobody to tell


def failed(what: str, error: BaseException) -> None:
    """Count a failure of ours and say it, once for each place it happens in."""
    global failures
    failures += 1
    reason = str(error).strip().splitlines()
    text = f"{type(error).__name__}: {reason[0]}" if reason else type(error).__name__
    warn(f"{what} failed ({text}). Your script goes on; this is said once.", once=f"failed {what}")


class Shield:
    """``with Shield("what"):`` swallows, counts and says whatever fails inside."""

    __slots__ = ("what",)

    def __init__(self, what: str) -> None:
        self.what = what

    def __enter__(self) -> Shield:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if not isinstance(error, Exception):
            return False
        failed(self.what, error)
        return True


def guarded(function: Callable[P, R]) -> Callable[P, R | None]:
    """Return ``function`` as one that returns None in place of raising."""

    @wraps(function)
    def safe(*args: P.args, **kwargs: P.kwargs) -> R | None:
        try:
            return function(*args, **kwargs)
        except Exception as error:
            failed(function.__name__, error)
            return None

    return safe


def guarded_while_live(method: Callable[P, R]) -> Callable[P, R]:
    """Return a method of a task as one that raises nothing on a task this process records; None is returned instead.

    On any other task an error is the answer.
    """

    @wraps(method)
    def safe(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(*args, **kwargs)
        except Exception as error:
            if getattr(args[0], "_live", None) is None:
                raise
            failed(method.__name__, error)
            return None  # type: ignore[return-value]

    return safe


def attempt(what: str, function: Callable[..., Any], *args: Any) -> Any:
    """Return ``function(*args)``, or None where it fails."""
    try:
        return function(*args)
    except Exception as error:
        failed(what, error)
        return None


def shown(value: Any, limit: int = 40) -> str:
    """Return the repr of whatever the user gave, shortened."""
    text = str(quietly(repr, value))
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def quietly(function: Callable[[Any], Any], value: Any) -> Any:
    """Return ``function(value)``, or None where a user's object raises whatever it likes."""
    try:
        return function(value)
    except Exception:
        return None
