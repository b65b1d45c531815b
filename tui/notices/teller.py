"""Tells: what is found is gathered for a moment, and then said once, rung once, and handed to the command once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.harmless import as_ascii
from tui.later import later
from tui.messages import CommandFailed
from tui.settings import NO_NOTICES

from .command import Command
from .words import News, news_of, sentence, signal

if TYPE_CHECKING:
    from tui.app import LabtopApp

    from .lookout import Found

GATHERING = 2.0
"""Seconds that the first waits for others: so there is never more than one bell in them."""


class Notices:
    """What a dashboard has to tell.

    Args:
        app: the dashboard.
    """

    def __init__(self, app: LabtopApp) -> None:
        self._app = app
        self._found: list[Found] = []
        self._command = Command(lambda problem: app.post_message(CommandFailed(problem)))
        self.news: list[News] = []
        """The last notice, the gravest first; empty while there was none."""

    def take(self, found: Sequence[Found]) -> None:
        """Tell of something, in a moment."""
        if not self._found:
            later(self._app, GATHERING, self._tell)
        self._found += found

    def _tell(self) -> None:
        news, self._found = news_of(self._found), []
        settings = self._app.user_settings
        if settings.notices == NO_NOTICES:
            return
        self.news = news
        self._app.tell(news)
        text = sentence(news)
        self._app.ring(signal(settings.notices, as_ascii(text) if self._app.look.ascii else text))
        if settings.notice_command and not self._app.demo:
            self._command.run(settings.notice_command, news)

    def kill(self) -> None:
        """End the command that runs, from a signal handler."""
        self._command.kill()

    def close(self) -> None:
        """Tell nothing any more."""
        self._command.close()
