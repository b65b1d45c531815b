"""What was read or drawn last: the same data at the same size and settings is never fetched or drawn twice."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """A small least-recently-used store, safe between threads. ``misses`` counts what had to be made.

    Args:
        limit: how much is kept.
        size: how much of that an item is; each is one, if nothing else is said.
    """

    def __init__(self, limit: int = 64, size: Callable[[T], int] = lambda _: 1) -> None:
        self._limit, self._size = limit, size
        self._held = 0
        self._items: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = threading.Lock()
        self.misses = 0

    def find(self, key: Hashable) -> T | None:
        """Return what is kept under ``key``, None if nothing is."""
        with self._lock:
            if key not in self._items:
                self.misses += 1
                return None
            self._items.move_to_end(key)
            return self._items[key]

    def put(self, key: Hashable, item: T) -> T:
        """Keep an item, forgetting the ones used longest ago, and return it."""
        with self._lock:
            self._drop(key)
            self._items[key] = item
            self._held += self._size(item)
            while self._held > self._limit and len(self._items) > 1:
                self._drop(next(iter(self._items)))
        return item

    def _drop(self, key: Hashable) -> None:
        if key in self._items:
            self._held -= self._size(self._items.pop(key))

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what is kept under ``key``, or make and keep it. Two threads may make the same thing at once."""
        found = self.find(key)
        return self.put(key, make()) if found is None else found

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._items.clear()
            self._held = 0
