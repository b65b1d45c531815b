"""``capture doctor``: looks at everything recording depends on, and says of each thing whether it is well.

It only looks: nothing is started, taken in, repaired or removed. Each check is a function that returns findings; a new
one is added to ``CHECKS``.
"""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from store.errors import LabtopError, StoreUnusable
from store.mounts import file_system, on_network
from store.paths import Location, config_file, refuse_foreign, refuse_unwritable, settings

from .context import Context
from .output import Cell, Column
from .parsing import version
from .words import age, counted, size

_LOW = 1 << 30
_SMALL = 256 << 20
"""Bytes up to which a database is checked page by page."""
_NAMES = ("capture", "store", "tui")


@dataclass(frozen=True)
class Finding:
    """What was found: ``state`` is ok, note or bad."""

    about: str
    state: str
    text: str


class Look:
    """What the checks look at; the store's own error is kept, so that the others still run."""

    def __init__(self, location: Location) -> None:
        self.location = location
        self.unusable: StoreUnusable | None = None


Check = Callable[[Look], Iterator[Finding]]


def doctor(context: Context) -> int:
    """Print all findings; end with 1 if something is bad, with 3 if the store cannot be used."""
    look = Look(context.location)
    found = [finding for check in CHECKS for finding in check(look)]
    bad = any(finding.state == "bad" for finding in found)
    if context.out.json:
        checks = [{"about": f.about, "state": f.state, "text": f.text} for f in found]
        context.out.object({"ok": not bad, "checks": checks})
    else:
        context.out.table((Column(""), Column("ABOUT"), Column("FOUND")), [_row(finding) for finding in found])
    if look.unusable is not None:
        return look.unusable.exit_code
    return 1 if bad else 0


_MARKS = {"ok": ("✔", "green"), "note": ("•", "yellow"), "bad": ("✖", "red")}


def _row(finding: Finding) -> tuple[str | Cell, ...]:
    mark, style = _MARKS[finding.state]
    return Cell(mark, finding.state, style), finding.about, finding.text


def programs(_: Look) -> Iterator[Finding]:
    """Versions."""
    where = f"{platform.system()} {platform.release()}, host {platform.node()}"
    yield Finding("labtop", "ok", f"{version()} in {Path(__file__).resolve().parents[2]}")
    yield Finding("python", "ok", f"{platform.python_version()} ({sys.executable}); {where}")
    yield Finding("sqlite", "ok", sqlite3.sqlite_version)
    if shutil.which("git") is None:
        yield Finding("git", "note", "not found: repository, commit and changes are not recorded. Install git.")


def configured(_: Look) -> Iterator[Finding]:
    """The settings file."""
    path = config_file()
    try:
        settings()
    except LabtopError as error:
        yield Finding("settings", "bad", str(error))
    else:
        yield Finding("settings", "ok", f"{path}" if path.exists() else f"{path} (not there: the defaults hold)")


def place(look: Look) -> Iterator[Finding]:
    """Where the store is, and whether it may be there."""
    location = look.location
    kind = on_network(location.home)
    if kind and location.is_sqlite:
        text = f"{location.shown} is on a network file system ({kind}), where SQLite loses data. Set CAPTURE_STORE."
        yield Finding("store", "bad", text)
    else:
        yield Finding("store", "ok", f"{location.shown} (file system {file_system(location.home) or 'unknown'})")
    if location.note:
        yield Finding("store", "note", location.note)
    folder = next(path for path in (location.home, *location.home.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    low = "" if free > _LOW else " That is little: recording stops when the disk is full. Free some space."
    yield Finding("disk", "bad" if low else "ok", f"{size(free)} free below {folder}.{low}")


def tables(look: Look) -> Iterator[Finding]:
    """Whether the store opens, and what is in it."""
    location = look.location
    if location.is_sqlite and not location.database.exists():
        yield _to_be_made(look)
        return
    from store.engine import open_store

    try:
        with open_store(location, read_only=True) as store:
            yield from _contents(store)
            if location.is_sqlite and location.database.stat().st_size < _SMALL:
                yield _checked(store)
    except StoreUnusable as error:
        look.unusable = error
        yield Finding("tables", "bad", str(error))
        return
    if location.is_sqlite and not os.access(location.database, os.W_OK):
        yield Finding("tables", "note", "read-only for you: nothing can be recorded or changed.")


def _to_be_made(look: Look) -> Finding:
    try:
        refuse_foreign(look.location)
        refuse_unwritable(look.location)
    except StoreUnusable as error:
        look.unusable = error
        return Finding("tables", "bad", str(error))
    return Finding("tables", "note", "no store yet: the first script with Task.init makes it.")


def _contents(store: object) -> Iterator[Finding]:
    import sqlalchemy as sa

    from store import queues
    from store import tables as t
    from store.engine import Store
    from store.migrations import version_of

    assert isinstance(store, Store)
    with store.read() as c:
        by_status = c.execute(sa.select(t.task.c.status, sa.func.count()).group_by(t.task.c.status)).all()
        schema = version_of(c)
        late = [w for w in queues.workers(c) if w.lost(_now())]
    counts = ", ".join(f"{count} {status}" for status, count in sorted(by_status)) or "no tasks"
    location = store.location
    bytes_ = f", {size(location.database.stat().st_size)}" if location.is_sqlite else ""
    yield Finding("tables", "ok", f"schema {schema}, {counts}{bytes_}")
    for worker in late:
        text = f"{worker.name} has shown no sign of life for {age(_now() - worker.heartbeat)}: an agent will settle it."
        yield Finding("agents", "note", text)


def _checked(store: object) -> Finding:
    from store.engine import Store

    assert isinstance(store, Store)
    with store.read() as c:
        said = str(c.exec_driver_sql("PRAGMA quick_check(1)").scalar())
    if said == "ok":
        return Finding("tables", "ok", "the file is consistent")
    return Finding("tables", "bad", f"the file is damaged: {said}. Restore a backup.")


def _now() -> float:
    from store import clock

    return clock.now()


def recorder(look: Look) -> Iterator[Finding]:
    """Whether a recorder is at work here, and what waits for it."""
    from .. import address
    from ..recorder import backlog, client, election, liveness
    from ..recorder.spool import Spool

    location = look.location
    holder = election.holder(Path(address.lock_path(location.home)))
    held = liveness.locked(Path(address.lock_path(location.home)))
    answer = client.ask(location, {"op": "ping"}, 1.0) if held else None
    waiting = client.waiting(location.spool)
    if answer is not None:
        yield Finding("recorder", "ok", f"at work (pid {answer.get('pid')}, version {answer.get('version')})")
    elif held and holder is not None:
        text = (
            f"pid {holder.pid} holds the lock but does not answer. See {location.home}/recorder.log; if it stays so, "
        )
        yield Finding("recorder", "bad", text + "end that process: another starts by itself, nothing is lost.")
    else:
        why = "records wait for one: the next command or script starts it" if waiting else "nothing to do for one"
        yield Finding("recorder", "note" if waiting else "ok", f"none is running; {why}.")
    if not location.spool.is_dir():
        return
    spool = Spool(location.spool)
    for identity in filter(None, map(spool.identity, sorted(spool.writers()))):
        yield _journal(identity, location, backlog.count(location.spool))


def _journal(identity: object, location: Location, left: int) -> Finding:
    from ..recorder.liveness import alive
    from ..recorder.spool import Identity
    from ..recorder.writers import ours

    assert isinstance(identity, Identity)
    about = f"journal {identity.writer} of task {identity.task[:8]}"
    if not ours(identity, location.spool):
        return Finding("spool", "note", f"{about} is of the host {identity.host}: its recorder there takes it in.")
    if alive(identity, location.spool):
        return Finding("spool", "ok", f"{about} is being written (pid {identity.pid}).")
    waits = counted(left, "record")
    return Finding("spool", "note", f"{about} was left by a process that is gone; {waits} in all wait for a recorder.")


def locks(look: Look) -> Iterator[Finding]:
    """Who holds the store's write lock now."""
    path = look.location.home / "store.lock"
    for pid in _holders(path):
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()
        except OSError:
            words = "gone by now"
        yield Finding("lock", "note", f"pid {pid} is writing, or stuck while writing: {words[:120]}")


def _holders(path: Path) -> list[int]:
    """Return who holds a flock on a file (Linux)."""
    try:
        inode = path.stat().st_ino
        lines = Path("/proc/locks").read_text("ascii").splitlines()
    except OSError:
        return []
    fields = [line.split() for line in lines]
    held = [words for words in fields if len(words) > 5 and words[1] == "FLOCK"]
    return [int(words[4]) for words in held if words[5].rpartition(":")[2] == str(inode) and int(words[4]) > 0]


def neighbours(_: Look) -> Iterator[Finding]:
    """Files beside the script, or on PYTHONPATH, that take our names."""
    ours = Path(__file__).resolve().parents[2]
    folders = [Path.cwd(), *map(Path, filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep)))]
    for folder in dict.fromkeys(folder.resolve() for folder in folders):
        if folder == ours:
            continue
        for name in _NAMES:
            for path in (folder / f"{name}.py", folder / name / "__init__.py"):
                if path.is_file():
                    yield _taken(name, path)


def _taken(name: str, path: Path) -> Finding:
    if name == "capture":
        text = f"{path} takes the place of our package: `from capture import Task` gets yours. Rename it."
        return Finding("names", "bad", text)
    return Finding(
        "names", "note", f"{path} has the name of a package of ours. Both work: a script's import gets yours."
    )


CHECKS: tuple[Check, ...] = (programs, configured, place, tables, recorder, locks, neighbours)
