"""A plot as it is stored: one JSON object, a small part of what plotly writes, compressed with zlib.

``{"data": [TRACE, …], "layout": {…}}``. Standard library only; it neither draws nor knows the tables.

TRACE has ``type`` (``scatter``, ``bar``, ``histogram``, ``heatmap``, ``scatter3d``, ``surface``, ``table``, ``box``,
``violin``; others are kept and named), ``name``, ``mode`` (``lines``, ``markers``, ``lines+markers``), ``x``, ``y``,
``z`` (arrays; of a heat map and a surface ``z`` is an array of rows; ``x``, ``y`` are the labels or places of its
columns and rows), ``text``, ``orientation`` (``h``), ``xaxis`` and ``yaxis`` (``x2``, ``y2``: the part of a figure of
several). A table has ``header`` and ``cells``, both ``{"values": […]}``, of the cells one array a column.

A box has values in ``y`` and places in ``x``, with the ``orientation`` ``h`` the other way; or ``q1``, ``median``,
``q3``, ``lowerfence``, ``upperfence``, ``mean`` and ``sd``, one item a box, and as values one array a box. How it is
drawn is told as plotly does: ``boxpoints``, ``boxmean``, ``quartilemethod``, ``sizemode``, ``sdmultiple``,
``showwhiskers``, ``offsetgroup``, ``x0``, ``y0``; of a violin ``points``, ``side``, ``span``, ``spanmode``,
``bandwidth``, ``scalegroup``, ``scalemode``, ``box`` and ``meanline`` (both with ``visible`` and ``width``).

``layout`` has ``title``, ``barmode`` (``group``, ``stack``, ``relative``, ``overlay``), ``violinmode``, ``comment``
and for each axis (``xaxis``, ``yaxis``, ``zaxis``, ``xaxis2`` …) ``title``, ``type`` (``log``), ``autorange``
(``reversed``) and ``ticktext``, which stands at ``tickvals``.

NaN and infinities are the strings "NaN", "Infinity" and "-Infinity".
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from typing import Any

Figure = dict[str, Any]
LARGEST = 5 << 20
"""Bytes of a figure's JSON, at most."""
HISTORY = 100
"""Iterations of a plot that are kept, unless the setting ``plots.history`` says otherwise."""
_LONGEST = 200


def pack(figure: Figure) -> bytes:
    """Return a figure as it is stored."""
    return zlib.compress(json.dumps(figure, separators=(",", ":")).encode(), 6)


def unpack(payload: bytes) -> Figure:
    """Return a stored figure.

    Raises:
        ValueError: it is none: damaged, larger than any of ours, or no JSON object with an array ``data``.
    """
    inflate = zlib.decompressobj()
    try:
        text = inflate.decompress(payload, LARGEST + 1)
    except zlib.error as error:
        raise ValueError(f"a damaged figure: {error}") from error
    if len(text) > LARGEST or not inflate.eof:
        raise ValueError("a figure that is cut off or too large")
    try:
        found = json.loads(text)
    except RecursionError as error:
        raise ValueError("a figure nested too deeply") from error
    if not isinstance(found, dict) or not isinstance(found.get("data"), list):
        raise ValueError("no figure")
    return found


def types_of(figure: Figure) -> str:
    """Return what the traces are, each type once, joined by commas."""
    found = [str(trace.get("type") or "scatter") for trace in figure["data"] if isinstance(trace, dict)]
    return ",".join(dict.fromkeys(found))[:_LONGEST]


def with_texts(value: Any, change: Callable[[str], str]) -> Any:
    """Return a figure, or a part of one, with every text in it changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [item if item.__class__ is float or item.__class__ is int else with_texts(item, change)
                for item in value]  # fmt: skip
    return {key: with_texts(item, change) for key, item in value.items()} if isinstance(value, dict) else value
