"""What scripts import: ``from capture import Task``.

Loading it costs a script a few milliseconds and nothing outside the standard library. Names that belong to a later
version can be imported, so that a script written for ClearML starts; using one says so.
"""

from __future__ import annotations

import sys

from .hooks.registry import install as _install_hooks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .enums import TaskTypes
    from .errors import UsageError
    from .logger import Logger
    from .model import InputModel, Model, OutputModel
    from .task import Task

__all__ = ["InputModel", "Logger", "Model", "OutputModel", "Task", "TaskTypes", "UsageError"]
__version__ = "0.1.0"

_MODULES = {
    "Logger": "logger", "Task": "task", "TaskTypes": "enums", "UsageError": "errors", "Model": "model",
    "InputModel": "model", "OutputModel": "model",
}  # fmt: skip
"""Name -> module, loaded when a script takes it: commands, recorder and agent are in this package and take none."""
_LATER = frozenset(("StorageManager", "Dataset", "PipelineController", "PipelineDecorator", "HyperParameterOptimizer"))

_install_hooks()


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        module = f"{__name__}.{_MODULES[name]}"
        __import__(module)
        return globals().setdefault(name, getattr(sys.modules[module], name))
    if name in _LATER:
        from .later import stand_in

        return stand_in(name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
