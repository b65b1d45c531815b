"""The one way from a script to the store: loaded when first needed, under the private name ``capture._store``.

A user's own ``import store``, before or after, gets theirs: our package is found beside this one by its folder, and
inside it every import is relative. What the store refuses is raised as it is: there, an error is the answer.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

_NAME = "capture._store"
_opened: dict[tuple[int, str], Any] = {}


def store_module(name: str) -> Any:
    """Return a module of our ``store`` package, such as ``lifecycle`` or ``queries.tasks``."""
    if _NAME not in sys.modules:
        sys.modules[_NAME] = _package()
        __import__(f"{__package__}.errors")  # so that whatever is raised has a name that says something
    whole = f"{_NAME}.{name}"
    if whole not in sys.modules:
        __import__(whole)  # `importlib` would load what a script may not need
    return sys.modules[whole]


def _package() -> ModuleType:
    """Return the package ``store`` under our name; its own ``__init__`` holds nothing but words."""
    from _frozen_importlib import ModuleSpec

    folder = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "store")
    package = type(sys)(_NAME)
    package.__path__ = [folder]
    package.__package__ = _NAME
    package.__spec__ = ModuleSpec(_NAME, None, is_package=True)
    package.__spec__.submodule_search_locations = [folder]
    return package


def opened() -> Any:
    """Return this process' opened store, after this host's journals have been taken in (for two seconds at most).

    Raises:
        StoreUnusable: it cannot be opened.
    """
    from . import lookup, state

    found = state.place()
    lookup.sync(found)
    key = (os.getpid(), found.setting)
    if key not in _opened:
        try:
            _opened[key] = store_module("engine").open_store(found.setting)
        except refusal() as refused:
            raise refused.with_traceback(None) from None
    return _opened[key]


def refusal() -> type[Exception]:
    """Return the base of our own errors, for an ``except``, which asks for it only when something was raised.

    ``raise refused.with_traceback(None) from None`` there leaves the line of the user's that was refused, and the
    sentence: where in the store it was made helps nobody.
    """
    kind: type[Exception] = store_module("errors").LabtopError
    return kind


def error(name: str, message: str) -> Exception:
    """Return an error of our own kind, such as ``UsageError``."""
    made: Exception = getattr(store_module("errors"), name)(message)
    return made
