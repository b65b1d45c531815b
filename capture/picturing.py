"""Pictures and media given to a ``Logger`` as the bytes of one file, with a bound on their size.

An array is known by ``shape``, ``dtype`` and ``tobytes`` and becomes a PNG of 8 bits a channel, written here; a PIL
image saves itself, a matplotlib figure too; a file is read. Standard library only, no library of pictures is imported;
loaded with the first debug sample. What cannot be read is raised as ``Refused`` or as what Python says of it.
"""

from __future__ import annotations

import os
import struct
import zlib
from io import BytesIO

from . import guard
from .reported import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LARGEST = 15 << 20
"""Bytes of a sample's file, at most: a record of the journal stays below 16 MiB."""
PIXELS = 25_000_000
"""Pixels of an array that is made a picture of, at most."""
_COLOURS = {1: 0, 2: 4, 3: 2, 4: 6}
"""The colour type of a PNG by its channels: grey, grey with alpha, RGB, RGBA."""
_PNG_MODES = ("1", "L", "LA", "P", "RGB", "RGBA")
_ENDING = 8


def bounded(data: bytes) -> bytes:
    """Return a file's bytes, or refuse one that is too large."""
    if len(data) > LARGEST:
        raise Refused(
            f"a debug sample of more than {LARGEST >> 20} MiB is too large. Report it smaller, or give its url"
        )
    return data


def picture(given: Any) -> bytes:
    """Return an array, or a PIL image, as a PNG."""
    if callable(getattr(given, "save", None)) and hasattr(given, "mode"):
        return _saved(given if given.mode in _PNG_MODES else given.convert("RGB"))
    given = given.detach().cpu().numpy() if hasattr(given, "detach") else given  # torch
    if not all(hasattr(given, name) for name in ("shape", "dtype", "tobytes")):
        raise Refused(f"an image is an array, a PIL image or a file, {guard.shown(given)} is none")
    return _png(_in_bytes(_rows_first(given)))


def figure(given: Any) -> bytes:
    """Return a matplotlib figure, or that of ``pyplot``, as it looks."""
    shown = given.gcf() if callable(getattr(given, "gcf", None)) else given
    if not callable(getattr(shown, "savefig", None)):
        raise Refused(f"a matplotlib figure was expected, not {guard.shown(given)}")
    into = BytesIO()
    shown.savefig(into, format="png")
    return bounded(into.getvalue())


def file(path: Any) -> tuple[bytes, str]:
    """Return a file's bytes and the ending of its name."""
    name = os.fspath(path)
    with open(name, "rb") as opened:
        return bounded(opened.read(LARGEST + 1)), ending(name)


def stream(given: Any) -> bytes:
    """Return what is in an open file or another stream."""
    data = given.getvalue() if hasattr(given, "getvalue") else given.read(LARGEST + 1)
    return bounded(data.encode() if isinstance(data, str) else bytes(data))


def ending(name: Any) -> str:
    """Return the ending of a name without its dot, empty where it is no plain word."""
    found = os.path.splitext(str(name))[1][1:].lower()
    return found if found.isascii() and found.isalnum() and len(found) <= _ENDING else ""


def _saved(image: Any) -> bytes:
    into = BytesIO()
    image.save(into, "PNG")
    return bounded(into.getvalue())


# Arrays ---------------------------------------------------------------------------------------------------------------


def _rows_first(given: Any) -> Any:
    """Return an array as rows, columns and, where it has them, channels; torch has the channels first."""
    shape = tuple(given.shape)
    if len(shape) == 3 and shape[2] not in _COLOURS and shape[0] in _COLOURS:
        given = given.transpose(1, 2, 0)
        shape = tuple(given.shape)
    if len(shape) not in (2, 3) or (len(shape) == 3 and shape[2] not in _COLOURS) or not all(shape):
        raise Refused(f"an image has height, width and 1 to 4 channels, not the shape {shape}")
    if shape[0] * shape[1] > PIXELS:
        raise Refused(f"an image of {shape[1]}x{shape[0]} is larger than {PIXELS // 1_000_000} million pixels")
    return given


def _in_bytes(given: Any) -> Any:
    """Return an array with a byte a value: floats go from 0 to 1, truth values too, other numbers from 0 to 255."""
    kind = getattr(given.dtype, "kind", "")
    if kind not in ("u", "i", "f", "b"):
        raise Refused(f"an image has numbers as values, not {given.dtype}")
    if str(given.dtype) == "uint8":
        return given
    if kind == "f":
        given = (given * 255 + 0.5).clip(0, 255)
        given[given != given] = 0  # NaN
    elif kind == "b":
        given = given.astype("uint8") * 255
    else:
        given = given.clip(0, 255)
    return given.astype("uint8")


def _png(given: Any) -> bytes:
    shape, data = tuple(given.shape), given.tobytes()
    height, width, channels = (*shape, 1)[:3]
    row = width * channels
    lines = b"".join(b"\0" + data[start : start + row] for start in range(0, height * row, row))
    head = struct.pack(">IIBBBBB", width, height, 8, _COLOURS[channels], 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(lines, 3)), (b"IEND", b""))
    return bounded(b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
