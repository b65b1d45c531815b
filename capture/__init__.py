"""What scripts import: ``from capture import Task``.

Loading it costs a script a few milliseconds and nothing outside the standard library. Names that belong to a later
version can be imported, so that a script written for ClearML starts; using one says so.
"""

from __future__ import annotations

from .enums import TaskTypes
from .hooks.registry import install as _install_hooks
from .logger import Logger
from .task import Task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Logger", "Task", "TaskTypes", "UsageError"]
__version__ = "0.1.0"

_LATER = frozenset(
    ("Model", "InputModel", "OutputModel", "StorageManager", "Dataset", "PipelineController", "PipelineDecorator",
     "HyperParameterOptimizer")
)  # fmt: skip

_install_hooks()


def __getattr__(name: str) -> Any:
    if name == "UsageError":
        from .errors import UsageError

        return UsageError
    if name in _LATER:
        from .later import stand_in

        return stand_in(name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
