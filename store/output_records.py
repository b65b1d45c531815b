"""What travels of artifacts and models between packages. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ArtifactRow:
    """An artifact without its preview; ``size`` is None where nobody knows it."""

    name: str
    type: str
    uri: str
    size: int | None
    hash: str
    time: float
    content_type: str
    metadata: dict[str, object]


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A model; ``mode`` is ``output`` where the task made it, ``input`` where it uses it, under a name of its own."""

    id: str
    task: str | None
    name: str
    framework: str
    uri: str
    size: int | None
    hash: str
    iteration: int | None
    labels: dict[str, object]
    design: str
    comment: str
    tags: tuple[str, ...]
    published: bool
    created: float
    time: float
    mode: str = "output"
