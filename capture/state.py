"""What this process knows of itself: where its store is, who it runs as, which task it is recording.

One ``session`` at a time; forked children find it as they inherited it. Nothing here opens the store.
"""

from __future__ import annotations

import os
import time

from . import guard, process
from .address import host

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .session import Session

session: Session | None = None
"""The task this process records, None before init and after close."""
recorded: set[str] = set()
"""The tasks this process has recorded: none of them is taken up by it again by itself."""
parses: list[Any] = []
"""What argparse parsed before there was a task (``hooks.argparse_.Parse``)."""


class Place:
    """Where the store is; ``setting`` is the value of CAPTURE_STORE that leads there, ``database`` a SQLite file."""

    __slots__ = ("database", "home", "setting")

    def __init__(self, home: str, setting: str, database: str | None) -> None:
        self.home = home
        self.setting = setting
        self.database = database

    @property
    def spool(self) -> str:
        """The folder of journals."""
        return f"{self.home}/spool"


def place(*, to_record: bool = False) -> Place:
    """Return the store's place; make its folders if they are not there.

    ``to_record`` refuses one that this user may not write to.

    Raises:
        StoreUnusable: it cannot be one.
    """
    from .door import store_module

    paths = store_module("paths")
    location = paths.locate()
    if to_record:
        paths.refuse_unwritable(location)
    paths.make_home(location)
    if location.note:
        guard.warn(location.note)
    return Place(location.folder, location.setting, location.file if location.is_sqlite else None)


def clock() -> Callable[[], float]:
    """Return the function that tells the time: the system's, or the one ``CAPTURE_CLOCK`` sets."""
    if "CAPTURE_CLOCK" not in os.environ:
        return time.time
    from .door import store_module

    now: Callable[[], float] = store_module("clock").now
    return now


def new_id() -> str:
    """Return a new id of 32 hex characters."""
    if "CAPTURE_CLOCK" not in os.environ:
        return os.urandom(16).hex()
    from .door import store_module

    return str(store_module("clock").new_id())


def by() -> str:
    """Return who changes things here, as histories show it."""
    return f"{process.user()}@{host()}"


def truth(name: str) -> bool:
    """Whether an environment variable says yes."""
    return os.environ.get(name, "").strip().lower() not in ("", "0", "false", "no", "off")


def offline() -> bool:
    """Whether everything is to stay in the spool until somebody else's recorder comes."""
    return truth("CAPTURE_OFFLINE") or truth("CAPTURE_OFFLINE_MODE")


def setting(section: str, key: str, default: Any) -> Any:
    """Return a value of the settings file, ``default`` if it is not set."""
    from .door import store_module

    part = store_module("paths").settings(only=key).get(section)
    return part.get(key, default) if isinstance(part, dict) else default
