"""Run every benchmark, or those named, and write their section of ``figures.md``: ``python -m benchmarks [NAME…]``."""

from __future__ import annotations

import importlib
import sys
import time

from . import page
from .measure import Figure

MODULES = (
    "scalar",
    "startup",
    "console",
    "longconsole",
    "longchart",
    "training",
    "ingest",
    "recorder",
    "dashboard",
    "many",
    "output",
)
BENCH = "make bench"


def main(names: list[str]) -> int:
    """Run the named benchmarks (default: all); the page is written only when all ran."""
    unknown = [name for name in names if name not in MODULES]
    if unknown:
        print(f"No benchmark {unknown[0]!r}. There are: {', '.join(MODULES)}.", file=sys.stderr)
        return 2
    figures: list[Figure] = []
    chosen = names or MODULES
    for turn, name in enumerate(chosen, 1):
        print(f"{turn} of {len(chosen)}: {name} …", end=" ", file=sys.stderr, flush=True)
        start = time.monotonic()
        figures += importlib.import_module(f"benchmarks.{name}").run()
        print(f"{time.monotonic() - start:.0f} s", file=sys.stderr)
    print(page.section(BENCH, figures))
    if not names:
        page.keep(BENCH, figures)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
