"""Smoothing of curves as TensorBoard does it, so that a weight means here what it means there."""

from __future__ import annotations

import math
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


def smoothed(curve: Curve, weight: float) -> Curve:
    """Return the curve's means smoothed (weight 0: as they are), as a curve without extremes and marks of its own."""
    line = tuple(ema(curve.mean, weight)) if weight else curve.mean
    return replace(curve, low=line, high=line, mean=line, last=line, nans=(), above=(), below=())
