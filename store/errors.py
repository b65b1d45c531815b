"""The errors a user can meet, each with the exit code the commands end with.

Every message says what, why and what next, in one line, and is shown unchanged by SDK, CLI and dashboard.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class LabtopError(Exception):
    """Anything we refuse on purpose; ``exit_code`` is what a command ends with."""

    exit_code = 1


class UsageError(LabtopError, RuntimeError):
    """The call itself is off: wrong arguments, or not possible in this place."""

    exit_code = 2


class StateError(LabtopError, ValueError):
    """The task's state does not allow the action (see ``store.lifecycle``)."""


class InvalidValue(LabtopError, ValueError):
    """A name, path, type or value breaks a rule."""


class NotFound(LabtopError, LookupError):
    """No such task, project or queue, or an ambiguous prefix."""


class Conflict(LabtopError):
    """Somebody else changed the same thing first; nothing was changed."""


class StoreUnusable(LabtopError):
    """The store cannot be opened, read or written."""

    exit_code = 3


def nearest(word: str, known: Iterable[str], likeness: float = 0.5) -> str:
    """Return `` Did you mean "x"?`` for the known word closest to ``word``, or an empty string if none is so like."""
    import difflib

    close = difflib.get_close_matches(word, list(known), n=1, cutoff=likeness)
    return f' Did you mean "{close[0]}"?' if close else ""
