"""What the task screen asks of the store, in threads for queries or in the feed's; each answer is plain records.

The other half of ``tui.data``: that one asks the store anything, this one knows one task. The imports of the store's
queries stand inside the functions because those run in the threads, after the first paint.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from store import files
from store.errors import LabtopError
from store.records import ConsoleLine, TaskDetail
from store.sample_records import SampleFile

from . import chart_data
from .charts.chart import Settings, Window
from .charts.decimate import Course
from .charts.readings import Reading, Spot
from .data import READ_ONLY

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from .data import Data
    from .widgets.searching import Wanted


@dataclass(frozen=True)
class Glance:
    """What the overview shows beside the details: the console's end and a line of each main metric."""

    tail: tuple[ConsoleLine, ...] = ()
    sparks: tuple[tuple[int, tuple[float, ...]], ...] = ()


class TaskSource:
    """The questions of one task's screen; each raises ``StoreUnusable`` where the store cannot be read.

    Args:
        data: the opened store.
        task: the task's whole id.
    """

    def __init__(self, data: Data, task: str) -> None:
        self._data = data
        self.task = task
        self.origin = 0.0
        """The task's start, from which relative time counts; set by the screen."""

    async def detail(self) -> TaskDetail:
        """Return everything but points and lines.

        Raises:
            LabtopError: the task is gone, or the store cannot be read.
        """
        return await self._data.read(detail_of, self.task)

    async def glance(self, numbers: Sequence[int], lines: int) -> Glance:
        """Return the console's end and sparklines of the metrics with these numbers."""
        return await self._data.read(glance_of, self.task, tuple(numbers), lines)

    async def lines(self, first: int, count: int) -> Sequence[ConsoleLine]:
        """Return console lines."""
        return await self._data.read(lines_of, self.task, first, count)

    async def page_at(self, time: float, size: int) -> tuple[int, Sequence[ConsoleLine]]:
        """Return the number of the first console line from a time on, and the page of lines it is on."""
        return await self._data.read(_page_at, self.task, time, size)

    async def search(self, wanted: Wanted, first: int, limit: int) -> Sequence[int]:
        """Return the numbers of matching console lines."""
        return await self._data.read(_search, self.task, wanted, first, limit)

    def refused_pattern(self, pattern: str) -> str | None:
        """Return why a regular expression cannot be searched for (none, or it could take forever), None if it can."""
        from store.queries.console import matcher

        try:
            matcher(pattern, ignore_case=False)
        except LabtopError as error:
            return str(error)
        return None

    async def figure(self, title: str, series: str, iteration: int) -> bytes | None:
        """Return a plot as it is stored; None if it is not kept any more."""
        return await self._data.read(_figure, self.task, title, series, iteration)

    async def sample(self, title: str, series: str, iteration: int) -> SampleFile | None:
        """Return where a debug sample is; None if it is not kept any more."""
        return await self._data.read(_sample, self._data.location.folder, self.task, title, series, iteration)

    async def beginning(self, artifact: str) -> str:
        """Return the beginning of an artifact as text."""
        return await self._data.read(_beginning, self.task, artifact)

    async def places(self, uris: Sequence[str]) -> Mapping[str, str]:
        """Return the paths of files by their URIs; of those that are on no path of this machine none."""
        return await asyncio.to_thread(_places, self._data.location.folder, uris)

    async def courses(
        self, numbers: Sequence[int], columns: int, said: Settings, window: Window | None
    ) -> Sequence[Course]:
        """Return about ``columns`` buckets of each series, in the window where there is one."""
        return await self._data.read(self.courses_by, numbers, columns, said, window)

    def courses_by(
        self, connection: Connection, numbers: Sequence[int], columns: int, said: Settings, window: Window | None
    ) -> Sequence[Course]:
        """Return the same where there is a connection."""
        bounds = chart_data.bounds(said.axis, window, self.origin)
        return chart_data.courses(connection, [(self.task, n, bounds) for n in numbers], columns, said.smoothing)

    async def read(self, numbers: Collection[int], spot: Spot) -> Mapping[int, Reading]:
        """Return what series have where the value cursor stands."""
        return await self._data.read(chart_data.read, self.task, tuple(numbers), spot, self.origin)

    @property
    def locked(self) -> str:
        """Why nothing can be changed here; empty if it can."""
        return READ_ONLY if self._data.read_only else ""

    @property
    def store(self) -> str:
        """What tells the store from others."""
        return self._data.location.setting

    async def edit(
        self, values: Mapping[str, tuple[str, str]], remove: Sequence[str], seen: Mapping[str, str | None]
    ) -> None:
        """Change, add and take away hyperparameters, in one transaction.

        Args:
            values: ``Section/name`` and (value, type); no type keeps the one there is.
            remove: the keys to take away.
            seen: what was there when the person began; None: nothing.

        Raises:
            Conflict: there is something else by now.
            LabtopError: the lifecycle's sentence, or why a value is none of its type.
        """
        await self._data.command("edit", self.task, values, add=True, remove=remove, expected=seen)

    async def configure(self, name: str, text: str | None, seen: str | None) -> None:
        """Set a configuration object; None takes it away. Raises as ``edit``."""
        await self._data.command("configure", self.task, name, text, expected=seen)


def detail_of(connection: Any, task: str) -> TaskDetail:
    """Return everything of a task but points and lines."""
    from store.queries import details

    return details.detail(connection, task)


def glance_of(connection: Any, task: str, numbers: Sequence[int], lines: int) -> Glance:
    """Return the console's end and lines of the metrics with these numbers."""
    from store.queries import console, scalars

    tail = console.tail(connection, task, lines)
    sparks = [(n, tuple(b.mean for b in scalars.buckets(connection, task, n, 60))) for n in numbers]
    return Glance(tuple(tail), tuple(sparks))


def lines_of(connection: Any, task: str, first: int, count: int) -> list[ConsoleLine]:
    """Return console lines."""
    from store.queries import console

    return list(console.lines(connection, task, first, count))


def _page_at(connection: Any, task: str, time: float, size: int) -> tuple[int, list[ConsoleLine]]:
    from store.queries import console

    number = console.line_at(connection, task, time)
    return number, list(console.lines(connection, task, number - number % size, size))


def _search(connection: Any, task: str, wanted: Wanted, first: int, limit: int) -> list[int]:
    from store.queries import console

    found = console.search(connection, task, first=first, limit=limit, **wanted._asdict())
    return [line.n for line in found]


def _figure(connection: Any, task: str, title: str, series: str, iteration: int) -> bytes | None:
    from store.queries import plots

    return plots.payload(connection, task, title, series, iteration)


def _sample(connection: Any, home: str, task: str, title: str, series: str, iteration: int) -> SampleFile | None:
    from store.queries import samples

    return samples.at(connection, home, task, title, series, iteration)


def _places(home: str, uris: Sequence[str]) -> dict[str, str]:
    found = {uri: files.path_of(home, uri) for uri in uris}
    return {uri: path for uri, path in found.items() if os.path.isfile(path)}


def _beginning(connection: Any, task: str, artifact: str) -> str:
    from store.queries import artifacts

    return artifacts.preview(connection, task, artifact)


def resolve(connection: Any, prefix: str) -> str:
    """Return the id of the task that is meant by an id, the beginning of one, or a name."""
    from store.queries import tasks

    return tasks.resolve(connection, prefix)
