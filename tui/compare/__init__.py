"""The tabs of the compare screen, one a line; what each shows is the module of its name in this package.

Built as the tabs of one task are (``tui.tabs``), with the same digits where both have the same thing to show. A module
holds one class ``Pane``, a ``ComparePane``, and the pure functions that make its rows. Standard library only, as
``tui --help`` reads the table.
"""

from __future__ import annotations

from tui.tabs import Tab

LEAST, MOST = 2, 10
"""How many tasks can be compared."""
LETTERS = "ABCDEFGHIJ"
"""What tasks are called on the compare screen; the first one is what the others are compared with."""

TABS = (
    Tab(1, "summary", "summary", ("list", "text", "compared"), "states, times, people and main values."),
    Tab(2, "configuration", "config", ("list", "text", "compared", "differing"), "hyperparameters that differ."),
    Tab(3, "code", "code", ("list", "text", "compared", "differing"), "code, arguments and packages that differ."),
    Tab(4, "console", "console", ("list", "text", "consoles"), "a diff of what two of them printed."),
    Tab(5, "scalars", "scalars", ("charts",), "each series of all tasks in one chart."),
    Tab(6, "figures", "figures", ("list", "text", "compared"), "last, lowest and highest of each series."),
    Tab(6, "scatter", "scatter", ("scatter",), "a hyperparameter against a metric."),
    Tab(7, "artifacts", "files", ("list", "text", "compared", "differing"), "artifacts and models that differ."),
    Tab(7, "samples", "samples", ("matched", "samples"), "debug samples of one name and iteration side by side."),
)
BY_NAME = {tab.name: tab for tab in TABS}
SCREENS = {"compare": TABS[0].name} | {f"compare-{tab.name}": tab.name for tab in TABS[1:]}
"""The screen's names for ``tui --screen``, and the tab that each opens."""
