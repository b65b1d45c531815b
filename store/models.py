"""Every table, as SQLModel models. Hot paths insert with Core over the same tables.

Times are float seconds since the epoch, UTC. Ids are 32 hex characters made by the writer; hot tables have no serial
ids and their keys start with the task. NaN is stored as NULL beside a count (SQLite turns NaN into NULL, PostgreSQL
does not: one rule for both). Schema changes come with a migration; a test compares these models with what the
migrations make.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, LargeBinary, Text
from sqlmodel import Field

from .model_base import Table as Table
from .model_base import metadata as metadata
from .output_models import Artifact as Artifact
from .output_models import DebugSample as DebugSample
from .output_models import InputModel as InputModel
from .output_models import Model as Model
from .output_models import Plot as Plot


class Meta(Table, table=True):
    """Small facts about the store: ``schema`` (version), ``rev`` (the change counter)."""

    key: str = Field(primary_key=True, sa_type=Text)
    value: str = Field(sa_type=Text)


class Project(Table, table=True):
    """A project; ``path`` is the whole path (``vision/resnet``), its parents exist too.

    ``rev`` grows with every change of its own; that of a task is none.
    """

    id: str = Field(primary_key=True, sa_type=Text)
    path: str = Field(unique=True, sa_type=Text)
    parent_id: str | None = Field(default=None, index=True, sa_type=Text)
    description: str = Field(default="", sa_type=Text)
    created: float
    rev: int = Field(default=0, index=True, sa_type=BigInteger)
    baseline: str | None = Field(default=None, index=True, sa_type=Text)
    """The task, in it or below it, that its tasks are compared with."""


class Task(Table, table=True):
    """One task: what lists, filters and the task header show. ``rev`` grows with every change."""

    __table_args__ = (
        # Each ends with the id, which breaks ties: a page then comes out of the index in its order.
        Index("ix_task_activity", "archived", "activity", "id"),
        Index("ix_task_status", "archived", "status", "activity", "id"),
        Index("ix_task_project", "project_id", "archived", "activity", "id"),
        Index("ix_task_created", "archived", "created", "id"),
        Index("ix_task_name", "archived", "name", "id"),
        Index("ix_task_progress", "archived", "progress", "id"),
        Index("ix_task_counts", "archived", "project_id", "status", "activity"),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    project_id: str = Field(foreign_key="project.id", sa_type=Text)
    name: str = Field(sa_type=Text)
    type: str = Field(default="training", sa_type=Text)
    status: str = Field(default="draft", sa_type=Text)
    status_reason: str = Field(default="", sa_type=Text)
    status_time: float
    status_by: str = Field(default="", sa_type=Text)
    activity: float
    """When its state last changed: the order of the home table. Not touched by mere progress."""
    user: str = Field(default="", sa_type=Text)
    host: str = Field(default="", sa_type=Text)
    comment: str = Field(default="", sa_type=Text)
    created: float
    started: float | None = None
    completed: float | None = None
    archived: bool = False
    parent_id: str | None = Field(default=None, index=True, sa_type=Text)
    queue_id: str | None = Field(default=None, sa_type=Text)
    """The queue it waits in or last waited in."""
    worker: str = Field(default="", sa_type=Text)
    execution: int = 0
    """The number of its last start: the fencing token of segments and leases."""
    closed_execution: int = 0
    """Records of executions up to this one are dropped: a reset ended them."""
    iteration_offset: int = Field(default=0, sa_type=BigInteger)
    last_iteration: int | None = Field(default=None, sa_type=BigInteger)
    progress: float | None = None
    abort_requested: float | None = None
    abort_by: str = Field(default="", sa_type=Text)
    last_seen: float | None = None
    """The time of the newest record of the script's own; samples of its machine are none."""
    lines: int = Field(default=0, sa_type=BigInteger)
    """Console lines kept."""
    refused: int = Field(default=0, sa_type=BigInteger)
    """Values a script reported that could not be kept (text, None, arrays as scalars)."""
    dropped: int = Field(default=0, sa_type=BigInteger)
    """Records that came after the reset that ended their execution."""
    rev: int = Field(default=0, index=True, sa_type=BigInteger)


class TaskCode(Table, table=True):
    """How a task was run: repository, script, packages, machine. One row a task."""

    __tablename__ = "task_code"

    task_id: str = Field(primary_key=True, foreign_key="task.id", sa_type=Text)
    repository: str = Field(default="", sa_type=Text)
    branch: str = Field(default="", sa_type=Text)
    commit: str = Field(default="", sa_type=Text)
    entry_point: str = Field(default="", sa_type=Text)
    """Script relative to ``working_dir``, or ``-m package.module``."""
    working_dir: str = Field(default="", sa_type=Text)
    argv: str = Field(default="[]", sa_type=Text)
    """JSON array of what followed the script, redacted."""
    diff: bytes = Field(default=b"", sa_type=LargeBinary)
    """``git diff --binary HEAD`` plus untracked files as new files; the whole script where there is no repository."""
    binary: str = Field(default="", sa_type=Text)
    """Path of the Python interpreter."""
    packages: str = Field(default="{}", sa_type=Text)
    """JSON object name -> version of the packages the code imports."""
    environment: str = Field(default="{}", sa_type=Text)
    """JSON object of facts about the machine and the capture (python, os, cpu, notes, …)."""


class Parameter(Table, table=True):
    """A hyperparameter or user property (section ``properties``); values are text with a type beside."""

    __table_args__ = (Index("ix_parameter_value", "section", "name", "number", "task_id"),)

    task_id: str = Field(primary_key=True, foreign_key="task.id", sa_type=Text)
    section: str = Field(primary_key=True, sa_type=Text)
    name: str = Field(primary_key=True, sa_type=Text)
    value: str = Field(default="", sa_type=Text)
    type: str = Field(default="", sa_type=Text)
    description: str = Field(default="", sa_type=Text)
    number: float | None = None
    """The value as a number where it is one (booleans as 0 and 1), for sorting and comparing."""


class Configuration(Table, table=True):
    """A configuration object: a named text."""

    task_id: str = Field(primary_key=True, foreign_key="task.id", sa_type=Text)
    name: str = Field(primary_key=True, sa_type=Text)
    text: str = Field(default="", sa_type=Text)
    type: str = Field(default="", sa_type=Text)
    description: str = Field(default="", sa_type=Text)


class TaskTag(Table, table=True):
    """A tag on a task."""

    __tablename__ = "task_tag"

    task_id: str = Field(primary_key=True, foreign_key="task.id", sa_type=Text)
    tag: str = Field(primary_key=True, index=True, sa_type=Text)


class TaskMetric(Table, table=True):
    """A scalar series' summary; ``number`` names the series in the chunk tables of the same task."""

    __tablename__ = "task_metric"
    # By ``last`` in order; for the others the whole index of a series is read, a tenth of what its rows would be.
    __table_args__ = (Index("ix_task_metric_value", "title", "series", "last", "task_id", "min", "max", "first"),)

    task_id: str = Field(primary_key=True, foreign_key="task.id", sa_type=Text)
    title: str = Field(primary_key=True, sa_type=Text)
    series: str = Field(primary_key=True, sa_type=Text)
    number: int
    n: int = Field(default=0, sa_type=BigInteger)
    nan_count: int = Field(default=0, sa_type=BigInteger)
    last: float | None = None
    """Last value, NULL for NaN. ``min``, ``max`` and ``first`` ignore NaN."""
    first: float | None = None
    min: float | None = None
    max: float | None = None
    last_iteration: int = Field(default=0, sa_type=BigInteger)
    min_iteration: int | None = Field(default=None, sa_type=BigInteger)
    max_iteration: int | None = Field(default=None, sa_type=BigInteger)
    last_time: float = 0.0
    compacted: int = Field(default=0, sa_type=BigInteger)
    """Points already in chunks; the rest are in the journal rows."""


class SingleValue(Table, table=True):
    """A value reported once (``report_single_value``); NaN as NULL."""

    __tablename__ = "single_value"

    task_id: str = Field(primary_key=True, foreign_key="task.id", sa_type=Text)
    name: str = Field(primary_key=True, sa_type=Text)
    value: float | None = None


class ScalarJournal(Table, table=True):
    """The newest points of all series of a task, one row a flush; see ``store.codec``."""

    __tablename__ = "scalar_journal"

    task_id: str = Field(primary_key=True, foreign_key="task.id", sa_type=Text)
    seq: int = Field(primary_key=True, sa_type=BigInteger)
    n: int
    data: bytes = Field(sa_type=LargeBinary)


class ScalarChunk(Table, table=True):
    """Immutable: level 0 holds 4096 points in arrival order, level L >= 1 holds 256 buckets of 16**L points."""

    __tablename__ = "scalar_chunk"

    task_id: str = Field(primary_key=True, foreign_key="task.id", sa_type=Text)
    number: int = Field(primary_key=True)
    level: int = Field(primary_key=True)
    seq: int = Field(primary_key=True, sa_type=BigInteger)
    n: int
    iteration_min: int = Field(sa_type=BigInteger)
    iteration_max: int = Field(sa_type=BigInteger)
    time_min: float
    time_max: float
    data: bytes = Field(sa_type=LargeBinary)


class ConsoleJournal(Table, table=True):
    """The newest console lines of a task, one row a flush; see ``store.codec``."""

    __tablename__ = "console_journal"

    task_id: str = Field(primary_key=True, foreign_key="task.id", sa_type=Text)
    first_line: int = Field(primary_key=True, sa_type=BigInteger)
    n: int
    data: bytes = Field(sa_type=LargeBinary)


class ConsoleChunk(Table, table=True):
    """Immutable: about 64 KiB of console lines, compressed."""

    __tablename__ = "console_chunk"

    task_id: str = Field(primary_key=True, foreign_key="task.id", sa_type=Text)
    first_line: int = Field(primary_key=True, sa_type=BigInteger)
    n: int
    time_min: float
    time_max: float
    data: bytes = Field(sa_type=LargeBinary)


class TaskEvent(Table, table=True):
    """A task's history: who changed its state, or what a person edited, when and why; never one row a flush."""

    __tablename__ = "task_event"

    task_id: str = Field(primary_key=True, foreign_key="task.id", sa_type=Text)
    id: str = Field(primary_key=True, sa_type=Text)
    time: float
    action: str = Field(sa_type=Text)
    status_from: str = Field(default="", sa_type=Text)
    status_to: str = Field(default="", sa_type=Text)
    by: str = Field(default="", sa_type=Text)
    reason: str = Field(default="", sa_type=Text)
    execution: int = 0


class Tombstone(Table, table=True):
    """A deleted task, so that an open dashboard notices."""

    task_id: str = Field(primary_key=True, sa_type=Text)
    rev: int = Field(index=True, sa_type=BigInteger)


class Queue(Table, table=True):
    """A queue of Pending tasks."""

    id: str = Field(primary_key=True, sa_type=Text)
    name: str = Field(unique=True, sa_type=Text)
    created: float


class QueueEntry(Table, table=True):
    """A Pending task's place in its queue; lower positions are claimed first."""

    __tablename__ = "queue_entry"
    __table_args__ = (Index("ix_queue_entry_order", "queue_id", "position"),)

    task_id: str = Field(primary_key=True, foreign_key="task.id", sa_type=Text)
    queue_id: str = Field(foreign_key="queue.id", sa_type=Text)
    position: int = Field(sa_type=BigInteger)
    added: float
    added_by: str = Field(default="", sa_type=Text)


class Worker(Table, table=True):
    """A running agent. ``heartbeat`` is its lease: older than 90 s means lost; near it, its pid tells at once."""

    id: str = Field(primary_key=True, sa_type=Text)
    name: str = Field(sa_type=Text)
    host: str = Field(sa_type=Text)
    user: str = Field(sa_type=Text)
    pid: int
    queues: str = Field(default="[]", sa_type=Text)
    """JSON array of queue names, in order of priority."""
    task_id: str | None = Field(default=None, sa_type=Text)
    state: str = Field(default="idle", sa_type=Text)
    """``idle``, ``running``, ``draining`` or ``stopping``."""
    started: float
    heartbeat: float
    process: str = Field(default="", sa_type=Text)
    """What tells its process from any other of its machine (``store.alive.me``), empty where nothing does."""


class Host(Table, table=True):
    """A machine as a recorder on it last saw it: its load and who holds its GPUs. One row a host."""

    name: str = Field(primary_key=True, sa_type=Text)
    time: float
    sample: str = Field(default="{}", sa_type=Text)
    """JSON; see ``store.hosts``."""


class Writer(Table, table=True):
    """A process that writes a journal, and how far it has been taken in.

    The compare-and-swap on the position, in the data's own transaction, is what makes every record count exactly once.
    """

    id: str = Field(primary_key=True, sa_type=Text)
    task_id: str = Field(index=True, sa_type=Text)
    execution: int
    host: str = Field(default="", sa_type=Text)
    is_primary: bool = True
    segment: int = 0
    offset: int = Field(default=0, sa_type=BigInteger)
    state: str = Field(default="{}", sa_type=Text)
    """JSON: what a reader must remember between records (series names, unfinished lines, offsets of followed files)."""
    started: float
    ended: float | None = None
