"""Where a store lives, and whether it may live there.

``CAPTURE_STORE`` (a folder, a ``.db`` file or a URL) > the setting ``store`` of the config file > the platform's
user-data folder. Every store has a *home* folder on the local disk for spool, sockets, locks and blobs, also when its
tables are on a PostgreSQL server. Standard library only: training scripts use this module.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import StoreUnusable

NETWORK_FILE_SYSTEMS = frozenset({
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "lustre", "gpfs", "beegfs", "ceph", "glusterfs", "afs", "9p",
    "fuse.sshfs", "fuse.glusterfs", "fuse.juicefs", "fuse.s3fs", "fuse.gcsfuse", "fuse.ceph-fuse", "fuse.beegfs",
    "fuse.lustre", "orangefs", "panfs", "wekafs",
})  # fmt: skip


@dataclass(frozen=True)
class Location:
    """A store's place: ``home`` (a local folder) and ``url`` (``sqlite:///…`` or ``postgresql+psycopg://…``)."""

    home: Path
    url: str
    note: str = ""
    """A sentence to say once, when the default place could not be used."""

    @property
    def is_sqlite(self) -> bool:
        """Whether the tables are in a SQLite file below ``home``."""
        return self.url.startswith("sqlite")

    @property
    def database(self) -> Path:
        """The SQLite file (meaningless on PostgreSQL)."""
        return Path(self.url.removeprefix("sqlite:///"))

    @property
    def spool(self) -> Path:
        """The folder of journal segments nobody has recorded yet."""
        return self.home / "spool"

    @property
    def shown(self) -> str:
        """The place as shown to people and to child processes' errors: no password in it."""
        if self.is_sqlite:
            return self.setting
        masked = re.sub(r"://([^:@/]*):[^/]*@", r"://\1:***@", self.url)
        return re.sub(r"([?&](?:ssl)?password=)[^&]*", r"\1***", masked)

    @property
    def setting(self) -> str:
        """The value of ``CAPTURE_STORE`` that leads here again."""
        if not self.is_sqlite:
            return self.url
        return str(self.home if self.database == self.home / "store.db" else self.database)


def user_data_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the platform's folder for user data, with ``labtop`` appended."""
    if environ.get("XDG_DATA_HOME"):
        return Path(environ["XDG_DATA_HOME"]) / "labtop"
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support/labtop"
    return Path.home() / ".local/share/labtop"


def config_file(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the settings file: ``CAPTURE_CONFIG`` or ``labtop/config.toml`` in the user's config folder."""
    if environ.get("CAPTURE_CONFIG"):
        return Path(environ["CAPTURE_CONFIG"]).expanduser()
    base = environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "labtop/config.toml"


def settings(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Return the settings file as a dict, empty if there is none.

    Raises:
        StoreUnusable: the file exists and cannot be read as TOML.
    """
    path = config_file(environ)
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise StoreUnusable(f"Cannot read the settings {path}: {error}. Correct the file or remove it.") from error


def file_system(path: Path, mountinfo: Path = Path("/proc/self/mountinfo")) -> str:
    """Return the type of the file system that ``path`` (which need not exist) is on, empty if unknown.

    The longest mount point wins, the latest of equals: statfs magic cannot tell FUSE file systems apart.
    """
    whole = os.path.realpath(path)
    best, kind = -1, ""
    try:
        lines = mountinfo.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return ""
    for line in lines:
        before, _, after = line.partition(" - ")
        point = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), before.split(" ")[4])
        inside = point == "/" or whole == point or whole.startswith(point + "/")
        if inside and len(point) >= best:
            best, kind = len(point), after.split(" ")[0]
    return kind


def on_network(path: Path) -> str:
    """Return the network file system's type if ``path`` is on one, else an empty string."""
    kind = file_system(path, Path(os.environ.get("CAPTURE_MOUNTINFO", "/proc/self/mountinfo")))
    return kind if kind in NETWORK_FILE_SYSTEMS else ""


def _node_local() -> Path:
    # Not XDG_RUNTIME_DIR: it is in memory and goes with the user's last session.
    return Path("/var/tmp") / f"labtop-{os.getuid()}"


def _default(environ: Mapping[str, str]) -> Location:
    folder = user_data_folder(environ)
    kind = on_network(folder)
    if not kind:
        return _of_folder(folder)
    local = _node_local()
    note = (
        f"The user-data folder {folder} is on a network file system ({kind}), where SQLite loses data; using {local} "
        f"on this machine instead. Set CAPTURE_STORE to choose another place."
    )
    return Location(local, f"sqlite:///{local / 'store.db'}", note)


def _of_folder(folder: Path) -> Location:
    return Location(folder, f"sqlite:///{folder / 'store.db'}")


def parse(setting: str, environ: Mapping[str, str] = os.environ) -> Location:
    """Return the location that a ``CAPTURE_STORE`` value names.

    Raises:
        StoreUnusable: a URL of an engine we do not know, or a path that cannot be a store.
    """
    if "://" in setting:
        scheme, _, rest = setting.partition("://")
        if scheme.split("+")[0] not in ("postgresql", "postgres"):
            raise StoreUnusable(
                f"Cannot use the store {scheme}://…: only PostgreSQL URLs are known. "
                f"Give a folder, a .db file or postgresql://…"
            )
        url = f"postgresql+psycopg://{rest}"
        name = hashlib.sha256(url.encode()).hexdigest()[:12]
        return Location(user_data_folder(environ) / "remote" / name, url)
    path = Path(os.path.abspath(os.path.expanduser(setting)))
    try:
        return _of_path(path)
    except PermissionError as error:
        raise StoreUnusable(
            f"Cannot use the store {path}: you have no permission. Ask its owner, or set CAPTURE_STORE to a store of "
            f"your own."
        ) from error


def _of_path(path: Path) -> Location:
    if path.suffix == ".db" and not path.is_dir():
        return Location(path.with_name(path.name + ".d"), f"sqlite:///{path}")
    if path.exists() and not path.is_dir():
        raise StoreUnusable(f"Cannot use the store {path}: it is a file. Give a folder, a .db file or postgresql://…")
    return _of_folder(path)


def locate(setting: str | None = None, environ: Mapping[str, str] = os.environ) -> Location:
    """Return the store's location: the argument, else ``CAPTURE_STORE``, else the settings file, else the default."""
    chosen = setting or environ.get("CAPTURE_STORE") or settings(environ).get("store")
    return parse(str(chosen), environ) if chosen else _default(environ)


def make_home(location: Location) -> None:
    """Create the home and spool folders, private to the user (0700).

    Raises:
        StoreUnusable: the folder holds something else, cannot be made, or is on a network file system.
    """
    kind = on_network(location.home)
    if kind and location.is_sqlite:
        raise StoreUnusable(
            f"Cannot keep a SQLite store in {location.home}: it is on a network file system ({kind}), where SQLite "
            f"loses data. Set CAPTURE_STORE to a folder on a local disk or to a PostgreSQL URL."
        )
    refuse_foreign(location)
    _refuse_planted(location)
    try:
        _make_private(location.spool)
    except OSError as error:
        raise StoreUnusable(
            f"Cannot make the store folder {location.home}: {error.strerror}. Set CAPTURE_STORE to a folder you can "
            f"write to."
        ) from error


def _make_private(folder: Path) -> None:
    """Make a folder and what it is in, all 0700: ``Path.mkdir`` leaves the mode of parents to the umask."""
    if not folder.is_dir():
        _make_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def _refuse_planted(location: Location) -> None:
    """Refuse a folder that somebody else has put where everybody may write, in the place of our default."""
    home = location.home
    if location.note and (home.is_symlink() or (home.exists() and home.stat().st_uid != os.getuid())):
        raise StoreUnusable(
            f"Cannot use the store folder {home}: it belongs to somebody else. Set CAPTURE_STORE to a folder of "
            f"your own on a local disk."
        )


def refuse_foreign(location: Location) -> None:
    """Refuse a folder that holds files but no store, so that a mistyped path never litters somebody's data.

    Raises:
        StoreUnusable: the folder is a directory of something else.
    """
    if not location.is_sqlite or location.database.exists():
        return
    try:
        names = {entry.name for entry in os.scandir(location.home)} if location.home.is_dir() else set()
    except OSError:
        return
    ours = ("spool", "store", "recorder", "labtop")
    foreign = sorted(name for name in names if not name.startswith(ours))
    if foreign and "spool" not in names:
        raise StoreUnusable(
            f"Cannot use the store {location.home}: it is a directory of something else (it holds {foreign[0]!r} and "
            f"no store). Give an empty or new folder."
        )
