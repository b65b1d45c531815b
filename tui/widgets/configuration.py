"""Hyperparameters by section, edited in place; and configuration objects.

The pane only asks: what was typed goes out as ``Edited``, and whether it was taken comes back through ``accept`` or
``reject``. In any state but Draft it says the lifecycle's sentence instead of opening an input.
"""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Offset
from textual.message import Message
from textual.widgets import Input

from store.lifecycle import Action, refusal
from store.records import ParameterRow, TaskDetail
from tui.keymap import bindings

from . import rows
from .inputs import OrderedInput
from .lines import Row, shown
from .textpane import TextPane

INDENT = 2


class ValueInput(OrderedInput):
    """The input that lies on a value; Escape gives up."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "give_up", "cancel", show=False)]

    def action_give_up(self) -> None:
        """Leave the value as it was."""
        parent = self.parent
        if isinstance(parent, Configuration):
            parent.accept()


class Configuration(TextPane):
    """The configuration tab."""

    DEFAULT_CSS = """
    Configuration ValueInput { display: none; position: absolute; height: 1; border: none; padding: 0; }
    Configuration ValueInput:focus { border: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("configuration")]

    class Edited(Message):
        """A value was typed; answer with ``accept`` or ``reject``."""

        def __init__(self, key: str, value: str) -> None:
            super().__init__()
            self.key = key
            self.value = value

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._detail: TaskDetail | None = None
        self._at: dict[int, ParameterRow] = {}
        self._wide = self._values = 0
        self._editing: ParameterRow | None = None
        self.locked = ""
        """Why nothing can be edited here even in a Draft; empty if it can."""

    def compose(self) -> ComposeResult:
        """The input, hidden until a value is edited."""
        yield ValueInput(compact=True, select_on_focus=False)

    @property
    def input(self) -> ValueInput:
        """The input that is laid on a value."""
        return self.query_one(ValueInput)

    # -- rows -----------------------------------------------------------------------------------------------------

    def show_task(self, detail: TaskDetail) -> None:
        """Show a task's parameters and configuration objects; the cursor stays on its parameter."""
        chosen = self._at.get(self.cursor) if self.cursor is not None else None
        self._detail = detail
        made = [*self._parameters(detail), *_objects(detail)]
        if not made:
            made = [(("No hyperparameters. Those of argparse and of task.connect() come up here.", "dim"),)]
        before, self.cursor = self.cursor, self._find(chosen.key) if chosen else min(self._at, default=None)
        self.show(made)
        if self.cursor != before:
            self.refresh()

    def _parameters(self, detail: TaskDetail) -> list[Row]:
        self._at = {}
        names = [p.name for p in detail.parameters]
        self._wide = min(max(map(len, names), default=0), max(12, self.columns // 3))
        room = max(8, self.columns - self._wide - INDENT - 14)
        self._values = min(max((cell_len(p.value) for p in detail.parameters), default=0), room, 48)
        made: list[Row] = []
        sections = sorted({p.section for p in detail.parameters}, key=lambda s: (s != "Args", s))
        for section in sections:
            own = [p for p in detail.parameters if p.section == section]
            made.append((shown(section, "accent bold"), (f"  {len(own)}", "dim")))
            for parameter in own:
                self._at[len(made)] = parameter
                made.append(self._row(parameter))
            made.append(rows.BLANK)
        return made

    def _row(self, parameter: ParameterRow) -> Row:
        name = rows.sized(parameter.name, self._wide)
        value, role = shown(parameter.value, "bright", 2000)
        if not value:
            value, role = "empty", "dim"
        kind = f"  {parameter.type:<8}" if parameter.type else ""
        note = (shown(f"  {parameter.description}", "dim", 200),) if parameter.description else ()
        pad = " " * max(0, self._values - cell_len(value))
        return ((" " * INDENT + name + "  ", ""), (value, role), (pad + kind, "dim"), *note)

    def _find(self, key: str) -> int | None:
        return next((at for at, p in self._at.items() if p.key == key), min(self._at, default=None))

    def on_resize(self) -> None:
        """Other widths, other rows."""
        super().on_resize()
        if self._detail is not None:
            self.show_task(self._detail)
        self._lay_input()

    # -- moving: from value to value ------------------------------------------------------------------------------

    def move(self, by: int) -> None:
        """Move from value to value, over headings; past the last one to the texts below."""
        if self.cursor is None or not self._at:
            self.scroll_rows(by)
            return
        places = sorted(self._at)
        here = places.index(self.cursor) if self.cursor in self._at else 0
        if not 0 <= here + by < len(places) and abs(by) == 1:
            self.scroll_rows(by)
            return
        self.put_cursor(places[min(max(0, here + by), len(places) - 1)])
        if self.cursor == places[0]:
            self.go(0)

    def put_cursor(self, index: int) -> None:
        """Put the cursor on the value at or next to a line."""
        if self._at:
            super().put_cursor(min(self._at, key=lambda at: abs(at - index)))
            self._lay_input()

    # -- editing --------------------------------------------------------------------------------------------------

    @property
    def editing(self) -> bool:
        """Whether an input is open."""
        return self._editing is not None

    def action_edit(self) -> None:
        """Open an input on the value under the cursor, or say why not."""
        if self._detail is None:
            return
        sentence = refusal(Action.EDIT, self._detail.row) or self.locked
        if sentence:
            self.post_message(self.Refused(sentence))
        elif not self._at:
            self.post_message(self.Refused("There is no hyperparameter to edit. Add one with `capture edit --add`."))
        elif self.cursor in self._at:
            self._open(self._at[self.cursor])

    def _open(self, parameter: ParameterRow) -> None:
        self._editing = parameter
        self.reveal(self.cursor or 0)
        box = self.input
        box.value = shown(parameter.value)[0]
        box.display = True
        self._lay_input()
        box.cursor_position = len(box.value)
        box.focus()

    def _lay_input(self) -> None:
        if self._editing is None or self.cursor is None:
            return
        places = [line for line, _ in self._layout()]
        y = places.index(self.cursor) if self.cursor in places else 0
        x = INDENT + self._wide + 2
        self.input.styles.offset = Offset(x, y)
        self.input.styles.width = max(8, self.columns - x)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter: ask for the change, or close if there is none."""
        event.stop()
        if self._editing is None:
            return
        if event.value == shown(self._editing.value)[0]:
            self.accept()
        else:
            self.post_message(self.Edited(self._editing.key, event.value))

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """A value left by the mouse or another pane stays as it was."""
        if self._editing is not None and self.app.focused is not None:
            self.accept(refocus=False)

    def accept(self, *, refocus: bool = True) -> None:
        """Close the input: the value was taken, or given up."""
        self._editing = None
        self.input.display = False
        if refocus:
            self.focus()
        self.refresh()

    def reject(self, sentence: str) -> None:
        """Keep the input open: the value was not taken."""
        self.post_message(self.Refused(sentence))
        if self._editing is not None:
            self.input.focus()


def _objects(detail: TaskDetail) -> list[Row]:
    made: list[Row] = []
    for name, text in sorted(detail.configuration.items()):
        made.append((shown(name, "accent bold"), ("  configuration object", "dim")))
        made += [(("  ", ""), shown(line.expandtabs(4))) for line in text.splitlines()]
        made.append(rows.BLANK)
    return made
