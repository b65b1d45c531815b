"""Scripts as real processes on a store of the test's own, and what their journals hold, read back by the format."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from capture import address, frames
from store.figures import unpack
from tests.support import alive, eventually, private_environment

ROOT = Path(__file__).resolve().parents[2]
START = """
import os, sys
from capture import Task, Logger
"""


@dataclass
class Written:
    """All that is in one writer's journal."""

    identity: dict[str, Any]
    scalars: dict[tuple[str, str], list[tuple[int, float]]] = field(default_factory=dict)
    texts: list[tuple[str, bytes]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    plots: dict[tuple[str, str], list[tuple[int, dict[str, Any]]]] = field(default_factory=dict)
    samples: dict[tuple[str, str], list[tuple[int, str, str, str, bytes]]] = field(default_factory=dict)
    """Of each debug sample: iteration, the file's ending, URL, how many are kept, the file's bytes."""
    segments: int = 0
    whole: bool = True
    """Whether every segment but the last ends with an END frame that fills it."""

    def event(self, kind: str) -> dict[str, Any]:
        """Return the only event of a kind."""
        found = [event for event in self.events if event["e"] == kind]
        assert len(found) == 1, (kind, self.events)
        return found[0]

    def parameters(self) -> dict[str, dict[str, str]]:
        """Return all parameters, the later of two."""
        found: dict[str, dict[str, str]] = {}
        for event in self.events:
            if event["e"] == "parameters":
                found |= event["values"]
        return found

    def console(self, stream: str) -> str:
        """Return all that was written to a stream."""
        return b"".join(data for name, data in self.texts if name == stream).decode()


def read_journal(spool: Path, writer: str) -> Written:
    """Read a journal as a recorder would."""
    found = Written(json.loads((spool / f"{writer}.w").read_bytes().split(b"\n", 1)[0]))
    names: dict[int, tuple[str, str]] = {}
    ended = True
    while (path := spool / f"{writer}.{found.segments}.seg").exists():
        found.whole &= ended
        data = path.read_bytes()
        header = frames.unpack_header(data)
        assert header is not None
        assert (header.number, header.size) == (found.segments, len(data))
        found.segments += 1
        ended = False
        for offset, payload in frames.frames(memoryview(data), frames.HEADER.size, header.salt):
            assert not ended, "nothing comes after END"
            ended = payload[0] == frames.END and offset == len(data)
            _take(found, names, bytes(payload))
    return found


def _take(found: Written, names: dict[int, tuple[str, str]], payload: bytes) -> None:
    kind = payload[0]
    if kind == frames.SERIES:
        title, series = payload[frames.SERIES_HEAD.size :].decode().split("\0")
        names[frames.SERIES_HEAD.unpack_from(payload)[1]] = (title, series)
    elif kind == frames.SCALAR:
        _, number, iteration, _, value = frames.SCALAR_FRAME.unpack(payload)
        found.scalars.setdefault(names[number], []).append((iteration, value))
    elif kind == frames.TEXT:
        found.texts.append((frames.STREAMS[payload[1]], payload[frames.TEXT_HEAD.size :]))
    elif kind == frames.PLOT:
        _, iteration, _, length = frames.PLOT_HEAD.unpack_from(payload)
        begin, body = frames.PLOT_HEAD.size, frames.PLOT_HEAD.size + length
        title, series = payload[begin:body].decode().split("\0")
        found.plots.setdefault((title, series), []).append((iteration, unpack(payload[body:])))
    elif kind == frames.SAMPLE:
        _, iteration, _, length = frames.SAMPLE_HEAD.unpack_from(payload)
        begin, body = frames.SAMPLE_HEAD.size, frames.SAMPLE_HEAD.size + length
        title, series, ending, url, history = payload[begin:body].decode().split("\0")
        found.samples.setdefault((title, series), []).append((iteration, ending, url, history, payload[body:]))
    elif kind == frames.EVENT:
        found.events.append(json.loads(payload[1:]))


class Bench:
    """A folder, a store and scripts in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environ = private_environment(folder, os.environ) | {"PYTHONPATH": str(ROOT), "CAPTURE_OFFLINE": "1"}
        self.children: list[subprocess.Popen[bytes]] = []

    @property
    def home(self) -> Path:
        """The store."""
        return Path(self.environ["CAPTURE_STORE"])

    @property
    def spool(self) -> Path:
        """The store's spool."""
        return self.home / "spool"

    def online(self) -> Bench:
        """Have recorders started from now on."""
        del self.environ["CAPTURE_OFFLINE"]
        return self

    def script(self, code: str, name: str = "train.py") -> Path:
        """Write a script."""
        path = self.folder / name
        path.write_text(START + textwrap.dedent(code))
        return path

    def run(self, code: str, *arguments: str, check: bool = True, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run a script to its end and return what it printed."""
        command = [sys.executable, str(self.script(code)), *arguments]
        done = subprocess.run(
            command, **({"capture_output": True, "text": True, "timeout": 60} | self._place() | options)
        )
        if check:
            assert done.returncode == 0, done.stderr
        return done

    def start(self, code: str, *arguments: str, **options: Any) -> subprocess.Popen[bytes]:
        """Start a script."""
        command = [sys.executable, str(self.script(code)), *arguments]
        wanted: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | self._place() | options
        child: subprocess.Popen[bytes] = subprocess.Popen(command, **wanted)
        self.children.append(child)
        return child

    def _place(self) -> dict[str, Any]:
        return {"cwd": self.folder, "env": self.environ}

    def journals(self) -> list[Written]:
        """Return all journals in the spool, in the order they were begun."""
        found = [read_journal(self.spool, path.name[:-2]) for path in self.spool.glob("*.w")]
        return sorted(found, key=lambda written: written.identity["created"])

    def journal(self) -> Written:
        """Return the only journal."""
        found = self.journals()
        assert len(found) == 1, found
        return found[0]

    def close(self) -> None:
        """End the children and the recorder."""
        for child in self.children:
            if child.poll() is None:
                child.kill()
            child.communicate()
        pid = self.recorder()
        if pid is not None:
            psutil.Process(pid).kill()
            eventually(lambda: not alive(pid))

    def recorder(self) -> int | None:
        """Return the recorder's pid."""
        lock = Path(address.lock_path(self.home))
        try:
            pid = int(json.loads(lock.read_bytes()[:512])["pid"])
        except (OSError, ValueError, KeyError):
            return None
        return pid if alive(pid) else None


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A folder with a store, where no recorder is started unless the test says so: the journals stay to be read."""
    made = Bench(tmp_path)
    yield made
    made.close()
