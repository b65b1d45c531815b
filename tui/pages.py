"""The rows of a long table that are in memory: pages of 64, fetched by offset, kept right as tasks change.

Pure data: neither Textual nor the store. A page that a change may have shifted is forgotten, never guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from store.records import TaskRow

    Before = Callable[[TaskRow, TaskRow], bool]


PAGE = 64
KEEP = 32
"""Pages kept in memory; the ones farthest from view go first."""


class Pages:
    """A sparse list of ``total`` rows."""

    def __init__(self) -> None:
        self.total = 0
        self._pages: dict[int, list[TaskRow]] = {}
        self._places: dict[str, int] = {}

    def clear(self, total: int = 0) -> None:
        """Forget every row; there are ``total`` now."""
        self.total = total
        self._pages.clear()
        self._places.clear()

    def get(self, index: int) -> TaskRow | None:
        """Return a row, None if it is not in memory or does not exist."""
        page = self._pages.get(index // PAGE)
        at = index % PAGE
        return page[at] if index >= 0 and page is not None and at < len(page) else None

    def __iter__(self) -> Iterator[TaskRow]:
        """Yield the rows in memory."""
        return (row for page in self._pages.values() for row in page)

    def place(self, task: str) -> int | None:
        """Return the index of a task that is in memory."""
        return self._places.get(task)

    def missing(self, first: int, last: int) -> list[int]:
        """Return the numbers of the pages that rows ``first`` to ``last`` need and that are not in memory."""
        last = min(last, self.total - 1)
        if last < first:
            return []
        return [number for number in range(max(first, 0) // PAGE, last // PAGE + 1) if number not in self._pages]

    def put(self, number: int, rows: Sequence[TaskRow]) -> None:
        """Keep a page."""
        self._drop(number)
        self._pages[number] = list(rows)
        for far in sorted(self._pages, key=lambda n: abs(n - number))[KEEP:]:
            self._drop(far)
        for at, row in enumerate(rows):
            self._places[row.id] = number * PAGE + at

    def replace(self, row: TaskRow) -> int | None:
        """Put a task's new row in place of its old one; return where, None if it is not in memory."""
        index = self._places.get(row.id)
        if index is not None:
            self._pages[index // PAGE][index % PAGE] = row
        return index

    def settle(self, rows: Sequence[TaskRow], gone: Collection[str], total: int, before: Before) -> None:
        """Move changed rows to where they belong now, put new ones in, take others out.

        Pages behind a gap, and one that became short, are forgotten: they are fetched again when looked at.

        Args:
            rows: changed and new rows that belong to the table.
            gone: ids that no longer do.
            total: how many rows there are now.
            before: whether its first argument stands before its second.
        """
        leading = self._leading()
        whole = len(leading) >= self.total
        moved = {row.id for row in rows} | set(gone)
        kept = [row for row in leading if row.id not in moved]
        for row in rows:
            at = next((n for n, other in enumerate(kept) if before(row, other)), len(kept))
            if at < len(kept) or whole:
                kept.insert(at, row)
        self.clear(total)
        complete = len(kept) if len(kept) >= total else len(kept) // PAGE * PAGE
        for start in range(0, complete, PAGE):
            self.put(start // PAGE, kept[start : min(start + PAGE, complete)])

    def _leading(self) -> list[TaskRow]:
        """The rows in memory from the first on without a gap."""
        rows: list[TaskRow] = []
        number = 0
        while number in self._pages and len(rows) == number * PAGE:
            rows += self._pages[number]
            number += 1
        return rows

    def _drop(self, number: int) -> None:
        for row in self._pages.pop(number, []):
            self._places.pop(row.id, None)
