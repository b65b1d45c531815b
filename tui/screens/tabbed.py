"""Screens of tabs: a line of them, the open one's pane, a line to type a search into; of one task, of several.

A subclass names its tabs, makes their panes and brings the open one up to date; everything a digit, a bracket or a
search does is here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Container

from store.errors import InvalidValue
from tui.export.what import Export
from tui.format import end_of, one_line
from tui.tabs import Tab, by_digit
from tui.verbs import closed
from tui.widgets.console import Console
from tui.widgets.pane import Pane
from tui.widgets.searching import SearchedLines
from tui.widgets.tabs import SearchLine, TabLine

from .base import LabtopScreen

if TYPE_CHECKING:
    from store.records import TaskRow

GO_TO = "line or time: "
"""What the line asks for that goes somewhere in a console."""


def deleted(rows: Sequence[TaskRow]) -> str:
    """Return the sentence of tasks that were deleted while they were looked at; empty for none."""
    names = ", ".join(f'"{one_line(row.name)}"' for row in rows)
    return f"{names} {'was' if len(rows) == 1 else 'were'} deleted." if rows else ""


class TabbedScreen(LabtopScreen):
    """A screen of the tabs in ``TABS``; panes are made when first opened.

    Args:
        tab: the tab to open, by name; the first one if there is none of this name.
    """

    TABS: ClassVar[Sequence[Tab]] = ()

    def __init__(self, tab: str | None = None) -> None:
        super().__init__()
        self.by_name = {tab.name: tab for tab in self.TABS}
        self.tab = tab if tab in self.by_name else self.TABS[0].name
        self._opening = True
        """Whether the open tab's pane has yet to take the keys: from before the screen is mounted on."""

    def body(self) -> ComposeResult:
        """The tabs and the pane of the open one."""
        yield TabLine(self.TABS)
        yield Container(id="panes")
        yield SearchLine()

    # What a subclass says ---------------------------------------------------------------------------------------

    def make(self, tab: Tab) -> Pane:
        """Return a new pane of a tab; its id is ``pane-NAME``."""
        raise NotImplementedError

    def opened(self, *, edit: bool) -> None:
        """The open tab's pane has the keys now: bring it up to date; ``edit`` as ``open_tab`` was given it."""
        raise NotImplementedError

    def show_lines(self) -> None:
        """Show what the lines around the pane say of it."""
        self.query_one(TabLine).show(self.tab, self.pane().caption())
        if self.is_full:
            self.show_status()

    def in_vain(self, row: TaskRow | None) -> frozenset[str]:
        """Return the ids of the keys that the key line leaves out: verbs refused on a task, a search where no text is.

        Pressed all the same, they say why.
        """
        refused = frozenset() if row is None else closed(row)
        return refused if isinstance(self.pane(), SearchedLines) else refused | {"text.search"}

    def _standing(self) -> Text:
        """In full screen there is no line of tabs: what the open pane has to say of itself stands here too."""
        line = super()._standing()
        caption = self.pane().caption() if self.is_full and self.query(f"#pane-{self.tab}") else ""
        if not caption:
            return line
        return Text.assemble(
            (end_of(caption, self.size.width // 2, self.look.ascii), self.look.style("dim")), "  ", line, end=""
        )

    def action_full(self) -> None:
        """See ``LabtopScreen``."""
        super().action_full()
        self.show_status()

    def refused_pattern(self, pattern: str) -> str | None:
        """Return why a regular expression cannot be searched for, None if it can."""
        return None

    # The store --------------------------------------------------------------------------------------------------

    def no_targets(self) -> str:
        """Say why there is nothing yet to act on."""
        return self.labtop.banner or "This has not been read yet: try again in a moment."

    def export(self) -> Export | str:
        """Return what the open pane has to export, or why nothing is: it may not be there yet, either."""
        there = self.query(f"#pane-{self.tab}") and self.pane().known
        return self.pane().export() if there else self.no_targets()

    # Tabs -------------------------------------------------------------------------------------------------------

    @property
    def settling(self) -> bool:
        """Whether a tab is just being opened: what is typed next is meant for it."""
        return self._opening

    @property
    def panes(self) -> Container:
        """Where the panes stand, one of them in sight."""
        return self.query_one("#panes", Container)

    def pane(self) -> Pane:
        """Return the open pane."""
        return self.query_one(f"#pane-{self.tab}", Pane)

    def open_tab(self, name: str, *, edit: bool = False) -> None:
        """Open a tab, making its pane the first time; with ``edit``, the value under its cursor is opened too."""
        self.tab, self._opening = name, True
        for child in self.panes.children:
            child.display = child.id == f"pane-{name}"
        if not self.panes.query(f"#pane-{name}"):
            self.panes.mount(self.make(self.by_name[name]))
        self.call_after_refresh(self._opened, name, edit)

    def _opened(self, name: str, edit: bool) -> None:
        if name == self.tab and self.is_attached:
            self._opening = False
            if not self.query_one(SearchLine).display:  # typed into meanwhile
                self.pane().focus()
            self.opened(edit=edit)

    def action_tab(self, digit: int) -> None:
        """Open the tab with this digit; of several the next one, where one of them is open."""
        names = [tab.name for tab in by_digit(self.TABS).get(digit, ())]
        after = names.index(self.tab) + 1 if self.tab in names else 0
        if names:
            self.open_tab(names[after % len(names)])

    def action_next_tab(self) -> None:
        """The tab at the right; after the last one the first."""
        self._step(1)

    def action_previous_tab(self) -> None:
        """The tab at the left; before the first one the last."""
        self._step(-1)

    def _step(self, by: int) -> None:
        names = list(self.by_name)
        self.open_tab(names[(names.index(self.tab) + by) % len(names)])

    def action_next_pane(self) -> None:
        """There is one pane at a time: the next tab."""
        self._step(1)

    def action_previous_pane(self) -> None:
        """The tab before."""
        self._step(-1)

    def help_screens(self) -> tuple[str, ...]:
        """The keys of the screen and of the open pane."""
        return (self.KEYS, *self.by_name[self.tab].keys, "app")

    # What panes tell --------------------------------------------------------------------------------------------

    def on_pane_noted(self) -> None:
        """A caption changed."""
        self.show_lines()

    def on_pane_refused(self, message: Pane.Refused) -> None:
        """Say why something in a pane is not possible."""
        self.say(message.sentence, "refused")

    # Searching --------------------------------------------------------------------------------------------------

    def action_search(self, sign: str = "/") -> None:
        """Ask for what to search in the open pane."""
        pane = self.pane()
        if isinstance(pane, SearchedLines):
            self.query_one(SearchLine).ask(sign, pane.matches.text if pane.matches is not None else "")
        else:
            self.say("There is no text to search on this tab.")

    def action_go_to(self) -> None:
        """Ask for the line or the time to go to in a console."""
        if isinstance(self.pane(), Console):
            self.query_one(SearchLine).ask(GO_TO, "")
        else:
            self.say("Lines and times to go to are the console's (4).")

    def on_search_line_given(self, message: SearchLine.Given) -> None:
        """Search, and give the keys back to the pane."""
        line, pane = self.query_one(SearchLine), self.pane()
        line.display = False
        pane.focus()
        self.close_notice()
        if message.text is not None and isinstance(pane, SearchedLines):
            try:
                problem = self._looked_for(pane, line.sign, message.text)
            except InvalidValue as error:  # to be mended where it stands
                problem = str(error)
                line.ask(line.sign, message.text)
            if problem is not None:
                self.say(problem, "refused")
        self.show_lines()

    def _looked_for(self, pane: SearchedLines, sign: str, text: str) -> str | None:
        """Go to a place, or search; return what there is to say of it.

        Raises:
            InvalidValue: what was typed is no place, and no regular expression.
        """
        if sign == GO_TO:
            return pane.go_to(text) if isinstance(pane, Console) and text.strip() else None
        if refused := self.refused_pattern(text):
            raise InvalidValue(refused)
        return pane.search(text, only=sign == "&")

    def action_next_match(self) -> None:
        """The next place of what was searched for."""
        pane = self.pane()
        if isinstance(pane, SearchedLines):
            pane.action_next_match()

    def action_previous_match(self) -> None:
        """The place before."""
        pane = self.pane()
        if isinstance(pane, SearchedLines):
            pane.action_previous_match()

    def action_back(self) -> None:
        """Leave: what was searched for, the full chart or screen, then the screen itself."""
        if self.pane().leave():
            self.show_lines()
        else:
            super().action_back()
