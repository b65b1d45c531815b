"""Values as text: states, numbers, ages, bars, and cells that cannot hurt a terminal.

Every text a script or a user stored passes through ``fit`` or ``cell`` (and with them ``store.safe.safe_text``) on its
way to a screen; none is ever read as markup. Knows rich, neither Textual nor the store's tables.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from rich.cells import cell_len, set_cell_size
from rich.style import Style
from rich.text import Text

from store.safe import safe_text
from store.text import counted as counted

if TYPE_CHECKING:
    from store.records import TaskRow

Align = Literal["left", "right"]

GLYPHS = {
    "draft": ("○", "D"),
    "pending": ("◷", "Q"),
    "running": ("▶", "R"),
    "completed": ("✔", "C"),
    "failed": ("✖", "F"),
    "aborted": ("■", "A"),
    "published": ("★", "P"),
}
"""State -> glyph and letter. The letter alone is the ASCII form."""

SHORT_TYPES = {
    "training": "train",
    "testing": "test",
    "inference": "infer",
    "controller": "contr",
    "optimizer": "optim",
    "monitor": "monit",
    "service": "serv",
    "application": "app",
    "data_processing": "data",
    "custom": "cust",
}
BASELINE = ("◆", "=")
"""The mark of a baseline, and its ASCII form."""
NONE = "-"
"""What stands where there is no value."""
AWAY = "The store cannot be read at the moment: this comes up as soon as it can."
STALE_AFTER = 120.0
"""Seconds without any record of its own after which a Running task is shown as quiet, at the least."""

LEAST_WITH_ID = 20
"""Cells from which a task's id has room beside its name."""

_EIGHTHS = " ▏▎▍▌▋▊▉█"


def status_mark(status: str, ascii_only: bool = False) -> str:
    """Return ``▶R`` or, in ASCII, ``R``; always two cells."""
    glyph, letter = GLYPHS.get(status, ("?", "?"))
    return f"{letter} " if ascii_only else f"{glyph}{letter}"


def status_glyph(status: str, ascii_only: bool = False) -> str:
    """Return the one-cell glyph, in ASCII the letter."""
    return GLYPHS.get(status, ("?", "?"))[ascii_only]


def one_line(text: object, limit: int = 400) -> str:
    """Return a stored text as one harmless line."""
    return safe_text(str(text), limit, one_line=True)


def fit(text: object, width: int, align: Align = "left", ascii_only: bool = False) -> str:
    """Return a stored text as exactly ``width`` cells: made safe, cut with ``…`` and padded."""
    if width <= 0:
        return ""
    line = one_line(text, max(width * 2, 8))
    length = cell_len(line)
    if length > width:
        mark = "~" if ascii_only else "…"
        return set_cell_size(line, width - 1) + mark if width > 1 else mark
    pad = " " * (width - length)
    return pad + line if align == "right" else line + pad


def end_of(text: object, width: int, ascii_only: bool = False) -> str:
    """Return a stored text in at most ``width`` cells; of a long one its end, which tells paths apart."""
    line = one_line(str(text)[-400:], 400)
    if cell_len(line) <= width:
        return line
    while cell_len(line) >= max(width, 1):
        line = line[1:]
    return ("~" if ascii_only else "…") + line


def labels(names: Sequence[str], width: int, ascii_only: bool = False) -> list[str]:
    """Return names that tell things apart in a width: where they do not fit, without the beginning they share.

    What is too long even so is cut in its middle.
    """
    safe = [safe_text(name, 400, one_line=True) for name in names]
    if not safe or all(cell_len(name) <= width for name in safe):
        return safe
    least, most = min(safe), max(safe)
    alike = next((n for n, (x, y) in enumerate(zip(least, most, strict=False)) if x != y), len(least))
    if alike == len(most):
        return safe  # they are all the same
    shared = re.sub(r"[^\s/=_,:-]*$", "", least[:alike])
    if alike >= width - 1:
        shared = least[: max(len(shared), alike - width // 2)]
    cut = "~" if ascii_only else "…"
    told = [cut + name[len(shared) :] for name in safe] if len(shared) > 2 else safe
    return [both_ends(name, width, ascii_only) for name in told]


def shared(rows: Iterable[TaskRow]) -> frozenset[str]:
    """Return the names that more than one of some tasks have."""
    return frozenset(name for name, count in Counter(row.name for row in rows).items() if count > 1)


def told_apart(row: TaskRow, width: int, names: Collection[str], ascii_only: bool = False) -> str:
    """Return a task's name as ``fit`` does, its id behind it where others have the name too."""
    if row.name not in names or width < LEAST_WITH_ID:
        return fit(row.name, width, ascii_only=ascii_only)
    return f"{fit(row.name, width - 9, ascii_only=ascii_only)} {fit(short_id(row.id), 8)}"


def both_ends(name: str, width: int, ascii_only: bool = False) -> str:
    """Return a harmless name; the beginning and the end of one that is too long: names mostly differ in one of them."""
    if cell_len(name) <= width or width < 8:
        return name
    head = (width - 1) // 2
    return set_cell_size(name, head) + ("~" if ascii_only else "…") + name[-(width - 1 - head) :]


def cell(text: object, width: int | None = None, style: Style | str = "", align: Align = "left") -> Text:
    """Return a stored text as rich ``Text``, safe, of exactly ``width`` cells if one is given."""
    shown = one_line(text) if width is None else fit(text, width, align)
    return Text(shown, style=style, no_wrap=True, end="")


def cut(text: Text, width: int, ascii_only: bool = False) -> Text:
    """Return a text in at most ``width`` cells, ending with ``…`` (``~`` in ASCII) if it was longer."""
    if text.cell_len <= width:
        return text
    short = text.copy()
    short.truncate(max(width - 1, 0))
    return short.append("~" if ascii_only else "…") if width > 0 else short


def number(value: float | None) -> str:
    """Return a value with four significant digits: ``0.2134``, ``12.50``, ``3.2e-5``, ``1.250e7``, ``NaN``."""
    if value is None:
        return ""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("inf" if value > 0 else "-inf")
    size = abs(value)
    if size == 0:
        return "0"
    if size >= 1e6 or size < 1e-3:
        return _scientific(value)
    return f"{value:.0f}" if size >= 999.95 else f"{value:#.4g}"


def signed(value: float | None) -> str:
    """Return a difference as ``number`` writes it, with its sign: ``+0.02130``, ``-3.2e-5``, ``0``, ``NaN``."""
    return f"+{number(value)}" if value is not None and value > 0 else number(value)


def _scientific(value: float) -> str:
    mantissa, exponent = f"{value:.3e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}e{int(exponent)}"


def count(value: int | None) -> str:
    """Return a count: ``610``, ``12 345``-less plain up to six digits, then ``1.234M``."""
    if value is None:
        return ""
    size = abs(value)
    for limit, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M")):
        if size >= limit:
            return f"{value / limit:.4g}{unit}"
    return str(value)


def size(bytes: int) -> str:
    """Return a file's size: ``812 B``, ``1.2 kB``, ``34 MB``; empty for 0."""
    value, unit = float(bytes), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{value:.1f} {unit}" if 0 < value < 9.95 and unit != "B" else f"{value:.0f} {unit}" if bytes else ""


def age(seconds: float | None) -> str:
    """Return a span in minute steps: ``<1m``, ``12m``, ``2h``, ``3d``, ``14w``, ``2y``; empty for None."""
    if seconds is None:
        return ""
    minutes = int(max(seconds, 0) // 60)
    if minutes < 1:
        return "<1m"
    for size, unit, limit in ((1, "m", 60), (60, "h", 48 * 60), (1440, "d", 90 * 1440), (10080, "w", 730 * 1440)):
        if minutes < limit:
            return f"{minutes // size}{unit}"
    return f"{minutes // 525600}y"


def duration(seconds: float | None) -> str:
    """Return a run time to the minute, to the second below ten minutes: ``42s``, ``3m10s``, ``2h05m``, ``3d04h``."""
    if seconds is None:
        return ""
    whole = int(max(seconds, 0))
    if whole < 60:
        return f"{whole}s"
    if whole < 600:
        return f"{whole // 60}m{whole % 60:02}s"
    minutes = whole // 60
    if minutes < 60:
        return f"{minutes}m"
    hours = minutes // 60
    return f"{hours}h{minutes % 60:02}m" if hours < 48 else f"{hours // 24}d{hours % 24:02}h"


def local_time(seconds: float | None) -> str:
    """Return a time of day on this machine's clock: ``2026-01-05 09:00:12``; empty for None."""
    if seconds is None:
        return ""
    return datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M:%S")


def moment(seconds: float, now: float) -> str:
    """Return a time of today as ``12:03``, another one with its day before it."""
    day, _, time = local_time(seconds).partition(" ")
    return time[:5] if local_time(now).startswith(day) else f"{day} {time[:5]}"


def short_id(task: str) -> str:
    """Return an id's first eight characters."""
    return one_line(task, 64)[:8]


def bar(percent: float | None, width: int, ascii_only: bool = False) -> str:
    """Return a progress bar of ``width`` cells, in eighths of a cell (``#`` in ASCII); spaces for None."""
    if percent is None or not math.isfinite(percent):
        return " " * width
    share = min(max(percent, 0.0), 100.0) / 100
    if ascii_only:
        return ("#" * round(share * width)).ljust(width)
    eighths = int(share * width * 8)
    full, rest = divmod(eighths, 8)
    return ("█" * full + (_EIGHTHS[rest] if rest else "")).ljust(width)


def percentage(percent: float | None) -> str:
    """Return `` 61%`` in four cells; 100 only when it is reached."""
    if percent is None or not math.isfinite(percent):
        return "    "
    return f"{min(int(percent), 100):3d}%"
