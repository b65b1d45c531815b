"""A file, to where a person says: never over something that is there, unless they say so too.

It is filled beside its place under another name and moved there in the end: whole, or not at all.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .dialogs.confirm import ConfirmDialog
from .dialogs.prompt import PromptDialog

if TYPE_CHECKING:
    from .app import LabtopApp

ANOTHER = "Give another place."


@dataclass(frozen=True)
class Place:
    """Where a file is to be.

    Attributes:
        target: its path.
        over: the person has agreed to lose what is there.
    """

    target: Path
    over: bool


async def save_copy(app: LabtopApp, name: str, path: str) -> None:
    """Ask where to, and copy a file there; what goes wrong is said below the line, which stays as it was typed."""
    source, saved = Path(path), ""

    async def take(line: str) -> str:
        nonlocal saved
        place = await placed(app, line, source.name)
        if isinstance(place, str):
            return place
        problem = await asyncio.to_thread(_copied, source, place)
        saved = "" if problem else str(place.target)
        return problem

    text = "A path on this machine; a folder takes it under its own name."
    await app.push_screen_wait(PromptDialog(f"Save {name} to", text, source.name, take))
    if saved:
        app.say(f"Saved {name} as {saved}")


async def placed(
    app: LabtopApp, line: str, name: str, refused: Callable[[Path], str] = lambda target: ""
) -> Place | str:
    """Return the place that a line names, where a file could be made just now; or why nothing can be saved there.

    Args:
        app: asks before something there is lost.
        line: what was typed.
        name: of the file, where the line is a folder's.
        refused: returns why a path will not do, empty if it will.
    """
    try:
        target, over = await asyncio.to_thread(_target, line, name)
        if problem := refused(target):
            return problem
        if over and not await app.push_screen_wait(_question(target)):
            return f"It is there already. {ANOTHER}"
        await asyncio.to_thread(_try, target)
        return Place(target, over)
    except (OSError, ValueError) as error:  # a ValueError: what was typed can be no name, as it holds a NUL
        return _cannot(error)


def _target(line: str, name: str) -> tuple[Path, bool]:
    """Return where the file is to be, and whether something is there.

    Raises:
        OSError: there is, and it is no file that could be replaced.
    """
    target = Path(os.path.expanduser(line)).absolute()
    if os.path.isdir(target):
        target /= name
    there = os.path.lexists(target)
    if there and not os.path.isfile(target):
        raise OSError(0, f"{target} is no file")
    return target, there


def _question(target: Path) -> ConfirmDialog:
    return ConfirmDialog(f"Replace {target.name}?", f"{target} is there already.", "replace it")


def _try(target: Path) -> None:
    """Make a file beside the target and take it away again, in one go: a thread goes on when nobody waits any more."""
    _made(target).unlink()


def _made(target: Path) -> Path:
    """Make the file to be filled; one that somebody else has put there is never opened."""
    made = target.with_name(f".labtop-{os.getpid()}-{secrets.token_hex(4)}")
    os.close(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    return made


@contextmanager
def filled(place: Place) -> Iterator[Path]:
    """Give what is to be filled, an empty file; then it takes its place, or goes if that failed.

    Raises:
        OSError: it cannot be made, or moved there, or something has come there that nobody agreed to lose.
    """
    made = _made(place.target)
    try:
        yield made
        _move(made, place)
    finally:
        with suppress(OSError):  # it has taken its place
            made.unlink()


def _move(made: Path, place: Place) -> None:
    if not place.over:
        os.close(os.open(place.target, os.O_WRONLY | os.O_CREAT | os.O_EXCL))  # refuses what has come there meanwhile
    try:
        made.replace(place.target)
    except OSError:
        if not place.over:
            place.target.unlink()
        raise


def _copied(source: Path, place: Place) -> str:
    """Copy a file; return why that was not possible, else an empty text."""
    try:
        with filled(place) as made:
            shutil.copyfile(source, made)
    except (OSError, shutil.Error) as error:
        return _cannot(error)
    return ""


def _cannot(error: Exception) -> str:
    return f"Cannot save it there: {reason(error)}. {ANOTHER}"


def reason(error: Exception) -> str:
    """Return why something could not be written, without a full stop."""
    return str(getattr(error, "strerror", None) or error)
