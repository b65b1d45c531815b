"""The configuration tab: hyperparameters, user properties and configuration objects of a Draft, edited in place.

What is typed is kept in a file until it is saved or given up, and what was left behind by a dropped link is taken up
again here. Whether something is saved over somebody else's change is asked (``tui.saving``).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from store.errors import InvalidValue, LabtopError, StoreUnusable, nearest
from store.records import ParameterRow, TaskDetail
from store.values import PROPERTIES, checked
from tui.dialogs.form import FormDialog
from tui.saving import Change, Objects, Parameters, save
from tui.task_data import TaskSource
from tui.unsaved import Draft, Left, Unsaved
from tui.verbs import VERB_WORK
from tui.widgets.configuration import Configuration, Item
from tui.widgets.lines import shown

from . import outside
from .base import TaskPane
from .leftover import Taken

if TYPE_CHECKING:
    from tui.app import LabtopApp

TYPES = ("int", "float", "bool", "str", "list", "tuple", "dict")
OBJECT = "object"


class Pane(Configuration, TaskPane):
    """The configuration of the task; what was typed is saved at once."""

    def __init__(self, source: TaskSource, *, id: str) -> None:
        Configuration.__init__(self, id=id)
        self.source = source
        self.unsaved = Unsaved(source.store, source.task)
        self._draft: Draft | None = None
        self._saving = False
        self._unanswered = False
        """Whether the store did not answer when the value on the line was to be saved."""

    @property
    def labtop(self) -> LabtopApp:
        """The app, typed."""
        return cast("LabtopApp", self.app)

    def take(self, detail: TaskDetail) -> None:
        """Show the task, unless a value is just being typed."""
        self.locked = self.source.locked
        if not self.editing:
            self.show_task(detail)

    async def look_closer(self, detail: TaskDetail, beside: object = None) -> None:
        """The store answers: that it did not is no reason any more."""
        unanswered, self._unanswered = self._unanswered, False
        if unanswered and self.editing:
            self.judge(self.editing)

    # -- the line on a value --------------------------------------------------------------------------------------

    def on_configuration_typed(self, message: Configuration.Typed) -> None:
        """Keep what was typed."""
        message.stop()
        if self._draft is None:
            self._draft = self.unsaved.draft("value", message.parameter.key, message.parameter.value)
        self._draft.typed(message.text)
        self.run_worker(self._keep(self._draft))

    async def _keep(self, draft: Draft) -> None:
        if problem := await asyncio.to_thread(draft.kept):
            self.post_message(self.Refused(problem))

    def on_configuration_gave_up(self, message: Configuration.GaveUp) -> None:
        """Nothing is to be saved."""
        message.stop()
        self._forget()
        self.post_message(self.Changed())

    def _forget(self) -> None:
        draft, self._draft = self._draft, None
        if draft is not None:
            draft.drop()

    @property
    def at_stake(self) -> str:
        """The value in the open line, if it is another one than before."""
        left = None if self._draft is None else self._draft.left
        return "" if left is None or left.text == left.seen else f"{left.key} is not saved. {outside.KEPT}"

    def on_unmount(self) -> None:
        """Leave what was not saved behind, to be offered again."""
        if self._draft is not None:
            self._draft.leave()
            self.labtop.say(f"{self._draft.left.key} was not saved. {outside.KEPT}")

    def on_configuration_edited(self, message: Configuration.Edited) -> None:
        """Save a value."""
        message.stop()
        if not self._saving:
            self._saving = True
            parameter = message.parameter
            change = Change(
                Parameters({parameter.key: parameter.type}),
                {parameter.key: message.text},
                {parameter.key: parameter.value},
            )
            self._work(self._save(change))

    def _work(self, work: Coroutine[None, None, None]) -> None:
        self.run_worker(work, group=VERB_WORK)

    async def _save(self, change: Change) -> None:
        try:
            done = await save(self.labtop, self.source, change)
        except LabtopError as error:
            self._unanswered = isinstance(error, StoreUnusable)
            self.reject(str(error))
            return
        finally:
            self._saving = False
        if done:
            self._forget()
            self.accept()
            self.post_message(self.Changed())
        else:
            self.input.focus()

    # -- adding and removing --------------------------------------------------------------------------------------

    def action_add(self) -> None:
        """Ask for a new parameter or configuration object."""
        sentence = self.refused(None)
        if sentence:
            self.post_message(self.Refused(sentence))
        else:
            self._work(self._add())

    async def _add(self) -> None:
        await self.ask_for_new()

    async def ask_for_new(self, name: str = "", value: str = "") -> bool:
        """Ask for a new parameter, or a configuration object; return whether there is one now."""
        item = self.item
        section = item.section if isinstance(item, ParameterRow) else "Args"
        if self._detail is not None and self._detail.row.status != "draft":
            section = PROPERTIES
        text = (
            f"name: Section/name; without a section it goes to {section}.\n"
            f"type: {', '.join(TYPES)}; empty: as the value looks. {OBJECT}: a configuration object."
        )

        async def take(lines: list[str]) -> str:
            try:
                change, key = _new(section, *lines)
                self._not_there(key)
                if await save(self.labtop, self.source, change):
                    self.wanted = key
                    self.post_message(self.Changed())
                    return ""
            except LabtopError as error:
                return str(error)
            return "It is not saved yet."

        fields = [("name", name), ("value", value), ("type", "")]
        return await self.labtop.push_screen_wait(FormDialog("New parameter", text, fields, take)) is True

    def _not_there(self, item: Item) -> None:
        if self._detail is not None and self._find(item) is not None:
            raise InvalidValue(f"{_name(item)} is there already. Edit it in its place (Enter).")

    def action_remove(self) -> None:
        """Take away what the cursor stands on."""
        item, detail = self.item, self._detail
        sentence = self.refused(item)
        if sentence:
            self.post_message(self.Refused(sentence))
        elif item is None or detail is None:
            self.post_message(self.Refused("There is nothing to remove."))
        else:
            self._work(self._remove(item, detail))

    async def _remove(self, item: Item, detail: TaskDetail) -> None:
        kind = Objects() if isinstance(item, str) else Parameters()
        name, seen = _name(item), detail.configuration[item] if isinstance(item, str) else item.value
        try:
            if await save(self.labtop, self.source, Change(kind, {name: None}, {name: seen})):
                self.labtop.say(f"Removed {name}. z brings it back.")
                self.post_message(self.Changed())
        except LabtopError as error:
            self.post_message(self.Refused(str(error)))

    # -- the user's editor ----------------------------------------------------------------------------------------

    def action_editor(self) -> None:
        """Open the section or the configuration object under the cursor in the user's editor."""
        item = self.item
        sentence = self.refused(item)
        if sentence:
            self.post_message(self.Refused(sentence))
        elif item is None or self._detail is None:
            self.post_message(self.Refused("There is nothing to edit. + adds a parameter."))
        else:
            kind, key = ("object", item) if isinstance(item, str) else ("section", item.section)
            seen = outside.text_for(kind, key, self._detail)
            self._work(self._edit_outside(kind, key, seen, seen))

    async def _edit_outside(self, kind: str, key: str, seen: str, text: str) -> None:
        try:
            said = await outside.edit(self.labtop, self.source, self.unsaved, kind, key, seen, text)
        except LabtopError as error:
            self.post_message(self.Refused(str(error)))
        except OSError as error:
            self.post_message(self.Refused(f"Cannot edit {key} in a file: {error}."))
        else:
            self.labtop.say(said)
            self.post_message(self.Changed())

    # -- what was left behind -------------------------------------------------------------------------------------

    def take_up(self, taken: Taken) -> None:
        """Go on with a text that was left behind; it is dropped there once it is kept anew, or saved."""
        self._work(self._go_on(taken.left, taken.forget))

    async def _go_on(self, left: Left, forget: Callable[[], None]) -> None:
        if left.kind != "value":
            await self._edit_outside(left.kind, left.key, left.seen, left.text)
        elif (parameter := self._parameter(left)) is not None:
            self._draft = self.unsaved.draft("value", left.key, left.seen)
            self._draft.typed(left.text)
            await self._keep(self._draft)
            self.begin(parameter, shown(left.text)[0], f"{left.key} as you typed it. Enter saves it, Esc drops it.")
        elif not await self.ask_for_new(left.key, left.text):
            return
        forget()

    def _parameter(self, left: Left) -> ParameterRow | None:
        """Return the parameter as it was seen when the typing began, so that a change meanwhile is asked about."""
        found = [p for p in (self._detail.parameters if self._detail else []) if p.key == left.key]
        return replace(found[0], value=left.seen) if found else None


def _name(item: Item) -> str:
    return item if isinstance(item, str) else item.key


def _new(section: str, name: str, value: str, kind: str) -> tuple[Change, Item]:
    """Return the change that makes a new parameter or configuration object, and what it is known by."""
    if kind == OBJECT:
        return Change(Objects(), {name: value}, {name: None}), name
    if kind and kind not in TYPES:
        raise InvalidValue(
            f"Unknown type {kind!r}.{nearest(kind, [*TYPES, OBJECT])} Valid: {', '.join(TYPES)}, {OBJECT}."
        )
    key = name if "/" in name else f"{section}/{name}"
    own, _, rest = key.partition("/")
    if not own or not rest:
        raise InvalidValue("A parameter needs a section and a name. Write Section/name.")
    kind = kind or ("" if own == PROPERTIES else outside.guessed(value))
    checked(key, value, kind)
    return Change(Parameters({key: kind}), {key: value}, {key: None}), ParameterRow(own, rest, value, kind, "")
