"""Hyperparameters by section, user properties and configuration objects; values are edited in place.

The pane only asks: what was typed goes out as ``Edited``, and whether it was taken comes back through ``accept`` or
``reject``. Where the task's state does not allow it, it says the lifecycle's sentence instead of opening a line.
"""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.geometry import Offset
from textual.message import Message
from textual.widgets import Input

from store.lifecycle import Action, refusal
from store.records import ParameterRow, TaskDetail
from store.values import PROPERTIES, choices
from tui.keymap import bindings
from tui.sums import worked_out

from . import rows
from .field import FieldNote, ValueInput, problem_with
from .lines import Row, shown
from .textpane import TextPane

INDENT = 2
Item = ParameterRow | str
"""What the cursor stands on: a parameter, or the name of a configuration object."""


class Configuration(TextPane):
    """The configuration tab."""

    DEFAULT_CSS = """
    Configuration ValueInput { display: none; position: absolute; height: 1; border: none; padding: 0; }
    Configuration ValueInput:focus { border: none; }
    Configuration FieldNote { display: none; position: absolute; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("configuration")]
    blank = "No hyperparameters. Those of argparse and of task.connect() come up here; + adds one to a Draft."

    class Typed(Message):
        """The text of the line changed."""

        def __init__(self, parameter: ParameterRow, text: str) -> None:
            super().__init__()
            self.parameter = parameter
            self.text = text

    class Edited(Typed):
        """A value was typed; answer with ``accept`` or ``reject``."""

    class GaveUp(Message):
        """The line was closed, and nothing is to be saved."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._detail: TaskDetail | None = None
        self._at: dict[int, Item] = {}
        self._wide = self._values = 0
        self._editing: ParameterRow | None = None
        self.wanted: Item | None = None
        """What the cursor goes to once it is there."""
        self.locked = ""
        """Why nothing can be edited here even in a Draft; empty if it can."""

    def compose(self) -> ComposeResult:
        """The line and the sentence below it, hidden until a value is edited."""
        yield ValueInput()
        yield FieldNote()

    @property
    def input(self) -> ValueInput:
        """The line that is laid on a value."""
        return self.query_one(ValueInput)

    @property
    def item(self) -> Item | None:
        """What the cursor stands on."""
        return None if self.cursor is None else self._at.get(self.cursor)

    # -- rows -----------------------------------------------------------------------------------------------------

    def show_task(self, detail: TaskDetail) -> None:
        """Show a task's parameters and configuration objects; the cursor stays on its own."""
        chosen, before = self.item, self.cursor
        self._detail, self._at = detail, {}
        made = self._parameters(detail)
        self._objects(detail, made)
        self.cursor = self._find(self.wanted)
        if self.cursor is None:
            self.cursor = self._find(chosen) if chosen is not None else min(self._at, default=None)
        else:
            self.wanted = None
        if self.cursor is None:
            self.cursor = self._nearest(before or 0)
        self.show(made)
        if self.cursor != before:
            self.reveal(self.cursor or 0)
            self.refresh()

    def _parameters(self, detail: TaskDetail) -> list[Row]:
        names = [p.name for p in detail.parameters]
        self._wide = min(max(map(len, names), default=0), max(12, self.columns // 3))
        room = max(8, self.columns - self._wide - INDENT - 14)
        self._values = min(max((cell_len(p.value) for p in detail.parameters), default=0), room, 48)
        made: list[Row] = []
        for section in sorted({p.section for p in detail.parameters}, key=lambda s: (s == PROPERTIES, s != "Args", s)):
            own = [p for p in detail.parameters if p.section == section]
            title = "user properties" if section == PROPERTIES else section
            made.append((shown(title, "accent bold"), (f"  {len(own)}", "dim")))
            for parameter in own:
                self._at[len(made)] = parameter
                made.append(self._row(parameter))
            made.append(rows.BLANK)
        return made

    def _row(self, parameter: ParameterRow) -> Row:
        name = rows.sized(parameter.name, self._wide)
        value, role = shown(parameter.value, "bright", 2000)
        if not value:
            value, role = _absent(parameter), "dim"
        kind = f"  {parameter.type:<8}" if parameter.type else ""
        note = (shown(f"  {parameter.description}", "dim", 200),) if parameter.description else ()
        pad = " " * max(0, self._values - cell_len(value))
        return ((" " * INDENT + name + "  ", ""), (value, role), (pad + kind, "dim"), *note)

    def _objects(self, detail: TaskDetail, made: list[Row]) -> None:
        for name, text in sorted(detail.configuration.items()):
            self._at[len(made)] = name
            lines = text.splitlines()
            count = f"  configuration object, {len(lines)} line{'s' if len(lines) != 1 else ''}"
            made.append((shown(name, "accent bold"), (count, "dim")))
            made += [(("  ", ""), shown(line.expandtabs(4))) for line in lines]
            made.append(rows.BLANK)

    def _find(self, item: Item | None) -> int | None:
        return next((at for at, other in self._at.items() if item is not None and _key(other) == _key(item)), None)

    def _nearest(self, line: int) -> int | None:
        return min(self._at, key=lambda at: abs(at - line), default=None)

    def on_resize(self) -> None:
        """Other widths, other rows."""
        super().on_resize()
        if self._detail is not None:
            self.show_task(self._detail)
        self._lay_input()

    # -- moving: from value to value ------------------------------------------------------------------------------

    def move(self, by: int) -> None:
        """Move from value to value over headings; through a long text that lies between two, row by row."""
        if self.cursor is None:
            self.scroll_rows(by)
            return
        ahead = [at for at in self._at if (at > self.cursor if by > 0 else at < self.cursor)]
        seen = range(self.top - 1, self.top + self.height + 1)
        if abs(by) > 1:
            self.put_cursor(self.cursor + by)
        elif ahead and (target := min(ahead) if by > 0 else max(ahead)) in seen:
            self.put_cursor(target)
        else:
            self.scroll_rows(by)
        if self.cursor == min(self._at):
            self.go(0)

    def put_cursor(self, index: int) -> None:
        """Put the cursor on the value at or next to a line."""
        nearest = self._nearest(index)
        if nearest is not None:
            super().put_cursor(nearest)
            self._lay_input()

    # -- editing --------------------------------------------------------------------------------------------------

    @property
    def editing(self) -> ParameterRow | None:
        """The parameter whose value is being typed."""
        return self._editing

    def refused(self, item: Item | None) -> str:
        """Return why something cannot be changed now, empty if it can; None stands for something new."""
        if self._detail is None:
            return "The task is not read yet."
        own = isinstance(item, ParameterRow) and item.section == PROPERTIES
        actions = [Action.PROPERTY] if own else [Action.EDIT, Action.PROPERTY] if item is None else [Action.EDIT]
        sentences = [refusal(action, self._detail.row) for action in actions]
        return self.locked if None in sentences else str(sentences[0])

    def action_edit(self) -> None:
        """Turn a bool over, open a line on any other value, or say why not."""
        item = self.item
        if isinstance(item, ParameterRow) and item.type == "bool" and not self.refused(item):
            self.post_message(self.Edited(item, turned(item.value)))
        else:
            self.open_line()

    def open_line(self) -> None:
        """Open a line on the value under the cursor, or say why not."""
        item = self.item
        sentence = self.refused(item)
        if sentence:
            self.post_message(self.Refused(sentence))
        elif item is None:
            self.post_message(self.Refused("There is no hyperparameter to edit. + adds one."))
        elif isinstance(item, str):
            self.post_message(self.Refused(f"{item} is a text of its own: E opens it in your editor."))
        elif shown(item.value)[0] != item.value:
            self.post_message(self.Refused(f"{item.key} does not fit in a line: E opens its section in your editor."))
        else:
            self.begin(item, item.value)

    def begin(self, parameter: ParameterRow, text: str, note: str = "") -> None:
        """Open a line on a parameter with a text, and a sentence below it."""
        self._editing = parameter
        self.cursor = self._find(parameter)
        self.reveal(self.cursor or 0)
        self.input.begin(parameter, text)
        listed = choices(parameter.type, parameter.description)
        self.note()
        self._say(note or (f"{' or '.join(listed)}: up and down choose." if listed else ""), "info")

    def _say(self, sentence: str, kind: str = "refused") -> None:
        self.query_one(FieldNote).say(sentence, kind)
        self._lay_input()

    def _lay_input(self) -> None:
        if self._editing is None or self.cursor is None:
            return
        places = [line for line, _ in self._layout()]
        y = places.index(self.cursor) if self.cursor in places else 0
        x = INDENT + self._wide + 2
        self.input.styles.offset = Offset(x, y)
        self.input.styles.width = max(8, self.columns - x)
        self.query_one(FieldNote).lay(INDENT, y, self.columns - INDENT, self.height)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say at once what is wrong with the text."""
        event.stop()
        if self._editing is not None:
            self.judge(self._editing)
            self.post_message(self.Typed(self._editing, event.value))

    def judge(self, parameter: ParameterRow) -> None:
        """Say below the line what is wrong with what is typed for a parameter, or what comes of it."""
        text = self.input.value
        result = worked_out(text, parameter.type)
        if result is None:
            self._say(problem_with(parameter, text))
        else:
            self._say(f"= {result}", "info")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter: ask for the change, or close if there is none; a sum is taken as its result."""
        event.stop()
        if self._editing is None:
            return
        text = worked_out(event.value, self._editing.type) or event.value
        if text == self._editing.value:
            self.on_value_input_gave_up()
        elif not problem_with(self._editing, text):
            self.post_message(self.Edited(self._editing, text))

    def on_value_input_gave_up(self) -> None:
        """Escape: the value stays as it was."""
        self.accept()
        self.post_message(self.GaveUp())

    def on_focus(self) -> None:
        """A line that is open has the keys, also after one was elsewhere."""
        if self._editing is not None:
            self.input.focus()

    def accept(self) -> None:
        """Close the line: the value was taken, or given up."""
        self._editing = None
        had_keys = self.input.has_focus
        self.input.display = self.query_one(FieldNote).display = False
        if had_keys:
            self.focus()
        self.note()
        self.refresh()

    def reject(self, sentence: str) -> None:
        """Keep the line open, with why the value was not taken below it."""
        if self._editing is None:
            self.post_message(self.Refused(sentence))
        else:
            self._say(sentence)


def _key(item: Item) -> tuple[bool, str]:
    return (True, item) if isinstance(item, str) else (False, item.key)


def _absent(parameter: ParameterRow) -> str:
    """Return how the empty text reads: it stands for None, but where the type is a text."""
    return "''" if parameter.section == PROPERTIES or parameter.type.partition("/")[0] == "str" else "None"


def turned(value: str) -> str:
    """Return the other truth, written as the one that is there; None becomes true."""
    pairs = [("True", "False"), ("true", "false"), ("1", "0"), ("1.0", "0.0")]
    other = {a: b for pair in pairs for a, b in (pair, pair[::-1])}
    return other.get(value.strip(), "False" if value.strip().lower() == "true" else "True")
