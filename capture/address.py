"""Where a script and its recorder meet: lock, bell and socket of one user, host and store. Standard library only.

Scripts and the recorder must come to the same paths from the home folder alone; nothing here opens anything.
"""

from __future__ import annotations

import os

RECORDER = 1
"""The recorder's version: grows with each change that an older one could not read or would answer wrongly."""
_LONGEST = 100  # bytes of a socket's path; the kernel takes 107


def host() -> str:
    """Return this machine's name, as tasks and file names carry it."""
    from .door import store_module

    return str(store_module("who").host())


def _base(home: str | os.PathLike[str], name: str = "") -> str:
    return f"{os.fspath(home)}/recorder-{name or host()}-{os.getuid()}"


def lock_path(home: str | os.PathLike[str], name: str = "") -> str:
    """Return the file whose lock the recorder holds: this host's, or that of the host called ``name``."""
    return _base(home, name) + ".lock"


def bell_path(home: str | os.PathLike[str]) -> str:
    """Return the FIFO that wakes the recorder."""
    return _base(home) + ".bell"


def socket_path(home: str | os.PathLike[str]) -> str:
    """Return the socket the recorder answers on; a long one moves to the user's folder for such things."""
    path = _base(home) + ".sock"
    if len(os.fsencode(path)) <= _LONGEST:
        return path
    try:
        from _blake2 import blake2b  # hashlib would load OpenSSL into the script for the sake of one name
    except ImportError:  # an interpreter built otherwise
        from hashlib import blake2b
    name = blake2b(os.fsencode(home), digest_size=8).hexdigest()
    return f"{runtime_folder()}/{name}.sock"


def runtime_folder() -> str:
    """Return the private folder (0700, made by the recorder) for sockets whose path at home would be too long."""
    base = os.environ.get("XDG_RUNTIME_DIR") or os.environ.get("TMPDIR") or "/tmp"
    return f"{base}/labtop-{os.getuid()}"
