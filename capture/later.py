"""Names a later version will fill: importing one works, using it says what it is waiting for."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_made: dict[str, type] = {}


def _unavailable(name: str) -> Exception:
    from .door import error

    return error("UsageError", f"{name} is not in this version of labtop. Remove the call, or leave it for later.")


class _Later(type):
    """The type of the stand-ins: nothing of them can be used."""

    def __call__(cls, *_: Any, **__: Any) -> Any:
        raise _unavailable(cls.__name__)

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise _unavailable(f"{cls.__name__}.{name}")


def stand_in(name: str) -> type:
    """Return the class that stands for a name to come."""
    if name not in _made:
        text = f"{name} is not in this version of labtop."
        _made[name] = _Later(name, (), {"__doc__": text, "__module__": "capture"})
    return _made[name]
