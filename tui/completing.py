"""What could follow a word of the command line: names the screen or the store knows.

Every function takes the screen and what stands after the word so far, and gives back whole endings, each with a
remark. The store is asked in a thread.
"""

from __future__ import annotations

import asyncio
import os
import re
from typing import TYPE_CHECKING, Any

from store.errors import InvalidValue, LabtopError
from store.safe import safe_text
from store.text import lineage

if TYPE_CHECKING:
    from tui.screens.base import LabtopScreen

Endings = list[tuple[str, str]]
MOST = 20
OFF = "off"
"""Takes away the baseline that a task's project has, whichever it is. A project of this name is written ``off/``."""
BASELINE = ("baseline", "the one of the project")


async def sorts(screen: LabtopScreen, rest: str) -> Endings:
    """Columns the table can be sorted by, then the direction."""
    from tui.screens.home import HomeScreen

    if not isinstance(screen, HomeScreen):
        return []
    word, space, order = rest.partition(" ")
    if space:
        return [(f"{word} {way}", "") for way in ("up", "down") if way.startswith(order)]
    known = [column for column in screen.table.available if column.sort]
    return [(column.key, column.title) for column in known if column.key.startswith(word)]


async def themes(screen: LabtopScreen, rest: str) -> Endings:
    """The themes."""
    from store.settings import THEMES

    return [(name, about) for name, about in THEMES.items() if name.startswith(rest)]


async def projects(screen: LabtopScreen, rest: str) -> Endings:
    """Paths of projects."""
    return [(path, "") for path in await _known(screen, "project", rest)]


async def above(screen: LabtopScreen, rest: str) -> Endings:
    """The projects that a task is in, the nearest first, and what takes the baseline of that one away."""
    paths = [path for row in screen.targets()[:1] for path in reversed(lineage(row.project))]
    found = [*((path, "") for path in paths), (OFF, "its project has none of its own any more")]
    return [(word, about) for word, about in found if word.startswith(rest)]


async def compared(screen: LabtopScreen, rest: str) -> Endings:
    """The word for the baseline; ids are not listed."""
    return [BASELINE] if BASELINE[0].startswith(rest) else []


async def queues(screen: LabtopScreen, rest: str) -> Endings:
    """Names of queues."""
    return [(name, "") for name in await _known(screen, "queue", rest)]


def words_of(line: str) -> list[str]:
    """Return the words of a line, each with its sign; what is in double quotes behind that is one word.

    Raises:
        InvalidValue: one begins with a double quote and does not end.
    """
    words = []
    for sign, held, word in re.findall(r'([+-]?)(?:"([^"]*)"(?!\S)|(\S+))', line):
        if word.startswith('"'):
            raise InvalidValue('What begins with a double quote does not end. Close it with ".')
        words.append(sign + (held or word))
    return words


def _last_word(line: str) -> tuple[str, str]:
    words = list(re.finditer(r'[+-]?(?:"[^"]*(?:"(?!\S)|$)|\S+)', line))
    start = words[-1].start() if words and words[-1].end() == len(line) else len(line)
    return line[:start], line[start:]


async def tags(screen: LabtopScreen, rest: str) -> Endings:
    """``+`` with any tag there is, ``-`` with those that the tasks have; one of several words in double quotes."""
    before, word = _last_word(rest)
    sign = word[:1] if word[:1] in ("+", "-") else "+"
    typed = word.removeprefix(sign).removeprefix('"')
    if sign == "-":
        known = sorted({tag for row in screen.targets() for tag in row.tags if tag.startswith(typed)})
    else:
        known = await _known(screen, "tag", typed)
    return [(f'{before}{sign}"{tag}"' if " " in tag else f"{before}{sign}{tag}", "") for tag in known]


async def filters(screen: LabtopScreen, rest: str) -> Endings:
    """Saved filters by the beginning of their name; of any other the last word: its key, then its value."""
    named = [(text, f"saved as {name}") for name, text in _saved(screen) if name.startswith(rest)]
    return [*named, *await _asked(screen, _filters, rest)]


async def saved(screen: LabtopScreen, rest: str) -> Endings:
    """Names of saved filters."""
    return [(name, text) for name, text in _saved(screen) if name.startswith(rest)]


def _saved(screen: LabtopScreen) -> Endings:
    from tui.screens.home import HomeScreen

    return list(screen.memory.filters.items()) if isinstance(screen, HomeScreen) else []


async def opened(screen: LabtopScreen, rest: str) -> Endings:
    """Tasks by the beginning of their id or a part of their name, newest first."""
    return await _asked(screen, _tasks, rest)


async def sweeps(screen: LabtopScreen, rest: str) -> Endings:
    """Hyperparameters of the first task, then the values of one that has only a few."""
    rows = screen.targets()
    return await _asked(screen, _swept, rest, rows[0].id) if rows else []


async def _known(screen: LabtopScreen, key: str, start: str) -> list[str]:
    return [value for value, _ in await _asked(screen, _values, key, start)]


async def _asked(screen: LabtopScreen, query: Any, *args: str) -> Endings:
    if not screen.data.opened:
        return []
    try:
        found: Endings = await screen.data.read(query, *args)
    except LabtopError:
        return []
    return found


def _values(connection: Any, key: str, start: str) -> Endings:
    from store import completion

    return [(value, "") for value in completion.values(connection, key, start)[:MOST]]


def _filters(connection: Any, text: str) -> Endings:
    from store import completion

    return [(found.text, found.about) for found in completion.complete(connection, text)[:MOST]]


def _swept(connection: Any, text: str, task: str) -> Endings:
    from store import completion

    return [(found.text, found.about) for found in completion.swept(connection, text, task)[:MOST]]


def _tasks(connection: Any, start: str) -> Endings:
    from store.queries import tasks

    query = tasks.TaskQuery(text=start, archived=None)
    return [(row.id[:8], f"{row.status}  {row.project}/{row.name}") for row in tasks.page(connection, query, 0, MOST)]


async def paths(line: str, endings: tuple[str, ...]) -> Endings:
    """Folders, and files whose names have one of the endings."""
    return await asyncio.to_thread(_paths, line, endings)


def _paths(line: str, endings: tuple[str, ...]) -> Endings:
    folder, start = os.path.split(line)
    try:
        with os.scandir(os.path.expanduser(folder) or ".") as entries:
            found = [entry for entry in entries if entry.name.startswith(start) and safe_text(entry.name) == entry.name]
    except OSError:
        return []
    folders = sorted(entry.name for entry in found if entry.is_dir() and (start or entry.name[0] != "."))
    files = sorted(entry.name for entry in found if entry.name.endswith(endings) and entry.is_file())
    made = [(f"{name}/", "folder") for name in folders] + [(name, "is there already") for name in files]
    return [(os.path.join(folder, name), note) for name, note in made[:MOST]]
