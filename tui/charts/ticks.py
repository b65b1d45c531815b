"""Round numbers for axes, and how they are written in few characters."""

from __future__ import annotations

import math
import time

from .decimate import Axis

_SUFFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
_TOO_LARGE = 1e15
_WIDEST = 5e307
"""Of a wider step the next round one is no number."""
_TIME_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800,
               432000, 864000, 2592000)  # fmt: skip

Tick = tuple[float, str]


def step(lowest: float, highest: float, count: int) -> float:
    """Return the round step (1, 2 or 5 times a power of ten) that gives at most ``count`` intervals."""
    raw = min((highest - lowest) / max(1, count), _WIDEST)
    power = 10.0 ** math.floor(math.log10(raw))
    return next(m * power for m in (1, 2, 5, 10) if m * power >= raw * 0.999)


def linear(lowest: float, highest: float, count: int, *, whole: bool = False) -> list[Tick]:
    """Return round ticks inside the range; ``whole`` allows only integers (iterations)."""
    if not highest > lowest:
        return [(lowest, number(lowest))]
    by = max(1.0, step(lowest, highest, count)) if whole else step(lowest, highest, count)
    places = _multiples(lowest, highest, by)
    return [(at, spelled(at, by, max(abs(lowest), abs(highest)))) for at in places] or [(lowest, number(lowest))]


def _multiples(lowest: float, highest: float, by: float) -> list[float]:
    first, last = math.ceil(lowest / by - 1e-9), math.floor(highest / by + 1e-9)
    return [n * by for n in range(first, last + 1)]


def spelled(value: float, by: float, largest: float) -> str:
    """Return a tick's label with just the decimals that its step needs."""
    if value == 0:
        return "0"
    if 10_000 <= largest < _TOO_LARGE:
        unit, suffix = next(s for s in _SUFFIXES if largest >= s[0])
        return f"{value / unit:.{_decimals(by / unit)}f}{suffix}"
    if largest < 1e-3 or largest >= _TOO_LARGE:
        return _exponent(value, by)
    return f"{value:.{_decimals(by)}f}"


def _decimals(by: float) -> int:
    return max(0, -math.floor(math.log10(by) + 1e-9))


def _exponent(value: float, by: float) -> str:
    digits = max(0, math.floor(math.log10(abs(value)) + 1e-9) - math.floor(math.log10(by) + 1e-9))
    mantissa, power = f"{value:.{digits}e}".split("e")
    return f"{mantissa}e{int(power)}"


def number(value: float) -> str:
    """Return a value with four significant digits: ``0.2134``, ``12.35k``, ``1.2e-05``."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("∞" if value > 0 else "-∞")
    if 100_000 <= abs(value) < _TOO_LARGE:
        unit, suffix = next(s for s in _SUFFIXES if abs(value) >= s[0])
        return f"{value / unit:.4g}{suffix}"
    return f"{value:.4g}".replace("e-0", "e-").replace("e+", "e")


def logarithmic(lowest: float, highest: float, count: int) -> list[Tick]:
    """Return ticks for a range given as logarithms: powers of ten, with 2 and 5 between where few are in range."""
    powers = range(math.floor(lowest), math.ceil(highest) + 1)
    inside = [p for p in powers if lowest <= p <= highest]
    thin = max(1, -(-len(inside) // max(2, count)))
    places = [float(p) for p in inside if p % thin == 0]
    if len(inside) < 3:
        places = [p + math.log10(m) for p in powers for m in (1, 2, 5) if lowest <= p + math.log10(m) <= highest]
    if len(places) < 2:
        return [(math.log10(at), label) for at, label in linear(10**lowest, 10**highest, count) if at > 0]
    return [(at, _power(at)) for at in places]


def _power(at: float) -> str:
    return number(float(f"{10**at:.1g}")) if -4 <= at < 5 else f"{10**at:.0e}".replace("e-0", "e-").replace("e+0", "e")


def horizontal(axis: Axis, lowest: float, highest: float, width: int) -> list[Tick]:
    """Return ticks of an x axis ``width`` columns wide."""
    if axis is Axis.ITERATION:
        return linear(lowest, highest, max(1, width // 10), whole=True)
    if not highest > lowest:
        return [(lowest, _instant(axis, lowest, 60))]
    raw = (highest - lowest) / max(1, width // 12)
    by = next((s for s in _TIME_STEPS if s >= raw), math.ceil(raw / _TIME_STEPS[-1]) * _TIME_STEPS[-1])
    shift = _local_offset(lowest) if axis is Axis.WALL else 0
    places = [at - shift for at in _multiples(lowest + shift, highest + shift, by)]
    return [(at, _instant(axis, at, by)) for at in places or [lowest]]


def _local_offset(moment: float) -> int:
    return time.localtime(moment).tm_gmtoff


def _instant(axis: Axis, at: float, by: float) -> str:
    return elapsed(at) if axis is Axis.RELATIVE else _clock(at, by)


def _clock(at: float, by: float) -> str:
    pattern = "%m-%d" if by >= 86400 else "%H:%M" if by >= 60 else "%H:%M:%S"
    return time.strftime(pattern, time.localtime(at))


def elapsed(seconds: float) -> str:
    """Return a duration in its two largest units: ``45s``, ``12m``, ``1h30``, ``3d4h``."""
    whole = round(abs(seconds))
    sign = "-" if seconds < -0.5 else ""
    if whole < 60:
        return f"{sign}{whole}s"
    if whole < 3600:
        return f"{sign}{whole // 60}m" + (f"{whole % 60:02d}" if whole % 60 else "")
    if whole < 86400:
        return f"{sign}{whole // 3600}h" + (f"{whole % 3600 // 60:02d}" if whole % 3600 >= 60 else "")
    return f"{sign}{whole // 86400}d" + (f"{whole % 86400 // 3600}h" if whole % 86400 >= 3600 else "")


def place(axis: Axis, at: float) -> str:
    """Return an x value as the cursor's caption says it."""
    if axis is Axis.ITERATION:
        return f"{at:.0f}"
    return elapsed(at) if axis is Axis.RELATIVE else time.strftime("%m-%d %H:%M:%S", time.localtime(at))
