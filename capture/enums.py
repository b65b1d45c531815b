"""ClearML's words for types and states, equal to their text: ``task.task_type == "training"``."""

from __future__ import annotations

from enum import Enum


class Word(Enum):
    """An enumeration whose members equal, hash and print as their values."""

    def __str__(self) -> str:
        return str(self.value)

    def __eq__(self, other: object) -> bool:
        return str(self.value) == (other.value if isinstance(other, Word) else other)

    def __hash__(self) -> int:
        return hash(self.value)


class TaskTypes(Word):
    """What a task is for."""

    training = "training"
    testing = "testing"
    inference = "inference"
    data_processing = "data_processing"
    application = "application"
    monitor = "monitor"
    controller = "controller"
    optimizer = "optimizer"
    service = "service"
    qc = "qc"
    custom = "custom"


class TaskStatusEnum(Word):
    """A task's state in ClearML's words, which the SDK returns; ``closed``, ``publishing``, ``unknown`` never occur."""

    created = "created"
    queued = "queued"
    in_progress = "in_progress"
    stopped = "stopped"
    published = "published"
    publishing = "publishing"
    closed = "closed"
    failed = "failed"
    completed = "completed"
    unknown = "unknown"
