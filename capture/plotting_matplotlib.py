"""A matplotlib figure's lines, points, bars and matrices as a figure of ``store.figures``' form.

The figure is the script's own object and is only asked for its data; matplotlib is never imported. What has no form
here (pictures, polygons, texts within) is left out, and that is said once.
"""

from __future__ import annotations

from . import guard
from .plotting import grid, rows, sparing, values
from .reported import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Trace = dict[str, Any]


def figure(given: Any) -> dict[str, Any]:
    """Return what a figure, or ``pyplot`` with its present one, shows."""
    shown = given.gcf() if callable(getattr(given, "gcf", None)) else given
    if not hasattr(shown, "axes"):
        raise Refused(f"a matplotlib figure was expected, not {guard.shown(given)}")
    data: list[Trace] = []
    layout: dict[str, Any] = {}
    titles: list[str] = []
    for axes in shown.axes:
        found = _lines(axes) + _points(axes) + _bars(axes) + _matrices(axes)
        if not found:
            continue
        part = str(len(titles) + 1) if titles else ""
        data += [trace | {"xaxis": f"x{part}", "yaxis": f"y{part}"} for trace in found]
        layout |= {f"{letter}axis{part}": _axis(axes, letter) for letter in "xy"}
        titles.append(str(axes.get_title()))
    if not data:
        raise Refused("the figure has no lines, points, bars or matrices. report_image=True keeps its picture")
    return {"data": data, "layout": layout | {"title": " | ".join(filter(None, titles))}}


def _axis(axes: Any, letter: str) -> dict[str, Any]:
    found: dict[str, Any] = {"title": str(getattr(axes, f"get_{letter}label")())}
    if getattr(axes, f"get_{letter}scale")() == "log":
        found["type"] = "log"
    if getattr(axes, f"{letter}axis_inverted")():
        found["autorange"] = "reversed"
    return found


def _name(artist: Any) -> dict[str, str]:
    label = str(artist.get_label())
    return {} if label.startswith("_") else {"name": label}


def _lines(axes: Any) -> list[Trace]:
    found = []
    for line in axes.lines:
        x, y = line.get_xdata(), line.get_ydata()
        mode = "markers" if str(line.get_linestyle()).strip() in ("", "None") else "lines"
        every = sparing(len(x))
        trace = {"type": "scatter", "mode": mode, "x": values(x, every), "y": values(y, every)}
        found.append(trace | _name(line))
    return found


def _points(axes: Any) -> list[Trace]:
    found = []
    for collection in axes.collections:
        if type(collection).__name__ != "PathCollection":
            _leave_out(collection)
            continue
        x, y = rows(collection.get_offsets(), 2)
        found.append({"type": "scatter", "mode": "markers", "x": x, "y": y} | _name(collection))
    return found


def _bars(axes: Any) -> list[Trace]:
    found = []
    for bars in axes.containers:
        if not hasattr(bars, "patches"):
            continue
        across = getattr(bars, "orientation", "vertical") == "horizontal"
        middles = [p.get_y() + p.get_height() / 2 if across else p.get_x() + p.get_width() / 2 for p in bars.patches]
        sizes = [p.get_width() if across else p.get_height() for p in bars.patches]
        places = {"y": middles, "x": sizes, "orientation": "h"} if across else {"x": middles, "y": sizes}
        trace = {name: values(given) if isinstance(given, list) else given for name, given in places.items()}
        found.append({"type": "bar"} | trace | _name(bars))
    return found


def _matrices(axes: Any) -> list[Trace]:
    found = []
    for image in axes.images:
        array = image.get_array()
        if getattr(array, "ndim", 0) == 2:
            found.append({"type": "heatmap", "z": grid(array)[0]})
        else:
            _leave_out(image)
    return found


def _leave_out(artist: Any) -> None:
    guard.warn(f"parts of matplotlib figures are not recorded yet: {type(artist).__name__}. This is said once.",
               once=f"matplotlib {type(artist).__name__}")  # fmt: skip
