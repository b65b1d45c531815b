"""An input that takes keys strictly in the order they came.

Textual lets an input insert characters at once but runs its bindings (ctrl+u, Enter) only after the key has bubbled up
to the app. Keys that arrive in one read, as they do over a slow link, overtake each other then: ``ctrl+u 128 Enter``
cleared the line after 128 was typed and submitted nothing.
"""

from __future__ import annotations

from textual import events
from textual.binding import NoBinding
from textual.widgets import Input


class OrderedInput(Input):
    """``Input``, running its own bindings where the characters are inserted; its cursor does not blink."""

    def on_mount(self) -> None:
        """Nothing blinks: over a slow link each blink is a picture sent."""
        self.cursor_blink = False

    async def _on_key(self, event: events.Key) -> None:
        try:
            own = list(self._bindings.get_bindings_for_key(event.key))
        except NoBinding:
            own = []
        if own and not (event.is_printable and event.character) and await self.app.run_action(own[0].action, self):
            event.stop()
            event.prevent_default()
        else:  # what the input has no use for (up, down) is for what it is in
            await super()._on_key(event)
