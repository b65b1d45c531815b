"""The command line (``:``): one table of words, each a line of help and a function of the screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from store.errors import InvalidValue, nearest

from .verbs import VERBS

if TYPE_CHECKING:
    from tui.screens.base import LabtopScreen
    from tui.screens.home import HomeScreen


@dataclass(frozen=True)
class Command:
    """A word of the command line: ``run(screen, rest)``; some mean something on the home screen only."""

    help: str
    run: Callable[[LabtopScreen, str], None]
    home: bool = False


def _archived(screen: LabtopScreen, rest: str) -> None:
    home = cast("HomeScreen", screen)
    home.load(replace(home.view, archived=not home.view.archived), keep=False)


def _theme(screen: LabtopScreen, rest: str) -> None:
    if rest not in ("dark", "light"):
        raise InvalidValue(f"Unknown theme {rest!r}. Valid: dark, light.")
    screen.labtop.set_look(rest)


def _filter(screen: LabtopScreen, rest: str) -> None:
    cast("HomeScreen", screen).filter(rest)


def _sort(screen: LabtopScreen, rest: str) -> None:
    home = cast("HomeScreen", screen)
    word, _, order = rest.partition(" ")
    known = {column.key: column for column in home.table.available if column.sort}
    if word not in known:
        raise InvalidValue(f"Cannot sort by {word!r}.{nearest(word, known)} Valid: {', '.join(known)}.")
    descending = known[word].down if order not in ("up", "down") else order == "down"
    home.load(replace(home.view, sort=known[word].sort, descending=descending), keep=False)


def _project(screen: LabtopScreen, rest: str) -> None:
    home = cast("HomeScreen", screen)
    paths = [row.path for row in home.projects.rows.values()]
    if rest and rest not in paths:
        raise InvalidValue(f"There is no project {rest!r}.{nearest(rest, paths)}")
    home.projects.choose(rest or None)
    home.load(replace(home.view, project=rest or None, metric=None), keep=False)


def _verb(name: str) -> Callable[[LabtopScreen, str], None]:
    return lambda screen, rest: screen.action_verb(name, rest)


COMMANDS: dict[str, Command] = {
    "archived": Command("show archived tasks, or the others again", _archived, home=True),
    "filter": Command("filter the table: :filter status:failed", _filter, home=True),
    "sort": Command("sort by a column: :sort name, :sort metric up", _sort, home=True),
    "project": Command("go to a project: :project vision/resnet; alone: all", _project, home=True),
    "theme": Command("dark or light", _theme),
    **{verb.name: Command(verb.help, _verb(verb.name)) for verb in VERBS.values()},
    "help": Command("the keys", lambda screen, rest: screen.action_help()),
    "quit": Command("leave", lambda screen, rest: screen.app.exit()),
}


def run_command(screen: LabtopScreen, line: str) -> None:
    """Run a command line; what is wrong with it is said on the screen."""
    word, _, rest = line.strip().removeprefix(":").partition(" ")
    known = {name: command for name, command in COMMANDS.items() if screen.KEYS == "home" or not command.home}
    found = [name for name in known if name.startswith(word)]
    if not word:
        return
    if word not in known and len(found) != 1:
        screen.say(f"Unknown command {word!r}.{nearest(word, known)} Valid: {', '.join(known)}.", "refused")
        return
    try:
        known[word if word in known else found[0]].run(screen, rest.strip())
    except InvalidValue as error:
        screen.say(str(error), "refused")
