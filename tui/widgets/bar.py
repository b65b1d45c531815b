"""The lines around every screen: status on top, keys at the bottom, a sentence above them until the next key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from rich.cells import cell_len
from rich.text import Text
from textual.widget import Widget

from tui import keymap
from tui.format import cut, one_line
from tui.look import Look
from tui.verbs import words

from .textlines import TextLines

if TYPE_CHECKING:
    from store.records import TaskRow
    from tui.app import LabtopApp


def look_of(widget: Widget) -> Look:
    """Return the look of the app a widget is in."""
    return labtop_of(widget).look


def labtop_of(widget: Widget) -> LabtopApp:
    """Return the app a widget is in."""
    return cast("LabtopApp", widget.app)


class StatusLine(TextLines):
    """One line: text on the left, on the right what always stays visible (live, read-only, a banner)."""

    def __init__(self) -> None:
        super().__init__()
        self.left = Text()
        self.right = Text()

    def show(self, left: Text, right: Text) -> None:
        """Show two texts, drawn again only if they differ from what is there."""
        if (left, right) != (self.left, self.right):
            self.left, self.right = left, right
            self.refresh()

    def text(self) -> Text:
        """Draw both, the left one cut where they would meet."""
        width = self.size.width
        room = max(width - self.right.cell_len - 2, 0)
        left = cut(self.left, room, look_of(self).ascii)
        line = Text(no_wrap=True, end="")
        line.append_text(left)
        line.append(" " * max(width - left.cell_len - self.right.cell_len, 0))
        line.append_text(self.right)
        return line


class KeyLine(TextLines):
    """The keys of a screen, as many as fit; ``? help`` always does."""

    def __init__(self, *screens: str) -> None:
        super().__init__()
        self._keys = keymap.key_line(*screens)

    def use(self, screens: Sequence[str], hidden: frozenset[str] = frozenset(), row: TaskRow | None = None) -> None:
        """Show the keys of other screens or widgets.

        Args:
            screens: their names in the key table.
            hidden: ids left out, because they mean nothing at the moment.
            row: the task the verbs would act on: some are another word for it.
        """
        said = words(row)
        shown = [key for key in keymap.key_line(*screens) if key.id not in hidden]
        keys = tuple(key._replace(text=said.get(key.id, key.text)) for key in shown)
        if keys != self._keys:
            self._keys = keys
            self.refresh()

    def text(self) -> Text:
        """Draw the keys in order of rank, the last ones first to go when there is no room."""
        look = look_of(self)
        line = Text(no_wrap=True, end="")
        moved = cast("LabtopApp", self.app).user_settings.keys
        labels = {key.id: keymap.label_of(key, moved).split(" ")[0] for key in self._keys}
        for key in _fitting(self._keys, labels, self.size.width):
            if line:
                line.append("  ")
            line.append(labels[key.id], look.style("accent"))
            line.append(f" {key.text}", look.style("dim"))
        return line


def _fitting(keys: Sequence[keymap.Key], labels: Mapping[str, str], width: int) -> list[keymap.Key]:
    """Drop keys from the middle: what stands first and the ones from rank 90 on (command, help) stay."""
    kept = list(keys)
    while kept and sum(cell_len(labels[k.id] + k.text) + 3 for k in kept) - 2 > width:
        droppable = [k for k in kept if k.rank < 90] or kept
        kept.remove(droppable[-1])
    return kept


LONGEST = 600
"""Characters of a sentence."""


class Notice(Widget):
    """A sentence above the key line; gone at the next key."""

    def __init__(self) -> None:
        super().__init__()
        self.sentence = ""
        self.kind = "info"

    def show(self, sentence: str, kind: str = "info") -> None:
        """Show a sentence: ``info``, ``refused`` (the lifecycle says no) or ``error``."""
        self.sentence, self.kind = one_line(sentence, LONGEST), kind
        self.set_class(bool(sentence), "-shown")
        for name in ("refused", "error"):
            self.set_class(kind == name, f"-{name}")
        self.refresh(layout=True)

    def retract(self, sentence: str) -> None:
        """Take this sentence away, if it is still the one that is shown."""
        if self.sentence == one_line(sentence, LONGEST):
            self.clear()

    def clear(self) -> None:
        """Take the sentence away."""
        if self.sentence:
            self.sentence = ""
            self.set_class(False, "-shown")

    def render(self) -> Text:
        """Draw it, wrapped."""
        look = look_of(self)
        style = {"info": "bright", "refused": "yellow", "error": "red"}[self.kind]
        return Text(self.sentence, style=look.style(style))
