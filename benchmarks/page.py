"""The page of figures, ``benchmarks/figures.md``: a section for each thing that measures, written anew by it alone."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import time
from collections.abc import Sequence
from importlib.metadata import version

from .measure import ROOT, Figure, number

PAGE = ROOT / "benchmarks/figures.md"
PACKAGES = ("textual", "sqlmodel", "sqlalchemy", "plotext", "watchdog", "gitpython")


def section(title: str, figures: Sequence[Figure]) -> str:
    """Return figures as a section: what was measured where, and a table."""
    rows = [
        f"| {f.claim} | {number(f.value)} {f.unit} | {f.aim} | {'yes' if f.met else '**no**'} | {f.spread} | {f.n} "
        f"| {f.baseline}{' · ' + f.note if f.note else ''} |"
        for f in figures
    ]
    head = "| what | figure | aim | met | spread | n | baseline of the same run |\n|---|---|---|---|---|---|---|"
    return f"## {title}\n\n{_where()}\n\n{head}\n" + "\n".join(rows) + "\n"


def _where() -> str:
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"Written on {time.strftime('%Y-%m-%d')} at commit {commit.strip()}: Python {platform.python_version()}, "
        f"{os.cpu_count()} cores, Linux {platform.release().split('-')[0]}; {packages}."
    )


def keep(title: str, figures: Sequence[Figure]) -> None:
    """Put a section in the place of the one of this title; the others stay as they are."""
    old = re.split(r"^(?=## )", PAGE.read_text("utf-8"), flags=re.M)
    others = [part for part in old[1:] if part.partition("\n")[0] != f"## {title}"]
    kept = sorted([*others, section(title, figures)])
    PAGE.write_text("\n".join(part.strip() + "\n" for part in [old[0], *kept]), "utf-8")
