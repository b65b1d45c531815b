"""The command line (``:``): one table of words, each a line of help and a function of the screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from store.errors import InvalidValue, nearest

if TYPE_CHECKING:
    from tui.screens.home import HomeScreen


@dataclass(frozen=True)
class Command:
    """A word of the command line: ``run(screen, rest)``."""

    help: str
    run: Callable[[HomeScreen, str], None]


def _archived(screen: HomeScreen, rest: str) -> None:
    screen.load(replace(screen.view, archived=not screen.view.archived), keep=False)


def _theme(screen: HomeScreen, rest: str) -> None:
    if rest not in ("dark", "light"):
        raise InvalidValue(f"Unknown theme {rest!r}. Valid: dark, light.")
    screen.labtop.set_look(rest)


def _sort(screen: HomeScreen, rest: str) -> None:
    word, _, order = rest.partition(" ")
    known = {column.key: column for column in screen.table.available if column.sort}
    if word not in known:
        raise InvalidValue(f"Cannot sort by {word!r}.{nearest(word, known)} Valid: {', '.join(known)}.")
    descending = known[word].down if order not in ("up", "down") else order == "down"
    screen.load(replace(screen.view, sort=known[word].sort, descending=descending), keep=False)


def _project(screen: HomeScreen, rest: str) -> None:
    paths = [row.path for row in screen.projects.rows.values()]
    if rest and rest not in paths:
        raise InvalidValue(f"There is no project {rest!r}.{nearest(rest, paths)}")
    screen.projects.choose(rest or None)
    screen.load(replace(screen.view, project=rest or None, metric=None), keep=False)


COMMANDS: dict[str, Command] = {
    "archived": Command("show archived tasks, or the others again", _archived),
    "filter": Command("filter the table: :filter status:failed", lambda s, rest: s._filter(rest)),
    "sort": Command("sort by a column: :sort name, :sort metric up", _sort),
    "project": Command("go to a project: :project vision/resnet; alone: all", _project),
    "theme": Command("dark or light", _theme),
    "rename": Command("rename the task", lambda s, rest: s.action_rename()),
    "tags": Command("add and remove tags", lambda s, rest: s.action_tags()),
    "move": Command("move to another project", lambda s, rest: s.action_move()),
    "help": Command("the keys", lambda s, rest: s.action_help()),
    "quit": Command("leave", lambda s, rest: s.app.exit()),
}


def run_command(screen: HomeScreen, line: str) -> None:
    """Run a command line; what is wrong with it is said on the screen."""
    word, _, rest = line.strip().removeprefix(":").partition(" ")
    if not word:
        return
    found = [name for name in COMMANDS if name.startswith(word)]
    name = word if word in COMMANDS else found[0] if len(found) == 1 else ""
    if not name:
        screen.say(f"Unknown command {word!r}.{nearest(word, COMMANDS)} Valid: {', '.join(COMMANDS)}.", "refused")
        return
    try:
        COMMANDS[name].run(screen, rest.strip())
    except InvalidValue as error:
        screen.say(str(error), "refused")
