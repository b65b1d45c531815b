"""What every model is made of: a registry of our own and the base of all tables. No table stands here."""

from __future__ import annotations

from sqlalchemy.orm import registry
from sqlmodel import SQLModel

_registry = registry()
metadata = _registry.metadata
"""Our own, not SQLModel's global one: a user's own models, or this package loaded under a second name, stay apart."""


class Table(SQLModel, registry=_registry):
    """The base of every table. Rows of tables are not validated by SQLModel, so no validators are built: 8 ms of 80."""

    model_config = {"defer_build": True}
