"""A store of each test's own, and real recorder processes that never outlive it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from capture import address
from store.engine import open_store
from store.paths import Location, locate, make_home
from tests.recorder.processes import BOOT, FORCED, ROOT, Start, Stored, Writing
from tests.recorder.spooled import start_time
from tests.support import private_environment


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment of this test's processes, and of the test itself."""
    private = private_environment(tmp_path, os.environ)
    for name in set(os.environ) - set(private):
        monkeypatch.delenv(name)
    for name, value in private.items():
        monkeypatch.setenv(name, value)
    return private


@pytest.fixture
def location(environ: dict[str, str]) -> Location:
    """The test's own store, its folders made."""
    found = locate(environ["CAPTURE_STORE"])
    make_home(found)
    return found


@pytest.fixture
def recorder(location: Location, environ: dict[str, str]) -> Iterator[Start]:
    """Start a recorder process; ``lock`` gives it a lock of its own."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str, lock: str = "", **extra: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-P", str(BOOT), *arguments]
        if lock:
            command = [sys.executable, "-c", FORCED, lock]
        process = subprocess.Popen(command, env=environ | {"PYTHONPATH": str(ROOT)} | extra, cwd=location.home)
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)
    _end_spawned(location)


def _end_spawned(location: Location) -> None:
    """End a recorder that something under test has started by itself."""
    from capture.recorder.election import holder
    from capture.recorder.liveness import start_time

    found = holder(Path(address.lock_path(location.home)))
    if found is not None and start_time(found.pid) == found.start_time and found.pid != os.getpid():
        os.kill(found.pid, signal.SIGTERM)


@pytest.fixture
def stored(location: Location) -> Iterator[Stored]:
    """The store, read as a dashboard would."""
    with open_store(location) as store:
        yield Stored(store)


@pytest.fixture
def writing() -> Iterator[Writing]:
    """Start a process whose output goes to a file, and return its identity for a journal made by hand."""
    started: list[subprocess.Popen[bytes]] = []

    def start(path: Path) -> dict[str, Any]:
        with path.open("a") as file:
            started.append(subprocess.Popen(["sleep", "600"], stdout=file, stderr=file))
        return {"pid": started[-1].pid, "start_time": start_time(started[-1].pid)}

    yield start
    for process in started:
        process.kill()
        process.wait()
