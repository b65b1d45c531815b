"""``python -m capture.recorder sync`` has everything taken in and prints ``{"left": n}``; ``run`` is the recorder."""

from __future__ import annotations

import json
import sys


def main(arguments: list[str]) -> int:
    """Do what the first argument says; return the exit code."""
    if arguments[:1] == ["run"]:
        from .process import main as record

        return record(arguments[1:])
    if arguments[:1] == ["sync"]:
        from store.paths import locate

        from .client import sync

        print(json.dumps({"left": sync(locate())}))
        return 0
    print("usage: python -m capture.recorder sync | run [--idle SECONDS]", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
