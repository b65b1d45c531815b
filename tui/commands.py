"""What can be told to a screen by a word: one table for the command line (``:``) and the palette.

The words of the verbs and of every key that does more than move come from the key table; written here is what takes an
argument or has no key. ``find`` answers unknown words, ``suggest`` lists what a line could become.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.widget import Widget

from store.errors import InvalidValue, LabtopError, nearest
from store.settings import THEMES
from tui.leaving import leave

from . import completing
from .compare import TABS as COMPARED
from .compare import opening
from .data import READ_ONLY
from .export import saving
from .keymap import KEYS, Key, label_of, now
from .tabs import TABS, by_digit
from .verbs import VERB_WORK, VERBS
from .verbs.base import why_not
from .widgets.candidates import Candidate

if TYPE_CHECKING:
    from tui.screens.base import LabtopScreen
    from tui.screens.home import HomeScreen
    from tui.screens.tabbed import TabbedScreen
    from tui.widgets.tree import Node


NO_STORE = "There is no store yet: a script with Task.init makes it, or `capture run SCRIPT` with one as it is."
ONLY_HOME = "This is for the tasks of the home screen. Go back ({back}) first."
WHICH_PROJECT = (
    "All projects are shown, and one is described at a time: choose it in the tree ({tree}), or by :project."
)

NO_NOTICE = "Nothing to open: no task of yours has ended or turned NaN since this dashboard was opened."

TABBED = {"task": TABS, "compare": COMPARED}
"""The screens of tabs; a tab that shares its digit with another one has a word of its own."""

Run = Callable[["LabtopScreen", str], None]
Complete = Callable[["LabtopScreen", str], Awaitable[completing.Endings]]


@dataclass(frozen=True)
class Command:
    """A word.

    Attributes:
        help: one sentence.
        run: does it on a screen, with what was typed after the word.
        home: it means something on the home screen only.
        takes: what may follow, as help shows it.
        needs: it means nothing without it.
        complete: what could follow.
        why: why it is not possible on a screen now; empty if it is.
        keys: the rows of the key table that do the same.
    """

    help: str
    run: Run
    home: bool = False
    takes: str = ""
    needs: bool = False
    complete: Complete | None = None
    why: Callable[[LabtopScreen], str] = lambda screen: ""
    keys: tuple[Key, ...] = ()

    def refused(self, screen: LabtopScreen) -> str:
        """Return why it is not possible on a screen now, empty if it is."""
        return (
            ONLY_HOME.format(back=screen.labtop.way_back) if self.home and screen.KEYS != "home" else self.why(screen)
        )

    def key(self, screen: LabtopScreen) -> str:
        """Return the key that does the same, as people write it; empty if there is none, as of what needs a word."""
        if self.needs:
            return ""
        here = [key for key in self.keys if _holder(screen, key) is not None] or self.keys[:1]
        return label_of(here[0], screen.labtop.user_settings.keys).split(" ")[0] if here else ""


def _archived(screen: LabtopScreen, rest: str) -> None:
    cast("HomeScreen", screen).turn_archive()


def _theme(screen: LabtopScreen, rest: str) -> None:
    if rest not in THEMES:
        raise InvalidValue(f"Unknown theme {rest!r}.{nearest(rest, THEMES)} Valid: {', '.join(THEMES)}.")
    screen.labtop.show_look(screen.look.themed(rest))


def _filter(screen: LabtopScreen, rest: str) -> None:
    cast("HomeScreen", screen).filter(rest)


def _save(screen: LabtopScreen, rest: str) -> None:
    if not rest:
        raise InvalidValue("Under which name? :save failures saves the filter.")
    cast("HomeScreen", screen).save_filter(rest)


def _sort(screen: LabtopScreen, rest: str) -> None:
    home = cast("HomeScreen", screen)
    if not rest:
        home.action_sort()
        return
    word, _, order = rest.rpartition(" ")
    if order not in ("up", "down"):  # a metric's title may have spaces
        word, order = rest, ""
    known = {column.key: column for column in home.table.available if column.sort}
    if word not in known:
        valid = f"Valid: {', '.join(known)}; {now('home.columns')} chooses other columns."
        raise InvalidValue(f"Cannot sort by {word!r}.{nearest(word, known)} {valid}")
    descending = order == "down" if order else known[word].down
    home.sort(known[word].sort, descending)


def _project(screen: LabtopScreen, rest: str) -> None:
    home = cast("HomeScreen", screen)
    path = home.projects.named(rest) if rest else None
    home.projects.choose(path)
    home.load(home.in_project(path), keep=False)


def _describe(screen: LabtopScreen, rest: str) -> None:
    from .verbs.projects import describe

    if (project := _project_shown(screen)) is not None:
        screen.run_worker(describe(screen.labtop, project, rest), group=VERB_WORK)


def _project_shown(screen: LabtopScreen) -> Node | None:
    """Return the one project that the table shows, None if it shows all."""
    home = cast("HomeScreen", screen)
    return home.projects.node(home.wanted.project) if home.wanted.project else None


def _no_project(screen: LabtopScreen) -> str:
    """Return why there is no project to describe now, empty if there is."""
    if screen.labtop.read_only:
        return READ_ONLY
    if screen.data.absent:
        return NO_STORE
    return "" if _project_shown(screen) else WHICH_PROJECT.format(tree=now("pane.next"))


def _compare(screen: LabtopScreen, rest: str) -> None:
    rows = screen.targets()
    if rest == completing.BASELINE[0]:
        screen.run_worker(opening.with_baseline(screen.labtop, rows), group=VERB_WORK)
    elif rest:
        shown = rows[0].id if len(rows) == 1 else None
        screen.run_worker(opening.by_names(screen.labtop, rest.split(), shown), group=VERB_WORK)
    else:
        opening.marked(screen.labtop, rows)


def _open(screen: LabtopScreen, rest: str) -> None:
    if not rest:
        raise InvalidValue("Which task? :open takes an id, the beginning of one, or a name.")
    screen.run_worker(_opened(screen, rest), group=VERB_WORK)


async def _opened(screen: LabtopScreen, name: str) -> None:
    from .task_data import resolve

    try:
        await screen.labtop.open_task(await screen.data.read(resolve, name))
    except LabtopError as error:
        screen.say(str(error), "refused")


def _noticed(screen: LabtopScreen, rest: str) -> None:
    screen.run_worker(_opened(screen, screen.labtop.notices.news[0].task), group=VERB_WORK)


def _not_noticed(screen: LabtopScreen) -> str:
    return "" if screen.labtop.notices.news else NO_NOTICE


def _export(screen: LabtopScreen, rest: str) -> None:
    found = screen.export()
    assert not isinstance(found, str), "a command is refused before it is run"
    screen.run_worker(saving.export(screen.labtop, found, rest), group=VERB_WORK)


def _no_export(screen: LabtopScreen) -> str:
    found = screen.export()
    return found if isinstance(found, str) else saving.BUSY if saving.is_writing(screen.labtop) else ""


async def _export_endings(screen: LabtopScreen, rest: str) -> completing.Endings:
    found = screen.export()
    return [] if isinstance(found, str) else await saving.endings(found, rest)


def _verb(name: str) -> Run:
    return lambda screen, rest: screen.action_verb(name, rest)


def _refused(name: str, screen: LabtopScreen) -> str:
    """Return why a verb is possible on none of the tasks it would act on, in the lifecycle's words."""
    verb, rows = VERBS[name], screen.targets()
    if screen.labtop.read_only:
        return READ_ONLY
    if verb.alone:
        return NO_STORE if screen.data.absent else ""
    if not rows:
        return screen.no_targets()
    if not verb.actions or any(why_not(action, row) is None for action in verb.actions for row in rows):
        return ""
    return why_not(verb.actions[0], rows[0]) or ""


def _open_tab(name: str, screen: LabtopScreen, rest: str) -> None:
    cast("TabbedScreen", screen).open_tab(name)


def _no_tab(name: str, screen: LabtopScreen) -> str:
    """Return why a screen cannot open a tab, empty if it has it."""
    having = [place for place, tabs in TABBED.items() if any(tab.name == name for tab in tabs)]
    return "" if screen.KEYS in having else _not_here(having)


# Keys -------------------------------------------------------------------------------------------------------------

MOVES = ("aside", "focus", "cursor", "beside", "back")
"""Actions that only move, beside those of the group Move."""
LEFT_OUT = ("command", "palette", "interrupt")


OTHERWISE = {"search": "search.everywhere"}
"""Words that do what a key of another name does; those of their own name do something else: ``/`` searches a text."""


def word_of(key: Key) -> str:
    """Return the word that does what a key does: ``x-axis``; empty for one that only moves."""
    moves = key.group == "Move" or key.action.partition("(")[0] in MOVES
    return "" if moves or key.id in LEFT_OUT else key.text.lower().replace(" ", "-")


def _holder(screen: LabtopScreen, key: Key) -> Widget | None:
    """Return the widget with the keys, or what it is in, that a key of the table means something to."""
    for node in (screen.keyed or screen).ancestors_with_self:
        bound = (binding for many in node._bindings.key_to_bindings.values() for binding in many)
        if isinstance(node, Widget) and any(binding.id == key.id for binding in bound):
            return node
    return None


def _press(keys: tuple[Key, ...], screen: LabtopScreen, rest: str) -> None:
    for key in keys:
        node = _holder(screen, key)
        if node is not None:
            screen.call_later(screen.app.run_action, key.action, node)
            return


def _elsewhere(keys: tuple[Key, ...], screen: LabtopScreen) -> str:
    if any(_holder(screen, key) is not None for key in keys):
        return READ_ONLY if screen.labtop.read_only and keys[0].changes else ""
    return _not_here(place for key in keys for place in key.screens)


def _not_here(places: Iterable[str]) -> str:
    return f"Not here: it belongs to {', '.join(dict.fromkeys(places))}."


def _with_keys(written: Mapping[str, Command]) -> dict[str, Command]:
    """Return the table with the keys of each word, and with a word for each key that has none."""
    words: dict[str, tuple[Key, ...]] = {}
    for key in KEYS:
        if word := word_of(key):
            words[word] = (*words.get(word, ()), key)
    made = dict(written)
    for word, keys in words.items():
        if word in written:
            made[word] = replace(written[word], keys=keys)
        else:
            made[word] = Command(keys[0].help, partial(_press, keys), why=partial(_elsewhere, keys), keys=keys)
    for word, key_id in OTHERWISE.items():
        made[word] = replace(made[word], keys=tuple(key for key in KEYS if key.id == key_id))
    return made


TAKES = {
    "clone": "[NAME]", "enqueue": "[QUEUE]", "retry": "[QUEUE]", "rename": "[NAME]", "tags": "[+NEW -OLD]",
    "move": "[PROJECT]", "comment": "[TEXT]", "new": "[NAME]", "sweep": "[KEY=VALUES …]",
    "baseline": f"[PROJECT|{completing.OFF}]",
}  # fmt: skip
ENDINGS: dict[str, Complete] = {
    "enqueue": completing.queues, "retry": completing.queues, "tags": completing.tags, "move": completing.projects,
    "sweep": completing.sweeps, "baseline": completing.above,
}  # fmt: skip
"""What may follow a verb, and what completes it."""

_WRITTEN: dict[str, Command] = {
    "archived": Command("Show archived tasks, or the others again.", _archived, home=True),
    "filter": Command("Filter the table: :filter status:failed; alone: no filter.", _filter, True, "FILTER",
                      complete=completing.filters),
    "save": Command("Save the filter under a name; with no filter: forget the one of that name.", _save, True, "NAME",
                    needs=True, complete=completing.saved),
    "sort": Command("Sort by a column: :sort name, :sort metric up; alone: by the next one.", _sort, True,
                    "[COLUMN [up|down]]", complete=completing.sorts),
    "project": Command("Go to a project: :project vision/resnet; alone: all of them.", _project, True, "[PROJECT]",
                       complete=completing.projects),
    "describe": Command("Say what the project shown is for; alone: write it, or take it away.", _describe,
                        True, "[TEXT]", why=_no_project),
    "theme": Command("Change the colours.", _theme, takes="THEME", needs=True, complete=completing.themes),
    "compare": Command("Compare tasks: :compare ID ID; :compare ID with this one; alone: the marked ones.", _compare,
                       takes="[ID …|baseline]", complete=completing.compared),
    "search": Command("Search all tasks and consoles: :search out of memory.",
                      lambda screen, rest: screen.action_search_everywhere(rest), takes="[TEXT]"),
    "open": Command("Open a task by its id, the beginning of it, or its name.", _open, takes="ID", needs=True,
                    complete=completing.opened),
    "notice": Command("Open the task that the last notice is about.", _noticed, why=_not_noticed),
    "export": Command("Save what is shown as a file: a table as CSV, a chart as CSV or SVG; alone: asks where to.",
                      _export, takes="[FILE]", complete=_export_endings, why=_no_export),
    "queue": Command("Enqueue in a queue; a Pending task: dequeue.", _verb("enqueue"), takes="[QUEUE]",
                     complete=completing.queues, why=partial(_refused, "enqueue")),
    **{name: Command(verb.help, _verb(name), takes=TAKES.get(name, ""), complete=ENDINGS.get(name),
                     why=partial(_refused, name)) for name, verb in VERBS.items()},
    **{tab.name: Command(tab.help, partial(_open_tab, tab.name), why=partial(_no_tab, tab.name))
       for table in reversed(TABBED.values()) for tabs in by_digit(table).values() for tab in tabs[1:]},
    "help": Command("The keys of this screen.", lambda screen, rest: screen.action_help()),
    "quit": Command("Leave the dashboard.", lambda screen, rest: leave(screen.labtop)),
}  # fmt: skip
COMMANDS = _with_keys(_WRITTEN)


TAKES_NOTHING = "{} takes no words, and nothing was done{}."
SHORT = {"q": "quit"}
"""Words that are typed as in an editor, and begin others too."""


# The command line -------------------------------------------------------------------------------------------------


def find(word: str) -> Command:
    """Return the command of a word, or of the only one that begins with it.

    Raises:
        InvalidValue: there is none; the nearest is named, or those it could be.
    """
    word = SHORT.get(word, word)
    begun = [name for name in COMMANDS if name.startswith(word)]
    if word in COMMANDS or len(begun) == 1:
        return COMMANDS[word if word in COMMANDS else begun[0]]
    if begun:
        raise InvalidValue(f"{word!r} could be {', '.join(begun[:8])}. Type more of it, or Tab.")
    raise InvalidValue(f"Unknown command {word!r}.{nearest(word, COMMANDS)} Tab lists them, ctrl+p finds them.")


def run_command(screen: LabtopScreen, line: str) -> None:
    """Run a command line; what is wrong with it is said on the screen."""
    word, _, rest = line.strip().removeprefix(":").partition(" ")
    if not word:
        return
    try:
        command = find(word)
        if sentence := command.refused(screen) or (_too_much(word) if rest.strip() and not command.takes else ""):
            raise InvalidValue(sentence)
        command.run(screen, rest.strip())
    except InvalidValue as error:
        screen.say(str(error), "refused")


def _too_much(word: str) -> str:
    return TAKES_NOTHING.format(
        word, ": it is for the marked tasks, or the one that is chosen" if word in VERBS else ""
    )


async def suggest(screen: LabtopScreen, line: str) -> list[Candidate]:
    """Return what a command line could become: words, those first that are possible now; then what follows the word."""
    word, space, rest = line.partition(" ")
    if not space:
        return listed(screen, [name for name in COMMANDS if name.startswith(word)])
    try:
        command = find(word)
    except InvalidValue:
        return []
    if refused := command.refused(screen):
        return [Candidate("", word, why=refused)]
    endings = await command.complete(screen, rest) if command.complete is not None else []
    found = [Candidate(f"{word} {ending}", ending, note) for ending, note in endings if ending != rest]
    return found or [Candidate("", command.takes or word, command.help)]


def listed(screen: LabtopScreen, names: list[str]) -> list[Candidate]:
    """Return commands as rows, those first that are possible now."""
    rows = [
        Candidate(f"{name} " if (command := COMMANDS[name]).takes else name, name, command.help, command.key(screen),
                  command.refused(screen))
        for name in names
    ]  # fmt: skip
    return sorted(rows, key=lambda row: bool(row.why))
