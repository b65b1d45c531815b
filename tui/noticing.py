"""The part of the app that tells its user: in a sentence, by the bell, and what is wrong with a notice's command."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, cast

from . import messages
from .output.stage import Staged

if TYPE_CHECKING:
    from .app import LabtopApp
    from .notices.teller import Notices
    from .notices.words import News


class Noticing(Staged, inherit_bindings=False):
    """An app that hears of what happened to the user's tasks."""

    def say(self, sentence: str, kind: str = "info") -> None:
        """Show one sentence (``info``, ``refused`` or ``error``)."""
        raise NotImplementedError

    @cached_property
    def notices(self) -> Notices:
        """What there is to tell of the user's tasks; not made before the first paint."""
        from .notices.teller import Notices

        return Notices(cast("LabtopApp", self))

    def end_commands(self) -> None:
        """End the command for notices, from a signal handler: it waits for nothing, and makes nothing."""
        if notices := vars(self).get("notices"):
            notices.kill()

    def on_noticed(self, message: messages.Noticed) -> None:
        """Tell of what happened to the user's tasks, with what else happens in the same moment."""
        self.notices.take(message.found)

    def on_command_failed(self, message: messages.CommandFailed) -> None:
        """Say what is wrong with the command for notices."""
        self.complain(message.sentence)

    def tell(self, news: Sequence[News]) -> None:
        """Say a notice."""
        from .notices import words

        self.say(words.line(news), "error" if words.is_grave(news) else "info")

    def complain(self, problem: str) -> None:
        """Say what is wrong with the command for notices, behind the notice it was for: there is room for one."""
        from .notices import words

        self.say(f"{words.line(self.notices.news)} {problem}", "refused")

    def ring(self, sequence: str) -> None:
        """Send the terminal what has it ring or show a notification, in its turn."""
        if sequence and self._driver is not None:
            self._driver.write(sequence)
