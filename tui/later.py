"""Do something once, a little later.

Textual's ``set_timer`` forgets about it now and then. Where the timer's task stands still for longer than the timer is
set for, as it does while a thread holds the interpreter's lock or the machine is busy, it counts the tick as missed;
and a timer of one tick is then over without having called anything. A table that waits for it is never loaded again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from textual.message_pump import MessagePump


def later(node: MessagePump, seconds: float, call: Callable[[], Any]) -> asyncio.TimerHandle:
    """Call something among the messages of a node, unless the node is gone by then; what is returned can be cancelled.

    Args:
        node: the widget, screen or app whose it is.
        seconds: until then; what is below zero is at once.
        call: takes nothing; may be a coroutine function.
    """
    return asyncio.get_running_loop().call_later(seconds, node.call_later, call)
