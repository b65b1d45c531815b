"""Who acts, and on which machine, as tasks and their history show it. Standard library only.

``CAPTURE_USER`` and ``CAPTURE_HOST`` stand in where the login or the machine's name say little: a shared account, a
container with a made-up name.
"""

from __future__ import annotations

import os


def host() -> str:
    """Return this machine's name."""
    return os.environ.get("CAPTURE_HOST") or os.uname().nodename


def user() -> str:
    """Return the name of the user this process runs as; the number where it has no name."""
    return os.environ.get("CAPTURE_USER") or login(os.getuid())


def login(number: int) -> str:
    """Return the name of a user; the number where it has none."""
    import pwd

    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def by() -> str:
    """Return ``user@host``."""
    return f"{user()}@{host()}"
