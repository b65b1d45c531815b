"""The machine and the interpreter, as the task's facts show them."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from capture import gpus

_VERSION = re.compile(r"python(\d+\.\d+)")


def facts(start: Mapping[str, Any]) -> dict[str, Any]:
    """Return facts about where an execution ran; ``env`` holds the variables the script was allowed to tell."""
    found = {
        "host": start.get("host") or platform.node(),
        "user": start.get("user") or "",
        "pid": start.get("pid"),
        "python": python_version(str(start.get("python") or ""), [str(entry) for entry in start.get("path") or ()]),
        **machine(),
    }
    if start.get("container"):  # the script tells: a recorder serves scripts in containers and outside of them
        found["container"] = str(start["container"])
    return found | ({"env": start["env"]} if start.get("env") else {})


@cache
def machine() -> dict[str, Any]:
    """Return what does not change while this machine is up."""
    found: dict[str, Any] = {"os": platform.platform(), "cpu": _cpu(), "cores": os.cpu_count() or 0}
    try:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        found["memory_gb"] = round(memory / 2**30, 1)
    except (ValueError, OSError):
        pass
    names = [card.name for card in gpus.read().cards]
    return found | ({"gpus": names} if names else {})


def python_version(binary: str, path: list[str]) -> str:
    """Return an interpreter's version without running it, empty if that cannot be told."""
    if binary and os.path.realpath(binary) == os.path.realpath(sys.executable):
        return platform.python_version()
    try:
        config = (Path(binary).parent.parent / "pyvenv.cfg").read_text("utf-8", "replace")
    except OSError:
        config = ""
    told = re.search(r"^version(?:_info)?\s*=\s*(\S+)", config, re.MULTILINE)
    if told:
        return ".".join(told[1].split(".")[:3])
    return next((match[1] for entry in path if (match := _VERSION.search(entry))), "")


def _cpu() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text("utf-8", "replace")
    except OSError:
        return platform.processor()
    match = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return match[1] if match else platform.processor()
