"""Leaving the dashboard: what is typed and not saved is asked about first, once.

Who is asked and says again that they leave does so at once; a link that drops asks nobody (``tui.unsaved``).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from .dialogs.confirm import ConfirmDialog
from .verbs import LONG_WORK

if TYPE_CHECKING:
    from .app import LabtopApp


class LeaveDialog(ConfirmDialog):
    """Whether to leave all the same; alone on the screen, as it may lie over another dialog.

    Args:
        at_stake: what is typed and not saved.
    """

    def __init__(self, at_stake: str) -> None:
        super().__init__("Leave the dashboard?", at_stake, "leave", other="stay")


def leave(app: LabtopApp) -> None:
    """Leave, or ask."""
    at_stake = [said for screen in app.screen_stack if (said := getattr(screen, "at_stake", ""))]
    if any(worker.group == LONG_WORK and not worker.is_finished for worker in app.workers):
        at_stake.append("What is being done to many tasks is not finished, and stops where it is.")
    if app.in_front is not None:
        app.in_front.close_notice()
    if not at_stake or isinstance(app.screen, LeaveDialog):
        app.exit()
    else:
        app.push_screen(LeaveDialog(" ".join(at_stake)), partial(_told, app))


def _told(app: LabtopApp, yes: bool | None) -> None:
    if yes:
        app.exit()
