"""A section or a configuration object in the user's own editor: out as a file, back as a change that is saved.

What can only be read goes out as a copy. What cannot be saved is said, with the text as it was written one key away. A
text that is not saved, for whatever reason, stays behind and is offered again when the task is opened.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from store.errors import InvalidValue, LabtopError
from store.records import TaskDetail
from tui import external
from tui.dialogs.enter import EnterDialog
from tui.saving import Change, Objects, Parameters, save
from tui.sectionfile import text_of, values_of
from tui.unsaved import Draft, Unsaved

if TYPE_CHECKING:
    from tui.app import LabtopApp
    from tui.task_data import TaskSource

KEPT = "The text is kept and offered when this task is opened again."


def text_for(kind: str, key: str, detail: TaskDetail) -> str:
    """Return a section or a configuration object as the text of a file."""
    if kind == "object":
        return detail.configuration.get(key, "")
    return text_of(key, [p for p in detail.parameters if p.section == key])


def guessed(value: str) -> str:
    """Return the type a new value seems to have."""
    if value in ("True", "False", "true", "false"):
        return "bool"
    for kind, read in (("int", int), ("float", float)):
        try:
            read(value)
        except (ValueError, OverflowError):
            continue
        return kind
    return "str"


def change_of(kind: str, key: str, seen: str, text: str) -> Change:
    """Return what an edited text changes.

    Raises:
        InvalidValue: it cannot be read.
    """
    if kind == "object":
        text = text[:-1] if text.endswith("\n") and not seen.endswith("\n") else text  # editors add one
        _as_json_as_before(key, seen, text)
        return Change(Objects(), {key: text} if text != seen else {}, {key: seen})
    before, after = values_of(seen), values_of(text)
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    types = {f"{key}/{name}": guessed(after[name]) for name in names if name not in before}
    wanted = {f"{key}/{name}": after.get(name) for name in names}
    return Change(Parameters(types), wanted, {f"{key}/{name}": before.get(name) for name in names})


def _as_json_as_before(name: str, seen: str, text: str) -> None:
    if _json_error(seen) is None and (problem := _json_error(text)) is not None:
        raise InvalidValue(f"Cannot save {name}: it was JSON and would be none now: {problem}.")


def _json_error(text: str) -> str | None:
    try:
        json.loads(text)
    except (ValueError, RecursionError) as error:
        return str(error)
    return None


def suffix_of(kind: str, key: str, text: str) -> str:
    """Return what the file's name ends with, so that the editor knows its language."""
    found = re.search(r"\.[A-Za-z0-9]{1,8}$", key) if kind == "object" else None
    return found[0] if found else ".json" if kind == "object" and _json_error(text) is None else ".conf"


async def edit(app: LabtopApp, source: TaskSource, unsaved: Unsaved, kind: str, key: str, seen: str, text: str) -> str:
    """Have a text edited and save it.

    Args:
        app: the app whose terminal the editor gets.
        source: the task.
        unsaved: where the text is kept meanwhile.
        kind: ``section`` or ``object``.
        key: which one.
        seen: what the store has, as ``text_for`` gives it.
        text: what to begin with: the same, or what was left behind.

    Returns:
        What came of it, in a sentence.

    Raises:
        LabtopError: no editor, or it failed.
        OSError: the file cannot be written or read.
    """
    words = external.command()
    draft = unsaved.draft(kind, key, seen, suffix_of(kind, key, seen))
    await asyncio.to_thread(_begin, draft, text)
    try:
        done = await _until_saved(app, source, draft, words)
    except BaseException:
        draft.leave()
        raise
    return done


async def read(app: LabtopApp, name: str, text: str) -> None:
    """Have a text read in the user's editor, else pager: a copy in a file of that name, gone afterwards.

    Raises:
        LabtopError: none is set, or it failed.
        OSError: the file cannot be written.
    """
    words = external.command(names=external.READERS)
    with tempfile.TemporaryDirectory(prefix="labtop-") as folder:
        file = Path(folder, name)
        await asyncio.to_thread(file.write_text, text, "utf-8")
        file.chmod(0o400)
        external.run(app, words, file)


def _begin(draft: Draft, text: str) -> None:
    draft.keep()
    handle = os.open(draft.left.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        file.write(text)


async def _until_saved(app: LabtopApp, source: TaskSource, draft: Draft, words: list[str]) -> str:
    left = draft.left
    while True:
        external.run(app, words, Path(left.file))
        try:
            edited = Path(left.file).read_bytes().decode("utf-8")
            change = change_of(left.kind, left.key, left.seen, edited)
            if await save(app, source, change):
                draft.drop()
                return f"Saved {left.key}." if change.wanted else f"{left.key} is as it was."
            problem = "It is not saved yet."
        except UnicodeDecodeError:
            problem = "It is not saved: the file is not UTF-8 any more."
        except LabtopError as error:
            problem = str(error)
        if not await app.push_screen_wait(EnterDialog(f"Edit {left.key}", problem, "edit it again", "leave it")):
            draft.leave()
            return KEPT
