"""Help for every test: waiting on a condition, a private environment, and batches as the recorder would make them.

Nothing here stands in for a part of ours: a test that uses it still drives the real thing.
"""

from __future__ import annotations

import itertools
import time
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from store import figures
from store.records import Batch, Event, Line, Plot, Points, Position, SeriesKey
from store.sample_records import Sample

T = TypeVar("T")


def eventually(predicate: Callable[[], T | None], timeout: float = 20.0, what: str = "") -> T:
    """Return the predicate's first truthy answer, asking every few milliseconds; fail after ``timeout`` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        answer = predicate()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"still not so after {timeout:g} s: {what or predicate}; last answer {answer!r}")
        time.sleep(0.01)


def alive(pid: int) -> bool:
    """Whether a process is there and not a zombie (in a container, nobody may be there to reap an orphan)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return fields[fields.rindex(")") + 2] not in "ZX"


def private_environment(folder: Path, base: Mapping[str, str]) -> dict[str, str]:
    """Return ``base`` with the store, the home and every folder of the user's below ``folder``, and no setting of ours.

    The locale is the same wherever tests run. For child processes: ``env=private_environment(tmp_path, os.environ)``.
    """
    environ = {name: value for name, value in base.items() if not name.startswith(("CAPTURE_", "XDG_", "LABTOP_"))}
    for name in ("DATA", "CONFIG", "CACHE", "STATE"):
        environ[f"XDG_{name}_HOME"] = str(folder / name.lower())
    return environ | {"HOME": str(folder), "CAPTURE_STORE": str(folder / "store"), "LC_ALL": "C.UTF-8"}


class Counted:
    """What a block asked of a database: ``statements`` as text."""

    def __init__(self) -> None:
        self.statements: list[str] = []


@contextmanager
def counted(*engines: Engine) -> Iterator[Counted]:
    """Note every statement sent through the engines while the block runs."""
    seen = Counted()

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.statements.append(statement)

    for engine in engines:
        sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        for engine in engines:
            sa.event.remove(engine, "before_cursor_execute", note)


def points(values: Iterable[float], *, first: int = 0, at: float = 1000.0, every: float = 1.0) -> Points:
    """Return points with iterations counting from ``first`` and one point each ``every`` seconds from ``at``."""
    kept = array("d", values)
    size = len(kept)
    return Points(array("q", range(first, first + size)), array("d", [at + every * i for i in range(size)]), kept)


class Script:
    """A script as the recorder sees it: makes one batch after another, with positions that follow each other."""

    _numbers = itertools.count(1)

    def __init__(self, task: str | None = None, *, primary: bool = True, host: str = "testhost") -> None:
        number = next(self._numbers)
        self.writer = f"{number:016x}"
        self.task = task or f"{number:032x}"
        self.primary = primary
        self.host = host
        self.execution = 0
        self._samples = itertools.count()
        self.position = Position(0, 32)

    def batch(
        self,
        *,
        events: Iterable[Event] = (),
        scalars: Mapping[SeriesKey, Points] | None = None,
        lines: Iterable[Line] = (),
        plots: Iterable[Plot] = (),
        samples: Iterable[Sample] = (),
        state: Mapping[str, Any] | None = None,
        records: int | None = None,
    ) -> Batch:
        """Return the next batch; the position moves on."""
        made_events, made_lines, made_plots = list(events), list(lines), list(plots)
        made_samples = [sample._replace(number=next(self._samples)) for sample in samples]
        made: list[Sized] = [made_events, made_lines, made_plots, made_samples, *(scalars or {}).values()]
        count = sum(map(len, made))
        old = self.position
        self.position = Position(old.segment, old.offset + 1 + count)
        return Batch(
            self.writer, self.task, self.execution, self.primary, self.host, old, self.position,
            dict(state or {}), dict(scalars or {}), made_lines, made_events, count if records is None else records,
            made_plots, made_samples,
        )  # fmt: skip

    def start(self, *, project: str = "tests/store", name: str = "a task", mode: str = "new", **fields: Any) -> Event:
        """Return a ``start`` event for this script's task."""
        event: Event = {"e": "start", "task": self.task, "mode": mode, "execution": None, "fallback": None}
        event |= {"project": project, "name": name, "type": "training", "tags": [], "user": "ada", "host": self.host}
        return event | {"comment": "", "offset": None, "time": 1000.0} | fields


def plot(
    title: str, series: str, iteration: int, *traces: Mapping[str, Any], at: float = 1000.0,
    layout: Mapping[str, Any] | None = None,
) -> Plot:  # fmt: skip
    """Return a plot as the recorder hands it over."""
    figure = {"data": [dict(trace) for trace in traces], "layout": dict(layout or {})}
    return Plot(title, series, iteration, at, figures.types_of(figure), figures.pack(figure))


def sample(
    title: str, series: str, iteration: int, data: bytes, kind: str = "png", *, url: str = "", history: int = 0,
    at: float = 1000.0,
) -> Sample:  # fmt: skip
    """Return a debug sample as the recorder hands it over."""
    return Sample(title, series, iteration, at, kind, url, history, 0, data)


def line(text: str, *, at: float = 1000.0, stream: str = "out", rank: int = 0) -> Line:
    """Return a console line."""
    return Line(at, stream, rank, text)
