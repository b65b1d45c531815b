"""A copy of a file, to where a person says: never over something that is there, unless they say so too."""

from __future__ import annotations

import asyncio
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from .dialogs.confirm import ConfirmDialog
from .dialogs.prompt import PromptDialog

if TYPE_CHECKING:
    from .app import LabtopApp


async def save_copy(app: LabtopApp, name: str, path: str) -> None:
    """Ask where to, and copy a file there; what goes wrong is said below the line, which stays as it was typed."""
    source, saved = Path(path), ""

    async def take(line: str) -> str:
        nonlocal saved
        target, over = await asyncio.to_thread(_target, line, source.name)
        if over and not await app.push_screen_wait(_question(target)):
            return "It is there already. Give another place."
        problem = await asyncio.to_thread(_copied, source, target, over)
        saved = "" if problem else str(target)
        return problem

    text = "A path on this machine; a folder takes it under its own name."
    await app.push_screen_wait(PromptDialog(f"Save {name} to", text, source.name, take))
    if saved:
        app.say(f"Saved {name} as {saved}")


def _target(line: str, name: str) -> tuple[Path, bool]:
    """Return where the copy is to be, and whether something is there."""
    target = Path(os.path.expanduser(line)).absolute()
    if os.path.isdir(target):
        target /= name
    return target, os.path.lexists(target)


def _question(target: Path) -> ConfirmDialog:
    return ConfirmDialog(f"Replace {target.name}?", f"{target} is there already.", "replace it")


def _copied(source: Path, target: Path, over: bool) -> str:
    """Copy a file, whole or not at all; return why that was not possible, else an empty text."""
    made = target.with_name(f".{target.name[:100]}.{os.getpid()}")
    try:
        shutil.copyfile(source, made)
        if not over:
            os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL))  # refuses what has come there meanwhile
        made.replace(target)
    except (OSError, shutil.Error) as error:
        with suppress(OSError):
            made.unlink()
        return f"Cannot save it there: {getattr(error, 'strerror', None) or error}. Give another place."
    return ""
