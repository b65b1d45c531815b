"""What the compare screen asks of the store, and the answers it keeps: the details of each task.

The other half of ``tui.data``, as ``tui.task_data`` is for one task; imports of the store's queries stand inside the
functions that run in the query threads.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from store.errors import NotFound
from store.records import TaskDetail, TaskRow
from tui import chart_data
from tui.charts.chart import Settings, Window
from tui.charts.decimate import Course
from tui.charts.readings import Reading, Spot
from tui.task_data import TaskSource

if TYPE_CHECKING:
    from tui.data import Data

STRIDE = 1 << 32
"""Series are numbered within a task; of the one with the serial ``n`` they are numbered from ``n * STRIDE`` on."""


@dataclass(frozen=True)
class Member:
    """A task of the comparison, called by a letter.

    Attributes:
        letter: what it is called.
        place: its place among those that are left, from 0.
        serial: its number for as long as the comparison is open.
        detail: the task.
    """

    letter: str
    place: int
    serial: int
    detail: TaskDetail

    @property
    def row(self) -> TaskRow:
        """The task's row."""
        return self.detail.row

    @property
    def origin(self) -> float:
        """When the task started, from which relative time counts."""
        return self.row.started or self.row.created


@dataclass(frozen=True)
class Compared:
    """The tasks as they are now, and which one is chosen."""

    members: tuple[Member, ...]
    chosen: int = 0

    @property
    def base(self) -> Member:
        """What the others are compared with."""
        return self.members[0]

    @property
    def other(self) -> Member:
        """The task that diffs show against the first: the chosen one, the second while that is the first itself."""
        return self.members[self.chosen or 1]


class CompareSource:
    """The questions of the compare screen; each raises ``StoreUnusable`` where the store cannot be read."""

    def __init__(self, data: Data) -> None:
        self._data = data
        self.members: tuple[Member, ...] = ()
        """The tasks as the screen has read them."""
        self._known: dict[int, Member] = {}
        """They, and those that are gone: their series may be about to be drawn."""

    def take(self, members: tuple[Member, ...]) -> None:
        """Take the tasks as they are now."""
        self.members = members
        self._known |= {member.serial: member for member in members}

    async def details(self, ids: Iterable[str]) -> dict[str, TaskDetail]:
        """Return the details of tasks, of one moment; without those that are gone."""
        return await self._data.read(_details, tuple(ids))

    async def tail(self, task: str, count: int, *, first: bool) -> list[str]:
        """Return the last lines of a console, or the ``first`` ones."""
        return await self._data.read(_tail, task, count, first)

    def one(self, task: str) -> TaskSource:
        """Return the questions about one of the tasks, as its own screen asks them."""
        return TaskSource(self._data, task)

    def member_of(self, number: int) -> Member:
        """Return whose series this is."""
        return self._known[number // STRIDE]

    async def courses(
        self, numbers: Sequence[int], columns: int, said: Settings, window: Window | None
    ) -> Sequence[Course]:
        """Return about ``columns`` buckets of each series, in the window where there is one."""
        of = [(self.member_of(number), number % STRIDE) for number in numbers]
        wanted = [(m.row.id, number, chart_data.bounds(said.axis, window, m.origin)) for m, number in of]
        return await self._data.read(chart_data.courses, wanted, columns, said.smoothing)

    async def read(self, numbers: Collection[int], spot: Spot) -> Mapping[int, Reading]:
        """Return what series have where the value cursor stands, of all tasks at one moment."""
        return await self._data.read(_read, self.members, tuple(numbers), spot)


def _details(connection: Any, ids: tuple[str, ...]) -> dict[str, TaskDetail]:
    from store.queries import details

    found: dict[str, TaskDetail] = {}
    for task in ids:
        try:
            found[task] = details.detail(connection, task)
        except NotFound:
            continue
    return found


def _tail(connection: Any, task: str, count: int, first: bool) -> list[str]:
    from store.queries import console

    lines = console.lines(connection, task, 0, count) if first else console.tail(connection, task, count)
    return [line.text for line in lines]


def _read(connection: Any, members: Sequence[Member], numbers: Sequence[int], spot: Spot) -> dict[int, Reading]:
    found: dict[int, Reading] = {}
    for member in members:
        first = member.serial * STRIDE
        own = [number - first for number in numbers if number // STRIDE == member.serial]
        known = chart_data.read(connection, member.row.id, own, spot, member.origin) if own else {}
        found |= {first + number: reading for number, reading in known.items()}
    return found
