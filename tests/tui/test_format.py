from __future__ import annotations

import math

import pytest
from rich.cells import cell_len

from store.lifecycle import Status
from tui import chosen
from tui import columns as cols
from tui import format as form


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""), (0, "0"), (0.2134, "0.2134"), (0.5, "0.5000"), (1, "1.000"), (12.5, "12.50"), (999.96, "1000"),
        (1234.5, "1234"), (610, "610.0"), (123456, "123456"), (12345678, "1.235e7"), (3e-5, "3e-5"),
        (0.00123, "0.001230"),        (-0.25, "-0.2500"), (math.nan, "NaN"), (math.inf, "inf"), (-math.inf, "-inf"),
    ],
)  # fmt: skip
def test_numbers_have_four_significant_digits(value: float | None, shown: str) -> None:
    assert form.number(value) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(None, ""), (-5, "<1m"), (0, "<1m"), (59, "<1m"), (60, "1m"), (3599, "59m"), (3600, "1h"), (47 * 3600, "47h"),
     (48 * 3600, "2d"), (89 * 86400, "89d"), (90 * 86400, "12w"), (800 * 86400, "2y")],
)  # fmt: skip
def test_ages_go_in_minutes(seconds: float | None, shown: str) -> None:
    assert form.age(seconds) == shown


def test_every_state_has_its_own_glyph_and_letter() -> None:
    marks = {form.status_mark(status) for status in Status}
    letters = {form.status_mark(status, ascii_only=True) for status in Status}
    assert len(marks) == len(letters) == 7
    assert all(cell_len(mark) == 2 for mark in marks | letters)
    assert "".join(sorted(letters)).isascii()


@pytest.mark.parametrize("width", [1, 2, 3, 8, 20])
@pytest.mark.parametrize(
    "text", ["", "a", "resnet-lr3e-5", "会議モデル", "é" * 30, "🙂🙂🙂", "\x1b[31mred\x1b[0m", "a\tb\nc"]
)
def test_a_fitted_text_has_exactly_its_cells_and_no_control(text: str, width: int) -> None:
    for align in ("left", "right"):
        fitted = form.fit(text, width, align)
        assert cell_len(fitted) == width
        assert all(ord(c) >= 32 and not 127 <= ord(c) < 160 for c in fitted)
    assert form.cell(text, width).cell_len == width


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [("vision/digits", 13, "vision/digits"), ("vision/digits", 7, "…digits"), ("名前/空", 5, "…/空"), ("ab", 0, "…")],
)
def test_of_a_long_path_the_end_stays(text: str, width: int, shown: str) -> None:
    assert form.end_of(text, width) == shown


def test_a_cell_is_never_markup() -> None:
    assert form.cell("[bold]x[/oops]").plain == "[bold]x[/oops]"


def test_bars_grow_by_eighths_and_are_full_only_at_the_end() -> None:
    bars = [form.bar(percent, 10) for percent in range(101)]
    assert all(cell_len(bar) == 10 for bar in bars)
    assert len(set(bars)) > 70
    assert bars[64] == "██████▍   "
    assert bars[100] == "█" * 10 != bars[99]
    assert form.bar(50, 10, ascii_only=True) == "#####     "
    assert form.percentage(99.9) == " 99%"
    assert form.bar(math.nan, 4) == form.bar(None, 4) == "    "


@pytest.mark.parametrize("width", range(30, 220, 7))
@pytest.mark.parametrize("one_project", [True, False])
def test_columns_fill_the_width_without_running_over(width: int, one_project: bool) -> None:
    chosen = cols.layout(cols.columns(("loss", "val"), one_project), width, 9)
    used = sum(cells + 1 for _, cells in chosen) - 1
    assert used <= width
    assert {"status", "name"} <= {column.key for column, _ in chosen}
    if width >= 80:
        assert width - used <= 1
        assert {"status", "name", "type", "progress", "iteration", "metric", "age", "tags"} <= {
            c.key for c, _ in chosen
        }


def test_a_long_metric_keeps_its_series() -> None:
    column = cols.metric_column(("cross entropy per token", "val"))
    assert cols.heading(column, 10) == "cross…/val"
    assert cols.heading(cols.metric_column(("loss", "loss")), 10) == "loss"
    column = chosen.cell_column("metric:cross_entropy/validation.delta-min")
    assert [cols.heading(column, width) for width in (60, 24, 16, 11)] == [
        "cross_entropy/validation delta-min", "cr…/validation delta-min", "cross… delta-min", "… delta-min",
    ]  # fmt: skip
