"""Text that attacks a terminal in ways nobody thought of: made at random, the same for the same seed.

Each text is made of a few pieces: control sequences of every family with any numbers, whole or cut off; controls of one
byte; markup; directions, marks, joined and wide characters; line breaks. Behind it stands the corpus, so that what is
known to be dangerous is in every value.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.system.hostile import CORPUS, WOLF, wolf

MEGABYTE = 1 << 20
_FINALS = "".join(map(chr, range(0x40, 0x7F)))
_ENDS = ("\x07", "\x1b\\", "\x9c", "")
_WORDS = (
    "HACKED",
    "0",
    "rm -rf",
    "ZXZpbA==",
    "\u05e9\u05dc\u05d5\u05dd",
    "\u0645\u0631\u062d\u0628\u0627",
    "漢字",
    "x" * 40,
)
_MARKUP = (
    "[/{}]",
    "[{}",
    "[[{}]]",
    "[bold {}",
    "\\[{}",
    "[@click=app.quit]{}[/]",
    "[link=file:///{}]",
    ":{}:",
    "[{}=]",
    "]{}[",
)
_ODD = (
    "\u200b\u200d\u200e\u200f\u202a\u202e\u2066\u2069\u061c\ufeff\ufff9\U000e0041\u00ad\u2028\u2029\ufe0f\u0300\u20dd"
)


class Generated:
    """Hostile texts, each call another one; ``count`` says how many there were.

    Args:
        seed: what decides on all of them.
    """

    def __init__(self, seed: int) -> None:
        self.count = 0
        self._random = random.Random(seed)

    def __call__(self, number: int, only: int | None = None) -> str:
        """Return a text; ``number`` turns the corpus behind it, of which it has ``only`` so many."""
        self.count += 1
        pieces = "".join(self._random.choice(_PIECES)(self._random) for _ in range(self._random.randint(1, 5)))
        known = wolf(number, only)
        return f"{WOLF}{pieces}{known}" if number % 2 else f"{known}{WOLF}{pieces}"

    def long(self) -> str:
        """Return a megabyte of such text."""
        text = self(1)
        return (text * (MEGABYTE // len(text) + 1))[:MEGABYTE]


def _numbers(chance: random.Random) -> str:
    made = (str(chance.choice((0, 1, 2, 5, 8, 25, 52, 1049, 2004, 99999))) for _ in range(chance.randint(0, 4)))
    return chance.choice(";;;:").join(made)


def _control_sequence(chance: random.Random) -> str:
    start = chance.choice(("\x1b[", "\x9b"))
    return (
        start
        + chance.choice(("", "?", ">", "=", "<"))
        + _numbers(chance)
        + chance.choice(("", " ", "!", "$"))
        + chance.choice(_FINALS)
    )


def _string(chance: random.Random) -> str:
    """An operating system command, a device control string or another string, which may not end."""
    start = chance.choice(("\x1b]", "\x9d", "\x1bP", "\x90", "\x1b_", "\x9f", "\x1b^", "\x1bX", "\x1bk"))
    return f"{start}{_numbers(chance)};{chance.choice(_WORDS)}{chance.choice(_ENDS)}"


def _one_byte(chance: random.Random) -> str:
    return "".join(chr(chance.choice((*range(32), *range(0x7F, 0xA0)))) for _ in range(chance.randint(1, 6)))


def _escape(chance: random.Random) -> str:
    return "\x1b" * chance.randint(1, 3) + chance.choice("()*+#%78=>cDEHMNOZ~ \n") + chance.choice(_FINALS)


def _markup(chance: random.Random) -> str:
    return "".join(chance.choice(_MARKUP).format(chance.choice(_WORDS)) for _ in range(chance.randint(1, 3)))


def _odd(chance: random.Random) -> str:
    return "".join(
        chance.choice(_ODD) + chance.choice("ab ") * chance.randint(0, 1) for _ in range(chance.randint(1, 9))
    )


def _stack(chance: random.Random) -> str:
    """A letter under a tower of marks, or a family of joined faces."""
    if chance.random() < 0.5:
        return "e" + "".join(chr(chance.randint(0x300, 0x36F)) for _ in range(chance.choice((1, 30, 300))))
    return "\u200d".join(chr(chance.randint(0x1F466, 0x1F469)) for _ in range(chance.choice((2, 4, 50))))


def _break(chance: random.Random) -> str:
    return "".join(
        chance.choice(("\n", "\r", "\t", "\r\n", "\x0b", "\x0c", "\x85", " ")) for _ in range(chance.randint(1, 5))
    )


def _character(chance: random.Random) -> str:
    """Any characters at all, but for lone surrogates, which no text column takes."""
    found = (chr(chance.randrange(0x110000)) for _ in range(4))
    return "".join(letter for letter in found if not "\ud800" <= letter <= "\udfff")


def _known(chance: random.Random) -> str:
    """A piece of the corpus, cut off somewhere."""
    text = chance.choice(CORPUS)
    return text[: chance.randint(1, len(text))]


_PIECES: tuple[Callable[[random.Random], str], ...] = (
    _control_sequence, _control_sequence, _string, _string, _one_byte, _escape, _markup, _odd, _stack, _break,
    _character, _known,
)  # fmt: skip
