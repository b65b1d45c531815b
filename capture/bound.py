"""How much one process may leave in the spool while nobody takes it in, and what it leaves out beyond that.

First console, plots and debug samples, then more and more scalars, never events: names, parameters and the end stay
whole. What is left out is counted in the ``.w`` file like records for which a disk has no room. Nothing here is called
while a recorder keeps up: only a journal with several segments waiting asks. Standard library only.
"""

from __future__ import annotations

import os

from . import guard
from .frames import FRAME, PLOT, SAMPLE, SCALAR, STREAMS, TEXT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT = 10.0
"""GiB that wait at most, unless the setting ``spool.limit_gib`` says otherwise."""
FEW = 4 << 20
"""Bytes that may wait whatever the limit."""
_NEARLY_FULL = 0.05
_LITTLE = 64 << 20  # the limit where the disk is nearly full
_STEPS = 16
_KIND = FRAME.size
_LABTOP = STREAMS.index("labtop")


def share(waiting: int, spool: str, limit_gib: float) -> int:
    """Return which part of the scalars is to be kept, one in so many; 0 if the rest is to be kept too.

    Args:
        waiting: bytes of this process' segments that nobody has taken in.
        spool: the folder.
        limit_gib: what may wait; beyond it every further sixteenth halves what comes.
    """
    limit = max(int(limit_gib * (1 << 30)), FEW)
    if waiting > _LITTLE and _nearly_full(spool):
        limit = min(limit, _LITTLE)
    if waiting <= limit:
        return 0
    guard.warn(
        f"nothing has been taken in for long: {waiting >> 20} MiB wait in {spool}. Console, plots and debug "
        f"samples are not kept any more, then fewer and fewer scalars, until a recorder comes; what is missing is "
        f"counted.", once="spool limit",
    )  # fmt: skip
    return int(2 ** min(_STEPS, (waiting - limit) * _STEPS // limit))


def _nearly_full(folder: str) -> bool:
    found = os.statvfs(folder)
    return found.f_bavail < found.f_blocks * _NEARLY_FULL


def sparing(write: Callable[[bytes], object], every: int, left_out: Callable[[], None]) -> Callable[[bytes], object]:
    """Return ``write`` for frames without console, plots and samples and with one scalar in ``every``."""
    passed = 0

    def spare(data: bytes) -> None:
        nonlocal passed
        kind = data[_KIND]
        console = kind == TEXT and data[_KIND + 1] != _LABTOP
        if console or kind in (PLOT, SAMPLE) or (kind == SCALAR and passed % every):
            left_out()
        else:
            write(data)  # of a full segment it raises, and the same record comes again: only then it has passed
        passed += kind == SCALAR

    return spare
