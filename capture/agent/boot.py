"""The runner's first file, started by its path with ``python -P``: our packages are found whatever PYTHONPATH says.

What PYTHONPATH adds goes behind the standard library here, and stays as it is for the script. Nothing may be imported
above that is not built in.
"""

from __future__ import annotations

import sys


def _main() -> None:
    import os

    added = [os.path.abspath(entry) for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    back = [entry for entry in sys.path if entry in added]
    own = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    sys.path[:] = [*(entry for entry in sys.path if entry not in back), own, *back]
    from importlib.machinery import PathFinder
    from importlib.util import module_from_spec

    for name in ("capture", "store"):
        spec = PathFinder.find_spec(name, [own])
        assert spec is not None and spec.loader is not None
        sys.modules[name] = module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    from capture.agent.runner import main

    sys.exit(main())


if __name__ == "__main__":
    _main()
