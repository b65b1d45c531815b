"""What every verb gets: its arguments, its output, and the store, opened with this host's journals taken in.

The only place of the command line that opens a store. A verb that only looks never makes one.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from store import who
from store.paths import Location, locate

from .output import Output

if TYPE_CHECKING:
    from store.engine import Store


class Context:
    """One call of a verb."""

    def __init__(self, arguments: argparse.Namespace, out: Output | None = None) -> None:
        self.args = arguments
        self.out = out or Output(json=bool(arguments.json))
        self.by = who.by()

    @cached_property
    def location(self) -> Location:
        """Where the store is: ``--store``, else as ``store.paths.locate`` says."""
        return locate(self.args.store)

    @contextmanager
    def store(self, *, create: bool = False) -> Iterator[Store]:
        """The store with everything recorded on this host so far in it.

        Raises:
            StoreUnusable: it is not there (unless ``create``) or cannot be opened.
        """
        self.take_in()
        from store.engine import open_store

        with open_store(self.location, create=create) as store:
            yield store

    def take_in(self) -> None:
        """Have this host's journals taken in (bounded: 2 s) and say how many records are still on the way."""
        if not spool_files(self.location):
            return
        from ..recorder.client import sync

        left = sync(self.location)
        if left:
            many, them = ("1 record is", "it") if left == 1 else (f"{left:,} records are", "them")
            self.out.say(f"{many} still on the way into the store; what follows may lack {them}.")

    def resolve(self, store: Store, words: Sequence[str]) -> list[str]:
        """Return the whole ids of the tasks that were named, each once.

        Raises:
            NotFound: one of them is unknown or ambiguous.
        """
        from store.queries import tasks

        with store.read() as connection:
            return list(dict.fromkeys(tasks.resolve(connection, word) for word in words))


def spool_files(location: Location) -> bool:
    """Whether any process has written, or writes, a journal here."""
    try:
        return any(entry.name.endswith((".w", ".seg")) for entry in os.scandir(location.spool))
    except OSError:
        return False
