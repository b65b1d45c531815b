"""What is remembered from one start to the next: columns, order, filter and pinned charts by project, what is folded.

Until somebody leaves by a key also where one stood, so that a dropped link costs nothing. One small file of the user's
own, replaced as a whole; what cannot be read is as if it were not there. Several dashboards share it: each writes only
what it has changed itself and its own place, and takes up only the place of one that is gone, that of its own terminal
first. Standard library only; ``keep`` belongs in a thread.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from . import places

MOST_STORES, MOST_PROJECTS, MOST_FOLDED, MOST_PLACES, LONGEST = 16, 64, 500, 16, 2000
MOST_PINS = 100
LARGEST = 512 * 1024
"""Bytes of the file; one that is larger was not written here."""
T = TypeVar("T")
Kept = TypeVar("Kept", "Order", "Where")
_writing = threading.Lock()


class Order(NamedTuple):
    """How a project's tasks are shown."""

    columns: tuple[str, ...] = ()
    sort: str = "activity"
    descending: bool = True
    widths: tuple[str, ...] = ()
    """Columns that somebody gave a width, as texts: the width, a space, the column."""


class Where(NamedTuple):
    """Where somebody stood: what the table showed, the row, and what was open over it (``LabtopScreen.stand``)."""

    project: str = ""
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
    where: Where = field(default_factory=Where)
    """The place of one dashboard; the rest is of all."""
    narrowed: Mapping[str, str] = field(default_factory=dict)
    """The filter that is in force, by project as ``orders``; an empty one keeps that of the project above away."""

    def order(self, project: str | None) -> Order:
        """Return how a project's tasks are shown: as was chosen for it, else for the nearest above it."""
        return nearest(self.orders, project or "", Order())

    def filter(self, project: str | None) -> str:
        """Return the filter in force in a project, likewise."""
        return nearest(self.narrowed, project or "", "")


def nearest(known: Mapping[str, T], project: str, default: T) -> T:
    """Return what is known of a project, else of the nearest one above it."""
    path = project
    while path and path not in known:
        path = path.rpartition("/")[0]
    return known.get(path, default)


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
        self._base = Memory()
        """What was read or kept last: what differs from it was changed here."""

    def read(self) -> Memory:
        """Return what is remembered, and be from now on where one stood that is gone; what cannot be read is not."""
        found = _stores().get(self._key)
        self._base = _memory(found)
        place = places.left(_places(found))
        if place is None:
            return self._base
        memory = replace(self._base, where=_made(Where, place.get("where")))
        self.keep(memory, place)
        return memory

    def keep(self, memory: Memory, instead: Mapping[str, Any] | None = None) -> None:
        """Write what has changed; where that is not possible nothing is remembered, and nobody is told.

        Args:
            memory: what is to be remembered.
            instead: the place of another that this one takes.
        """

        def entry(found: object) -> dict[str, Any]:
            others = [place for place in _places(found) if place != instead and not places.is_mine(place)]
            mine = [places.mine() | {"where": memory.where._asdict()}] if memory.where != Where() else []
            return _bounded(_changed(self._base, memory, _memory(found))) | {"places": [*others, *mine][-MOST_PLACES:]}

        self._write(entry)
        self._base = memory

    def orders(self) -> Mapping[str, Order]:
        """Return columns and order by project, and take up nobody's place."""
        return _memory(_stores().get(self._key)).orders

    def pins(self) -> dict[str, tuple[str, ...]]:
        """Return the titles of the pinned charts by project."""
        return _pins(_stores().get(self._key))

    def keep_pins(self, project: str, titles: Sequence[str]) -> None:
        """Write the pinned charts of a project, as ``keep``."""

        def entry(found: object) -> dict[str, Any]:
            others = {path: pinned for path, pinned in _pins(found).items() if path != project}
            return {"pins": dict(list({**others, project: titles[:MOST_PINS]}.items())[-MOST_PROJECTS:])}

        self._write(entry)

    def _write(self, entry: Callable[[object], dict[str, Any]]) -> None:
        """Put a part in the store's entry, made of what stands there; the rest stays."""
        with _writing, suppress(OSError), places.alone(file_of().with_suffix(".lock")):
            stores = _stores()
            found = stores.pop(self._key, None)
            stores[self._key] = (found if isinstance(found, dict) else {}) | entry(found)
            _write(json.dumps({"stores": dict(list(stores.items())[-MOST_STORES:])}))


def _changed(base: Memory, ours: Memory, theirs: Memory) -> Memory:
    """Return what others have written, with what was changed here."""
    folded = set(theirs.folded) - (set(base.folded) - set(ours.folded)) | (set(ours.folded) - set(base.folded))
    return Memory(
        _put_in(base.orders, ours.orders, theirs.orders),
        tuple(sorted(folded)),
        _put_in(base.filters, ours.filters, theirs.filters),
        narrowed=_put_in(base.narrowed, ours.narrowed, theirs.narrowed),
    )


def _put_in(base: Mapping[str, T], ours: Mapping[str, T], theirs: Mapping[str, T]) -> dict[str, T]:
    changed = {name: value for name, value in ours.items() if name not in base or base[name] != value}
    gone = {*changed, *(base.keys() - ours.keys())}
    return {name: value for name, value in theirs.items() if name not in gone} | changed


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
        "orders": {path: order._asdict() for path, order in orders},
        "folded": list(memory.folded)[:MOST_FOLDED],
        "filters": dict(list(memory.filters.items())[-MOST_PROJECTS:]),
        "narrowed": dict(list(memory.narrowed.items())[-MOST_PROJECTS:]),
    }


def _pins(found: object) -> dict[str, tuple[str, ...]]:
    pinned = _items(found.get("pins")) if isinstance(found, dict) else []
    return {path: _texts(titles) for path, titles in pinned}


def _places(given: object) -> list[dict[str, Any]]:
    found = given.get("places") if isinstance(given, dict) else None
    return [place for place in found if isinstance(place, dict)] if isinstance(found, list) else []


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
    orders, folded = table.get("orders"), table.get("folded")
    return Memory(
        {path: _made(Order, order) for path, order in _items(orders)},
        _texts(folded),
        _filters(table.get("filters")),
        narrowed=_filters(table.get("narrowed")),
    )


def _filters(found: object) -> dict[str, str]:
    return {name: text for name, text in _items(found) if isinstance(text, str) and len(text) <= LONGEST}


def _texts(found: object) -> tuple[str, ...]:
    return tuple(text for text in found if isinstance(text, str)) if isinstance(found, list) else ()


def _items(table: object) -> list[tuple[str, Any]]:
    return list(table.items()) if isinstance(table, dict) else []


def _made(kind: type[Kept], given: object) -> Kept:
    """Return a record of those fields that are as they should be; the others as they are by default."""
    default, table = kind(), given if isinstance(given, dict) else {}
    found: dict[str, Any] = {}
    for name in kind._fields:
        value = table.get(name)
        if isinstance(value, list):
            value = tuple(item for item in value if isinstance(item, str))
        if type(value) is type(getattr(default, name)) and (not isinstance(value, str) or len(value) <= LONGEST):
            found[name] = value
    return kind(**found)
