"""A picture's bytes as pixels of the size wanted, through Pillow, never more than bounds allow; knows no cells.

Only formats of pictures with small decoders are tried, and how large a picture is is asked of its head before anything
is unpacked: a file of a few kB can say that it has billions of pixels.
"""

from __future__ import annotations

import warnings
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP")
PIXELS = 40_000_000
"""Pixels of a picture that is unpacked, at most: 160 MB of memory for a moment."""
COLOURS = 256
"""Colours of a picture in cells: with more, neighbours differ in what nobody sees, and each cell costs 40 bytes."""
PAPER = (128, 128, 128)
"""What is behind what can be seen through: dark and light lines both show on it."""
MISSING = "Pictures are drawn with Pillow, which is not installed. pip install 'labtop[images]' installs it."


class Unreadable(ValueError):
    """There is no picture to show; the message is the sentence that says why."""


def size_within(width: int, height: int, columns: int, rows: int, most: int = PIXELS) -> tuple[int, int]:
    """Return the size of a picture in a room of square pixels, its aspect kept.

    Small ones grow by whole numbers, to ``most`` times their size.
    """
    scale = min(columns / width, rows / height, most)
    scale = int(scale) if scale > 1 else scale
    return max(1, min(columns, round(width * scale))), max(1, min(rows, round(height * scale)))


def picture(data: bytes, columns: int, rows: int, squeeze: int = 1) -> Image:
    """Return a picture as ``scaled`` does, in as many colours as cells can do with."""
    made = scaled(data, columns, rows, squeeze)
    from PIL import Image

    return made.quantize(COLOURS, dither=Image.Dither.NONE).convert("RGB")


def scaled(data: bytes, columns: int, rows: int, squeeze: int = 1, most: int = PIXELS) -> Image:
    """Return a picture in RGB, scaled into ``columns`` x ``rows`` square pixels.

    Args:
        data: the file.
        columns: pixels from left to right.
        rows: pixels from top to bottom.
        squeeze: in how many rows one is kept, for pixels that are higher than wide.
        most: how many times a small one may grow.

    Raises:
        Unreadable: it is no picture, a damaged one, one of a format that is not read, or too large a one.
    """
    try:
        from PIL import Image, UnidentifiedImageError
    except ImportError as error:
        raise Unreadable(MISSING) from error
    warnings.simplefilter("ignore", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = PIXELS  # beyond twice as many Pillow itself refuses while it reads the head
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as found:
            if found.width * found.height > PIXELS or not found.width or not found.height:
                raise Unreadable(_too_large(f"{found.width}x{found.height}"))
            wide, high = size_within(found.width, found.height, columns, rows, most)
            found.draft("RGB", (wide, high))
            return _resized(_in_rgb(found), wide, max(1, high // squeeze))
    except Unreadable:
        raise
    except Image.DecompressionBombError as error:
        raise Unreadable(_too_large("far more pixels")) from error
    except UnidentifiedImageError as error:
        known = ", ".join(FORMATS)
        raise Unreadable(f"This file is no picture of a kind that is drawn here ({known}).") from error
    except Exception as error:  # whatever a decoder finds in a damaged file
        raise Unreadable(f"This picture is damaged: {type(error).__name__}: {error}.") from error


def _too_large(what: str) -> str:
    return f"This picture has {what}, too many to be drawn here: at most {PIXELS // 1_000_000} million pixels are."


def _in_rgb(found: Image) -> Image:
    """Return a picture in RGB, on grey where it can be seen through; of 16 bits the upper eight."""
    from PIL import Image

    if found.mode.startswith("I"):
        return found.convert("I").point(lambda value: value * (1 / 256)).convert("L").convert("RGB")
    if not found.has_transparency_data:
        return found.convert("RGB")
    seen = found.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", seen.size, (*PAPER, 255)), seen).convert("RGB")


def _resized(found: Image, width: int, height: int) -> Image:
    from PIL import Image

    grows = width > found.width
    return found.resize((width, height), Image.Resampling.NEAREST if grows else Image.Resampling.BOX)
