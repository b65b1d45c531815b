"""A matplotlib figure's lines, outlines, points, bars and matrices as a figure of ``store.figures``' form.

The figure is the script's own object and is only asked for its data; matplotlib is never imported. Box plots are lines
to it, violins and bands polygons, whose outlines are kept. What has no form here (pictures, texts within, one shape
at many places) is left out, and that is said once.
"""

from __future__ import annotations

from itertools import chain, islice

from . import guard
from .plotting import NAMES, POINTS, grid, rows, sparing, values
from .reported import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    Stroke = tuple[Any, Any, str, Any, Any]
    """An artist, its colour, how it is drawn, where along, how far up."""
    Trace = dict[str, Any]

_NAMING = ("FixedFormatter", "StrCategoryFormatter")
_POLYGONS = ("PolyCollection", "FillBetweenPolyCollection")


def figure(given: Any) -> dict[str, Any]:
    """Return what a figure, or ``pyplot`` with its present one, shows."""
    shown = given.gcf() if callable(getattr(given, "gcf", None)) else given
    if not hasattr(shown, "axes"):
        raise Refused(f"a matplotlib figure was expected, not {guard.shown(given)}")
    data: list[Trace] = []
    layout: dict[str, Any] = {}
    titles: list[str] = []
    for axes in shown.axes:
        found = _strokes(axes) + _points(axes) + _bars(axes) + _matrices(axes)
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
    return found | _ticks(axes, letter)


def _ticks(axes: Any, letter: str) -> dict[str, Any]:
    """Return the names on an axis, where it has names."""
    axis = getattr(axes, f"{letter}axis", None)
    if axis is None or type(axis.get_major_formatter()).__name__ not in _NAMING:
        return {}
    names = [str(label.get_text()) for label in axis.get_ticklabels()][:NAMES]
    return {"tickvals": values(list(axis.get_ticklocs())[:NAMES]), "ticktext": values(names)}


def _name(artist: Any) -> dict[str, str]:
    label = str(artist.get_label())
    return {} if label.startswith("_") else {"name": label}


def _strokes(axes: Any) -> list[Trace]:
    """Return lines and outlines; those without a name that look alike are one trace: a box plot is dozens of lines."""
    found: dict[Any, Trace] = {}
    strokes = chain(_lines(axes), _outlines(axes), _segments(axes))
    fitted = [_joined(found, stroke) for stroke in islice(strokes, POINTS)]
    if not all(fitted) or next(strokes, None) is not None:
        guard.warn(
            f"lines of a matplotlib figure are left out: of one colour {POINTS:,} values are kept, and of all "
            f"lines the first {POINTS:,}. This is said once.", once="matplotlib lines",
        )  # fmt: skip
    return [trace for trace in found.values() if trace["x"] or "name" in trace]


def _joined(found: dict[Any, Trace], stroke: Stroke) -> bool:
    """Add a stroke to the trace of its like; return whether there was room, else nothing of it is looked at."""
    artist, colour, mode, along, up = stroke
    alike = colour is not None and not _name(artist) and not _are_texts(along)
    key = (str(colour), mode) if alike else id(artist)
    trace = found.setdefault(key, {"type": "scatter", "mode": mode, "x": [], "y": []} | _name(artist))
    if trace["x"] and len(trace["x"]) + len(along) >= POINTS:
        return False
    every = sparing(len(along))
    for letter, array in (("x", along), ("y", up)):
        trace[letter] += [None] if trace[letter] and mode == "lines" else []
        trace[letter] += values(array, every)
    return True


def _are_texts(along: Any) -> bool:
    return any(isinstance(item, str) and item != "NaN" for item in values(along[:1]))


def _lines(axes: Any) -> Iterator[Stroke]:
    for line in axes.lines:
        mode = "markers" if str(line.get_linestyle()).strip() in ("", "None") else "lines"
        yield line, line.get_color(), mode, line.get_xdata(), line.get_ydata()


def _outlines(axes: Any) -> Iterator[Stroke]:
    """Yield the edges of filled boxes, violins and bands."""
    filled = [(patch, [patch.get_facecolor()], [patch.get_path()]) for patch in getattr(axes, "patches", ())
              if type(patch).__name__ == "PathPatch"]  # fmt: skip
    filled += [(each, each.get_facecolor(), each.get_paths()) for each in axes.collections
               if type(each).__name__ in _POLYGONS and not _moved(each)]  # fmt: skip
    for artist, colours, paths in filled:
        for polygon in (polygon for path in paths for polygon in path.to_polygons()):
            yield artist, _first(colours), "lines", *polygon.T


def _segments(axes: Any) -> Iterator[Stroke]:
    for lines in axes.collections:
        if type(lines).__name__ == "LineCollection" and not _moved(lines):
            for path in lines.get_paths():  # get_segments() would copy all of them
                yield lines, _first(lines.get_color()), "lines", *path.vertices.T


def _moved(collection: Any) -> bool:
    """Return whether the paths of a collection stand elsewhere than they say, as the one hexagon of a ``hexbin``."""
    return any(any(offset) for offset in collection.get_offsets())


def _first(colours: Any) -> Any:
    """Return the first colour of an artist, None where it has none."""
    return tuple(colours[0]) if len(colours) else None


def _points(axes: Any) -> list[Trace]:
    found = []
    for collection in axes.collections:
        if type(collection).__name__ in (*_POLYGONS, "LineCollection") and not _moved(collection):
            continue
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
