"""Of starts that would begin one task again at the same time, the first alone does: who makes its file has the task.

Without it each of several scripts started at once would find the same last run, and all but one would learn from
nobody that the store made a new task for them. The file holds the writer's id; the recorder removes it once it is old
and the writer's journal is gone (``recorder.spool``). Where no file can be made, the store decides alone, later.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .facts import Facts


def reserve(spool: str, found: Facts, writer: str) -> bool:
    """Return whether this start may go on from the execution it has seen; nobody after it may then."""
    if found.execution is None:
        return True
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        descriptor = os.open(f"{spool}/{found.task}.{found.execution}.again", flags, 0o600)
    except FileExistsError:
        return False
    except OSError:
        return True
    try:
        os.write(descriptor, writer.encode())
    except OSError:
        return True  # a full disk: in a minute the file counts as nobody's
    finally:
        os.close(descriptor)
    return True
