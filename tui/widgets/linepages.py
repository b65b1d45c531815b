"""The pages of a console's lines: where they are read, which are here, and which are on their way.

Ten million lines cost no more than a few pages: those looked at last are kept.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Protocol

from store.records import ConsoleLine

from .searching import Wanted

PAGE = 256
MOST = 48
"""Pages that are kept."""


class Source(Protocol):
    """Where the lines come from; every call may take a moment, runs off the event loop, or raises ``StoreUnusable``."""

    async def lines(self, first: int, count: int) -> Sequence[ConsoleLine]:
        """Return lines from number ``first`` on."""
        ...

    async def page_at(self, time: float, size: int) -> tuple[int, Sequence[ConsoleLine]]:
        """Return the number of the first line from a time on, past the last one how many there are, and its page."""
        ...

    async def search(self, wanted: Wanted, first: int, limit: int) -> Sequence[int]:
        """Return the numbers of up to ``limit`` lines that match, from ``first`` on."""
        ...


class LinePages:
    """Pages of ``PAGE`` lines, by their number."""

    def __init__(self) -> None:
        self._here: OrderedDict[int, Sequence[ConsoleLine]] = OrderedDict()
        self._asked: set[int] = set()
        self.reads = 0
        """Pages read so far."""

    def __len__(self) -> int:
        """How many are here."""
        return len(self._here)

    def clear(self) -> None:
        """Forget all: it is another console, or another run's."""
        self._here.clear()
        self._asked.clear()

    def find(self, number: int) -> ConsoleLine | None:
        """Return a line, None if its page is not here or was read before there was such a line."""
        page, place = divmod(number, PAGE)
        lines = self._here.get(page)
        if lines is None or place >= len(lines):
            return None
        self._here.move_to_end(page)
        return lines[place]

    def ask(self, page: int) -> bool:
        """Note that a page is asked for; return whether it was not before."""
        asked = page in self._asked
        self._asked.add(page)
        return not asked

    def miss(self, page: int) -> None:
        """Note that a page is to be asked for again: there was no answer, or one of which more is known by now."""
        self._asked.discard(page)

    def keep(self, page: int, lines: Sequence[ConsoleLine]) -> None:
        """Take in a page; the ones looked at longest ago go."""
        self.reads += 1
        self._here[page] = lines
        self._here.move_to_end(page)
        while len(self._here) > MOST:
            old, _ = self._here.popitem(last=False)
            self._asked.discard(old)

    def grow(self) -> None:
        """Note that there are more lines: a page that was not full is to be asked for again."""
        self._asked -= {page for page, lines in self._here.items() if len(lines) < PAGE}
