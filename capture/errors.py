"""The errors a script can meet, by the names it catches them under: ``from capture.errors import StateError``.

They are the store's own classes, loaded with it; here they get a name that tracebacks can show and a pickle can find
again. Each message says what, why and what next in one line.
"""

from __future__ import annotations

from .door import store_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from store.errors import (
        Conflict,
        InvalidValue,
        LabtopError,
        NotFound,
        StateError,
        StoreUnusable,
        UsageError,
    )

__all__ = ["Conflict", "InvalidValue", "LabtopError", "NotFound", "StateError", "StoreUnusable", "UsageError"]

for _name in __all__:
    _kind = getattr(store_module("errors"), _name)
    _kind.__module__ = __name__
    globals()[_name] = _kind
