"""The recorder's first file, run by its path with ``python -P``: a process of nobody's, with our own packages in it.

A user's folder or PYTHONPATH may hold a ``store.py`` or a ``logging.py``. So what PYTHONPATH adds goes behind the
standard library, and ``capture`` and ``store`` are loaded by location. ``capture`` is made a bare package: what a
training script imports is not needed here. Nothing may be imported above that is not built in.
"""

from __future__ import annotations

import sys


def _standard_library_first() -> None:
    import os

    added = [os.path.abspath(entry) for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    back = [entry for entry in sys.path if entry in added or entry == ""]
    sys.path[:] = [entry for entry in sys.path if entry not in back] + [entry for entry in back if entry]


def _load(root: str) -> None:
    """Put our two packages into ``sys.modules``, whatever else is called like them."""
    from importlib.util import module_from_spec, spec_from_file_location
    from types import ModuleType

    bare = ModuleType("capture")
    bare.__path__ = [f"{root}/capture"]
    sys.modules["capture"] = bare
    folder = f"{root}/store"
    spec = spec_from_file_location("store", f"{folder}/__init__.py", submodule_search_locations=[folder])
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    sys.modules["store"] = module
    spec.loader.exec_module(module)


def _main() -> None:
    _standard_library_first()
    import os

    _load(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    from capture.recorder.process import main

    sys.exit(main(sys.argv[1:]))


if __name__ == "__main__":
    _main()
