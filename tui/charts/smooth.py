"""Smoothing of curves as TensorBoard does it, so that a weight means here what it means there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from .decimate import Curve, nearest

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


def value_at(curve: Curve, x: float, slack: float, weight: float = 0.0) -> float | None:
    """Return what a curve shows at ``x``, smoothed if there is a weight; None where it has ended."""
    at = nearest(curve, x, slack)
    if at is None:
        return None
    raw = curve.last[at]
    return smoothed(curve, weight).mean[at] if weight and math.isfinite(raw) else raw


def smoothed(curve: Curve, weight: float) -> Curve:
    """Return the curve's means smoothed (weight 0: as they are), as a curve without extremes and marks of its own."""
    line = tuple(ema(curve.mean, weight)) if weight else curve.mean
    return replace(curve, low=line, high=line, mean=line, last=line, nans=(), above=(), below=())
