"""What a script gives as an artifact, as a file of the store: written by the object's own library, copied, or zipped.

Arrays, frames and pictures are known by what they are made of, and no library of theirs is imported. The file is
written in the caller's thread: when the call returns it is a snapshot that nothing can tear and no exit can lose.
Standard library only; loaded with the first artifact. What cannot be kept is raised as ``Refused`` or ``OSError``.
"""

from __future__ import annotations

import os
import sys

from . import guard
from .door import store_module
from .reported import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    Write = Callable[[str], object]

PREVIEW = 1 << 16
"""Characters of a preview; of a file that was copied, a quarter of it."""
_REMOTE = ("http://", "https://", "s3://", "gs://", "azure://", "ftp://")
_FRAMES = {".csv.gz": "to_csv", ".csv": "to_csv", ".parquet": "to_parquet", ".feather": "to_feather",
           ".pickle": "to_pickle", ".json": "to_json"}  # fmt: skip


class Content:
    """What is to become a file: ``write`` fills an empty one, or ``source`` is copied."""

    def __init__(
        self, kind: str, file: str, write: Write | None = None, *, source: str = "", preview: str = "", size: int = 0
    ) -> None:
        self.kind = kind
        self.file = file
        self.write = write
        self.source = source
        self.preview = preview
        self.size = size
        """Bytes it is about to need, as far as that is known."""


class Wanted:
    """How the caller wants it: the keyword arguments of ``Task.upload_artifact``."""

    def __init__(self, name: str, extension: str | None, auto_pickle: bool, sort_keys: bool) -> None:
        self.name = name
        self.extension = f".{extension.lstrip('.')}" if extension else ""
        self.auto_pickle = auto_pickle
        self.sort_keys = sort_keys

    def file(self, usual: str) -> str:
        """Return the file's name, with the extension that is usual unless another was asked for."""
        return f"{self.name}{self.extension or usual}"


def kept(home: str, task: str, kind: str, content: Content) -> dict[str, Any]:
    """Make the file and return what an event says of it: ``uri``, ``size``, ``hash``, ``content_type``, ``preview``.

    Raises:
        OSError: it cannot be read or written, or there is no room.
    """
    files = store_module("files")
    path = files.place(home, task, kind, content.file)
    try:
        if content.write is None:
            size, digest = files.copy(content.source, path)
            content.preview = content.preview or _beginning(path)
        else:
            files.refuse_full(path, content.size)
            os.close(files.create(path))
            content.write(path)
            size, digest = files.digest(path)
    except BaseException:
        files.remove(path)
        raise
    about = {"content_type": _content_type(content.file), "preview": content.preview[:PREVIEW]}
    return {"uri": files.uri(path), "size": size, "hash": digest} | about


def _content_type(name: str) -> str:
    import mimetypes

    kind, packed = mimetypes.guess_type(name)
    return f"{kind or 'application/octet-stream'}{f' ({packed})' if packed else ''}"


def _beginning(path: str) -> str:
    """Return the beginning of a file if it is text."""
    with open(path, "rb") as file:
        begin = file.read(PREVIEW // 4)
    try:
        text = begin.decode("utf-8") if len(begin) < PREVIEW // 4 else begin[:-4].decode("utf-8", "ignore")
    except UnicodeDecodeError:
        return ""
    return "" if "\0" in text else text


# What it is -----------------------------------------------------------------------------------------------------------


def content(given: Any, wanted: Wanted, serialize: Callable[[Any], Any] | None = None) -> Content:
    """Return what an object becomes.

    Raises:
        Refused: nothing; the message says why.
    """
    if serialize is not None:
        return _bytes(bytes(serialize(given)), wanted, "custom")
    if wanted.extension == ".pkl":
        return _pickled(given, wanted)
    for form in (_array, _frame, _picture, _json, _paths, _text):
        found = form(given, wanted)
        if found is not None:
            return found
    if isinstance(given, (bytes, bytearray)):
        return _bytes(bytes(given), wanted, "bytes")
    if not wanted.auto_pickle:
        raise Refused(f"{type(given).__name__} has no form of its own, and auto_pickle is False")
    return _pickled(given, wanted)


def _library(given: Any) -> str:
    return type(given).__module__.partition(".")[0]


def _array(given: Any, wanted: Wanted) -> Content | None:
    if _library(given) != "numpy" or not getattr(given, "shape", None) or not hasattr(given, "dtype"):
        return None
    if given.dtype.hasobject:
        return _pickled(given, wanted)
    numpy, key = sys.modules["numpy"], "data" if wanted.name == "file" else wanted.name
    about = f"{given.dtype} array of {' x '.join(map(str, given.shape))}\n\n{given}"
    if wanted.extension in (".csv.gz", ".csv"):
        return Content("numpy", wanted.file(""), lambda path: numpy.savetxt(path, given, delimiter=","), preview=about)
    if wanted.extension == ".npy":
        return Content("numpy", wanted.file(""), lambda path: numpy.save(path, given), preview=about, size=given.nbytes)
    write: Write = lambda path: numpy.savez_compressed(path, **{key: given})  # noqa: E731
    return Content("numpy", f"{wanted.name}.npz", write, preview=about, size=given.nbytes)


def _frame(given: Any, wanted: Wanted) -> Content | None:
    if not hasattr(given, "to_csv") or not hasattr(given, "columns"):
        return None
    plain = getattr(getattr(given, "index", None), "nlevels", 1) == 1
    extension = wanted.extension if wanted.extension in _FRAMES else ".csv.gz" if plain else ".pickle"
    about = str(guard.quietly(lambda frame: frame.head(50).to_csv(), given) or "")
    write: Write = lambda path: getattr(given, _FRAMES[extension])(path)  # noqa: E731
    return Content("pandas", f"{wanted.name}{extension}", write, preview=about)


def _picture(given: Any, wanted: Wanted) -> Content | None:
    if _library(given) != "PIL" or not hasattr(given, "save"):
        return None
    about = f"{given.mode} picture of {given.width} x {given.height}"
    return Content("image", wanted.file(".png"), given.save, preview=about)


def _json(given: Any, wanted: Wanted) -> Content | None:
    if not isinstance(given, (dict, list)) or (isinstance(given, list) and _are_paths(given)):
        return None
    import json

    try:
        text = json.dumps(given, indent=4, sort_keys=wanted.sort_keys, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        guard.warn(f"the artifact {wanted.name!r} is kept as a pickle: not all of it can be JSON.")
        return None
    name = wanted.file(".json")
    return Content("dict" if isinstance(given, dict) else "list", name, _writing(text.encode("utf-8", "replace")),
                   preview=text)  # fmt: skip


def _text(given: Any, wanted: Wanted) -> Content | None:
    if not isinstance(given, str) or not given:
        return None
    return Content("string", wanted.file(".txt"), _writing(given.encode("utf-8", "replace")), preview=given)


def _bytes(data: bytes, wanted: Wanted, kind: str) -> Content:
    return Content(kind, wanted.file(".bin"), _writing(data), size=len(data))


def _pickled(given: Any, wanted: Wanted) -> Content:
    import pickle

    try:
        data = pickle.dumps(given)
    except (pickle.PickleError, TypeError, AttributeError, RecursionError) as error:
        raise Refused(f"{type(given).__name__} cannot be pickled ({error})") from error
    return Content("pickle", wanted.file(".pkl"), _writing(data))


def _writing(data: bytes) -> Write:
    def write(path: str) -> None:
        with open(path, "wb") as file:
            file.write(data)

    return write


# Files ----------------------------------------------------------------------------------------------------------------


def _are_paths(given: Iterable[Any]) -> bool:
    items = list(given)
    return bool(items) and all(isinstance(item, (str, os.PathLike)) and _there(item) for item in items)


def _there(path: Any) -> bool:
    """Whether a path, or a text that may be one, is there."""
    text = os.fspath(path)
    return len(text) < 4096 and bool(guard.quietly(os.path.exists, text))


def _paths(given: Any, wanted: Wanted) -> Content | None:
    if isinstance(given, str) and given.startswith(_REMOTE):
        scheme = given.partition(":")[0]
        raise Refused(f"what lies on {scheme}:// is not recorded yet. Give a file or folder of this machine")
    if isinstance(given, (str, os.PathLike)):
        return _path(os.fspath(given), isinstance(given, os.PathLike), wanted)
    if isinstance(given, (list, tuple)) and _are_paths(given):
        return zipped(wanted.name, [os.fspath(item) for item in given])
    return None


def _path(path: str, surely: bool, wanted: Wanted) -> Content | None:
    if not path or not _there(path):
        return _matching(path, surely, wanted)
    if os.path.isdir(path):
        return zipped(wanted.name, [path])
    return Content("custom", os.path.basename(path), source=path)


def _matching(pattern: str, surely: bool, wanted: Wanted) -> Content | None:
    """Return the files that a pattern finds, zipped."""
    import glob

    found = glob.glob(pattern, recursive=True) if glob.has_magic(pattern) and len(pattern) < 4096 else []
    if found:
        return zipped(wanted.name, sorted(found), os.path.dirname(pattern.partition("*")[0]))
    if surely:
        raise Refused(f"there is no file {pattern!r}")
    if (os.sep in pattern or glob.has_magic(pattern)) and not any(map(str.isspace, pattern)):
        guard.warn(f"the artifact {wanted.name!r}: no file {pattern!r} is there. The text itself is kept.")
    return None


def zipped(name: str, paths: list[str], base: str | None = None) -> Content:
    """Return files and folders as one archive; of a folder alone, what is in it stands at the top.

    Raises:
        Refused: there is no file in it.
    """
    import zipfile

    if base is None:
        base = paths[0] if len(paths) == 1 else ""
    found = dict.fromkeys(file for path in paths for file in _files_in(path))
    if not found:
        raise Refused(f"there is no file in {paths[0]!r}")
    inside = {file: os.path.relpath(file, base) if base else os.path.basename(file) for file in found}
    if not base and len(set(inside.values())) < len(inside):
        inside = {file: os.path.abspath(file).lstrip("/") for file in found}
    sizes = {file: os.path.getsize(file) for file in found}
    listing = "\n".join(f"{sizes[file]:>12,}  {inside[file]}" for file in found)

    def write(path: str) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
            for file, called in inside.items():
                archive.write(file, called)

    return Content("archive", f"{name}.zip", write, preview=listing, size=sum(sizes.values()))


def _files_in(path: str) -> list[str]:
    if not os.path.isdir(path):
        return [path] if os.path.isfile(path) else []
    found = [os.path.join(folder, name) for folder, _, names in os.walk(path) for name in sorted(names)]
    return sorted(file for file in found if os.path.isfile(file))


def delete(given: Any) -> None:
    """Delete the file, folder or files that were given and are kept now."""
    import shutil

    for path in given if isinstance(given, (list, tuple)) else [given]:
        if not isinstance(path, (str, os.PathLike)) or not _there(path):
            continue
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path, ignore_errors=True)
        else:
            os.unlink(path)
