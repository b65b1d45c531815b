"""The recorder as a process of its own: no terminal, no descriptors but the lock, a log file for what it has to say."""

from __future__ import annotations

import argparse
import gc
import logging
import os
import resource
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from capture import address
from store.errors import StoreUnusable
from store.paths import Location, locate, make_home, settings

from .aborts import GRACE
from .election import Election
from .jobs import trim
from .service import Pace, run

_LOG_LIMIT = 1 << 20
_FILES = 16384


def main(arguments: Sequence[str]) -> int:
    """Record the store of ``CAPTURE_STORE``; the lock is inherited, or taken here if nobody holds it."""
    parser = argparse.ArgumentParser(prog="recorder")
    parser.add_argument("--lock-fd", type=int, help="the descriptor that holds the recorder's lock")
    parser.add_argument("--idle", type=float, default=None, help="seconds without work after which it goes")
    options = parser.parse_args(arguments)
    _only(options.lock_fd)
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        del os.environ[name]  # of the script that happened to start us, not of those we record
    location = locate()
    if not location.spool.is_dir():  # else whether the store can be used is asked again and again, not once
        make_home(location)
    election = Election(Path(address.lock_path(location.home)), options.lock_fd)
    if not election.held and not election.take():
        return 0
    _alone(location)
    _many_files()
    idle = options.idle or float(os.environ.get("CAPTURE_RECORDER_IDLE") or 0)
    pace = Pace(idle=idle) if idle else Pace()
    run(location, election, replace(pace, grace=_grace()))
    return 0


def _grace() -> float:
    """Return the setting ``abort_grace``: the seconds an aborted script has to end by itself."""
    try:
        return float(settings().get("abort_grace", GRACE))
    except (StoreUnusable, TypeError, ValueError):
        return GRACE


def _only(lock: int | None) -> None:
    """Close what a script's process has handed down by accident: its sockets and files must not live as long as we."""
    highest = os.sysconf("SC_OPEN_MAX")
    keep = sorted({0, 1, 2} | ({lock} if lock is not None else set()))
    for low, high in zip(keep, [*keep[1:], highest], strict=True):
        os.closerange(low + 1, high)


def _many_files() -> None:
    """Raise the limit on open files: each script has a segment, a notice of its end and two logs open with us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _alone(location: Location) -> None:
    """Leave the script's session, folder, terminal and standard streams."""
    if os.getsid(0) != os.getpid() and os.getpgid(0) != os.getpid():
        os.setsid()
    os.chdir("/")
    os.umask(0o077)
    log = location.home / "recorder.log"
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        log.replace(log.with_suffix(".log.old"))
    written, nothing = os.open(log, flags, 0o600), os.open(os.devnull, os.O_RDWR)
    for standard, target in ((0, nothing), (1, written), (2, written)):
        os.dup2(target, standard)
    os.close(nothing)
    os.close(written)
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format=f"%(asctime)s {os.getpid()} %(levelname)s %(message)s"
    )
    gc.collect()
    gc.freeze()  # what was imported is never garbage
    trim()
