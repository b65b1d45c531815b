"""Children of a test, forked so that they cost no imports: as another user, or many at the same moment."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from functools import partial

NOBODY = 65534


def forked(work: Callable[[], object], *, unprivileged: bool = False) -> tuple[int, int]:
    """Start ``work`` in a child and return its pid and a descriptor from which its outcome can be read.

    The outcome is what ``work`` returned, or the error's type and text. With ``unprivileged`` the child is the user
    nobody if the tests run as root.
    """
    out, into = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid:
        os.close(into)
        return pid, out
    try:
        if unprivileged and os.getuid() == 0:
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
        answer = str(work())
    except BaseException as error:  # the child must not go on as a second pytest
        answer = f"{type(error).__name__}: {error}"
    os.write(into, answer.encode())
    os._exit(0)


def outcome(child: tuple[int, int]) -> str:
    """Wait for a child and return its outcome."""
    pid, out = child
    with os.fdopen(out, "rb") as pipe:
        answer = pipe.read().decode()
    os.waitpid(pid, 0)
    return answer


def as_nobody(work: Callable[[], object]) -> str:
    """Return the outcome of ``work`` done by an unprivileged user."""
    return outcome(forked(work, unprivileged=True))


def at_once(number: int, work: Callable[[int], object]) -> list[str]:
    """Return the outcomes of ``work(0)`` … in as many children, all let go at the same moment."""
    waiting, let_go = os.pipe()

    def in_child(index: int) -> object:
        os.close(let_go)
        os.read(waiting, 1)  # at its end when the last holder of the other side has closed it
        return work(index)

    children = [forked(partial(in_child, index)) for index in range(number)]
    os.close(waiting)
    os.close(let_go)
    return [outcome(child) for child in children]
