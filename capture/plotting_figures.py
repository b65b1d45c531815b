"""Figures of plotly as those of ``store.figures``: what is drawn or could be, none of its looks. No plotly needed."""

from __future__ import annotations

from . import guard
from .plotting import NAMES, grid, sparing, value, values
from .reported import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_ARRAYS = ("x", "y", "z", "text", "labels", "values", "q1", "median", "q3", "lowerfence", "upperfence", "mean", "sd")
_WORDS = ("type", "name", "mode", "orientation", "xaxis", "yaxis", "x0", "dx", "y0", "dy", "nbinsx")
_SPREAD = ("boxpoints", "boxmean", "quartilemethod", "sizemode", "sdmultiple", "showwhiskers", "offsetgroup", "points",
           "side", "span", "spanmode", "bandwidth", "scalegroup", "scalemode")  # fmt: skip
"""What boxes and violins have besides."""
_MODES = ("barmode", "violinmode")
_CODES = {"i1": "b", "u1": "B", "i2": "h", "u2": "H", "i4": "i", "u4": "I", "i8": "q", "u8": "Q", "f4": "f", "f8": "d"}


def of_plotly(given: Any) -> dict[str, Any]:
    """Return a plotly figure, or a dictionary of one."""
    figure = _as_dict(given)
    if not isinstance(figure, dict) or not isinstance(figure.get("data"), (list, tuple)):
        raise Refused(f"a plotly figure was expected, not {guard.shown(given)}")
    traces = [found for trace in figure["data"] if isinstance(found := _as_dict(trace), dict)]
    every = sparing(sum(_length(trace) for trace in traces))
    layout = kept_layout(_as_dict(figure.get("layout") or {}))
    return {"data": [kept_trace(trace, every) for trace in traces], "layout": layout}


def _as_dict(given: Any) -> Any:
    for name in ("to_plotly_json", "to_dict"):
        if callable(getattr(given, name, None)):
            return getattr(given, name)()
    return given


def _length(trace: dict[str, Any]) -> int:
    sizes = [len(array) for name in ("x", "y") if hasattr(array := _array(trace.get(name)), "__len__")]
    return max(sizes, default=0) if not _is_grid(trace) else 0


def _is_grid(trace: dict[str, Any]) -> bool:
    return trace.get("type") in ("heatmap", "surface", "contour", "histogram2d", "heatmapgl")


def kept_trace(trace: dict[str, Any], every: int) -> dict[str, Any]:
    """Return what is kept of a trace, one in ``every`` of its points."""
    kept: dict[str, Any] = {name: value(trace[name]) for name in _WORDS if trace.get(name) is not None}
    arrays = {name: _array(trace[name]) for name in _ARRAYS if hasattr(trace.get(name), "__len__")}
    if _is_grid(trace) and "z" in arrays:
        kept["z"], every = grid(arrays.pop("z"))
        arrays.pop("text", None)
    kept |= {name: values(array, every) for name, array in arrays.items() if not isinstance(array, (str, dict))}
    if trace.get("type") in ("box", "violin"):
        kept |= _spread(trace)
    for part in ("header", "cells"):
        if isinstance(given := _as_dict(trace.get(part)), dict):
            kept[part] = {"values": values(_array(given.get("values", ())))}
    return kept


def _spread(trace: dict[str, Any]) -> dict[str, Any]:
    """Return what tells how a box or violin is drawn; a part of it that is described is seen."""
    kept = {name: value(trace[name]) for name in _SPREAD if trace.get(name) is not None}
    for name in ("box", "meanline"):
        part = _as_dict(trace.get(name))
        if isinstance(part, dict) and part:
            kept[name] = {"visible": bool(part.get("visible", True))}
            kept[name] |= {"width": value(part["width"])} if part.get("width") is not None else {}
    return kept


def _array(given: Any) -> Any:
    """Return an array of a trace; plotly writes numpy's as base64 of their bytes."""
    if not isinstance(given, dict) or "bdata" not in given:
        return given
    import sys
    from array import array
    from base64 import b64decode

    found = array(_CODES[str(given["dtype"]).lstrip("<|")])
    found.frombytes(b64decode(given["bdata"]))
    if sys.byteorder == "big":
        found.byteswap()
    shape = [int(size) for size in str(given.get("shape") or "").split(",") if size.strip()]
    if len(shape) != 2:
        return found
    return [found[n * shape[1] : (n + 1) * shape[1]] for n in range(shape[0])]


def kept_layout(layout: Any) -> dict[str, Any]:
    """Return what is kept of a plotly layout: titles, names, logarithmic and reversed axes, how bars stand together."""
    if not isinstance(layout, dict):
        return {}
    axes = {name: axis for name, axis in layout.items() if str(name)[:5] in ("xaxis", "yaxis")}
    scene = _as_dict(layout.get("scene"))
    if isinstance(scene, dict):
        axes |= {name: scene[name] for name in ("xaxis", "yaxis", "zaxis") if name in scene}
    kept: dict[str, Any] = {str(name): found for name, axis in axes.items() if (found := _axis(_as_dict(axis)))}
    for name, said in (("title", _title(layout.get("title"))), *((name, layout.get(name)) for name in _MODES)):
        if said:
            kept[name] = value(said)
    return kept


def _axis(axis: Any) -> dict[str, Any]:
    if not isinstance(axis, dict):
        return {}
    title, limits = _title(axis.get("title")), axis.get("range")
    kept = {"title": value(title)} if title else {}
    if axis.get("type") == "log":
        kept["type"] = "log"
    if all(hasattr(axis.get(name), "__len__") for name in ("tickvals", "ticktext")):
        kept |= {name: values(_array(axis[name]))[:NAMES] for name in ("tickvals", "ticktext")}
    ends = values(limits) if hasattr(limits, "__len__") else []
    turned = len(ends) == 2 and all(isinstance(end, (int, float)) for end in ends) and ends[0] > ends[1]
    if turned or str(axis.get("autorange", "")).endswith("reversed"):
        kept["autorange"] = "reversed"
    return kept


def _title(given: Any) -> Any:
    given = _as_dict(given)
    return given.get("text") if isinstance(given, dict) else given
