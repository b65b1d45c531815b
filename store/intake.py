"""What ``ingest`` can do with a batch before it holds the store's lock: summarise, encode, make text storable.

No SQL, no clock: everything here may run for as long as it takes, which is why it is apart from ``ingest``.
"""

from __future__ import annotations

import hashlib
import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from .codec import blocks, encode_lines, encode_points, part
from .records import MONITOR, Batch, Line, Plot, Points, SeriesKey
from .text import storable

SECTION = 16384
"""Points of a series that are encoded together in a journal row."""
LATEST = 253402300800.0
"""The first second of the year 10000: a later time, an earlier one than 1970 or NaN is nobody's clock."""


@dataclass(slots=True)
class Summary:
    """What the new points of a series do to its row of ``task_metric``; iterations still without offset."""

    n: int
    nan_count: int
    last: float | None
    first: float | None
    low: float | None
    high: float | None
    low_at: int | None
    high_at: int | None
    last_iteration: int
    top_iteration: int
    last_time: float


class Piece(NamedTuple):
    """Encoded points of one series."""

    key: SeriesKey
    n: int
    block: bytes


class Sampled(NamedTuple):
    """A debug sample whose file is kept: its row, still without task, and how many of it are to be, 0 for the usual."""

    row: dict[str, Any]
    history: int


class Lines(NamedTuple):
    """An encoded run of console lines."""

    n: int
    block: bytes


@dataclass(slots=True)
class Prepared:
    """A batch with everything that needs no store done."""

    batch: Batch
    summaries: dict[SeriesKey, Summary]
    pieces: list[Piece]
    lines: list[Lines]
    plots: list[Plot]
    samples: list[Sampled]
    newest: float | None
    """The time of the newest record of the script's own, None if there is no time in it; samples of its machine go on
    when it hangs."""


def prepare(batch: Batch, sampled: Sequence[Sampled] = ()) -> Prepared:
    """Summarise and encode a batch; its debug samples are as ``store.samples`` has kept them."""
    summaries: dict[SeriesKey, Summary] = {}
    pieces: list[Piece] = []
    for (title, series), points in batch.scalars.items():
        if not len(points):
            continue
        key = (label(title), label(series))
        _mend(points)
        seen = summaries.get(key)
        added = summarise(points)
        summaries[key] = added if seen is None else merge(seen, added)
        pieces += [
            Piece(key, len(cut), encode_points(cut))
            for cut in (part(points, start, start + SECTION) for start in range(0, len(points), SECTION))
        ]
    kept = [_mended(line) for line in batch.lines]
    lines = [Lines(len(run), encode_lines(run)) for run in blocks(kept)]
    plots = [_named(plot) for plot in batch.plots]
    return Prepared(batch, summaries, pieces, lines, plots, list(sampled), _newest(batch, summaries, kept, plots))


def sane(time: float) -> bool:
    """Whether somebody's clock may have said so."""
    return 0.0 <= time < LATEST


def _mend(points: Points) -> None:
    """Replace impossible times (a clock gone wild) by the one before, so that they cannot break sums and charts."""
    if sane(min(points.times)) and sane(max(points.times)) and sane(sum(points.times) / len(points)):
        return
    good, mended = 0.0, array("d")
    for time in points.times:
        good = time if sane(time) else good
        mended.append(good)
    points.times = mended


def _mended(line: Line) -> Line:
    return line if sane(line.time) else line._replace(time=0.0)


def _named(plot: Plot) -> Plot:
    time = plot.time if sane(plot.time) else 0.0
    return plot._replace(title=label(plot.title), series=label(plot.series), types=storable(plot.types), time=time)


def summarise(points: Points) -> Summary:
    """Return the summary of points (at least one)."""
    values, its = points.values, points.iterations
    total, nans = sum(values), 0
    if total != total:  # a NaN, or both infinities
        nans = sum(map(math.isnan, values))
    good = array("d", [v for v in values if v == v]) if nans else values
    low, high = (min(good), max(good)) if good else (None, None)
    last = values[-1]
    return Summary(
        n=len(values), nan_count=nans, last=None if last != last else last, first=good[0] if good else None,
        low=low, high=high, low_at=None if low is None else its[values.index(low)],
        high_at=None if high is None else its[values.index(high)], last_iteration=its[-1],
        top_iteration=max(its), last_time=points.times[-1],
    )  # fmt: skip


def merge(a: Summary, b: Summary) -> Summary:
    """Return the summary of the points of ``a`` followed by those of ``b``."""
    lower = a if b.low is None or (a.low is not None and a.low <= b.low) else b
    higher = a if b.high is None or (a.high is not None and a.high >= b.high) else b
    return Summary(
        n=a.n + b.n, nan_count=a.nan_count + b.nan_count, last=b.last, first=b.first if a.first is None else a.first,
        low=lower.low, high=higher.high, low_at=lower.low_at, high_at=higher.high_at,
        last_iteration=b.last_iteration, top_iteration=max(a.top_iteration, b.top_iteration), last_time=b.last_time,
    )  # fmt: skip


def _newest(batch: Batch, summaries: dict[SeriesKey, Summary], lines: list[Line], plots: list[Plot]) -> float | None:
    times = [found.last_time for (title, _), found in summaries.items() if not title.startswith(MONITOR)]
    times += [plot.time for plot in plots]
    times += [sample.time for sample in batch.samples if sane(sample.time)]
    times += [lines[-1].time] if lines else []
    times += [time for event in batch.events if (time := number(event.get("time"))) is not None and sane(time)]
    return max(times, default=None)


def label(text: str, limit: int = 240) -> str:
    """Return a name that can be part of a key: storable, and not longer than an index takes (PostgreSQL: 2.7 kB).

    A longer one is cut and ends with a digest of the whole, so that two long names stay two.
    """
    kept = storable(text)
    if len(kept) <= limit:
        return kept
    return f"{kept[: limit - 9]}~{hashlib.blake2b(kept.encode(), digest_size=4).hexdigest()}"


def number(value: Any) -> float | None:
    """Return a finite or infinite number from JSON, None for NaN and everything else."""
    if isinstance(value, str) and value in ("NaN", "Infinity", "-Infinity"):
        value = float(value)
    if not isinstance(value, (int, float)):
        return None
    try:
        real = float(value)
    except OverflowError:
        return None
    return None if real != real else real
