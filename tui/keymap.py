"""Every key of the dashboard, in one table.

The rows of the verbs and of the tabs come from their own tables. The table feeds bindings, the key line at the bottom,
the help of each screen, remapping by id in the settings file and ``docs/keys.md`` (``python -m tui.keymap`` prints it).
A verb's letter is the same on every screen. Standard library only, until ``bindings`` is called.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from store import hints

from .compare import TABS as COMPARED
from .tabs import TABS, by_digit
from .verbs import VERBS

if TYPE_CHECKING:
    from textual.binding import Binding


class Key(NamedTuple):
    """One row: what a key does, where.

    Attributes:
        id: the name used in the settings file to remap it.
        keys: Textual key names, joined by commas.
        action: the action's name on the screen or widget.
        text: one or two words for the key line.
        help: one sentence for help and docs.
        screens: where it holds: ``home``, ``task``, or a widget's own name (``table``, ``tree``, ``console`` …).
        group: the heading it stands under.
        rank: place in the key line, lowest first; 0 leaves it out.
        shown: the key as people write it, if not ``keys`` itself.
        changes: it changes the store, and is refused with ``--read-only``.
    """

    id: str
    keys: str
    action: str
    text: str
    help: str
    screens: tuple[str, ...]
    group: str
    rank: int = 0
    shown: str = ""
    changes: bool = False

    @property
    def label(self) -> str:
        """The key as people write it."""
        return self.shown or " ".join(self.keys.split(","))


_BOTH = ("home", "task")
_TABBED = ("task", "compare")
_TASKS = (*_BOTH, "compare", "queues")
_ALL = (*_TASKS, "search", "settings")
_LISTS = ("table", "tree", "list")
_PLOTS = ("plots", "matched")

KEYS: tuple[Key, ...] = (
    # Moving
    Key("move.down", "down,j", "cursor_down", "down", "Next row.", _LISTS, "Move", shown="j ↓"),
    Key("move.up", "up,k", "cursor_up", "up", "Previous row.", _LISTS, "Move", shown="k ↑"),
    Key("move.page_down", "pagedown,ctrl+d", "page_down", "page down", "A screenful down.", _LISTS, "Move",
        shown="PgDn ctrl+d"),
    Key("move.page_up", "pageup,ctrl+u", "page_up", "page up", "A screenful up.", _LISTS, "Move", shown="PgUp ctrl+u"),
    Key("move.top", "g,home", "cursor_top", "top", "First row.", _LISTS, "Move", shown="g Home"),
    Key("move.bottom", "G,end", "cursor_bottom", "bottom", "Last row.", _LISTS, "Move", shown="G End"),
    Key("pane.next", "tab", "next_pane", "pane", "The next pane.", _TASKS, "Move", shown="Tab"),
    Key("pane.previous", "shift+tab", "previous_pane", "previous pane", "The previous pane.", _TASKS, "Move",
        shown="shift+Tab"),
    Key("open", "enter", "open", "open", "Open the task, or show the project's tasks.", ("table", "tree"), "Move", 1,
        shown="enter"),
    Key("tree.fold", "left", "fold", "fold", "Fold the project, or go to its parent.", ("tree",), "Move",
        shown="←"),
    Key("tree.unfold", "right", "unfold", "unfold", "Unfold the project.", ("tree",), "Move", shown="→"),
    Key("back", "escape,q,backspace", "back", "back", "Back.", (*_TABBED, "queues"), "Move", 91, shown="q Esc"),
    Key("home.clear", "escape,backspace", "back", "clear", "Leave the full screen; then clear the marks, then the "
        "filter.", ("home",), "Move", shown="Esc"),
    Key("quit", "q", "quit", "quit", "Leave the full screen, else the dashboard.", ("home",), "Move"),
    # What is done to tasks
    *(Key(v.id, v.key, f"verb('{v.name}')", v.name, v.help, _TASKS, "Task", v.rank, changes=True)
      for v in VERBS.values() if v.key),
    Key("undo", "z", "undo", "undo", "Undo what was done last; what destroys cannot be undone.", _TASKS, "Task",
        changes=True),
    Key("redo", "Z", "redo", "redo", "Do again what was undone last.", _TASKS, "Task", changes=True),
    Key("task.copy", "y", "copy_id", "copy id", "Copy the id to the terminal's clipboard, and show it.", _TASKS,
        "Task"),
    Key("task.parent", "d", "parent", "diff", "Compare the task with the one it was cloned from.", _BOTH, "Task", 25),
    Key("task.copy_as", "Y", "copy_as", "copy as", "Copy as the command line that starts it again, or as JSON.", _TASKS,
        "Task"),
    # The table
    Key("table.mark", "space", "mark", "mark", "Mark the row; verbs then act on all marked tasks.", ("table",),
        "Table", 12, shown="space"),
    Key("table.range", "v", "mark_range", "mark to", "Mark from the last mark to here.", ("table",), "Table"),
    Key("table.unmark", "u", "unmark", "unmark", "Clear the marks.", ("table",), "Table"),
    Key("table.sort", "s", "sort", "sort", "Sort by the next column; metrics come first.", ("home",), "Table", 24),
    Key("table.reverse", "S", "reverse", "reverse", "Reverse the order.", ("home",), "Table"),
    Key("home.filter", "/", "filter", "filter", "Filter the table as you type.", ("home",), "Table", 13),
    Key("home.compare", "C", "compare", "compare", "Compare the marked tasks, two to ten.", ("home",), "Table", 16),
    Key("home.columns", "|", "columns", "columns", "Choose the columns: fields, metrics, hyperparameters.", ("home",),
        "Table", 26),
    Key("columns.mark", "space", "mark", "mark", "Show the column, or leave it out.", ("columns",), "Columns",
        shown="space"),
    Key("columns.unmark", "u", "unmark", "mark none", "Leave all out: the width decides again.", ("columns",),
        "Columns"),
    Key("columns.search", "/", "search", "search", "List only columns that hold what you type; Esc lists all again.",
        ("columns",), "Columns"),
    Key("columns.earlier", "K,shift+up", "shift(-1)", "column up", "Move the column up: to the left in the table.",
        ("columns",), "Columns", shown="K"),
    Key("columns.later", "J,shift+down", "shift(1)", "column down", "Move the column down: to the right in the table.",
        ("columns",), "Columns", shown="J"),
    Key("columns.next", "right", "form(1)", "next form", "The metric's last, min, max, first, sparkline or delta.",
        ("columns",), "Columns", shown="→"),
    Key("columns.before", "left", "form(-1)", "form before", "The metric's form before.", ("columns",),
        "Columns", shown="←"),
    Key("columns.wider", ">", "widen(1)", "wider", "A wider column; in its own width it takes what room there is.",
        ("columns",), "Columns"),
    Key("columns.narrower", "<", "widen(-1)", "narrower", "A narrower column.", ("columns",), "Columns"),
    Key("columns.width", "0", "own_width", "own width", "The column in its own width again.", ("columns",), "Columns"),
    Key("home.preview", "+", "zoom", "widen", "Hide or show the project tree.", ("home",), "Table"),
    Key("home.glimpse", "p", "preview", "preview", "Hide or show the main metric's course and the last console line.",
        ("home",), "Table"),
    # The task screen
    *(Key(f"{name}.{digit}", str(digit), f"tab({digit})", tabs[0].name,
          f"Tab {digit}, {' Again, '.join(f'{tab.name}: {tab.help}' for tab in tabs)}", (screen,), "Tabs")
      for name, screen, table in (("tab", "task", TABS), ("compare", "compare", COMPARED))
      for digit, tabs in by_digit(table).items()),
    Key("task.console", "l", "console", "console", "Jump to the console of the task.", _TASKS, "Task"),
    Key("tab.next", "]", "next_tab", "next tab", "The next tab.", _TABBED, "Tabs"),
    Key("tab.previous", "[", "previous_tab", "previous tab", "The previous tab.", _TABBED, "Tabs"),
    # Texts: overview, configuration, execution, console, history
    Key("text.search", "/", "search('/')", "search",
        "Search for a regular expression (!: what does not match); nothing ends the search.", _TABBED, "Text", 8),
    Key("text.next", "n", "next_match", "next match", "The next match.", _TABBED, "Text"),
    Key("text.previous", "N", "previous_match", "previous match", "The match before.", _TABBED, "Text"),
    Key("text.wrap", "w", "wrap", "wrap", "Wrap long lines, or cut them.", ("text", "console"), "Text", 9),
    Key("text.full", "+", "screen.full", "full", "The pane over the whole screen, or tabs and keys around it again.",
        ("console", "diff"), "Text"),
    Key("text.right", "right", "aside(8)", "right", "Scroll to the right.", ("lines",), "Text", shown="→"),
    Key("text.left", "left", "aside(-8)", "left", "Scroll to the left.", ("lines",), "Text", shown="←"),
    Key("configuration.edit", "enter", "edit", "edit", "Edit the value under the cursor (a Draft's), or turn a bool "
        "over; Enter saves it.", ("configuration",), "Configuration", 2, shown="enter", changes=True),
    Key("configuration.add", "+,o", "add", "add", "Add a hyperparameter, a user property or a configuration object.",
        ("configuration",), "Configuration", 3, shown="+ o", changes=True),
    Key("configuration.remove", "x,delete", "remove", "remove", "Remove what is under the cursor; z brings it back.",
        ("configuration",), "Configuration", 4, shown="x Del", changes=True),
    Key("configuration.editor", "E", "editor", "in $EDITOR", "Edit the section or the configuration object in your "
        "editor.", ("configuration",), "Configuration", 5, changes=True),
    Key("value.save", "enter", "save", "save", "Of a value that is typed in its place: save it; a sum is worked out.",
        ("value",), "Configuration", 1, shown="enter"),
    Key("value.leave", "escape", "give_up", "leave it as it was", "Leave the value as it was.", ("value",),
        "Configuration", 2, shown="Esc"),
    Key("editor.save", "ctrl+o", "save", "save", "In a text of several lines, as a comment: save it.", ("editor",),
        "Text", shown="ctrl+o"),
    Key("diff.fold", "enter", "fold", "fold", "Fold or unfold the file of the diff.", ("diff",), "Diff", 2,
        shown="enter"),
    Key("diff.fold_all", "-", "fold_all", "fold all", "Fold all files of the diff, or unfold them.", ("diff",), "Diff",
        4),
    Key("diff.next", "}", "file(1)", "next file", "The next file of the diff.", ("diff",), "Diff", 3, shown="} {"),
    Key("diff.previous", "{", "file(-1)", "file before", "The file before.", ("diff",), "Diff"),
    Key("execution.read", "E", "read", "in $EDITOR", "Read all of it in your editor or pager, the diff whole; nothing "
        "is changed.", ("execution",), "Diff", 5),
    Key("console.follow", "f", "follow", "follow", "Follow the end, or stop following.", ("console",), "Console", 2),
    Key("console.only", "&", "search('&')", "only", "Keep only lines that match a regular expression; !: that do not.",
        ("task",), "Console"),
    Key("console.error", "!", "next_error", "error", "The next line that looks like an error.", ("console",),
        "Console", 3),
    Key("console.go_to", "ctrl+g", "go_to", "go to", "Go to a line's number, or to a time: 12:03, 11-22 12:03.",
        ("task",), "Console"),
    Key("console.times", "T", "times", "times", "Show or hide the time of each line.", ("console",), "Console", 4),
    # Charts: scalars, system
    Key("chart.down", "down,j", "focus('down')", "down", "The chart below.", ("charts",), "Charts", shown="j ↓"),
    Key("chart.up", "up,k", "focus('up')", "up", "The chart above.", ("charts",), "Charts", shown="k ↑"),
    Key("chart.next", "pagedown,ctrl+d", "focus('next')", "next", "The next chart.", ("charts",), "Charts",
        shown="PgDn"),
    Key("chart.previous", "pageup,ctrl+u", "focus('previous')", "previous", "The chart before.", ("charts",),
        "Charts", shown="PgUp"),
    Key("chart.first", "g,home", "focus('first')", "first", "The first chart.", ("charts",), "Charts", shown="g Home"),
    Key("chart.last", "G,end", "focus('last')", "last", "The last chart.", ("charts",), "Charts", shown="G End"),
    Key("chart.full", "enter", "full", "full", "One chart over the whole pane, or all of them again.", ("charts",),
        "Charts", 2, shown="enter"),
    Key("chart.right", "right", "cursor(1)", "value", "The value cursor to the right.", ("charts",), "Charts", 3,
        shown="left/right"),
    Key("chart.left", "left", "cursor(-1)", "value left", "The value cursor to the left.", ("charts",), "Charts",
        shown="←"),
    Key("chart.axis", "x", "axis", "x axis", "Iterations, time since the start, time of day.", ("charts",), "Charts",
        4),
    Key("chart.smooth", "s", "smooth", "smooth", "Smoothing: off, 0.6, 0.9, 0.97; the raw line stays behind.",
        ("charts",), "Charts", 5),
    Key("chart.log", "L", "log", "log", "Logarithmic or linear scale.", ("charts",), "Charts", 6),
    Key("chart.outliers", "o", "outliers", "outliers", "Scale to everything, or leave out the outermost 4 %.",
        ("charts",), "Charts"),
    Key("chart.markers", "M", "markers", "markers", "Tell series apart by characters as well as by colour.",
        ("charts",), "Charts"),
    Key("chart.closer", "+", "zoom(1)", "zoom", "From the grid: one chart; then closer around the cursor.",
        ("charts",), "Charts", 7, shown="+ - 0"),
    Key("chart.further", "-", "zoom(-1)", "zoom out", "Look from further away.", ("charts",), "Charts"),
    Key("chart.whole", "0", "zoom(0)", "whole", "See the whole x axis again.", ("charts",), "Charts"),
    Key("chart.values", "v", "values", "values", "All series as a table, with the values under the cursor; again: the "
        "charts.", ("charts",), "Charts", 8),
    Key("chart.pin", "p", "pin", "pin", "Have the chart stand before the others, in this project, or no longer.",
        ("charts",), "Charts", 9),
    # Plots
    Key("plot.down", "down,j", "step(1)", "down", "The next plot; of a full one that is longer than the pane, rows.",
        _PLOTS, "Plots", shown="j ↓"),
    Key("plot.up", "up,k", "step(-1)", "up", "The plot before, or rows.", _PLOTS, "Plots", shown="k ↑"),
    Key("plot.page_down", "pagedown,ctrl+d", "page(1)", "page down", "Further down in a plot longer than the pane.",
        ("plots",), "Plots", shown="PgDn ctrl+d"),
    Key("plot.page_up", "pageup,ctrl+u", "page(-1)", "page up", "Further up in it.", ("plots",), "Plots",
        shown="PgUp ctrl+u"),
    Key("plot.first", "g,home", "end(-1)", "first", "The first plot; of a full one the first row.", _PLOTS, "Plots",
        shown="g Home"),
    Key("plot.last", "G,end", "end(1)", "last", "The last plot, or the last row.", _PLOTS, "Plots", shown="G End"),
    Key("plot.older", "left", "iteration(-1)", "older", "As it was an iteration before.", _PLOTS, "Plots", 3,
        shown="←"),
    Key("plot.newer", "right", "iteration(1)", "newer", "The plot an iteration later; the last one follows the task.",
        _PLOTS, "Plots", 4, shown="→"),
    Key("plot.full", "enter,+", "full", "full", "One plot over the whole pane, or the list beside it again.",
        ("plots",), "Plots", 2, shown="enter"),
    Key("plot.right", ">", "aside(8)", "right", "Scroll a wide table to the right.", ("plots",), "Plots"),
    Key("plot.left", "<", "aside(-8)", "left", "Scroll it to the left.", ("plots",), "Plots"),
    Key("sample.view", "v", "view", "view", "The picture by the terminal's own graphics, until the next key.",
        ("samples",), "Plots", 5),
    # Artifacts and models
    Key("file.down", "down,j", "step(1)", "down", "The next file; of a full one that is longer than the pane, rows.",
        ("files",), "Artifacts", shown="j ↓"),
    Key("file.up", "up,k", "step(-1)", "up", "The file before, or rows.", ("files",), "Artifacts", shown="k ↑"),
    Key("file.page_down", "pagedown,ctrl+d", "page(1)", "page down", "Further down in the file.", ("files",),
        "Artifacts", shown="PgDn ctrl+d"),
    Key("file.page_up", "pageup,ctrl+u", "page(-1)", "page up", "Further up in it.", ("files",), "Artifacts",
        shown="PgUp ctrl+u"),
    Key("file.first", "g,home", "end(-1)", "first", "The first file; of a full one the first row.", ("files",),
        "Artifacts", shown="g Home"),
    Key("file.last", "G,end", "end(1)", "last", "The last file, or the last row.", ("files",), "Artifacts",
        shown="G End"),
    Key("file.full", "enter,+", "full", "full", "One file over the whole pane, or the list above it again.",
        ("files",), "Artifacts", 2, shown="enter"),
    Key("file.save", "s", "file('save')", "save to", "Save a copy of the file where you say.", ("files",), "Artifacts",
        3),
    Key("file.path", "y", "file('path')", "copy path", "Copy the file's path to the terminal's clipboard, and show it.",
        ("files",), "Artifacts", 4),
    # Compare
    Key("compare.next", ">", "choose(1)", "task", "Choose the next task: verbs act on it, diffs are with it.",
        ("compare",), "Compare", 2, shown="< >"),
    Key("compare.previous", "<", "choose(-1)", "task before", "Choose the task before.", ("compare",), "Compare"),
    Key("compare.right", "right", "beside(1)", "next task", "The next task.", ("compared",), "Compare", shown="→"),
    Key("compare.left", "left", "beside(-1)", "task before", "The task before.", ("compared",), "Compare", shown="←"),
    Key("compare.open", "enter", "open_task", "open", "Open the chosen task.", ("compared", "consoles", "scatter"),
        "Compare", 3, shown="enter"),
    Key("compare.whole", "=", "whole", "all", "Show what is the same in all tasks too, or only what differs.",
        ("differing",), "Compare", 4),
    Key("compare.numbers", "i", "numbers", "numbers", "Ignore numbers: lines that differ in nothing else are the same.",
        ("consoles",), "Compare", 4),
    Key("compare.part", "b", "part", "beginning", "Of long consoles: compare their beginnings, or their ends.",
        ("consoles",), "Compare", 5),
    Key("matched.full", "enter,+", "full", "full", "The sample of the chosen task over the whole pane, or the others "
        "beside it again.", ("matched",), "Compare", 2, shown="enter"),
    Key("scatter.given", "x", "pick('given')", "x axis", "Choose the hyperparameter.", ("scatter",), "Compare", 4),
    Key("scatter.reached", "v", "pick('reached')", "value", "Choose the metric.", ("scatter",), "Compare", 5),
    Key("scatter.log", "L", "log('y')", "log", "Logarithmic or linear scale of the metric.", ("scatter",), "Compare",
        6),
    Key("scatter.log_x", "X", "log('x')", "log x", "Logarithmic or linear scale of the hyperparameter.", ("scatter",),
        "Compare", 7),
    # Queues, workers and machines
    Key("queues", "W", "queues", "queues", "Queues, workers, and which task and user holds which GPU.",
        (*_BOTH, "compare"), "Queues", 28),
    Key("board.open", "enter", "open", "open", "Open the task that waits, that the worker runs, that holds the GPU.",
        ("board",), "Queues", 1, shown="enter"),
    Key("queue.earlier", "K,shift+up", "ask('earlier')", "move up", "Move the task up in its queue.", ("queue",),
        "Queues", 2, shown="K", changes=True),
    Key("queue.later", "J,shift+down", "ask('later')", "down", "Move the task down in its queue.", ("queue",),
        "Queues", 3, shown="J", changes=True),
    Key("queue.first", "T", "ask('first')", "first", "Have the task claimed before all others of its queue.",
        ("queue",), "Queues", 4, changes=True),
    Key("queue.elsewhere", "o", "ask('elsewhere')", "other queue", "Move the task to another queue.", ("queue",),
        "Queues", 12, changes=True),
    Key("queue.new", "n", "ask('new')", "new queue", "Make a queue.", ("queue",), "Queues", 13, changes=True),
    Key("queue.rename", "r", "on_queue('rename')", "rename queue", "On a queue's own line: rename the queue.",
        ("queue",), "Queues", 14, changes=True),
    Key("queue.clear", "Q", "on_queue('clear')", "dequeue all", "On a queue's own line: dequeue all its tasks (asks).",
        ("queue",), "Queues", 15, changes=True),
    Key("queue.delete", "D", "on_queue('delete')", "delete queue", "On a queue's own line: delete the queue (asks).",
        ("queue",), "Queues", 16, changes=True),
    Key("worker.drain", "d", "ask('drain')", "drain", "Let the agent end after its task (asks), or take that back.",
        ("worker",), "Queues", 2, changes=True),
    Key("worker.stop", "S", "ask('stop')", "stop", "Abort the agent's task and let the agent end (asks).",
        ("worker",), "Queues", 3, changes=True),
    # Search everywhere
    Key("search.open", "enter", "open", "open", "Open the hit: the line of the console, or the tab of the field.",
        ("results",), "Search", 1, shown="enter"),
    Key("search.text", "/,ctrl+f", "edit_text", "search", "Search for something else; ↑ and ↓ bring the last searches.",
        ("search",), "Search", 2, shown="/"),
    Key("search.back", "escape,q,backspace", "back", "back", "Stop the search; when it has ended, leave.", ("search",),
        "Search", 91, shown="q Esc"),
    # Settings
    Key("settings.change", "enter,space", "change", "change", "Change the setting; one of a few values: the next one.",
        ("settings-list",), "Settings", 1, shown="enter"),
    Key("settings.unset", "x,delete", "unset", "default", "Take the setting out of the file: the default again.",
        ("settings-list",), "Settings", 2, shown="x Del"),
    Key("settings.back", "escape,q,backspace", "back", "back", "Back.", ("settings",), "Settings", 91, shown="q Esc"),
    # Everywhere
    Key("command", ":", "command", "command", "The command line: :archived :sort NAME :theme light :quit …",
        _ALL, "Everywhere", 90),
    Key("search.everywhere", "ctrl+f", "search_everywhere", "search all", "Search all tasks and all consoles.", _TASKS,
        "Everywhere"),
    Key("palette", "ctrl+p", "palette", "find", "Find a command by any part of its name or of what it does.", _ALL,
        "Everywhere"),
    Key("pane.full", "_", "full", "full screen", "The pane over the whole screen, or what is around it again.", _ALL,
        "Everywhere"),
    Key("help", "?,f1", "help", "help", "The keys of this screen.", _ALL, "Everywhere", 92, shown="?"),
    Key("settings", "comma", "settings", "settings", "Settings: the colours, the keys, and the rest of the file.",
        (*_TASKS, "search"), "Everywhere", shown=","),
    Key("redraw", "ctrl+l", "redraw", "redraw", "Draw the screen again.", _ALL, "Everywhere"),
    Key("suspend", "ctrl+z", "suspend_process", "suspend", "Back to the shell for a while; its fg goes on here.",
        ("app",), "Everywhere", shown="ctrl+z"),
    Key("interrupt", "ctrl+c", "app.interrupt", "quit", "Twice: quit; what is typed and not saved is asked about "
        "first, and twice more quits at once.", ("app", "dialog"), "Everywhere", shown="ctrl+c ctrl+c"),
)  # fmt: skip


PANES = {
    "home": {"table", "tree"},
    "task": {name for tab in TABS for name in tab.keys},
    "compare": {name for tab in COMPARED for name in tab.keys},
    "settings": {"settings-list", "list"},
}
"""Which panes' keys hold together with those of a screen; a pane's come first."""


def together(a: Key, b: Key) -> bool:
    """Whether two rows can both hold at one time."""
    mine, theirs = set(a.screens), set(b.screens)
    if mine & theirs or "app" in mine | theirs:
        return True
    return any((s in mine and panes & theirs) or (s in theirs and panes & mine) for s, panes in PANES.items())


def label_of(key: Key, moved: Mapping[str, str]) -> str:
    """Return a key as people write it, where the user has moved it to."""
    return moved[key.id].replace(",", " ") if key.id in moved else key.label


def now(key_id: str) -> str:
    """Return a key as sentences name it, where the user has moved it to."""
    return label_of(next(key for key in KEYS if key.id == key_id), hints.moved()).split(" ")[0]


def keys_of(*screens: str) -> list[Key]:
    """Return the rows that hold on any of the screens or widgets, in the table's order."""
    return [key for key in KEYS if set(screens) & set(key.screens)]


@cache
def key_line(*screens: str) -> Sequence[Key]:
    """Return the rows shown at the bottom of a screen, in their order."""
    return tuple(sorted((key for key in keys_of(*screens) if key.rank), key=lambda key: key.rank))


def bindings(*screens: str) -> list[Binding]:
    """Return Textual bindings of a screen or widget, each with its id so that the user can remap it."""
    from textual.binding import Binding

    return [Binding(key.keys, key.action, key.text, show=False, id=key.id) for key in keys_of(*screens)]


def first_bindings(*screens: str) -> list[Binding]:
    """Return bindings that come before those of the widget that has the focus, such as a text's own ctrl+c."""
    return [replace(binding, priority=True) for binding in bindings(*screens)]


def markdown() -> str:
    """Return the whole table as the text of ``docs/keys.md``."""
    from store.settings import REMAP

    lines = ["# Keys", "", "Made from `tui/keymap.py` by `python -m tui.keymap`; do not edit by hand.", ""]
    lines.append(f"Remap a key by its id in the settings file: `[tui.keys]`, `{REMAP}`.")
    for group in dict.fromkeys(key.group for key in KEYS):
        lines += ["", f"## {group}", "", "| key | what it does | where | id |", "|---|---|---|---|"]
        for key in KEYS:
            if key.group == group:
                label = key.label.replace("|", "\\|")
                lines.append(f"| `{label}` | {key.help} | {', '.join(key.screens)} | `{key.id}` |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(markdown(), end="")
