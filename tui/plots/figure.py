"""A stored figure (``store.figures``) as its parts: charts over two axes, heat maps, tables, and what is not drawn.

Whatever another program may have stored is read as far as it makes sense: texts where numbers belong are gaps, and a
type that is not drawn is named. All texts come out safe for a terminal, on one line.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from store.figures import Figure
from tui.charts.clip import LARGEST

from . import boxes
from .boxes import Spreads
from .stored import listed, number, plain, values

NAMES = 1000
"""Names on an axis of numbers, at most."""
_GRIDS = ("heatmap", "heatmapgl", "contour", "surface", "histogram2d")
_LINES = ("scatter", "scattergl", "scatterpolar", "line")


@dataclass(frozen=True)
class Axis:
    """An axis: its title, whether its scale is logarithmic, whether it runs the other way, names on it."""

    title: str = ""
    log: bool = False
    turned: bool = False
    names: tuple[tuple[float, str], ...] = ()
    """What stands at some numbers in their place."""


@dataclass(frozen=True)
class Series:
    """Points or bars of a chart. ``x`` and ``y`` are numbers (NaN: a gap) or, all of them, texts."""

    name: str
    kind: str
    """``lines``, ``markers``, ``lines+markers``, ``bar``, ``box`` or ``violin``."""
    x: tuple[float | str, ...]
    y: tuple[float | str, ...]
    spreads: Spreads | None = None
    """Of boxes and violins what is drawn: ``x`` and ``y`` are where they stand and between what values they lie."""


@dataclass(frozen=True)
class Chart:
    """Series over the same two axes. ``across``: bars that run to the right."""

    series: tuple[Series, ...]
    x: Axis = field(default_factory=Axis)
    y: Axis = field(default_factory=Axis)
    stacked: bool = False
    across: bool = False
    note: str = ""


@dataclass(frozen=True)
class Heat:
    """A matrix: its rows, the names of its columns and rows."""

    rows: tuple[tuple[float, ...], ...]
    columns: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    x: Axis = field(default_factory=Axis)
    y: Axis = field(default_factory=Axis)
    note: str = ""


@dataclass(frozen=True)
class Sheet:
    """A table by its columns, which may differ in length."""

    heading: tuple[str, ...]
    columns: tuple[tuple[object, ...], ...]


Part = Chart | Heat | Sheet


@dataclass(frozen=True)
class Drawing:
    """A whole figure: its parts below each other, and what is not drawn of it, in sentences."""

    title: str
    parts: tuple[Part, ...]
    notes: tuple[str, ...] = ()


def read(figure: Figure) -> Drawing:
    """Return what is to be drawn of a stored figure."""
    traces = [trace for trace in listed(figure.get("data")) if isinstance(trace, dict)]
    layout = figure.get("layout")
    layout = layout if isinstance(layout, dict) else {}
    parts: list[Part] = []
    for names in dict.fromkeys(_axes_of(trace) for trace in traces):
        parts += _parts([trace for trace in traces if _axes_of(trace) == names], names, layout)
    notes = [*_not_drawn([_type(trace) for trace in traces]), *_without_bar(traces), *_without_place(parts)]
    comment = plain(layout.get("comment"))
    return Drawing(plain(_said(layout.get("title"))), tuple(parts), (*notes, *([comment] if comment else [])))


def _parts(traces: Sequence[Figure], names: tuple[str, str], layout: Figure) -> list[Part]:
    x, y = (_axis(layout.get(name[:1] + "axis" + name[1:])) for name in names)
    heats: list[Part] = [heat for trace in traces if _type(trace) in _GRIDS and (heat := _heat(trace, x, y))]
    sheets: list[Part] = [_sheet(trace) for trace in traces if _type(trace) == "table"]
    flat = [_series(trace) for trace in traces if _type(trace) in (*_LINES, "bar", "histogram", "pie")]
    deep = [series for trace in traces if _type(trace) == "scatter3d" for series in _bands(trace)]
    across = any(trace.get("orientation") == "h" and _type(trace) == "bar" for trace in traces)
    across = across or any(_type(trace) == "pie" for trace in traces)
    stacked = layout.get("barmode") in ("stack", "relative")
    boxed = _boxed(traces, layout)
    charts: list[Part] = []
    if flat:
        charts.append(Chart((*flat, *([] if across else boxed)), x, y, stacked, across))
    if boxed and (across or not flat):
        charts.append(Chart(tuple(boxed), x, y))
    if deep:
        charts.append(Chart(tuple(deep), x, y, note="points in space seen from above; z by colour and character"))
    return [*charts, *heats, *sheets]


def _type(trace: Figure) -> str:
    return plain(trace.get("type") or "scatter", 40)


def _axes_of(trace: Figure) -> tuple[str, str]:
    """Return the axes of a trace, ``x2`` and ``y2``; a matrix, a table and the like stand alone with theirs."""
    x, y = (plain(trace.get(name) or letter, 8) for name, letter in (("xaxis", "x"), ("yaxis", "y")))
    return x, y


def _not_drawn(types: Iterable[str]) -> list[str]:
    known = (*_LINES, *_GRIDS, "bar", "histogram", "pie", "scatter3d", "table", *boxes.KINDS)
    found = list(dict.fromkeys(name for name in types if name not in known))
    return [f"A trace of the type {name!r} is kept, but cannot be drawn in a terminal." for name in found]


def _without_bar(traces: Iterable[Figure]) -> list[str]:
    heights = [value for trace in traces for value in _barred(trace)]
    lost = sum(not isinstance(value, str) and not math.isfinite(value) for value in heights)
    return [f"{lost} of {len(heights)} values are no finite numbers and have no bar."] if lost else []


def _without_place(parts: Iterable[Part]) -> list[str]:
    found = [s.spreads for part in parts if isinstance(part, Chart) for s in part.series if s.spreads is not None]
    counted = ("given", "lost", "far", "beyond")
    given, lost, far, beyond = (sum(getattr(each, what) for each in found) for what in counted)
    drawn = sum(len(each.all) for each in found)
    return [
        *([f"{lost} of {given} values are no finite numbers and are left out."] if lost else []),
        *([f"{far} of {given} values lie beyond what can be drawn and are left out."] if far else []),
        *([f"The first {drawn} of {drawn + beyond} are drawn; there is no room for the others."] if beyond else []),
    ]


def _barred(trace: Figure) -> tuple[float | str, ...]:
    """Return the values of which bars are made."""
    if _type(trace) == "histogram":
        return values(trace.get("x")) or values(trace.get("y"))
    across = trace.get("orientation") == "h"
    return values(trace.get("x" if across else "y")) if _type(trace) == "bar" else ()


def _said(value: object) -> object:
    return value.get("text") if isinstance(value, dict) else value


def _axis(given: object) -> Axis:
    if not isinstance(given, dict):
        return Axis()
    places, names = (listed(given.get(part))[:NAMES] for part in ("tickvals", "ticktext"))
    named = tuple((number(at), plain(name, 80)) for at, name in zip(places, names, strict=False))
    return Axis(plain(_said(given.get("title")), 80), given.get("type") == "log", given.get("autorange") == "reversed",
                named)  # fmt: skip


# Charts ---------------------------------------------------------------------------------------------------------------


def _series(trace: Figure) -> Series:
    name, kind = plain(trace.get("name"), 80), _type(trace)
    if kind == "histogram":
        return _histogram(name, trace)
    if kind == "pie":
        return Series(name, "bar", values(trace.get("values")), values(trace.get("labels")))
    x, y = values(trace.get("x")), values(trace.get("y"))
    counted = tuple(number(trace.get("x0") or 0) + n * number(trace.get("dx") or 1) for n in range(max(len(x), len(y))))
    mode = "bar" if kind == "bar" else _mode(trace.get("mode"), len(y))
    return Series(name, mode, x or counted, y or counted)


def _boxed(traces: Sequence[Figure], layout: Figure) -> list[Series]:
    """Return box and violin traces as series; they are read together, because violins may share a scale."""
    chosen = [(n, trace) for n, trace in enumerate(traces) if _type(trace) in boxes.KINDS]
    found = []
    for (_, trace), spreads in zip(chosen, boxes.read(chosen, layout), strict=True):
        x, y = (spreads.ends, spreads.places) if spreads.manner.across else (spreads.places, spreads.ends)
        found.append(Series(plain(trace.get("name"), 80), _type(trace), x, y, spreads))
    return found


def _mode(said: object, count: int) -> str:
    if said in ("lines", "markers", "lines+markers"):
        return str(said)
    return "lines+markers" if count < 20 else "lines"


def _histogram(name: str, trace: Figure) -> Series:
    """Return how often values occur, in bins of equal width; texts are counted."""
    found = _barred(trace)
    texts = [item for item in found if isinstance(item, str)]
    if texts:
        counts = {text: float(texts.count(text)) for text in list(dict.fromkeys(texts))[:100]}
        return Series(name, "bar", tuple(counts), tuple(counts.values()))
    known = [float(item) for item in found if abs(float(item)) <= LARGEST]
    if not known:
        return Series(name, "bar", (), ())
    low, high = min(known), max(known)
    asked = number(trace.get("nbinsx"))
    bins = int(min(200, asked)) if asked >= 1 else _bins(len(known))
    width = (high / bins - low / bins) or 1.0
    heights = [0.0] * bins
    for item in known:
        heights[min(bins - 1, int((item - low) / width))] += 1
    return Series(name, "bar", tuple(low + (n + 0.5) * width for n in range(bins)), tuple(heights))


def _bins(count: int) -> int:
    return min(50, max(5, round(math.sqrt(count))))


def _bands(trace: Figure) -> list[Series]:
    """Return points in space as seen from above, in up to four series by their height."""
    name = plain(trace.get("name"), 80)
    x, y, z = (tuple(number(item) for item in listed(trace.get(letter))) for letter in "xyz")
    heights = sorted(at for at in z if math.isfinite(at))
    if not heights:
        return []
    cuts = sorted({heights[len(heights) * n // 4] for n in range(1, 4)} - {heights[0]})
    found = []
    for low, high in zip([-math.inf, *cuts], [*cuts, math.inf], strict=True):
        inside = [n for n in range(min(len(x), len(y), len(z))) if low <= z[n] < high]
        if inside:
            said = f"{name} {min(z[n] for n in inside):.4g} to {max(z[n] for n in inside):.4g}"
            xs, ys = tuple(x[n] for n in inside), tuple(y[n] for n in inside)
            found.append(Series(said.strip(), "markers", xs, ys))
    return found


# Matrices and tables --------------------------------------------------------------------------------------------------


def _heat(trace: Figure, x: Axis, y: Axis) -> Heat | None:
    rows = tuple(tuple(number(item) for item in listed(row)) for row in listed(trace.get("z")))
    if not any(rows):
        return None
    labels, names = (tuple(plain(item, 80) for item in listed(trace.get(letter))) for letter in "xy")
    above = "a surface seen from above" if trace.get("type") == "surface" else ""
    return Heat(rows, labels, names, x, y, above)


def _sheet(trace: Figure) -> Sheet:
    header, cells = (_inner(trace.get(part)) for part in ("header", "cells"))
    heading = tuple(plain(" ".join(map(str, item)) if isinstance(item, list) else item, 80) for item in header)
    return Sheet(heading, tuple(tuple(listed(column)) for column in cells))


def _inner(part: object) -> list[Any]:
    return listed(part.get("values")) if isinstance(part, dict) else []
