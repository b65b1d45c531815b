"""NVIDIA GPUs, by the answers of ``nvidia-smi``: no driver binding, nothing to import.

A question for the cards, one for the processes that hold them; each answer is comma-separated values, in which a field
the card does not have says ``[N/A]``. A machine without the command, or with a broken driver, has no GPUs and is asked
again only after a while.
"""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass

FIELDS = (
    "index", "name", "utilization.gpu", "memory.used", "memory.total", "temperature.gpu", "power.draw",
    "uuid",
)  # fmt: skip
_CARDS = f"--query-gpu={','.join(FIELDS)}"
_USES = "--query-compute-apps=gpu_uuid,pid,used_memory"
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
    uuid: str = ""


@dataclass(frozen=True, slots=True)
class Use:
    """A process that computes on a GPU, and how much of its memory it holds (MiB)."""

    uuid: str
    pid: int
    memory: float | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The cards, or why there are none."""

    cards: list[Card]
    error: str = ""


_not_before = 0.0
_none = Answer([])
"""Why there were none when the machine was asked last."""


def read() -> Answer:
    """Ask for the machine's GPUs; takes some 50 ms where there are any."""
    global _not_before, _none
    if time.monotonic() < _not_before:
        return _none
    try:
        answer = parse(*_ask(_CARDS))
    except FileNotFoundError:
        answer = Answer([], "there is no nvidia-smi")
    except (OSError, subprocess.SubprocessError) as error:
        answer = Answer([], str(error))
    if not answer.cards:
        _not_before, _none = time.monotonic() + _AGAIN, answer
    return answer


def uses() -> list[Use]:
    """Ask which processes hold memory of the machine's GPUs; ask only where there are any."""
    try:
        text, _ = _ask(_USES)
    except (OSError, subprocess.SubprocessError):
        return []
    return [use for line in text.splitlines() if (use := _use(line)) is not None]


def _ask(question: str) -> tuple[str, int]:
    command = ("nvidia-smi", question, "--format=csv,noheader,nounits")
    done = subprocess.run(command, capture_output=True, timeout=_TIMEOUT, stdin=subprocess.DEVNULL, check=False)
    return done.stdout.decode("utf-8", "replace"), done.returncode


def _use(line: str) -> Use | None:
    cells = [cell.strip() for cell in line.split(",")]
    if len(cells) != 3 or not cells[1].isdigit():
        return None
    return Use(cells[0], int(cells[1]), _number(cells[2]))


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
    name, tail = cells[1 : 2 - len(FIELDS)], cells[2 - len(FIELDS) :]
    utilization, used, total, temperature, power = map(_number, tail[:-1])
    return Card(int(cells[0]), ", ".join(name), utilization, used, total, temperature, power, tail[-1])


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None  # [N/A], [Not Supported], [Unknown Error], ERR!
