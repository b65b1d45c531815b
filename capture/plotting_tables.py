"""Tables for ``Logger.report_table``: data frames, rows, CSV files here or behind a URL. Standard library only."""

from __future__ import annotations

from . import guard
from .plotting import CELLS, LARGEST, layout, listed, value
from .reported import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["layout", "table"]

_PATIENCE = 10.0
"""Seconds a URL may take."""


def table(given: Any, csv: Any, url: Any, layout: dict[str, Any]) -> dict[str, Any]:
    """Return a table of exactly one of a frame or rows, a CSV file, and a URL of one."""
    if sum(source is not None for source in (given, csv, url)) != 1:
        raise Refused("a table comes from one of table_plot, csv and url")
    if given is None:
        heading, rows = _parted(_read_csv(csv) if url is None else _fetched(str(url)))
    elif hasattr(given, "columns"):
        heading, rows = _of_frame(given)
    else:
        heading, rows = _parted(listed(given))
    width = max(len(heading), max(map(len, rows), default=0))
    bound = max(1, CELLS // max(1, width))
    if len(rows) > bound:
        guard.warn(f"a table of {len(rows):,} rows is kept with the first {bound:,}. This is said once.", "long tables")
    kept = [[value(cell) for cell in row] for row in rows[:bound]]
    columns = [[row[n] if n < len(row) else "" for row in kept] for n in range(width)]
    header = {"values": [str(value(cell)) for cell in heading]}
    return {"data": [{"type": "table", "header": header, "cells": {"values": columns}}], "layout": layout}


def _parted(rows: list[Any]) -> tuple[list[Any], list[list[Any]]]:
    if not rows or not all(isinstance(row, (list, tuple)) for row in rows):
        raise Refused(f"a table is a list of rows, {guard.shown(rows)} is none")
    return list(rows[0]), [list(row) for row in rows[1:]]


def _of_frame(frame: Any) -> tuple[list[Any], list[list[Any]]]:
    """Return the heading and the rows of a data frame: pandas' with an index that says something, or polars'."""
    heading = [str(name) for name in frame.columns]
    if callable(getattr(frame, "rows", None)):
        return heading, [list(row) for row in frame.head(CELLS).rows()]
    cut = frame.head(CELLS)
    columns = [listed(cut.iloc[:, n]) for n in range(len(heading))]
    if type(frame.index).__name__ != "RangeIndex":
        heading, columns = [str(frame.index.name or ""), *heading], [listed(cut.index), *columns]
    return heading, [list(row) for row in zip(*columns, strict=True)]


def _read_csv(path: Any) -> list[list[str]]:
    import os

    with open(os.fspath(path), encoding="utf-8", errors="replace", newline="") as file:
        return _rows(file.read(LARGEST))


def _fetched(url: str) -> list[list[str]]:
    from urllib.request import urlopen

    if url.partition(":")[0].lower() not in ("http", "https", "ftp", "file"):
        raise Refused(f"{guard.shown(url)} is no URL that can be read")
    with urlopen(url, timeout=_PATIENCE) as answer:
        return _rows(answer.read(LARGEST).decode("utf-8", "replace"))


def _rows(text: str) -> list[list[str]]:
    import csv

    return [row for row in csv.reader(text.splitlines(keepends=True)) if row]
