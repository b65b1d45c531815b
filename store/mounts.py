"""Which file system a path is on, and whether it is one where neither SQLite nor a journal is safe. Linux only.

A script's init pays for what is imported here.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

NETWORK_FILE_SYSTEMS = frozenset({
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "lustre", "gpfs", "beegfs", "ceph", "glusterfs", "afs", "9p",
    "fuse.sshfs", "fuse.glusterfs", "fuse.juicefs", "fuse.s3fs", "fuse.gcsfuse", "fuse.ceph-fuse", "fuse.beegfs",
    "fuse.lustre", "orangefs", "panfs", "wekafs",
})  # fmt: skip


def file_system(path: Path | str, mountinfo: Path | str = "/proc/self/mountinfo") -> str:
    """Return the type of the file system that ``path`` (which need not exist) is on, empty if unknown.

    The longest mount point wins, the latest of equals: statfs magic cannot tell FUSE file systems apart.
    """
    whole = os.path.realpath(path)
    best, kind = -1, ""
    try:
        with open(mountinfo, encoding="utf-8", errors="surrogateescape") as file:
            lines = file.readlines()
    except OSError:
        return ""
    for line in lines:
        before, _, after = line.partition(" - ")
        point = _unescaped(before.split(" ")[4])
        inside = point == "/" or whole == point or whole.startswith(point + "/")
        if inside and len(point) >= best:
            best, kind = len(point), after.split(" ")[0]
    return kind


def _unescaped(word: str) -> str:
    r"""Return a path of mountinfo, where blanks and backslashes are written as ``\040`` and the like."""
    first, *others = word.split("\\")
    return first + "".join(chr(int(part[:3], 8)) + part[3:] for part in others)


def on_network(path: Path | str) -> str:
    """Return the network file system's type if ``path`` is on one, else an empty string."""
    kind = file_system(path, os.environ.get("CAPTURE_MOUNTINFO", "/proc/self/mountinfo"))
    return kind if kind in NETWORK_FILE_SYSTEMS else ""
