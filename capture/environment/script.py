"""The script itself: how to start it again, and its text where there is no repository."""

from __future__ import annotations

import os
from pathlib import Path

LIMIT = 1 << 20
"""Bytes of a script that are kept."""


def entry_point(path: str, cwd: str, module: str) -> str:
    """Return what to start in ``cwd``: the script relative to it (if it lies below), or ``-m package.module``."""
    if module:
        return f"-m {module}"
    if not path:
        return ""
    relative = os.path.relpath(path, cwd or "/")
    return path if relative.startswith("..") else relative


def text(path: str, notes: list[str]) -> bytes:
    """Return the script's text, for a script that is in no repository; says in ``notes`` why there is none."""
    if not path:
        return b""
    try:
        with Path(path).open("rb") as file:
            data = file.read(LIMIT + 1)
    except OSError as error:
        notes.append(f"the script {path} could not be read: {error.strerror}")
        return b""
    if len(data) > LIMIT:
        notes.append(f"the script {path} is larger than {LIMIT >> 20} MiB and was not kept")
        return b""
    return data
