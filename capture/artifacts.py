"""``Artifact``: what a task keeps under a name, to be read again.

Reads files, and objects out of them; what it knows comes from a row of the store. Nothing here writes to the store.
"""

from __future__ import annotations

import os

from . import guard, state
from .door import error, opened, store_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path
    from typing import Any


class Artifact:
    """An artifact of a task, as the store knew it when it was asked for."""

    mode = "output"

    def __init__(self, task: str, row: Any) -> None:
        self._task = task
        self._row = row
        self._object: Any = None

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self._row.name)

    @property
    def type(self) -> str:
        """What it was made of: ``custom``, ``archive``, ``dict``, ``list``, ``string``, ``numpy``, ``pandas``."""
        return str(self._row.type)

    @property
    def size(self) -> int:
        """Bytes of its file."""
        return int(self._row.size or 0)

    @property
    def hash(self) -> str:
        """The SHA-256 of its file, in hex."""
        return str(self._row.hash)

    @property
    def url(self) -> str:
        """Where its file is."""
        return str(self._row.uri)

    @property
    def metadata(self) -> dict[str, Any]:
        """What the script said about it."""
        return dict(self._row.metadata)

    @property
    def timestamp(self) -> datetime:
        """When it was kept, in UTC."""
        from datetime import UTC, datetime

        return datetime.fromtimestamp(self._row.time, UTC)

    @property
    def preview(self) -> str:
        """The beginning of it as text, empty where it is none."""
        artifacts = store_module("queries.artifacts")
        with opened().read() as connection:
            return str(artifacts.preview(connection, self._task, self.name))

    def get_local_copy(
        self, extract_archive: bool = True, raise_on_error: bool = False, force_download: bool = False
    ) -> str | None:
        """Return the path of its file; of an archive, that of a folder with what is in it, unless told otherwise."""
        return local_copy(self._row, extract_archive and self.type == "archive", raise_on_error)

    def get(
        self, force_download: bool = False, deserialization_function: Callable[[bytes], Any] | None = None,
        block_unsafe_artifacts: bool = False,
    ) -> Any:  # fmt: skip
        """Return the object that was kept, else the path of its file.

        A pickle is loaded only if its file is this user's own and as it was when it was kept: loading one runs code.

        Args:
            force_download: accepted; the file is read each time nothing was read yet.
            deserialization_function: makes the object of the file's bytes.
            block_unsafe_artifacts: never load a pickle; return its path.

        Raises:
            NotFound: the file is not on this machine.
            UsageError: the file of a pickle is another one by now, or somebody else's.
        """
        if self._object is None or force_download:
            self._object = self._read(deserialization_function, block_unsafe_artifacts)
        return self._object

    def _read(self, make: Callable[[bytes], Any] | None, blocked: bool) -> Any:
        path = _path(self._row)
        if make is not None:
            return make(path.read_bytes())
        if self.type == "pickle" or path.suffix in (".pickle", ".pkl"):
            return path if blocked or self.type == "custom" else self._unpickled(path)
        reader = _READERS.get(self.type)
        return path if reader is None else reader(path)

    def _unpickled(self, path: Path) -> Any:
        import pickle

        if path.stat().st_uid != os.getuid() or store_module("files").digest(os.fspath(path))[1] != self.hash:
            raise error(
                "UsageError",
                f"The artifact {self.name!r} is a pickle, and its file {path} is not the one that you kept. Loading "
                f"it runs whatever is in it: if you trust it, load it yourself.",
            )
        with path.open("rb") as file:
            return pickle.load(file)

    def __repr__(self) -> str:
        return f"<Artifact {self.name} ({self.type}, {self.size:,} bytes)>"


def local_copy(row: Any, unpack: bool, strict: bool) -> str | None:
    """Return the path of a row's file, or of a folder with what is in that archive.

    Raises:
        NotFound: it is not on this machine, and ``strict``; else that is said and None returned.
    """
    from .door import refusal

    try:
        path = _path(row)
    except refusal() as missing:
        if strict:
            raise missing.with_traceback(None) from None
        guard.warn(str(missing))
        return None
    return _unpacked(os.fspath(path), str(row.hash)) if unpack else os.fspath(path)


def _path(row: Any) -> Path:
    from pathlib import Path

    path = store_module("files").path_of(state.place().home, row.uri)
    if not path or not os.path.isfile(path):
        where = row.uri or "nowhere yet"
        raise error("NotFound", f"The file of {row.name!r} is not on this machine: it is {where}.")
    return Path(path)


def _unpacked(path: str, digest: str) -> str:
    """Return the folder of the user's cache that holds what is in an archive, unpacked once."""
    import shutil
    import tempfile
    import zipfile

    cache = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "labtop", "archives")
    folder = os.path.join(cache, digest or "unknown")
    if digest and os.path.isdir(folder):
        return folder
    os.makedirs(cache, mode=0o700, exist_ok=True)
    made = tempfile.mkdtemp(dir=cache)
    with zipfile.ZipFile(path) as archive:
        archive.extractall(made)  # which leaves out what would lead out of the folder
    try:
        os.rename(made, folder)
    except OSError:  # another process was faster
        shutil.rmtree(made, ignore_errors=True)
    return folder


def _json(path: Path) -> Any:
    import json

    return json.loads(path.read_text("utf-8"))


def _numpy(path: Path) -> Any:
    numpy: Any = __import__("numpy")
    if path.suffix in (".csv", ".gz"):
        return numpy.loadtxt(path, delimiter=",")
    found = numpy.load(path, allow_pickle=False)
    return found[found.files[0]] if hasattr(found, "files") else found


def _pandas(path: Path) -> Any:
    pandas: Any = __import__("pandas")
    if path.suffix in (".csv", ".gz"):
        return pandas.read_csv(path, index_col=0)
    return getattr(pandas, f"read_{path.suffix[1:]}")(path)


def _picture(path: Path) -> Any:
    __import__("PIL.Image")
    picture: Any = __import__("sys").modules["PIL.Image"]
    return picture.open(path)


_READERS: dict[str, Callable[[Any], Any]] = {
    "dict": _json, "list": _json, "numpy": _numpy, "pandas": _pandas, "image": _picture,
    "string": lambda path: path.read_text("utf-8"), "bytes": lambda path: path.read_bytes(),
}  # fmt: skip
