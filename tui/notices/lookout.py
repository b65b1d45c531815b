"""Finds what is news in what the feed has read: in its thread, asking only where a task of the user's changed.

Ends are read from the history, so each is news once. A metric is news once in each execution; what was NaN when the
dashboard was opened is not.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from store.lifecycle import FINAL, Status
from store.news_records import Ended, NotFinite

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from store.records import Changes

Found = Ended | NotFinite


class Lookout:
    """One user's tasks.

    Args:
        user: whose.
    """

    def __init__(self, user: str) -> None:
        self._user = user
        self._rev: int | None = None
        """Up to which revision all is known; None while nobody wants to know."""
        self._known: set[tuple[str, int, str, str]] = set()
        self._late: list[Found] = []
        """What happened while the store was away."""

    def begin(self, c: Connection, rev: int) -> None:
        """Take what is there for known; of a store that was away, what has happened meanwhile is news."""
        from store.queries import news

        again = self._rev is not None and self._rev <= rev
        ended = self._ended(c, self._rev or 0) if again else []
        turned = self._new(news.not_finite(c, self._user))
        self._rev, self._late = rev, [*ended, *turned] if again else []

    def rest(self) -> list[Found]:
        """Nobody wants to know, and nothing is news: when it is asked for again, what has happened by then is known."""
        self._rev, self._late = None, []
        self._known.clear()
        return []

    def look(self, c: Connection, changes: Changes) -> list[Found]:
        """Return what is news since the last time."""
        if self._rev is None:
            self.begin(c, changes.rev)
        found, self._late = self._late, []
        found += self._since(c, self._rev or 0, changes)
        self._rev = changes.rev
        return found

    def _since(self, c: Connection, rev: int, changes: Changes) -> Iterable[Found]:
        from store.queries import news

        states = {row.status for row in changes.tasks if row.user == self._user}
        ended = self._ended(c, rev) if states.intersection(FINAL) else []
        turned = self._new(news.not_finite(c, self._user, rev)) if Status.RUNNING in states else []
        return [*ended, *turned]

    def _ended(self, c: Connection, rev: int) -> list[Ended]:
        from store.queries import news

        ended = news.ended(c, self._user, rev)
        over = {end.task for end in ended}
        self._known = {key for key in self._known if key[0] not in over} if over else self._known
        return ended

    def _new(self, found: list[NotFinite]) -> list[NotFinite]:
        """Return those not known yet, which they are from now on."""
        keys = [(one.task, one.execution, one.title, one.series) for one in found]
        new = [one for one, key in zip(found, keys, strict=True) if key not in self._known]
        self._known.update(keys)
        return new
