"""Files on their way out: noted before the commit that deletes their rows, for whoever is killed right after it.

A note is a small file beside the files, with their URIs; it goes once they are removed. The recorder's housekeeping
looks at notes that were left: a file that a row names stays (the transaction was rolled back), any other one is
removed. Only what some transaction wanted gone is ever looked at: a file that no row names may belong to a journal that
nobody has taken in yet. A note that cannot be written costs no transaction anything.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING

import sqlalchemy as sa

from . import files, tables
from .paths import make_private

if TYPE_CHECKING:
    from .engine import Store

FOLDER = ".going"
"""Within the folder of files, where no task's is called so."""
LEFT = 3600.0
"""Seconds after which whoever wrote a note is not still about to remove its files."""
MOST = 100
"""Notes that are looked at in one go."""


def note(home: str, uris: Iterable[str]) -> str:
    """Note which files of this store are about to go; return where, empty if there is nothing to note, or no way to."""
    own = [uri for uri in uris if files.own(home, uri)]
    if not own:
        return ""
    path = os.path.join(_folder(home), os.urandom(6).hex())
    try:
        make_private(_folder(home))
        with open(files.create(path), "w", encoding="utf-8") as file:
            json.dump(own, file)
    except OSError:
        return ""
    return path


def gone(path: str) -> None:
    """Take a note away: what it names has been seen to."""
    with suppress(OSError):
        os.unlink(path)


def sweep(store: Store) -> None:
    """Remove the files of notes that were left, but those that a row names.

    Raises:
        StoreUnusable: the store cannot be read.
    """
    home = store.location.folder
    for path in islice(_left(_folder(home)), MOST):
        paths = {uri: files.own(home, uri) for uri in _noted(path)}
        kept = _named(store, {_task(own) for own in paths.values() if own})
        files.discard(home, [uri for uri, own in paths.items() if own not in kept])
        gone(path)


def _folder(home: str) -> str:
    return os.path.join(home, files.FOLDER, FOLDER)


def _left(folder: str) -> Iterator[str]:
    """Yield the user's own notes that are old enough."""
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            found = entry.stat(follow_symlinks=False)
            if found.st_uid == os.getuid() and found.st_mtime < time.time() - LEFT:
                yield entry.path


def _noted(path: str) -> list[str]:
    """Return the URIs of a note; none of one that was not written to its end, before any commit."""
    try:
        with open(path, encoding="utf-8") as file:
            return [str(uri) for uri in json.load(file)]
    except (OSError, ValueError, TypeError):
        return []


def _task(path: str) -> str:
    """Return which task a file of ours is in the folder of."""
    return path.split(os.sep)[-4]


def _named(store: Store, tasks: set[str]) -> set[str]:
    """Return the files that rows of these tasks name, and models that no task has any more."""
    columns = (tables.artifact.c.uri, tables.model.c.uri, tables.debug_sample.c.url)
    found: set[str] = set()
    with store.read() as c:
        for column in columns:
            owner = column.table.c.task_id
            named = c.execute(sa.select(column).where(owner.in_(tasks) | owner.is_(None))).scalars()
            found |= {files.own(store.location.folder, uri) for uri in named}
    return found
