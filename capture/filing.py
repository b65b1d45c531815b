"""Artifacts and models of the task this process records, from a file in the store to an event in the journal.

What cannot be kept is said once for each name and counted as refused; nothing is raised for it.
"""

from __future__ import annotations

from . import guard
from .reported import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .session import Session
    from .uploading import Content, Wanted

_WRONG = (OSError, ValueError, TypeError, AttributeError, KeyError, IndexError, RecursionError, ImportError,
          OverflowError, MemoryError)  # fmt: skip
MOST = 1 << 20
"""Characters of metadata, labels or a design, at most."""


class Filing:
    """The way of files of a session into the store."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def disabled(self) -> bool:
        """Whether nothing is kept (``CAPTURE_DISABLED``)."""
        return self._session.journal.disabled

    def artifact(self, wanted: Wanted, given: Any, metadata: Any, preview: Any, serialize: Any) -> bool:
        """Keep an artifact; return whether it is."""
        from . import uploading

        def make() -> Content:
            if not wanted.name:
                raise Refused("it needs a name")
            content = uploading.content(given, wanted, serialize)
            if preview is not None:
                content.preview = "" if preview is False else str(preview) or " "
            return content

        fields = self._kept("artifacts", f"the artifact {guard.shown(wanted.name)}", make)
        if fields is None:
            return False
        about = {"name": wanted.name, "metadata": plain(metadata), "time": self._session.journal.now()}
        return self._session.journal.event(e="artifact", **fields, **about)

    def weights(self, name: str, make: Callable[[], Content]) -> dict[str, Any] | None:
        """Keep a model's weights; return what a ``model`` event says of them, None if they are not kept."""
        fields = self._kept("models", f"the model {guard.shown(name)}", make)
        return None if fields is None else {key: fields[key] for key in ("uri", "size", "hash")}

    def tell(self, kind: str, **fields: Any) -> None:
        """Write an event with the time of now."""
        self._session.journal.event(e=kind, **fields, time=self._session.journal.now())

    def refuse(self, what: str, why: str) -> None:
        """Say that something is not kept, and count it."""
        guard.warn(f"{what} is not kept: {why}.", once=f"{what} {why}")
        self._session.journal.event(e="refused", count=1)

    def _kept(self, kind: str, what: str, make: Callable[[], Content]) -> dict[str, Any] | None:
        from . import uploading

        if self.disabled:
            return None
        try:
            content = make()
            fields = uploading.kept(self._session.place.home, self._session.task_id, kind, content)
        except Refused as refused:
            self.refuse(what, str(refused))
        except _WRONG as error:
            self.refuse(what, f"{type(error).__name__}: {error}")
        else:
            return fields | {"type": content.kind}
        return None


def plain(given: Any) -> dict[str, Any]:
    """Return a dict of what JSON has, with the text of everything else; empty for what is no dict or too much."""
    if not isinstance(given, dict):
        return {}
    found = {str(key): value if isinstance(value, (int, float, bool)) or value is None else _text(value)
             for key, value in given.items()}  # fmt: skip
    return found if sum(len(str(item)) for pair in found.items() for item in pair) <= MOST else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(guard.quietly(str, value))
