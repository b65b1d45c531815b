"""``Logger``: scalars, single values and text of a task.

``report_scalar`` is the one call that stands inside training loops: a dictionary look-up, a pack, a checksum and one
``mmap.write``. Whatever is not the plain case (a new series, a numpy value, a full segment, nonsense) goes the long way
round, which never raises.
"""

from __future__ import annotations

from struct import error as StructError
from zlib import crc32

from . import guard
from .frames import FRAME, SCALAR, SCALAR_FRAME
from .streams import TEXT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .session import Session

_pack = SCALAR_FRAME.pack
_head = FRAME.pack
_LENGTH = SCALAR_FRAME.size
_INFO, _WARNING = 20, 30  # logging.INFO and logging.WARNING, without importing it
_LARGEST = 2**63
_NOT_PLAIN = (KeyError, ValueError, TypeError, OverflowError, StructError)


class Refused(ValueError):
    """A value that cannot be kept; the message says what it was."""


class Logger:
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
                value, iteration = _number(value), _iteration(iteration)
            payload = _pack(SCALAR, journal.series[title, series], iteration, self._now(), value)
            write, salt = journal.gate
            write(_head(_LENGTH, crc32(payload, salt)) + payload)
        except _NOT_PLAIN:
            self._long_way(title, series, value, iteration)

    @guard.guarded
    def _long_way(self, title: Any, series: Any, value: Any, iteration: Any) -> None:
        title, series = _label(title), _label(series)
        try:
            _named(title, series)
            point, at = _number(value), _iteration(iteration)
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
            _named(_label(name))
            number = _number(value)
        except Refused as refused:
            self._refuse(_label(name), str(refused))
            return
        if not self._closed():
            self._journal.event(e="single", name=_label(name), value=number)

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


def _label(value: Any) -> str:
    return (value if isinstance(value, str) else str(value)).replace("\0", "\u2400")


def _named(*names: str) -> None:
    if not all(name.strip() for name in names):
        raise Refused("a scalar needs names that are not empty")


def _number(value: Any) -> float:
    """Return a value as a float: numbers, numpy scalars and 0-d tensors; text, None and arrays are refused."""
    if isinstance(value, float):
        return float(value)
    if isinstance(value, str | bytes | bytearray):
        raise Refused(f"a scalar must be a number, not {guard.shown(value)}")
    if guard.quietly(_is_array, value):
        raise Refused(f"a scalar must be one number, not an array of shape {guard.shown(getattr(value, 'shape', '?'))}")
    number: float | None = guard.quietly(float, value)
    if number is None:
        raise Refused(f"a scalar must be a number, not {guard.shown(value)}")
    return number


def _is_array(value: Any) -> bool:
    return bool(getattr(value, "ndim", 0))


def _iteration(value: Any) -> int:
    whole: int | None = value if isinstance(value, int) else guard.quietly(_whole, value)
    if whole is None or not 0 <= whole < _LARGEST:
        raise Refused(f"an iteration is a whole number from 0 on, {guard.shown(value)} is not")
    return int(whole)


def _whole(value: Any) -> int | None:
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    return int(value.__index__())
