"""A task's artifacts and models: which there are, and the preview of one."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .. import tables
from ..errors import NotFound
from ..output_records import ArtifactRow, ModelRow
from ..text import json_list, json_object, natural, shown

_A, _M, _I = tables.artifact.c, tables.model.c, tables.input_model.c
_SHOWN = (_A.name, _A.type, _A.uri, _A.size, _A.hash, _A.time, _A.content_type, _A.metadata)
_LISTING = sa.select(*_SHOWN).where(_A.task_id == tables.OF_TASK)
_USED = (
    sa.select(tables.model, _I.name.label("called"))
    .join(tables.input_model, _I.model_id == _M.id)
    .where(_I.task_id == tables.OF_TASK)
    .order_by(_I.time, _M.id)
)
_MADE = sa.select(tables.model).where(_M.task_id == tables.OF_TASK).order_by(_M.created, _M.id)


def listing(c: Connection, task: str) -> list[ArtifactRow]:
    """Return a task's artifacts by name, without their previews."""
    found = c.execute(_LISTING, {"task": task}).all()
    rows = [ArtifactRow(*row[:-1], metadata=json_object(row[-1])) for row in found]
    return sorted(rows, key=lambda row: natural(row.name))


def preview(c: Connection, task: str, name: str) -> str:
    """Return the beginning of an artifact as text, empty if there is none."""
    found = c.execute(sa.select(_A.preview).where(_A.task_id == task, _A.name == name)).scalar_one_or_none()
    return str(found or "")


def models(c: Connection, task: str) -> list[ModelRow]:
    """Return the models a task uses and those it made, both in the order they came."""
    inputs = c.execute(_USED, {"task": task}).mappings().all()
    made = c.execute(_MADE, {"task": task}).mappings().all()
    return [*(_model(row, "input") for row in inputs), *(_model(row, "output") for row in made)]


def model(c: Connection, wanted: str) -> ModelRow:
    """Return a model by its id, or by the beginning of it that no other has.

    Raises:
        NotFound: there is none, or there are several.
    """
    rule = _M.id.startswith(wanted, autoescape=True)
    found = c.execute(sa.select(tables.model).where(rule).order_by(_M.id).limit(2)).mappings().all()
    exact = [row for row in found if row["id"] == wanted]
    if not exact and (len(found) != 1 or not wanted):
        why = "several models begin so" if found and wanted else "it was deleted, or never was here"
        raise NotFound(f"There is no model {shown(wanted)}: {why}. Look it up on tab 7 of its task.")
    return _model((exact or found)[0])


def named(c: Connection, name: str, project: str | None = None, *, only_published: bool = False) -> list[ModelRow]:
    """Return the models of a name, newest first; with ``project`` those of its tasks."""
    wanted = sa.select(tables.model).where(_M.name == name)
    if project is not None:
        t, p = tables.task, tables.project
        wanted = wanted.join(t, t.c.id == _M.task_id).join(p, p.c.id == t.c.project_id).where(p.c.path == project)
    if only_published:
        wanted = wanted.where(_M.published.is_(True))
    return [_model(row) for row in c.execute(wanted.order_by(_M.created.desc(), _M.id)).mappings()]


def _model(row: Any, mode: str = "output") -> ModelRow:
    return ModelRow(
        row["id"], row["task_id"], row.get("called") or row["name"], row["framework"], row["uri"], row["size"],
        row["hash"], row["iteration"], json_object(row["labels"]), row["design"], row["comment"],
        tuple(json_list(row["tags"])), bool(row["published"]), row["created"], row["time"], mode,
    )  # fmt: skip
