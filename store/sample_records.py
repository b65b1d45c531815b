"""What travels of debug samples between packages. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Sample(NamedTuple):
    """A debug sample as a script reported it: the bytes of its file, or the URL where it is."""

    title: str
    series: str
    iteration: int
    time: float
    kind: str
    """The ending of the file's name, without the dot."""
    url: str
    history: int
    """How many iterations of it are to be kept; 0: as the setting says."""
    number: int
    """Which sample of its writer it is: gives the file a name that is the same however often it is taken in."""
    data: bytes


@dataclass(frozen=True, slots=True)
class SampleRow:
    """A debug sample: the iterations kept, when one was reported last, and what the newest of them is."""

    title: str
    series: str
    iterations: tuple[int, ...]
    time: float
    kind: str
    url: str
    size: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class SampleFile:
    """A debug sample at one iteration: where its file is, empty where only a URL was reported.

    ``width`` and ``height`` are a picture's, as far as its head says, else 0.
    """

    path: str
    kind: str
    url: str
    size: int
    width: int
    height: int
