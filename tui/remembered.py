"""What the home screen remembers from one start to the next: columns and order by project, what is folded, filters.

Until somebody leaves by a key also where one stood, so that a dropped link costs nothing. One small file of the user's
own, replaced as a whole; what cannot be read is as if it were not there. Standard library only; ``keep`` belongs in a
thread.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

MOST_STORES, MOST_PROJECTS, MOST_FOLDED, LONGEST = 16, 64, 500, 2000
LARGEST = 512 * 1024
"""Bytes of the file; one that is larger was not written here."""
T = TypeVar("T")


@dataclass(frozen=True)
class Order:
    """How a project's tasks are shown."""

    columns: tuple[str, ...] = ()
    sort: str = "activity"
    descending: bool = True


@dataclass(frozen=True)
class Where:
    """Where somebody stood: what the table showed, the row, and the task that was open over it, on which tab."""

    project: str = ""
    text: str = ""
    archived: bool = False
    task: str = ""
    cursor: int = 0
    top: int = 0
    opened: str = ""
    tab: str = ""


@dataclass(frozen=True)
class Memory:
    """What is remembered of one store; ``orders`` by project, "" for all of them, the one changed last at the end."""

    orders: Mapping[str, Order] = field(default_factory=dict)
    folded: tuple[str, ...] = ()
    filters: Mapping[str, str] = field(default_factory=dict)
    """Saved filters by name."""
    where: Where = Where()

    def order(self, project: str | None) -> Order:
        """Return how a project's tasks are shown: as was chosen for it, else for the nearest above it."""
        path = project or ""
        while path and path not in self.orders:
            path = path.rpartition("/")[0]
        return self.orders.get(path, Order())


def file_of(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the file: below the user's folder for state."""
    base = environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    return Path(base, "labtop", "home.json")


class Remembered:
    """The memory of one store.

    Args:
        store: what tells the store from others; it is not written down.
    """

    def __init__(self, store: str) -> None:
        self._key = hashlib.sha256(store.encode("utf-8", "backslashreplace")).hexdigest()[:16]
        self._lock = threading.Lock()

    def read(self) -> Memory:
        """Return what is remembered; what cannot be read is not."""
        return _memory(_stores().get(self._key))

    def keep(self, memory: Memory) -> None:
        """Write it; where that is not possible nothing is remembered, and nobody is told."""
        with self._lock, suppress(OSError):
            stores = _stores()
            stores.pop(self._key, None)
            stores[self._key] = _bounded(memory)
            _write(json.dumps({"stores": dict(list(stores.items())[-MOST_STORES:])}))


def _stores() -> dict[str, Any]:
    try:
        with file_of().open("rb") as file:
            text = file.read(LARGEST + 1)
        stores = json.loads(text)["stores"] if len(text) <= LARGEST else None
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return {}
    return dict(stores) if isinstance(stores, dict) else {}


def _bounded(memory: Memory) -> dict[str, Any]:
    orders = list(memory.orders.items())[-MOST_PROJECTS:]
    return {
        "orders": {path: asdict(order) for path, order in orders},
        "folded": list(memory.folded)[:MOST_FOLDED],
        "filters": dict(list(memory.filters.items())[-MOST_PROJECTS:]),
        "where": asdict(memory.where),
    }


def _write(text: str) -> None:
    path = file_of()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".home-", dir=path.parent)  # readable for the user alone
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(name, path)
    except OSError:
        os.unlink(name)
        raise


def _memory(given: object) -> Memory:
    table = given if isinstance(given, dict) else {}
    orders, filters, folded = (table.get(name) for name in ("orders", "filters", "folded"))
    return Memory(
        {path: _made(Order, order) for path, order in _items(orders)},
        tuple(path for path in folded if isinstance(path, str)) if isinstance(folded, list) else (),
        {name: text for name, text in _items(filters) if isinstance(text, str) and len(text) <= LONGEST},
        _made(Where, table.get("where")),
    )


def _items(table: object) -> list[tuple[str, Any]]:
    return list(table.items()) if isinstance(table, dict) else []


def _made(kind: type[T], given: object) -> T:
    """Return a record of those fields that are as they should be; the others as they are by default."""
    default, table = kind(), given if isinstance(given, dict) else {}
    found: dict[str, Any] = {}
    for name in (f.name for f in fields(kind)):  # type: ignore[arg-type]  # both kinds are dataclasses
        value = table.get(name)
        if isinstance(value, list):
            value = tuple(item for item in value if isinstance(item, str))
        if type(value) is type(getattr(default, name)) and (not isinstance(value, str) or len(value) <= LONGEST):
            found[name] = value
    return kind(**found)
