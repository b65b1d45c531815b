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
parses: list[Any] = []
"""What argparse parsed before there was a task (``hooks.argparse_.Parse``)."""

_LOCAL = (" ext4 ", " xfs ", " btrfs ", " tmpfs ", " overlay ", " zfs ", " ext3 ", " ext2 ", " f2fs ")


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


def place() -> Place:
    """Return the store's place; make its folders if they are not there.

    Raises:
        StoreUnusable: it cannot be one.
    """
    return _known_place() or _asked_place()


def _known_place() -> Place | None:
    """Return the place where a glance is enough: a plain folder that has been a store before, on a local disk."""
    setting = os.environ.get("CAPTURE_STORE", "")
    if "://" in setting or "CAPTURE_MOUNTINFO" in os.environ:
        return None
    if not setting and os.path.exists(_config_file()):
        return None
    data = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
    home = os.path.abspath(os.path.expanduser(setting)) if setting else f"{data}/labtop"
    if home.endswith(".db") or not os.path.isdir(f"{home}/spool") or not _is_local(home):
        return None
    return Place(home, home, f"{home}/store.db")


def _config_file() -> str:
    """Return the settings file, as ``store.paths.config_file`` does."""
    base = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    return os.path.expanduser(os.environ.get("CAPTURE_CONFIG") or f"{base}/labtop/config.toml")


def _is_local(path: str) -> bool:
    """Whether a folder is on a file system known to be a local one; False if that takes a closer look."""
    device = os.stat(path).st_dev
    mark = f" {os.major(device)}:{os.minor(device)} "
    try:
        with open("/proc/self/mountinfo", encoding="utf-8", errors="replace") as file:
            lines = [line for line in file if mark in line]
    except OSError:
        return False
    return bool(lines) and all(any(f" -{kind}" in line for kind in _LOCAL) for line in lines)


def _asked_place() -> Place:
    from .door import store_module

    paths = store_module("paths")
    location = paths.locate()
    paths.make_home(location)
    if location.note:
        guard.warn(location.note)
    database = str(location.database) if location.is_sqlite else None
    return Place(str(location.home), location.setting, database)


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


def setting(section: str, key: str, default: Any) -> Any:
    """Return a value of the settings file, ``default`` if it is not set."""
    if not os.path.exists(_config_file()):
        return default
    from .door import store_module

    part = store_module("paths").settings().get(section)
    return part.get(key, default) if isinstance(part, dict) else default
