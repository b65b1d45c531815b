"""Words of ours that argparse would misread, put in a form it understands: before parsing, and before any help.

Nothing here knows what a verb does, and nothing but the standard library is loaded.
"""

from __future__ import annotations

import re
from pathlib import Path

_EXCLUSION = re.compile(r"-[A-Za-z_]+([:~<>=!]|$)")
_WITH_VALUE = ("--project", "--name", "--store")


def protect_filters(words: list[str]) -> list[str]:
    """Let a filter such as ``-tag:old`` through: ``!tag:old`` means the same."""
    made: list[str] = []
    for word in words:
        if made and made[-1] == "--sort":  # a field that begins with a dash turns the order round
            made[-1] = f"--sort={word}"
        else:
            made.append(f"!{word[1:]}" if word != "-h" and _EXCLUSION.match(word) else word)
    return made


def tag_words(words: list[str]) -> list[str]:
    """Put ``+a -b`` as ``--add=a --remove=b``."""
    return [_tag_word(word) for word in words]


def _tag_word(word: str) -> str:
    if len(word) > 1 and word[0] == "+":
        return f"--add={word[1:]}"
    if len(word) > 1 and word[0] == "-" and word[1] != "-" and word != "-h":
        return f"--remove={word[1:]}"
    return word


def split_words(words: list[str]) -> list[str]:
    """Put ``--`` where the script or module begins, so that its own options stay its own."""
    position = 0
    while position < len(words):
        word = words[position]
        if word == "--":
            return words
        if word == "-m":
            module = words[position + 1 : position + 2]
            return [*words[:position], *(["-m", *module] if module else ["-m"]), "--", *words[position + 2 :]]
        if word == "--tags":
            position = _after_tags(words, position + 1)
        elif not word.startswith("-"):
            return [*words[:position], "--", *words[position:]]
        else:
            position += 2 if word in _WITH_VALUE else 1
    return words


def _after_tags(words: list[str], position: int) -> int:
    """Return where the tags end: at an option, or at what is there as a file or looks like a script."""
    first = position
    while position < len(words) and not words[position].startswith("-"):
        if position > first and (words[position].endswith(".py") or Path(words[position]).exists()):
            break
        position += 1
    return position
