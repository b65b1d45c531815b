"""Run every benchmark, or those named, and write ``benchmarks/figures.md``: ``python -m benchmarks [NAME…]``."""

from __future__ import annotations

import importlib
import os
import platform
import subprocess
import sys
import time
from importlib.metadata import version

from .measure import ROOT, Figure, number

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
PACKAGES = ("textual", "sqlmodel", "sqlalchemy", "plotext", "watchdog", "gitpython")


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
    page = _page(figures)
    print(page)
    if not names:
        (ROOT / "benchmarks/figures.md").write_text(page, "utf-8")
    return 0


def _page(figures: list[Figure]) -> str:
    rows = [
        f"| {f.claim} | {number(f.value)} {f.unit} | {f.aim} | {'yes' if f.met else '**no**'} | {f.spread} | {f.n} "
        f"| {f.baseline}{' · ' + f.note if f.note else ''} |"
        for f in figures
    ]
    head = "| what | figure | aim | met | spread | n | baseline of the same run |\n|---|---|---|---|---|---|---|"
    return f"# Figures\n\n{_where()}\n\n{head}\n" + "\n".join(rows) + "\n"


def _where() -> str:
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"Written by `make bench` on {time.strftime('%Y-%m-%d')} at commit {commit.strip()}: Python "
        f"{platform.python_version()}, {os.cpu_count()} cores, Linux {platform.release().split('-')[0]}; {packages}. "
        f"Medians unless said otherwise; the machine is shared, so trust ratios before times."
    )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
