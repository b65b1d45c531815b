"""Where a store lives, and whether it may live there.

``CAPTURE_STORE`` (a folder, a ``.db`` file or a URL) > the setting ``store`` of the config file > the platform's
user-data folder. Every store has a *home* folder on the local disk for spool, sockets, locks and blobs, also when its
tables are on a PostgreSQL server. A script's init pays for what is imported here: places are plain text inside, and
become paths where a reader asks for them.
"""

from __future__ import annotations

import _thread
import os
import stat
import sys

from .errors import StoreUnusable
from .mounts import on_network

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Any

SCHEMA = 3
"""The version of the tables that this program reads and writes."""
REMOTE = "remote"
"""The folder of the homes of stores on servers, in the default store's."""
_MAGIC = b"SQLite format 3\0"
_HEX = frozenset("0123456789abcdef")
_looked_at: set[tuple[int, int]] = set()
"""Devices and inodes of databases that were looked at by hand."""
_looking = _thread.allocate_lock()
"""As ``threading.Lock``, without what a script would load for it."""


class Location:
    """A store's place: ``home`` (a local folder) and ``url`` (``sqlite:///…`` or ``postgresql+psycopg://…``).

    ``note`` is a sentence to say once, when the default place could not be used.
    """

    __slots__ = ("folder", "note", "url")

    def __init__(self, home: Path | str, url: str, note: str = "") -> None:
        self.folder = os.fspath(home)
        self.url = url
        self.note = note

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Location) and (self.folder, self.url) == (other.folder, other.url)

    def __hash__(self) -> int:
        return hash((self.folder, self.url))

    def __repr__(self) -> str:
        return f"<Location {self.shown}>"

    @property
    def home(self) -> Path:
        """The local folder of spool, sockets, locks and blobs."""
        return _path(self.folder)

    @property
    def is_sqlite(self) -> bool:
        """Whether the tables are in a SQLite file below ``home``."""
        return self.url.startswith("sqlite")

    @property
    def file(self) -> str:
        """The SQLite file as text (meaningless on PostgreSQL)."""
        return self.url.removeprefix("sqlite:///")

    @property
    def database(self) -> Path:
        """The SQLite file (meaningless on PostgreSQL)."""
        return _path(self.file)

    @property
    def spool(self) -> Path:
        """The folder of journal segments nobody has recorded yet."""
        return self.home / "spool"

    @property
    def shown(self) -> str:
        """The place as shown to people and to child processes' errors: no password in it."""
        if self.is_sqlite:
            return self.setting
        import re

        masked = re.sub(r"://([^:@/]*):[^/]*@", r"://\1:***@", self.url)
        return re.sub(r"([?&](?:ssl)?password=)[^&]*", r"\1***", masked)

    @property
    def setting(self) -> str:
        """The value of ``CAPTURE_STORE`` that leads here again."""
        if not self.is_sqlite:
            return self.url
        return self.folder if self.file == _database_in(self.folder) else self.file


def _path(text: str) -> Path:
    from pathlib import Path

    return Path(text)


def _database_in(folder: str) -> str:
    return os.path.join(folder, "store.db")


def _data_folder(environ: Mapping[str, str]) -> str:
    base = environ.get("XDG_DATA_HOME")
    if not base:
        base = os.path.expanduser("~/Library/Application Support" if sys.platform == "darwin" else "~/.local/share")
    return os.path.normpath(os.path.join(base, "labtop"))


def config_file(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the settings file: ``CAPTURE_CONFIG`` or ``labtop/config.toml`` in the user's config folder."""
    return _path(_config_file(environ))


def _config_file(environ: Mapping[str, str]) -> str:
    chosen = environ.get("CAPTURE_CONFIG")
    base = environ.get("XDG_CONFIG_HOME") or "~/.config"
    return os.path.normpath(os.path.expanduser(chosen or os.path.join(base, "labtop/config.toml")))


def settings(environ: Mapping[str, str] = os.environ, *, only: str = "") -> dict[str, Any]:
    """Return the settings file as a dict, empty if there is none.

    Args:
        environ: says where the file is.
        only: the name of the one setting that is asked for. A file that does not name it is not parsed, and the
            answer is empty: what reads TOML costs a script more than the rest of its init.

    Raises:
        StoreUnusable: the file exists and cannot be read as TOML.
    """
    path = _config_file(environ)
    try:
        with open(path, "rb") as file:
            text = file.read()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise _unreadable(path, error) from error
    if only and not _names(text, only.encode()):
        return {}
    import tomllib

    try:
        return tomllib.loads(text.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _unreadable(path, error) from error


def _names(text: bytes, name: bytes) -> bool:
    """Whether a name stands outside of comments, or may do so in an escaped form."""
    lines = (line for line in text.splitlines() if not line.lstrip().startswith(b"#"))
    return any(name in line or b"\\" in line for line in lines)


def _unreadable(path: str, error: Exception) -> StoreUnusable:
    return StoreUnusable(f"Cannot read the settings {path}: {error}. Correct the file or remove it.")


def _node_local() -> str:
    # Not XDG_RUNTIME_DIR: it is in memory and goes with the user's last session.
    return f"/var/tmp/labtop-{os.getuid()}"


def _default(environ: Mapping[str, str]) -> Location:
    folder = _data_folder(environ)
    kind = on_network(folder)
    if not kind:
        return _of_folder(folder)
    local = _node_local()
    note = (
        f"The user-data folder {folder} is on a network file system ({kind}), where SQLite loses data; using {local} "
        f"on this machine instead. Set CAPTURE_STORE to choose another place."
    )
    return _of_folder(local, note)


def _of_folder(folder: str, note: str = "") -> Location:
    return Location(folder, f"sqlite:///{_database_in(folder)}", note)


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
        return _of_server(f"postgresql+psycopg://{rest}", environ)
    path = os.path.abspath(os.path.expanduser(setting))
    try:
        return _of_path(path)
    except PermissionError as error:
        raise StoreUnusable(
            f"Cannot use the store {path}: you have no permission. Ask its owner, or set CAPTURE_STORE to a store of "
            f"your own."
        ) from error


def _of_server(url: str, environ: Mapping[str, str]) -> Location:
    import hashlib

    name = hashlib.sha256(url.encode()).hexdigest()[:12]
    folder = os.path.join(_data_folder(environ), REMOTE, name)
    kind = on_network(folder)
    if not kind:
        return Location(folder, url)
    local = f"{_node_local()}-{name}"
    note = (
        f"The user-data folder {folder} is on a network file system ({kind}), where what scripts record is not safe "
        f"before the server has it; using {local} on this machine for it."
    )
    return Location(local, url, note)


def _of_path(path: str) -> Location:
    mode = _mode(path)
    if os.path.splitext(path)[1] == ".db" and not stat.S_ISDIR(mode):
        return Location(f"{path}.d", f"sqlite:///{path}")
    if mode and not stat.S_ISDIR(mode):
        raise StoreUnusable(f"Cannot use the store {path}: it is a file. Give a folder, a .db file or postgresql://…")
    return _of_folder(path)


def _mode(path: str) -> int:
    """Return what kind of file a path is, 0 if it is not there.

    Raises:
        PermissionError: a folder above it may not be entered.
    """
    try:
        return os.stat(path).st_mode
    except PermissionError:
        raise
    except OSError:
        return 0


def locate(setting: str | None = None, environ: Mapping[str, str] = os.environ) -> Location:
    """Return the store's location: the argument, else ``CAPTURE_STORE``, else the settings file, else the default."""
    chosen = setting or environ.get("CAPTURE_STORE") or settings(environ, only="store").get("store")
    return parse(str(chosen), environ) if chosen else _default(environ)


def nowhere(location: Location) -> StoreUnusable:
    """Return the refusal to open a store that is not there and is not to be made."""
    return StoreUnusable(
        f"There is no store at {location.shown}. Start a script with Task.init or `capture run`, or set CAPTURE_STORE "
        f"to where yours is."
    )


def make_home(location: Location) -> None:
    """Create the home and spool folders, private to the user (0700).

    Raises:
        StoreUnusable: the folder holds something else, cannot be made, or is on a network file system.
    """
    kind = on_network(location.folder)
    if kind and location.is_sqlite:
        raise StoreUnusable(
            f"Cannot keep a SQLite store in {location.folder}: it is on a network file system ({kind}), where SQLite "
            f"loses data. Set CAPTURE_STORE to a folder on a local disk or to a PostgreSQL URL."
        )
    refuse_foreign(location)
    _refuse_planted(location)
    try:
        make_private(os.path.join(location.folder, "spool"))
    except OSError as error:
        raise StoreUnusable(
            f"Cannot make the store folder {location.folder}: {error.strerror}. Set CAPTURE_STORE to a folder you can "
            f"write to."
        ) from error


def refuse_unwritable(location: Location) -> None:
    """Refuse a place that this user may not write to: nobody would ever see what is recorded there.

    Raises:
        StoreUnusable: the home, the spool or the database, or the folder that one would be made in, is not writable.
    """
    places = [location.folder, os.path.join(location.folder, "spool"), *([location.file] if location.is_sqlite else [])]
    there = next((near for place in places if not os.access(near := _nearest(place), os.W_OK)), None)
    if there is None:
        return
    raise StoreUnusable(
        f"Cannot record into the store {location.shown}: {_why_unwritable(there)}. Set CAPTURE_STORE to a folder you "
        f"can write to."
    )


def _why_unwritable(place: str) -> str:
    if os.statvfs(place).f_flag & os.ST_RDONLY:
        return f"{place} is on a read-only file system"
    from .who import login

    return f"you may not write to {place} (it belongs to {login(os.stat(place).st_uid)})"


def too_new(shown: str, found: int) -> str:
    """Return the sentence that refuses a store of a newer version."""
    known = f"this program knows version {SCHEMA}"
    return f"Cannot use the store {shown}: its schema is version {found}, {known}. Update labtop."


def _nearest(path: str) -> str:
    """Return a path, or if there is nothing the closest folder above it that there is."""
    while not os.path.exists(path) and path != os.path.dirname(path):
        path = os.path.dirname(path)
    return path


def make_private(folder: str) -> None:
    """Make a folder and what it is in, all 0700: ``os.makedirs`` leaves the mode of parents to the umask."""
    if os.path.isdir(folder):
        return
    make_private(os.path.dirname(folder))
    try:
        os.mkdir(folder, mode=0o700)
    except FileExistsError:
        if not os.path.isdir(folder):
            raise


def _refuse_planted(location: Location) -> None:
    """Refuse a folder that somebody else has put where everybody may write, in the place of our default."""
    home = location.folder
    if location.note and (os.path.islink(home) or (os.path.exists(home) and os.stat(home).st_uid != os.getuid())):
        raise StoreUnusable(
            f"Cannot use the store folder {home}: it belongs to somebody else. Set CAPTURE_STORE to a folder of "
            f"your own on a local disk."
        )


def refuse_foreign(location: Location) -> None:
    """Refuse a folder that holds files but no store, so that a mistyped path never litters somebody's data.

    Raises:
        StoreUnusable: the folder is a directory of something else, or the file no database.
    """
    if not location.is_sqlite:
        return
    if os.path.exists(location.file):
        _refuse_junk(location)
        return
    try:
        names = set(os.listdir(location.folder)) if os.path.isdir(location.folder) else set()
    except OSError:
        return
    foreign = sorted(name for name in names if not _is_ours(location.folder, name))
    if foreign and "spool" not in names:
        raise StoreUnusable(
            f"Cannot use the store {location.folder}: it is a directory of something else (it holds {foreign[0]!r} and "
            f"no store). Give an empty or new folder."
        )


def _is_ours(folder: str, name: str) -> bool:
    """Whether it may be there without a store: also spools for servers, or what scripts kept after their store went."""
    if name == "files":
        try:
            return all(len(task) == 32 and set(task) <= _HEX for task in os.listdir(os.path.join(folder, name)))
        except OSError:
            return False
    return name == REMOTE or name.startswith(("spool", "store", "recorder", "labtop"))


def _refuse_junk(location: Location) -> None:
    try:
        junk = _is_junk(location.file)
    except OSError as error:
        raise StoreUnusable(
            f"Cannot open the store {location.shown}: {error.strerror}. Ask its owner, or set CAPTURE_STORE to a store "
            f"of your own."
        ) from error
    if junk:
        raise StoreUnusable(
            f"Cannot open the store {location.shown}: it is not a labtop store. Give another path, or move that file "
            f"away."
        )


def _is_junk(path: str) -> bool:
    """Whether SQLite would refuse a file, by its first bytes; none at all are an empty database.

    A process looks at a file once, before SQLite has it open: to close it later would take away every lock that SQLite
    holds on it (POSIX gives them to the process), and the next program that leaves the store deletes its log.
    """
    with _looking:
        found = os.stat(path)
        if (found.st_dev, found.st_ino) in _looked_at:
            return False
        with open(path, "rb") as file:
            if file.read(len(_MAGIC)) not in (b"", _MAGIC):
                return True
        _looked_at.add((found.st_dev, found.st_ino))
        return False
