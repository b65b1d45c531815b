"""What travels between the packages: plain data, standard library only.

``Batch`` is what the recorder hands to ``store.ingest``: everything one writer's journal gained since the last tick.
Row types are what queries return to dashboards and commands.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .output_records import ArtifactRow, ModelRow
from .sample_records import Sample, SampleRow

SeriesKey = tuple[str, str]
"""(title, series)."""


class Position(NamedTuple):
    """How far a journal has been taken in: segment number and byte offset of the next frame in it."""

    segment: int
    offset: int


@dataclass(slots=True)
class Points:
    """Points of one series in arrival order; the three arrays have the same length."""

    iterations: array[int] = field(default_factory=lambda: array("q"))
    times: array[float] = field(default_factory=lambda: array("d"))
    values: array[float] = field(default_factory=lambda: array("d"))

    def __len__(self) -> int:
        return len(self.iterations)


class Line(NamedTuple):
    """A console line without its newline. ``stream``: ``out``, ``err``, ``text`` (report_text) or ``labtop``."""

    time: float
    stream: str
    rank: int
    text: str


class Plot(NamedTuple):
    """A plot as a script reported it; ``payload`` as ``store.figures`` packs it, ``types`` what its traces are."""

    title: str
    series: str
    iteration: int
    time: float
    types: str
    payload: bytes


Event = dict[str, Any]
"""A journal event; ``e`` names it. The kinds and their fields (all JSON; a field not named here is ignored):

``start``: the first event of every journal. ``task``; ``mode``: ``new``, ``reuse``, ``continue``, ``claimed`` (a script
    or runner of an agent's) or ``attach`` (a fork, a process the script started, or a followed file); ``execution``:
    the one the starter has seen (``reuse``, ``continue``) or writes for (``claimed``, a followed file), else None;
    ``fallback``: the id to use if the reused or continued task can no longer be; ``parent``: for a fork, the writer it
    came from, whose task and execution it joins, else empty; ``offset``: iteration offset, None for the default;
    ``project``, ``name``, ``type``, ``tags``, ``user``, ``host``, ``comment``, ``time``, ``pid``; ``monitor``: whether
    the machine's load is reported (default true); and for the environment: ``argv``, ``script``, ``module``, ``cwd``,
    ``python``, ``path`` (sys.path), ``env`` (allowed variables).
``parameters``: ``values`` {"Section/key": {"value", "type", "description"}}, merged.
``configuration``: ``name``, ``text``, ``type``, ``description``.
``progress``: ``value``. ``comment``: ``text``. ``rename``: ``name``. ``tags``: ``add``, ``remove`` (lists).
``artifact``: ``name``, ``type``, ``uri``, ``size``, ``hash``, ``content_type``, ``preview``, ``metadata`` (object),
    ``time``. ``model``: ``id``, ``name``, ``framework``, ``uri``, ``size``, ``hash``, ``iteration``, ``labels``,
    ``design``, ``comment``, ``tags``, ``time``: each is the whole. ``input_model``: ``model``, ``name``, ``time``.
``single``: ``name``, ``value``. ``offset``: ``value`` (iteration offset). ``refused``: ``count``.
``dropped``: ``count`` of records that could not be kept (the recorder's own, where a journal is damaged).
``end``: ``status`` (``completed``, ``failed``, ``aborted``, or ``exit``: the process' exit code decides), ``reason``,
    ``time``; ``interrupted``: with ``exit``, whether Ctrl-C (a KeyboardInterrupt) ended the script.

For the recorder alone, never part of a ``Batch``: ``follow``: ``stream`` (``out``, ``err``), ``path``, ``dev`` and
``inode`` of a file to be read as console, from ``offset`` on; ``follow_end``: ``stream``, and the ``offset`` at which
the script's share of it ends.
"""


@dataclass(slots=True)
class Batch:
    """Everything one writer's journal gained between two positions."""

    writer: str
    task: str
    execution: int
    """0 while the ``start`` event, which decides it, is still in this batch."""
    primary: bool
    host: str
    old: Position
    new: Position
    state: dict[str, Any]
    scalars: dict[SeriesKey, Points] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    records: int = 0
    plots: list[Plot] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)


@dataclass(slots=True)
class Taken:
    """What became of a batch."""

    writer: str
    task: str
    execution: int
    outcome: str
    """``stored``, ``dropped`` (a reset had ended the execution) or ``lost`` (somebody else moved the position)."""
    abort_requested: bool = False


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A row of the task table. ``metric`` is the last value of the chosen metric, None if it has none."""

    id: str
    name: str
    status: str
    type: str
    project: str
    tags: tuple[str, ...]
    progress: float | None
    last_iteration: int | None
    metric: float | None
    created: float
    started: float | None
    completed: float | None
    activity: float
    last_seen: float | None
    status_reason: str
    user: str
    host: str
    worker: str
    queue: str
    parent: str | None
    comment: str
    archived: bool
    rev: int
    iteration_offset: int = 0
    """From where this execution counts its iterations: a continued task goes on from an earlier one's."""


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """A project of the tree with the number of its own (not its children's) unarchived tasks by status."""

    id: str
    path: str
    description: str
    counts: dict[str, int]
    activity: float
    baseline: str = ""
    """The id of the task that its tasks are compared with; empty if it has none of its own."""


MONITOR = ":monitor:"
"""Titles that begin so are samples of the machine: their iterations are seconds and none of the task's."""


@dataclass(frozen=True, slots=True)
class MetricRow:
    """A scalar series' summary. NaN stays NaN here; ``min``, ``max`` and ``first`` ignore it (None: only NaN yet)."""

    title: str
    series: str
    number: int
    n: int
    nan_count: int
    first: float | None
    last: float
    min: float | None
    max: float | None
    last_iteration: int
    last_time: float


@dataclass(frozen=True, slots=True)
class PlotRow:
    """A plot without its figures: the iterations kept, when one was reported last, what is in the newest."""

    title: str
    series: str
    iterations: tuple[int, ...]
    time: float
    types: str


@dataclass(frozen=True, slots=True)
class Bucket:
    """Points of a series drawn as one: iterations and times spanned, extremes, mean and last value, NaN left out.

    ``n`` counts all points, ``nans`` those that were NaN; ``low``, ``high``, ``mean``, ``last`` are NaN if all were.
    """

    iteration_min: int
    iteration_max: int
    time_min: float
    time_max: float
    low: float
    high: float
    mean: float
    last: float
    n: int
    nans: int


@dataclass(frozen=True, slots=True)
class ConsoleLine:
    """A kept console line; ``n`` counts from 0 within the task."""

    n: int
    time: float
    stream: str
    rank: int
    text: str


@dataclass(frozen=True, slots=True)
class ParameterRow:
    """A hyperparameter; ``key`` is ``Section/name``."""

    section: str
    name: str
    value: str
    type: str
    description: str

    @property
    def key(self) -> str:
        """``Section/name``, as everywhere in texts."""
        return f"{self.section}/{self.name}"


@dataclass(frozen=True, slots=True)
class EventRow:
    """A line of a task's history."""

    time: float
    action: str
    status_from: str
    status_to: str
    by: str
    reason: str
    execution: int


@dataclass(frozen=True, slots=True)
class CodeRow:
    """How a task was run; ``argv`` parsed, ``diff`` as bytes."""

    repository: str
    branch: str
    commit: str
    entry_point: str
    working_dir: str
    argv: list[str]
    diff: bytes
    binary: str
    packages: dict[str, str]
    environment: dict[str, Any]


@dataclass(frozen=True, slots=True)
class TaskDetail:
    """Everything about a task but its scalars' points and its console."""

    row: TaskRow
    status_by: str
    status_time: float
    abort_requested: float | None
    execution: int
    iteration_offset: int
    lines: int
    refused: int
    dropped: int
    code: CodeRow
    parameters: list[ParameterRow]
    configuration: dict[str, str]
    metrics: list[MetricRow]
    single_values: dict[str, float]
    plots: list[PlotRow]
    samples: list[SampleRow]
    artifacts: list[ArtifactRow]
    models: list[ModelRow]
    events: list[EventRow]
    baseline_of: list[str]
    """The paths of the projects that it is the baseline of."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed since a revision: rows of changed tasks, ids of deleted ones, counts of touched projects."""

    rev: int
    tasks: list[TaskRow]
    deleted: list[str]
    projects: list[ProjectRow]


@dataclass(frozen=True, slots=True)
class Claim:
    """What an agent gets: the task, and the execution number that fences everything it writes."""

    task: str
    execution: int
    queue: str


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A queue and the tasks in it, in the order they will be claimed."""

    id: str
    name: str
    tasks: list[str]
    created: float


LEASE = 90.0
"""Seconds without a heartbeat after which a worker counts as lost."""


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """A running agent."""

    id: str
    name: str
    host: str
    user: str
    pid: int
    queues: list[str]
    task: str | None
    state: str
    started: float
    heartbeat: float
    process: str = ""
    """What tells its process from any other of its machine, see ``store.alive``."""

    def lost(self, now: float) -> bool:
        """Whether it has given no sign of life for so long that nobody waits for it, or is certainly gone."""
        return now - self.heartbeat > LEASE or self.gone()

    def gone(self) -> bool:
        """Whether it ran on this machine and its process is no longer there."""
        from .alive import gone  # scripts, which import this module, ask nobody

        return gone(self.pid, self.process)


@dataclass(frozen=True, slots=True)
class Load:
    """How busy a machine is: percent, and bytes of its memory and of the disk the store is on."""

    cpu: float
    memory_used: float
    memory_total: float
    disk_free: float
    disk_total: float


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that holds memory of a GPU (MiB); ``user`` and ``task`` are empty where they are not known."""

    pid: int
    user: str
    task: str
    memory: float | None


@dataclass(frozen=True, slots=True)
class GpuRow:
    """A GPU and who holds it. Percent and MiB; None for what it does not tell."""

    index: int
    name: str
    utilization: float | None
    memory_used: float | None
    memory_total: float | None
    holders: tuple[Holder, ...] = ()


STALE = 120.0
"""Seconds after which a machine's sample tells how it was, not how it is."""


@dataclass(frozen=True, slots=True)
class HostRow:
    """A machine at a time. ``problem`` says why it has no GPUs, if that is known."""

    name: str
    time: float
    load: Load | None
    gpus: tuple[GpuRow, ...] = ()
    problem: str = ""
