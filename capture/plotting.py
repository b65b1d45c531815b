"""What is given to the plots of a ``Logger`` as figures of ``store.figures``' form, with bounds on their size.

Arrays are known by what they can do (``tolist``, ``dtype``, slices), so that numpy, torch, pandas and plain lists work
and none of them is imported. Standard library only; loaded with the first plot. Reports nothing itself: what cannot be
read is raised as ``Refused`` or as what Python says of it.
"""

from __future__ import annotations

import math
import zlib
from itertools import islice

from . import guard, plainjson
from .reported import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    Figure = dict[str, Any]

LARGEST = 5 << 20
"""Bytes of a figure as JSON, at most."""
POINTS, CELLS = 50_000, 200_000
"""Points of all series of a figure together, cells of a matrix or table; of more, every second or third … is kept."""
NAMES = 1000
"""Names on an axis, at most."""
_TEXT = 1000
_WHOLE = 2**63
_WORDS = {"inf": "Infinity", "-inf": "-Infinity"}


def packed(figure: Figure) -> bytes:
    """Return a figure as the journal holds it."""
    text = plainjson.dumps(figure).encode()
    if len(text) > LARGEST:
        raise Refused(f"a plot of {len(text) >> 20} MiB is larger than {LARGEST >> 20} MiB. Report less of it")
    return zlib.compress(text, 1)


# Values ---------------------------------------------------------------------------------------------------------------


def listed(given: Any) -> list[Any]:
    """Return an array of whatever kind as a list."""
    if getattr(getattr(given, "dtype", None), "kind", "") in ("M", "m"):
        given = given.astype(str)  # times: as a list they would be nanoseconds
    given = given.tolist() if hasattr(given, "tolist") else given
    if isinstance(given, (str, bytes, dict)) or not hasattr(given, "__iter__"):
        raise Refused(f"an array was expected, not {guard.shown(given)}")
    return list(islice(given, POINTS * 10)) if not hasattr(given, "__len__") else list(given)


def values(given: Any, every: int = 1) -> list[Any]:
    """Return one array of one or more dimensions as JSON values, one in ``every``."""
    return [value(item) for item in listed(given[::every] if every > 1 else given)]


def value(item: Any) -> Any:
    """Return a value of an array as JSON has it: NaN and infinities as words, what is no number as text."""
    if isinstance(item, bool) or item is None:
        return item
    if isinstance(item, int):
        return int(item) if -_WHOLE <= item < _WHOLE else value(float(item))
    if isinstance(item, float):
        return float(item) if math.isfinite(item) else _WORDS.get(str(float(item)), "NaN")
    if isinstance(item, str):
        return item[:_TEXT]
    if isinstance(item, (list, tuple)):
        return [value(part) for part in item]
    if hasattr(item, "tolist"):
        return value(item.tolist())
    return value(float(item)) if hasattr(item, "__float__") else str(item)[:_TEXT]


def sparing(count: int, bound: int = POINTS) -> int:
    """Return in how many points one is kept, so that ``count`` are not too many; said once."""
    every = max(1, -(-count // bound))
    if every > 1:
        guard.warn(
            f"a plot of {count:,} values is kept with one in {every} of them, because it would be too large for a "
            f"screen. This is said once.", once="sparing plots",
        )  # fmt: skip
    return every


def rows(given: Any, least: int) -> list[list[Any]]:
    """Return points as columns: of rows with at least ``least`` numbers, that many columns."""
    found = listed(given[:: sparing(len(given))] if hasattr(given, "__len__") else given)
    if not all(hasattr(row, "__len__") and len(row) >= least and not isinstance(row, str) for row in found):
        raise Refused(f"points are rows of {least} numbers, {guard.shown(given)} are none")
    return [[value(row[n]) for row in found] for n in range(least)]


# Figures --------------------------------------------------------------------------------------------------------------


def layout(extra: Any, *, xaxis: Any = None, yaxis: Any = None, zaxis: Any = None, **more: Any) -> dict[str, Any]:
    """Return a layout of titles and whatever ``extra`` (a plotly layout) has that is used; nothing that is empty."""
    from .plotting_figures import kept_layout

    found = {name: value(given) for name, given in more.items() if given}
    for name, title in (("xaxis", xaxis), ("yaxis", yaxis), ("zaxis", zaxis)):
        if title:
            found[name] = {"title": str(title)[:_TEXT]}
    for name, given in (kept_layout(extra) if isinstance(extra, dict) else {}).items():
        found[name] = found.get(name, {}) | given if isinstance(given, dict) else given
    return found


def _labels(given: Any, every: int = 1) -> list[str]:
    return [str(item)[:_TEXT] for item in values(given, every)]


def bars(given: Any, series: Any, labels: Any, xlabels: Any, more: Any, layout: dict[str, Any]) -> Figure:
    """Return bars: one row of heights, or several."""
    found = listed(given)
    nested = bool(found) and not isinstance(found[0], str) and hasattr(found[0], "__len__")
    series_of = found if nested else [found]
    every = sparing(sum(map(len, series_of)))
    names = _labels(labels) if labels is not None and not isinstance(labels, str) else [str(labels or series)]
    kept = {"orientation": "h"} if isinstance(more, dict) and more.get("orientation") == "h" else {}
    along, up = ("y", "x") if kept else ("x", "y")
    places = {} if xlabels is None else {along: _labels(xlabels, every)}
    data = [
        {"type": "bar", "name": names[n] if n < len(names) else f"{series} {n}", up: values(heights, every)}
        | places | kept
        for n, heights in enumerate(series_of)
    ]  # fmt: skip
    return {"data": data, "layout": layout}


def points(series: Iterable[tuple[Any, Any, Any]], mode: Any, layout: dict[str, Any]) -> Figure:
    """Return lines or points of series: name, rows of x and y, labels."""
    data = []
    for name, given, labels in series:
        x, y = rows(given, 2)
        data.append({"type": "scatter", "name": str(name)[:_TEXT], "mode": str(mode), "x": x, "y": y} | _said(labels))
    return {"data": data, "layout": layout}


def _said(labels: Any) -> dict[str, Any]:
    return {} if labels is None or isinstance(labels, str) else {"text": _labels(labels, sparing(len(labels)))}


def lines(series: Any, mode: Any, layout: dict[str, Any]) -> Figure:
    """Return the lines of ``SeriesInfo`` objects, or of mappings or tuples of the same."""
    given = series if isinstance(series, (list, tuple)) else [series]
    return points([_info(item) for item in given], mode, layout)


def _info(item: Any) -> tuple[Any, Any, Any]:
    if isinstance(item, dict):
        return item["name"], item["data"], item.get("labels")
    if isinstance(item, (list, tuple)) and len(item) in (2, 3) and isinstance(item[0], str):
        return item[0], item[1], item[2] if len(item) == 3 else None
    return item.name, item.data, getattr(item, "labels", None)


def cloud(given: Any, series: Any, labels: Any, mode: Any, layout: dict[str, Any]) -> Figure:
    """Return points in space: one array of rows, or a list of such."""
    several = given if _is_several(given) else [given]
    names: Sequence[Any] = series if isinstance(series, (list, tuple)) else [series] if len(several) == 1 else []
    data = []
    for n, one in enumerate(several):
        x, y, z = rows(one, 3)
        name = str(names[n] if n < len(names) else f"{series} {n}")[:_TEXT]
        data.append({"type": "scatter3d", "name": name, "mode": str(mode), "x": x, "y": y, "z": z} | _said(labels))
    return {"data": data, "layout": layout}


def _is_several(given: Any) -> bool:
    first: Any = given[0] if hasattr(given, "__len__") and len(given) else ()
    return bool(hasattr(first, "__len__") and len(first) and hasattr(first[0], "__len__"))


def matrix(kind: str, given: Any, xlabels: Any, ylabels: Any, layout: dict[str, Any]) -> Figure:
    """Return a matrix as a heat map or a surface."""
    z, every = grid(given)
    trace: Figure = {"type": kind, "z": z}
    for name, labels in (("x", xlabels), ("y", ylabels)):
        if labels is not None:
            trace[name] = _labels(labels, every)
    return {"data": [trace], "layout": layout}


def grid(given: Any) -> tuple[list[list[Any]], int]:
    """Return the rows of a matrix, and in how many rows and columns one is kept."""
    height = len(given) if hasattr(given, "__len__") else len(given := listed(given))
    first = next(iter(given), ())
    if isinstance(first, str) or not hasattr(first, "__len__"):
        raise Refused(f"a matrix is rows of numbers, {guard.shown(given)} is none")
    every = math.ceil(math.sqrt(sparing(height * len(first), CELLS)))
    found = listed(given[::every] if every > 1 else given)
    return [[value(item) for item in row[::every]] for row in found], every
