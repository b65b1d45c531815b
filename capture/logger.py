"""``Logger``: scalars, single values and text of a task; plots and debug samples are apart.

``report_scalar`` is the one call that stands inside training loops: a dictionary look-up, a pack, a checksum and one
``mmap.write``. Whatever is not the plain case (a new series, a numpy value, a full segment, nonsense) goes the long way
round, which never raises.
"""

from __future__ import annotations

from struct import error as StructError
from zlib import crc32

from . import guard
from .frames import FRAME, SCALAR, SCALAR_FRAME
from .logger_plots import PlotCalls
from .reported import Refused, checked_iteration, checked_number, label, named
from .streams import TEXT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .session import Session

_pack = SCALAR_FRAME.pack
_head = FRAME.pack
_LENGTH = SCALAR_FRAME.size
_INFO, _WARNING = 20, 30  # logging.INFO and logging.WARNING, without importing it
_NOT_PLAIN = (KeyError, ValueError, TypeError, OverflowError, StructError)


class Logger(PlotCalls):
    """Reports to one task. Get it from ``task.get_logger()`` or ``Logger.current_logger()``."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._journal = session.journal
        self._now = session.journal.now

    @classmethod
    def current_logger(cls) -> Logger | None:
        """Return the logger of the task this process records, as ``Task.current_task`` finds it; None if none."""
        from .task import Task

        task = Task.current_task()
        return task.get_logger() if task is not None else None

    def report_scalar(self, title: str, series: str, value: float, iteration: int) -> None:
        """Report one point of a curve.

        Args:
            title: the chart.
            series: the curve in it.
            value: the number; NaN and infinities are kept.
            iteration: where on the x axis, from 0.
        """
        journal = self._journal
        try:
            if value.__class__ is not float or iteration.__class__ is not int or iteration < 0:
                value, iteration = checked_number(value), checked_iteration(iteration)
            payload = _pack(SCALAR, journal.series[title, series], iteration, self._now(), value)
            write, salt = journal.gate
            write(_head(_LENGTH, crc32(payload, salt)) + payload)
        except _NOT_PLAIN:
            self._long_way(title, series, value, iteration)

    @guard.guarded
    def _long_way(self, title: Any, series: Any, value: Any, iteration: Any) -> None:
        title, series = label(title), label(series)
        try:
            named(title, series)
            point, at = checked_number(value), checked_iteration(iteration)
        except Refused as refused:
            self._refuse(f"{title}/{series}", str(refused))
            return
        if self._closed():
            return
        number = self._journal.series_id(title, series)
        self._journal.append(_pack(SCALAR, number, at, self._now(), point))

    def _refuse(self, what: str, why: str) -> None:
        guard.warn(f"{what}: {why}. Not kept; further ones of this series are counted.", once=f"refused {what}")
        self._journal.event(e="refused", count=1)

    def _closed(self) -> bool:
        if self._session.ended:
            guard.warn("something was reported after its task was closed; it is not kept.", once="closed")
        return self._session.ended

    @guard.guarded
    def report_single_value(self, name: str, value: float) -> None:
        """Report a value that is no curve, such as a final accuracy; a later one of that name replaces it."""
        try:
            named(label(name))
            number = checked_number(value)
        except Refused as refused:
            self._refuse(label(name), str(refused))
            return
        if not self._closed():
            self._journal.event(e="single", name=label(name), value=number)

    @guard.guarded
    def report_text(self, msg: str, level: int = _INFO, print_console: bool = True, *args: Any, **_: Any) -> None:
        """Add a line to the task's console and, unless ``print_console`` is False, print it."""
        text = str(msg) % args if args else str(msg)
        streams = self._session.streams
        if print_console:
            streams.plain_write(f"{text}\n")
            if streams.console_is_followed or self._session.claimed:
                return  # what is printed reaches the console by itself
        if not self._closed():
            self._journal.text(TEXT, f"{text}\n".encode("utf-8", "backslashreplace"))

    @guard.guarded
    def flush(self, wait: bool = False) -> bool:
        """Return once everything reported so far is safe, which it is already; ``wait`` waits for the store too."""
        self._session.streams.drain()
        if wait:
            from . import lookup

            lookup.sync(self._session.place)
        return True


def logger_of(session: Session) -> Logger:
    """Return a session's one logger."""
    if session.logger is None:
        session.logger = Logger(session)
    return session.logger
