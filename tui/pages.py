"""The rows of a long table that are in memory: pages of 64, fetched by offset, kept right as tasks change.

Pure data: neither Textual nor the store. A page that a change may have shifted is forgotten, never guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from store.records import TaskRow

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

    def forget(self) -> None:
        """Forget every row but not how many there are."""
        self.clear(self.total)

    def get(self, index: int) -> TaskRow | None:
        """Return a row, None if it is not in memory or does not exist."""
        page = self._pages.get(index // PAGE)
        at = index % PAGE
        return page[at] if page is not None and at < len(page) else None

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
        self._pages[number] = list(rows)
        for far in sorted(self._pages, key=lambda n: abs(n - number))[KEEP:]:
            self._drop(far)
        for at, row in enumerate(rows):
            self._places[row.id] = number * PAGE + at

    def replace(self, row: TaskRow) -> int | None:
        """Put a task's new row in place of its old one; return where, None if it is not in memory."""
        index = self._places.get(row.id)
        if index is None:
            return None
        self._pages[index // PAGE][index % PAGE] = row
        return index

    def remove(self, task: str) -> bool:
        """Take a task out; the rows after it move up. Return whether its place was known (if not, forget all)."""
        index = self._places.get(task)
        if index is None:
            return False
        rows = self._leading()
        if index >= len(rows):
            return False
        del rows[index]
        self.total -= 1
        self._restore(rows)
        return True

    def insert(self, row: TaskRow, before: Callable[[TaskRow, TaskRow], bool]) -> int | None:
        """Put a new row where it belongs among the rows in memory from the first on.

        Args:
            row: the new row, not in memory.
            before: whether its first argument comes before its second.

        Returns:
            Where it stands now; None if it belongs behind what is in memory (the count is right all the same).
        """
        rows = self._leading()
        self.total += 1
        index = next((at for at, other in enumerate(rows) if before(row, other)), len(rows))
        if index == len(rows) and self.total - 1 > len(rows):
            self._restore(rows)
            return None
        rows.insert(index, row)
        self._restore(rows)
        return index

    def _leading(self) -> list[TaskRow]:
        """The rows in memory from the first on without a gap."""
        rows: list[TaskRow] = []
        number = 0
        while number in self._pages:
            rows += self._pages[number]
            if len(self._pages[number]) < PAGE:
                break
            number += 1
        return rows

    def _restore(self, rows: list[TaskRow]) -> None:
        """Cut leading rows into pages again; pages behind a gap are forgotten, as is an incomplete last one."""
        self._pages.clear()
        self._places.clear()
        whole = len(rows) if len(rows) >= self.total else len(rows) // PAGE * PAGE
        for start in range(0, whole, PAGE):
            self.put(start // PAGE, rows[start : min(start + PAGE, whole)])

    def _drop(self, number: int) -> None:
        for row in self._pages.pop(number, []):
            self._places.pop(row.id, None)
