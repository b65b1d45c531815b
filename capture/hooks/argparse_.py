"""argparse (first form: nothing yet)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType


def patch(library: ModuleType) -> None:
    """Listen to argparse."""
