"""The tabs of a task's screen, one a line; what each shows is the module of its name in this package.

Tabs may share a digit: pressed again, it opens the next of them. The line of tabs shows one of them, the open one or
else the first, where not all fit.

The table feeds the line of tabs, the digits' keys, ``tui --screen`` and the screen itself. A module holds one class
``Pane``, a ``TaskPane``, and is loaded when its tab is first opened; nothing else has to know of it. Standard library
only: ``tui --help`` reads the table.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tui.task_data import TaskSource

    from .base import TaskPane


class Tab(NamedTuple):
    """A tab: its digit, its name, a shorter one for narrow screens, the key groups of its pane, a line of help."""

    digit: int
    name: str
    short: str
    keys: tuple[str, ...]
    help: str

    def pane(self, source: TaskSource) -> TaskPane:
        """Return a new pane of this tab."""
        made: TaskPane = import_module(f"tui.tabs.{self.name}").Pane(source, id=f"pane-{self.name}")
        return made


TABS = (
    Tab(1, "overview", "over", ("list", "text"), "state, values and the end of the console."),
    Tab(2, "configuration", "config", ("list", "text", "configuration"), "hyperparameters and configuration objects."),
    Tab(3, "execution", "exec", ("list", "text", "diff", "execution"), "code, arguments, packages, machine and diff."),
    Tab(4, "console", "cons", ("list", "console"), "what the script printed."),
    Tab(5, "scalars", "scal", ("charts",), "charts of what the script reported."),
    Tab(6, "plots", "plots", ("plots",), "matrices, histograms, tables and other plots that the script reported."),
    Tab(7, "artifacts", "files", ("files",), "artifacts and models that the script kept, and how each begins."),
    Tab(7, "samples", "samp", ("plots", "samples"), "pictures and other files that the script reported for a look."),
    Tab(8, "system", "syst", ("charts",), "the machine's charts."),
    Tab(9, "history", "hist", ("list", "text"), "who did what when."),
)
BY_NAME = {tab.name: tab for tab in TABS}


def by_digit(tabs: Sequence[Tab]) -> dict[int, list[Tab]]:
    """Return the tabs that each digit opens, in their order."""
    found: dict[int, list[Tab]] = {}
    for tab in tabs:
        found.setdefault(tab.digit, []).append(tab)
    return found
