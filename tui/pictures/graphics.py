"""A debug sample as what a terminal with graphics of its own shows it by: kitty's, iTerm2's or sixel.

The file is decoded and scaled here, and encoded anew: none of its own bytes is sent. Of what is sent there is a bound,
so that a slow link is not flooded.
"""

from __future__ import annotations

import os
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from store.sample_records import SampleFile
from tui.output.tmux import passed_on

from .decode import COLOURS, scaled
from .draw import read
from .terminal import Room, protocol

if TYPE_CHECKING:
    from PIL.Image import Image

LARGEST = 1_000_000
"""Bytes that are sent for a picture, at most; of one that takes more there are fewer pixels."""
GROWTH = 4
"""How many times a small picture grows."""
BELOW = 2
"""Rows kept free for the line below the picture: a terminal may scroll when a picture ends on the last one."""
CHUNK = 4096
"""Bytes of base64 in one sequence of kitty's."""
NUMBER = int.from_bytes(b"labt")
"""What the picture is called in kitty, so that no other one is deleted with it."""
KITTY_GONE = b"\x1b_Ga=d,d=I,i=%d,q=2\x1b\\" % NUMBER
SIX = bytes(range(63, 127)) + bytes(192)
"""From six pixels, a bit each, to the character that stands for them."""


class Framed(NamedTuple):
    """A picture as large as it is to be sent, how many columns it is to fill, and whether it now has too few pixels."""

    image: Image
    columns: int
    shrunk: bool = False


class Still(NamedTuple):
    """What shows a picture with the line below it, and what takes it away again before the screen is erased."""

    shown: bytes
    gone: bytes


def still(
    sample: SampleFile | None, line: bytes, room: Room, setting: str, environ: Mapping[str, str] = os.environ
) -> Still:
    """Return a debug sample for the whole terminal; blocking: it reads, decodes and encodes a file.

    Args:
        sample: the sample.
        line: what stands below it, harmless and no wider than the terminal.
        room: the terminal.
        setting: ``tui.graphics``.
        environ: says what the terminal has.

    Raises:
        Unreadable: there is no picture, or no graphics to show it by.
    """
    found = framed(read(sample), room)
    graphics = protocol(setting, environ)
    shown, gone = within(found, ENCODERS[graphics]), KITTY_GONE if graphics == "kitty" else b""
    return Still(passed_on(shown, environ) + b"\x1b[%d;1H\x1b[2m%b\x1b[m" % (room.rows, line), passed_on(gone, environ))


def framed(data: bytes, room: Room) -> Framed:
    """Return a file's picture scaled for a terminal.

    Raises:
        Unreadable: it is no picture that can be shown.
    """
    height = room.height * max(1, room.rows - BELOW) // room.rows
    image = scaled(data, room.width, max(1, height), most=GROWTH)
    return Framed(image, max(1, image.width * room.columns // room.width))


def within(found: Framed, encode: Callable[[Framed], bytes], most: int = LARGEST) -> bytes:
    """Return a picture encoded, with as many of its pixels as take ``most`` bytes."""
    made = encode(found)
    while len(made) > most and found.image.size != (1, 1):
        share = 0.95 * (most / len(made)) ** 0.5
        width, height = (max(1, int(side * share)) for side in found.image.size)
        found = Framed(found.image.resize((width, height)), found.columns, True)
        made = encode(found)
    return made


def kitty(found: Framed) -> bytes:
    """Return a picture in kitty's sequences; the cursor stays, and kitty does not answer."""
    text = b64encode(_png(found.image))
    chunks = [text[start : start + CHUNK] for start in range(0, len(text), CHUNK)]
    keys = b"a=T,f=100,i=%d,q=2,C=1,c=%d," % (NUMBER, found.columns if found.shrunk else 0)
    heads = [keys, *[b""] * (len(chunks) - 1)]
    more = [*[1] * (len(chunks) - 1), 0]
    return b"".join(b"\x1b_G%bm=%d;%b\x1b\\" % part for part in zip(heads, more, chunks, strict=True))


def iterm(found: Framed) -> bytes:
    """Return a picture in iTerm2's sequence; its width in columns, for not every terminal's pixels are a screen's."""
    data = _png(found.image)
    keys = b"inline=1;size=%d;width=%d;preserveAspectRatio=1" % (len(data), found.columns)
    return b"\x1b]1337;File=%b:%b\x07" % (keys, b64encode(data))


def _png(image: Image) -> bytes:
    into = BytesIO()
    image.save(into, "PNG")
    return into.getvalue()


def sixel(found: Framed) -> bytes:
    """Return a picture in sixel: bands of six rows, each drawn once in every colour it has."""
    image = found.image.quantize(COLOURS)
    width, data = image.width, image.tobytes()
    bands = [data[start : start + 6 * width] for start in range(0, len(data), 6 * width)]
    head = b'\x1bP0;1q"1;1;%d;%d' % image.size
    return head + _palette(image) + b"-".join(_band(band, width) for band in bands) + b"\x1b\\"


def _palette(image: Image) -> bytes:
    """Return the colours in hundredths, as sixel counts them."""
    shares = [round(value * 100 / 255) for value in image.getpalette() or ()]
    colours = zip(range(COLOURS), shares[::3], shares[1::3], shares[2::3], strict=False)
    return b"".join(b"#%d;2;%d;%d;%d" % colour for colour in colours)


def _band(band: bytes, width: int) -> bytes:
    return b"$".join(b"#%d%b" % (colour, _line(band, width, colour)) for colour in sorted(set(band)))


def _line(band: bytes, width: int, colour: int) -> bytes:
    """Return where a band has a colour; runs of more than three characters as their length and one of them."""
    here = band.translate(bytes(colour) + b"\1" + bytes(255 - colour))
    rows = (int.from_bytes(here[start : start + width]) for start in range(0, len(here), width))
    six = sum(row << bit for bit, row in enumerate(rows)).to_bytes(width)  # a byte for each column: nothing carries
    text = six.translate(SIX).rstrip(b"?")
    return re.sub(rb"(.)\1{3,}", lambda run: b"!%d%b" % (len(run[0]), run[1]), text)


ENCODERS = {"kitty": kitty, "iterm": iterm, "sixel": sixel}
