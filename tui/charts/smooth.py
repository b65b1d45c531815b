"""Smoothing of curves as TensorBoard does it, so that a weight means here what it means there."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace

from .decimate import Curve

WEIGHTS = (0.0, 0.6, 0.9, 0.97)
"""What ``s`` goes through; 0 is off."""


def ema(values: Sequence[float], weight: float) -> list[float]:
    """Return the debiased exponential moving average: the first values are not pulled towards 0.

    NaN stays NaN and leaves the average as it was.
    """
    smoothed: list[float] = []
    average, seen = 0.0, 0
    for value in values:
        if not math.isfinite(value):
            smoothed.append(math.nan)
            continue
        average = average * weight + (1.0 - weight) * value
        seen += 1
        smoothed.append(average / (1.0 - weight**seen))
    return smoothed


def reach_of(weight: float) -> int:
    """Return how many values an average is made of: what came before them is less than its last bit."""
    return math.ceil(-53 * math.log(2) / math.log(weight)) if weight else 1


def last_of(values: Sequence[float], weight: float) -> float:
    """Return the last of values, smoothed if there is a weight; NaN and infinities as they are."""
    return ema(values, weight)[-1] if weight and math.isfinite(values[-1]) else values[-1]


def averaged(places: Sequence[float], values: Sequence[float], edges: Sequence[float], weight: float) -> list[float]:
    """Return the mean of the smoothed values between each two edges; where there are none, the last one before.

    Args:
        places: where the points are, in order; those before the first edge only lead in.
        values: what they are, NaN and infinities left out.
        edges: where the first place of a picture begins, and where it and the others end (included), in order.
        weight: how much of the average before remains at each point.
    """
    line = ema(values, weight)
    stops = [bisect_right(places, end) for end in edges[1:]]
    starts = [bisect_left(places, edges[0]), *stops]
    parts = zip(starts, stops, strict=False)
    return [_mean(line[start:stop] or line[max(0, stop - 1) : stop]) for start, stop in parts]


def _mean(values: Sequence[float]) -> float:
    total = sum(values)
    if math.isfinite(total):
        return total / len(values) if values else math.nan
    return sum(value / len(values) for value in values)  # the sum of large numbers is none


def ema_of_means(means: Sequence[float], counts: Sequence[int], weight: float) -> list[float]:
    """Return the mean of the smoothed values in each of some groups of points, each point taken as its group's mean.

    With groups of one point this is ``ema``. In larger ones what the points were matters as long as the average
    remembers: the answer is off by about a group's spread times the share of it that the average spans.
    """
    made: list[float] = []
    average, seen = 0.0, 0
    for mean, n in zip(means, counts, strict=True):
        if not (n and math.isfinite(mean)):
            made.append(math.nan)
            continue
        kept = (1 - weight**seen) / (1 - weight ** (seen + n))
        fading = kept * weight * (1 - weight**n) / ((1 - weight) * n)
        made.append(average * fading + mean * (1 - fading))
        average = average * kept * weight**n + mean * (1 - kept * weight**n)
        seen += n
    return made


def lined(curve: Curve) -> Curve:
    """Return the curve's line, smoothed if it is, as a curve without extremes and marks of its own."""
    line = curve.smooth or curve.mean
    return replace(curve, low=line, high=line, mean=line, last=line, nans=(), above=(), below=())
