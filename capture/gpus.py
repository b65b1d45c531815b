"""NVIDIA GPUs, by the answers of ``nvidia-smi``: no driver binding, nothing to import.

One question, one answer of comma-separated values; a field the card does not have says ``[N/A]``. A machine without
the command, or with a broken driver, has no GPUs and is asked again only after a while.
"""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass

FIELDS = (
    "index", "name", "utilization.gpu", "memory.used", "memory.total", "temperature.gpu", "power.draw",
)  # fmt: skip
_COMMAND = ("nvidia-smi", f"--query-gpu={','.join(FIELDS)}", "--format=csv,noheader,nounits")
_TIMEOUT = 10.0
_AGAIN = 600.0
"""Seconds until a machine that had no GPUs is asked again."""


@dataclass(frozen=True, slots=True)
class Card:
    """One GPU. What it does not tell is None. Percent, MiB, degrees Celsius, watts."""

    index: int
    name: str
    utilization: float | None
    memory_used: float | None
    memory_total: float | None
    temperature: float | None
    power: float | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The cards, or why there are none."""

    cards: list[Card]
    error: str = ""


_not_before = 0.0


def read() -> Answer:
    """Ask for the machine's GPUs; takes some 50 ms where there are any."""
    global _not_before
    if time.monotonic() < _not_before:
        return Answer([])
    try:
        done = subprocess.run(_COMMAND, capture_output=True, timeout=_TIMEOUT, stdin=subprocess.DEVNULL, check=False)
        answer = parse(done.stdout.decode("utf-8", "replace"), done.returncode)
    except (OSError, subprocess.SubprocessError) as error:
        answer = Answer([], str(error))
    if not answer.cards:
        _not_before = time.monotonic() + _AGAIN
    return answer


def parse(text: str, code: int = 0) -> Answer:
    """Return what an answer of ``nvidia-smi`` says."""
    rows = text.splitlines()
    cards = [card for line in rows if (card := _card(line)) is not None]
    said = next((line.strip() for line in rows if line.strip() and _card(line) is None), "")
    return Answer(cards, said or (f"nvidia-smi ended with code {code}" if code else ""))


def _card(line: str) -> Card | None:
    # A name may hold a comma: the first and the last fields are fixed, the name is what lies between.
    cells = [cell.strip() for cell in line.split(",")]
    if len(cells) < len(FIELDS) or not cells[0].isdigit():
        return None
    tail = [_number(cell) for cell in cells[-(len(FIELDS) - 2) :]]
    return Card(int(cells[0]), ", ".join(cells[1 : -(len(FIELDS) - 2)]), *tail)


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None  # [N/A], [Not Supported], [Unknown Error], ERR!
