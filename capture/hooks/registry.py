"""When a library is imported, its hook runs, once; ``builtins.__import__`` is never touched.

A finder on ``sys.meta_path`` lets the other finders find the library and runs the hook after its code has run. A
library that is there already is hooked at once. A hook that fails is said and forgotten: the library works as without.
"""

from __future__ import annotations

import sys

from .. import guard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

HOOKS = {"argparse": "argparse_"}
"""Library -> module of this package with a function ``patch(library)``."""
_waiting: set[str] = set()
_sought: set[str] = set()
"""Libraries that the other finders are looking for just now, on our behalf."""


def install() -> None:
    """Hook the libraries that are there, wait for the others."""
    for library in HOOKS:
        if library in sys.modules:
            _hook(sys.modules[library])
        else:
            _waiting.add(library)
    if _waiting and not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


def _hook(library: ModuleType) -> None:
    _waiting.discard(library.__name__)
    with guard.Shield(f"listening to {library.__name__}"):
        name = f"{__package__}.{HOOKS[library.__name__]}"
        __import__(name)
        sys.modules[name].patch(library)


class _Finder:
    """Finds nothing itself; has a say in what the others find."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if name not in _waiting or name in _sought:
            return None
        _sought.add(name)
        try:
            return self._found(name, path, target)
        finally:
            _sought.discard(name)

    def _found(self, name: str, path: Any, target: Any) -> ModuleSpec | None:
        for finder in list(sys.meta_path):
            find = getattr(finder, "find_spec", None)
            if finder is self or find is None:
                continue
            spec: ModuleSpec | None = find(name, path, target)
            if spec is not None:
                if spec.loader is not None and hasattr(spec.loader, "exec_module"):
                    spec.loader = _Loader(spec.loader)  # type: ignore[assignment]
                return spec
        return None


class _Loader:
    """Loads as the loader it stands for does, then runs the hook."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def create_module(self, spec: Any) -> Any:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        _hook(module)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)
