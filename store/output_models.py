"""The tables of what a script puts out beside scalars and console: plots, debug samples, artifacts and models.

What holds for every table stands in ``store.models``, which has these too.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, LargeBinary, Text
from sqlmodel import Field

from .model_base import Table


class Plot(Table, table=True):
    """A plot that a script reported, as it was at one iteration; the newest iterations of each are kept."""

    task_id: str = Field(primary_key=True, foreign_key="task.id", sa_type=Text)
    title: str = Field(primary_key=True, sa_type=Text)
    series: str = Field(primary_key=True, sa_type=Text)
    iteration: int = Field(primary_key=True, sa_type=BigInteger)
    time: float
    """When it was reported."""
    types: str = Field(default="", sa_type=Text)
    """What its traces are, joined by commas (``heatmap``)."""
    payload: bytes = Field(sa_type=LargeBinary)
    """The figure as JSON, compressed with zlib; see ``store.figures``."""


class DebugSample(Table, table=True):
    """A picture or another file that a script reported for a look, as it was at one iteration."""

    __tablename__ = "debug_sample"

    task_id: str = Field(primary_key=True, foreign_key="task.id", sa_type=Text)
    title: str = Field(primary_key=True, sa_type=Text)
    series: str = Field(primary_key=True, sa_type=Text)
    iteration: int = Field(primary_key=True, sa_type=BigInteger)
    time: float
    """When it was reported."""
    kind: str = Field(default="", sa_type=Text)
    """The ending of its file's name (``png``)."""
    url: str = Field(default="", sa_type=Text)
    """Of its file, which goes with its row (``store.files``, ``store.samples``), or of where it is elsewhere."""
    size: int = Field(default=0, sa_type=BigInteger)
    """Bytes of the file that is kept, 0 where only a URL was reported."""
    width: int = Field(default=0, sa_type=BigInteger)
    """Of a picture, as far as its head says."""
    height: int = Field(default=0, sa_type=BigInteger)


class Artifact(Table, table=True):
    """A file that a task keeps under a name; it goes with its row (``store.files``, ``store.outputs``)."""

    task_id: str = Field(primary_key=True, foreign_key="task.id", sa_type=Text)
    name: str = Field(primary_key=True, sa_type=Text)
    type: str = Field(default="", sa_type=Text)
    """What it was made of: ``custom`` (a file), ``archive``, ``dict``, ``string``, ``numpy``, ``pandas`` …"""
    uri: str = Field(default="", sa_type=Text)
    size: int | None = Field(default=None, sa_type=BigInteger)
    hash: str = Field(default="", sa_type=Text)
    """SHA-256, in hex."""
    time: float
    content_type: str = Field(default="", sa_type=Text)
    preview: str = Field(default="", sa_type=Text)
    """The beginning of it as text, empty where it is none."""
    metadata_: str = Field(default="{}", sa_column=Column("metadata", Text, nullable=False))
    """JSON object: what the script said about it."""


class Model(Table, table=True):
    """A model that a task made; ``task_id`` is NULL once that task was reset or deleted and others still use it."""

    id: str = Field(primary_key=True, sa_type=Text)
    task_id: str | None = Field(default=None, foreign_key="task.id", index=True, sa_type=Text)
    name: str = Field(default="", sa_type=Text)
    framework: str = Field(default="", sa_type=Text)
    uri: str = Field(default="", sa_type=Text)
    """Of its weights; empty while there are none."""
    size: int | None = Field(default=None, sa_type=BigInteger)
    hash: str = Field(default="", sa_type=Text)
    iteration: int | None = Field(default=None, sa_type=BigInteger)
    labels: str = Field(default="{}", sa_type=Text)
    """JSON object: the name of each class and its number."""
    design: str = Field(default="", sa_type=Text)
    comment: str = Field(default="", sa_type=Text)
    tags: str = Field(default="[]", sa_type=Text)
    """JSON array."""
    published: bool = False
    created: float
    time: float
    """When its weights or what is said of it last changed."""


class InputModel(Table, table=True):
    """A task uses a model: what a clone of it does too."""

    __tablename__ = "input_model"

    task_id: str = Field(primary_key=True, foreign_key="task.id", sa_type=Text)
    model_id: str = Field(primary_key=True, foreign_key="model.id", index=True, sa_type=Text)
    name: str = Field(default="", sa_type=Text)
    """What the task calls it."""
    time: float
