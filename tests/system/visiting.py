"""Where hostile and harmless stores lie, and the visits paid to them: every screen of the dashboard, by keys.

What a visit waits for is shown whatever the stored text does; nothing here judges what was sent, but ``foreign`` says
what only the hostile store brought out.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from store import commands
from store.engine import open_store
from tests.support import private_environment
from tests.system.hostile import IDS, LAMB, WOLF, kinds, wolf
from tests.system.terminals import ROOT, Terminal
from tui.compare import TABS as COMPARED
from tui.tabs import TABS, Tab


class Place:
    """A folder with a store, and the environment that leads there; hostile: its name and the user's attack, too."""

    def __init__(self, folder: Path, hostile: bool) -> None:
        self.folder = folder
        self.hostile = hostile
        self.home = folder / (f"st\x1b]0;HACKED\x07\u202e\x9b2J[/foo]{WOLF}" if hostile else "store")
        self.environ = private_environment(folder, os.environ) | {
            "PYTHONPATH": str(ROOT), "CAPTURE_STORE": str(self.home), "COLUMNS": "120", "LINES": "40",
            "CAPTURE_USER": self.text if hostile else "ada", "CAPTURE_HOST": "host",
            "OPENED": str(folder / "opened"),
        }  # fmt: skip

    @property
    def text(self) -> str:
        """What somebody else types."""
        return wolf(0, 6).replace("\0", "") if self.hostile else f"{LAMB} typed"

    @property
    def opened(self) -> set[str]:
        """The names of the classes of all screens and dialogs that a dashboard has opened here."""
        return set((self.folder / "opened").read_text().split())

    @property
    def script(self) -> Path:
        return self.folder / ("train\x1b]0;HACKED\x07\x9b2J.py" if self.hostile else "train.py")

    def copy(self, name: str) -> Place:
        """Return another place with a copy of the store."""
        other = Place(self.folder.parent / f"{name}-{self.hostile}", self.hostile)
        shutil.copytree(self.home, other.home)
        other.script.write_text("print('it ran')\n")
        return other


def foreign(harmless: bytes, hostile: bytes) -> set[str]:
    """Return the kinds of sequences that only the hostile store brought out."""
    return kinds(hostile) - kinds(harmless)


NOTHING = ("No scalars yet", "No samples", "Nothing printed", "No hyperparameters", "Nothing has been done", "0 lines",
           "No plots yet", "No artifacts and no", "No debug samples yet")  # fmt: skip
ENTER, ESCAPE, TAB, FIND, LEFT = "\r", "\x1b", "\t", "\x10", "\x1b[D"


def tab_is_open(terminal: Terminal, name: str) -> bool:
    """Whether a tab is the open one, with what its pane shows below."""
    body = "\n".join(terminal.rows()[1:-1])
    names = {name, *(tab.short for tab in (*TABS, *COMPARED) if tab.name == name)}
    return terminal.underlined(1) in names and any(w in body for w in (WOLF, LAMB, *NOTHING))


def is_underlined(terminal: Terminal, tab: Tab) -> bool:
    return terminal.underlined(1) in (tab.name, tab.short)


def look_at_task(terminal: Terminal) -> None:
    """Open every tab of the task under the cursor, and come back."""
    terminal.press(ENTER, partial(tab_is_open, terminal, "overview"))
    for tab in TABS:
        terminal.press(str(tab.digit), partial(tab_is_open, terminal, tab.name))
    terminal.press("6", partial(tab_is_open, terminal, "plots"))
    if "No plots yet" not in terminal.text():
        terminal.press(ENTER, "1/10")
        for number in range(2, 11):  # one of each kind (`hostile`), over the whole pane
            terminal.press("j", f"{number}/10")
        look_at_export(terminal)
    terminal.press("7", partial(tab_is_open, terminal, "artifacts"))
    if "No artifacts" not in terminal.text():
        terminal.press("jjjj", "sha256")
        terminal.press("y", "has no file")
        terminal.press(ENTER + ENTER, "save to")
    terminal.press("5", partial(tab_is_open, terminal, "scalars"))
    if "No scalars yet" not in terminal.text():
        terminal.press("vp", "inned: ")
        look_at_export(terminal)
    terminal.press("3", partial(tab_is_open, terminal, "execution"))
    terminal.press("}\r--", "fold all")
    terminal.press("2", partial(tab_is_open, terminal, "configuration"))
    terminal.press("G+", lambda: any(answer in terminal.text() for answer in ("New parameter", "Cannot")))
    terminal.press(ESCAPE if "New parameter" in terminal.text() else "k", partial(gone, terminal, "New parameter"))
    terminal.press("q", "tasks")


def look_at_export(terminal: Terminal) -> None:
    """Ask where what is shown is to be exported to, whose name is proposed, and leave it."""
    type_line(terminal, ":", "export")
    terminal.press(ENTER, "Export to")
    terminal.press(ESCAPE, partial(gone, terminal, "Export to"))


def type_line(terminal: Terminal, sign: str, text: str) -> None:
    """Open the line to type into, and type."""
    terminal.press(sign, lambda: any(row.strip().startswith(sign) for row in terminal.rows()))
    terminal.press(text, text)


def narrowed(terminal: Terminal, text: str) -> bool:
    """Whether the table has the rows of a filter: before that, keys are for the row that was under the cursor."""
    return bool(re.search(rf" of \d+ tasks +filter: {text}", terminal.row(0))) and "? help" in terminal.text()


def look_at_home(terminal: Terminal) -> None:
    """Everything on the home screen that asks or answers, dialogs included; each is left as it was."""
    press = terminal.press
    press("?", "Clone: a new Draft")
    press(ESCAPE, partial(gone, terminal, "Clone: a new Draft"))
    for word, answers in DIALOGS.items():
        type_line(terminal, "/", f"status:{word}")
        press(ENTER, partial(narrowed, terminal, f"status:{word}"))
        for keys, answer in answers:
            press(keys, answer)
            press("k" if answer in SENTENCES else ESCAPE, partial(gone, terminal, answer))
        press(ESCAPE, partial(gone, terminal, "filter: "))
    for line, answer in LINES:
        type_line(terminal, ":", line)
        press(ENTER, answer)
    for line, answer in ASKED:
        type_line(terminal, ":", line)
        press(ENTER, answer)
        press(ESCAPE, partial(gone, terminal, answer))
    press(FIND, "Find a command")
    press("arch", "Archive, or restore")
    press(ESCAPE, partial(gone, terminal, "Find a command"))
    press(",", "tui.theme")
    press("q", "archived tasks")
    press("D", "y delete")
    press("n", partial(gone, terminal, "y delete"))
    press(ESCAPE, partial(gone, terminal, "archived tasks"))
    type_line(terminal, "/", "param:nosuch<")
    press(ESCAPE, "? help")
    press(f"{TAB}jjj", "open")
    type_line(terminal, ":", "describe")
    press(ENTER, "ctrl+o save")
    press(ESCAPE, partial(gone, terminal, "ctrl+o save"))
    press(ENTER, "live")


def look_at_queues(terminal: Terminal) -> None:
    """The boards of queues, workers and machines with what they ask."""
    press = terminal.press
    press("W", "rename queue")
    for keys, answer in [("r", "Rename the queue"), ("n", "New queue"), ("jjo", "To the end of which queue?"),
                         (f"{TAB}d", "y drain"), ("S", "y stop")]:  # fmt: skip
        press(keys, answer)
        press(ESCAPE, partial(gone, terminal, answer))
    press(f"{TAB}jj", "GPU 0")
    press("q", "/ filter")


def look_at_comparison(terminal: Terminal) -> None:
    """Mark some tasks, see their tags, compare them on every tab, choose each, and pick what a scatter shows."""
    terminal.press("    ", "4 marked")
    terminal.press("t", "Tags of 4 tasks")
    terminal.press(ESCAPE, partial(gone, terminal, "Tags of 4 tasks"))
    terminal.press("C", "compare 4 tasks")
    for tab in COMPARED:
        terminal.press(str(tab.digit), partial(is_underlined, terminal, tab))
        for _ in range(3):
            terminal.press(">", "? help")
    if "None of these tasks has debug samples" not in terminal.text():
        terminal.press(f"j{LEFT}{ENTER}", "has none of this name")  # the last tab's
    for digit in "27":
        terminal.press(digit, "what differs")
        terminal.press("=", "everything")
    terminal.press("q", "4 marked")
    terminal.press("u", partial(gone, terminal, "4 marked"))


def look_everywhere(terminal: Terminal) -> None:
    """Search for what every name, field and console has, go through the hits, and open some."""
    terminal.press("\x06", "Type what to look for")
    terminal.press("e\r", partial(searched, terminal))
    for _ in range(8):
        terminal.press("\x04", partial(searched, terminal))
    for keys in ("G\r", "kkk\r"):
        terminal.press(keys, lambda: "/e " in terminal.row(1))
        terminal.press("q", lambda: "/e " not in terminal.row(1))
        terminal.press("q", partial(searched, terminal))
    terminal.press("q", "tasks")


def searched(terminal: Terminal) -> bool:
    """Whether the search has ended, having listed all there is or as much as it lists."""
    return any(word in terminal.row(0) for word in ("searched", "first "))


def look_at_all(terminal: Terminal, tasks: int) -> None:
    """Every screen and every dialog, and every tab of some tasks."""
    terminal.wait("live")
    look_at_queues(terminal)
    look_at_comparison(terminal)
    look_everywhere(terminal)
    terminal.press("g", "live")
    for _ in range(tasks):
        look_at_task(terminal)
        terminal.press("j", "live")
    look_at_home(terminal)


def look_at_tasks(terminal: Terminal) -> None:
    """Every tab of the tasks that are hard to show."""
    for _ in range(5):
        look_at_task(terminal)
        terminal.press("j", "live")


def look_at_edits(terminal: Terminal, place: Place) -> None:
    """What an edit of a Draft may end in: text that was left unsaved, and a value that somebody else changed."""
    task, press = IDS["edited"], terminal.press
    subprocess.run([sys.executable, "-P", "-c", LEAVE, task, place.text], env=place.environ, check=True)
    with open_store(place.home) as store:
        commands.edit(store, task, {"Args/aa": ("one", "str", "")}, by="ada@host", add=True)
        type_line(terminal, ":", f"open {task}")
        press(ENTER, "Unsaved text of Args/aa")
        press(ESCAPE, partial(gone, terminal, "Unsaved text"))
        press("2", partial(tab_is_open, terminal, "configuration"))
        press("gg\r\x15two", lambda: re.search("aa +two", terminal.text()))
        press("\x03\x03", "Leave the dashboard?")
        press(ESCAPE, partial(gone, terminal, "Leave the dashboard?"))
        commands.edit(store, task, {"Args/aa": place.text}, by="ada@host")
        press(ENTER, "changed by somebody else")
        press("n", partial(gone, terminal, "changed by somebody else"))
    press("q", "tasks")
    type_line(terminal, ":", "baseline")
    press(ENTER, "Pinned ")
    press("|", "Columns")
    press("u/:monitor\r", lambda: "metric, last" in terminal.text() and "hyperparameter" not in terminal.text())
    press(LEFT, "metric, delta")
    press(" ", "[x] ")
    press(ENTER, lambda: "delta" in terminal.row(1))


def look_at_several(terminal: Terminal) -> None:
    """What shows several tasks at once."""
    look_at_comparison(terminal)
    look_everywhere(terminal)


def gone(terminal: Terminal, text: str) -> bool:
    return text not in terminal.text()


LINES = [("nosuch", "Unknown command"), ("sort nosuch", "Cannot sort by"), ("project nosuch", "no project"),
         ("theme nosuch", "Unknown theme"), ("export /nosuch/x.csv", "No such file"), ("baseline nosuch", "no project"),
         ("describe it", "one is described"), ("archived", "3 archived tasks")]  # fmt: skip
ASKED = [("comment", "ctrl+o save"), ("new", "New Draft"), ("sweep", "Tab complete"),
         ("sweep new=1,2 --add", "y make them")]  # fmt: skip
SENTENCES = ("Cannot", "Copied")
"""They go with any key; Esc would clear the filter."""
DIALOGS = {
    "draft": [("Q", "Enter choose"), ("r", "Enter accept"), ("t", "Enter accept"), ("m", "Enter accept"),
              ("P", "Cannot"), ("y", "Copied"), ("Y", "Enter copy")],
    "running": [("A", "y abort"), ("e", "Cannot"), ("R", "Cannot")],
    "failed": [("Q", "y retry"), ("R", "y reset")],
    "completed": [("P", "Enter accept"), ("D", "Cannot"), (" j ", "2 marked")],
}  # fmt: skip


SEEN = {
    "look_at_home": {"HelpDialog", "PickDialog", "CompletedDialog", "CopyDialog", "ConfirmDialog", "PromptDialog",
                     "EditorDialog", "FormDialog", "PaletteDialog", "SettingsScreen"},
    "look_at_queues": {"QueuesScreen"},
    "look_at_several": {"CompareScreen", "SearchScreen"},
    "look_at_tasks": {"TaskScreen"},
    "look_at_edits": {"EnterDialog", "ClashDialog", "ColumnsDialog", "LeaveDialog"},
}  # fmt: skip
"""What each look opens: all screens and dialogs there are, but the home screen that they begin on."""
LEAVE = """
import sys
from store.paths import locate
from tui.unsaved import Unsaved
draft = Unsaved(locate().setting, sys.argv[1]).draft("value", "Args/aa", "one")
draft.typed(sys.argv[2])
draft.keep()
"""
NOTING = """
import os, sys
from textual.app import App
push = App.push_screen
def noting(app, screen, *rest, **options):
    with open(os.environ["OPENED"], "a") as file:
        print(type(screen).__name__, file=file)
    return push(app, screen, *rest, **options)
App.push_screen = noting
from tui.cli import main
raise SystemExit(main())
"""
"""The dashboard, which notes each screen that it opens."""


@contextmanager
def dashboard(place: Place, *words: str) -> Iterator[Terminal]:
    terminal = Terminal([sys.executable, "-P", "-c", NOTING, *words], place.environ, place.folder)
    try:
        yield terminal
    finally:
        terminal.close()
