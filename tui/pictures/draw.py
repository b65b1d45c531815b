"""A debug sample as rows: its picture, or the sentence that says why there is none, below a line about the file.

With colours a cell is an upper half-block, which shows two pixels; without, one character of a ramp, the lighter the
denser. Runs carry the two colours as their role.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from store.safe import safe_text
from store.sample_records import SampleFile
from tui import format as form
from tui.charts.adapter import AXIS, Run
from tui.plots.cells import Cells, Terminal
from tui.plots.draw import Drawn, said

from .decode import Unreadable, picture

if TYPE_CHECKING:
    from PIL.Image import Image

    Pixel = tuple[int, ...]

PICTURE = 1 << 48
"""Roles from here on are two colours: the upper pixel's in bits 24 to 47, the lower one's in 0 to 23."""
ALONE = 1 << 49
"""Added where there is no lower pixel."""
RAMP = " .:-=+*#%@"
LARGEST = 32 << 20
"""Bytes of a file that is read, at most."""
GONE = "This iteration of the debug sample is not kept any more."


def drawn(sample: SampleFile | None, width: int, height: int, terminal: Terminal) -> Drawn:
    """Return a debug sample drawn for ``width`` x ``height`` cells; blocking: it reads and decodes a file."""
    if sample is None:
        return said(GONE, width)
    about = (Run(form.fit(_about(sample), width - 1, ascii_only=terminal.ascii).rstrip(), AXIS),)
    try:
        return Drawn((about,), _rows(sample, max(1, width - 1), max(1, height - 1), terminal))
    except Unreadable as error:
        kept = f" The file is {sample.path}" if sample.path else ""
        return said(safe_text(f"{error}{kept}", one_line=True), width, (about,))


def _about(sample: SampleFile) -> str:
    size = f"{sample.width}x{sample.height}" if sample.width else ""
    elsewhere = "" if sample.path else safe_text(sample.url, one_line=True)
    return "  ".join(filter(None, (size, safe_text(sample.kind, one_line=True), form.size(sample.size), elsewhere)))


def _rows(sample: SampleFile, width: int, height: int, terminal: Terminal) -> Cells:
    blocks = terminal.colour and not terminal.ascii
    pixels = picture(read(sample), width, height * 2, 1 if blocks else 2)
    return _blocks(pixels) if blocks else _ramp(pixels)


def read(sample: SampleFile | None) -> bytes:
    """Return a debug sample's file; blocking.

    Raises:
        Unreadable: there is none, or not on this machine, or it is too large.
    """
    from store import files

    if sample is None:
        raise Unreadable(GONE)
    if not sample.path:
        raise Unreadable("Only the URL of this debug sample was reported; nothing is fetched from there.")
    try:
        return files.read(sample.path, LARGEST)
    except FileNotFoundError as error:
        raise Unreadable("The file of this debug sample is not on this machine.") from error
    except (OSError, ValueError) as error:
        raise Unreadable(f"The file of this debug sample cannot be read: {error}.") from error


def _lines(pixels: Image) -> list[list[Pixel]]:
    data, width = pixels.tobytes(), pixels.width * 3
    rows = [data[start : start + width] for start in range(0, len(data), width)]
    return [list(zip(row[::3], row[1::3], row[2::3], strict=True)) for row in rows]


def _blocks(pixels: Image) -> Cells:
    lines = _lines(pixels)
    rows: Cells = []
    for upper, lower in zip(lines[::2], [*lines[1::2], []], strict=False):
        roles = map(_role, upper, lower) if lower else (_role(pixel, None) for pixel in upper)
        rows.append(tuple(Run("▀" * len(list(run)), role) for role, run in groupby(roles)))
    return rows


def _role(upper: Pixel, lower: Pixel | None) -> int:
    under = ALONE if lower is None else _number(lower)
    return PICTURE | _number(upper) << 24 | under


def _number(pixel: Pixel) -> int:
    red, green, blue = pixel
    return red << 16 | green << 8 | blue


def _ramp(pixels: Image) -> Cells:
    grey, width = pixels.convert("L").tobytes(), pixels.width
    text = grey.translate(bytes(ord(RAMP[value * len(RAMP) // 256]) for value in range(256))).decode()
    return [(Run(text[start : start + width], 0),) for start in range(0, len(text), width)]
