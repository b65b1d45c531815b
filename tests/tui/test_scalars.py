"""The charts of a task: live, readable, and never reading more than what is drawn."""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from textual.strip import Strip

from store.compact import compact
from store.engine import Store
from store.errors import StoreUnusable
from store.queries import scalars as queries
from store.records import MetricRow
from tests.tui.both import Both, both  # noqa: F401 - the fixture
from tests.tui.made import OnTask, Opened, Run, curve, draft, new_store
from tui.charts.chart import Chart
from tui.charts.decimate import Axis, Course
from tui.charts.smooth import WEIGHTS, ema
from tui.format import number
from tui.look import Look
from tui.task_data import TaskSource
from tui.widgets import chartgrid, legend
from tui.widgets.grid import fitted
from tui.widgets.scalars import Charts

BRAILLE = {chr(c) for c in range(0x2801, 0x2900)}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path) as opened:
        yield opened


def charts(opened: Opened) -> Charts:
    pane = opened.screen.pane()
    assert isinstance(pane, Charts)
    return pane


def dots(opened: Opened) -> int:
    return sum(c in BRAILLE for c in opened.text())


async def drawn(opened: Opened) -> str:
    """Wait until everything in sight is drawn."""
    await opened.until(lambda: opened.screen.is_current and charts(opened).charts and not charts(opened).busy, "drawn")
    return opened.text()


def trained(store: Store, titles: tuple[str, ...] = ("loss", "accuracy", "lr"), n: int = 300) -> Run:
    run = Run(store)
    for title in titles:
        run.report(title, "train", *curve(n))
        run.report(title, "val", *curve(n, 2.2, 0.4))
    return run


async def test_one_chart_a_title_with_its_series(store: Store) -> None:
    async with OnTask(store, trained(store).id, "scalars", (120, 40)) as opened:
        text = await drawn(opened)
        for word in ("loss", "accuracy", "lr", "train 0.2000", "val 0.4000"):
            assert word in text
        assert dots(opened) > 100


async def test_charts_and_series_stand_in_the_order_of_their_numbers(store: Store) -> None:
    run = trained(store, ("metric/10", "metric/2"), 20)
    run.report("metric/2", "layer 10", 1.0)
    run.report("metric/2", "layer 9", 1.0)
    async with OnTask(store, run.id, "scalars", (160, 40)) as opened:
        text = await drawn(opened)
        assert [chart.title for chart in charts(opened).charts] == ["metric/2", "metric/10"]
        assert text.index("layer 9") < text.index("layer 10")


@pytest.mark.parametrize("width", [80, 100, 160])
async def test_a_legend_cuts_names_and_leaves_out_series_but_no_number(store: Store, width: int) -> None:
    run = Run(store)
    for n in range(5):
        run.report("gradient norms", f"encoder.layer.{n}.weight", 0.1, -0.001234 * (n + 1))
    async with OnTask(store, run.id, "scalars", (width, 24)) as opened:
        line = next(line for line in (await drawn(opened)).splitlines() if "━" in line)
        assert line.count("━") >= 2 and "-0.001234" in line and "-0.002468" in line
        left = 5 - line.count("━")
        assert not left or f"+{left}" in line
        await opened.press("enter")
        line = next(line for line in (await drawn(opened)).splitlines() if "━" in line)
        assert "-0.001234" in line and "min -0.001234" in line and line.count("…") == ("…" in line[:30])


async def test_no_two_series_read_alike_in_a_legend(store: Store) -> None:
    run, names = Run(store), ("cpu_usage", "disk_write_mb", "disk_read_mb", "disk_free_percent", "memory_used_gb")
    for name in names:
        run.report("machine", name, 99.41, 0.005645)
    async with OnTask(store, run.id, "scalars", (80, 24)) as opened:
        line = next(line for line in (await drawn(opened)).splitlines() if "━" in line)
        told = [part.split()[0] for part in line.split("━")[1:]]
        assert 2 <= len(told) == len(set(told)) and f"+{5 - len(told)}" in line


async def test_it_grows_while_the_task_runs(store: Store) -> None:
    run = trained(store, ("loss",), 20)
    async with OnTask(store, run.id, "scalars") as opened:
        await drawn(opened)
        run.report("loss", "train", *[7.0] * 500)
        await opened.sees("train 7.000")
        text = await drawn(opened)
        assert "500" in text
        run.report("another title", "s", 1.0, 2.0)
        await opened.sees("another title")


async def test_the_machines_series_have_a_tab_of_their_own(store: Store) -> None:
    run = trained(store, ("loss",))
    run.report(":monitor:machine", "cpu %", 12.0, 34.0)
    async with OnTask(store, run.id, "scalars") as opened:
        assert "machine" not in await drawn(opened)
        await opened.press("8")
        await opened.sees("machine", "cpu %", "34.00")
        assert "loss" not in opened.text()


async def test_the_machines_series_stand_in_charts_by_what_they_measure(store: Store) -> None:
    run = Run(store)
    for n, series in enumerate(("cpu_usage", "memory_used_gb", "memory_free_gb", "disk_free_percent", "disk_read_mbs",
                                "disk_write_mbs", "network_tx_mbs", "network_rx_mbs", "process_cpu_usage",
                                "process_memory_gb")):  # fmt: skip
        run.report(":monitor:machine", series, 10.0 + n)
    for card in (0, 1, 10):
        for n, series in enumerate(("utilization", "mem_usage", "mem_used_gb", "temperature", "power_usage")):
            run.report(":monitor:gpu", f"gpu_{card}_{series}", 40.0 + card + n / 4)
    run.report(":monitor:gpu", "gpu_0_fans", 3.0)
    async with OnTask(store, run.id, "system", (160, 48)) as opened:
        text = await drawn(opened)
        told = [chart.title.removeprefix(":monitor:") for chart in charts(opened).charts]
        assert told == ["CPU %", "process CPU, % of a core", "memory GB", "GPU utilization %", "GPU memory GB",
                        "GPU memory %", "GPU power W", "temperature, Celsius", "disk MB/s", "disk free %",
                        "network MB/s", "gpu"]  # fmt: skip
        assert max(len(chart.metrics) for chart in charts(opened).charts) == 3
        for word in ("machine 10.00", "free 12.00", "process 19.00", "read 14.00", "received 17.00", "gpu_0_fans 3.000",
                     "GPU 0 40.00", "GPU 1 41.00", "GPU 10 50.00"):  # fmt: skip
            assert word in text


async def test_a_million_points_are_read_as_two_thousand_buckets_at_most(store: Store) -> None:
    run = Run(store)
    for _ in range(10):
        run.report("loss", "train", *curve(100_000))
    run.end()
    compact(store, run.id, everything=True)
    before = queries.decoded
    async with OnTask(store, run.id, "scalars", (220, 50)) as opened:
        await drawn(opened)
        assert dots(opened) > 100
        assert 0 < queries.decoded - before <= 2_000


async def test_only_charts_in_sight_are_drawn(store: Store) -> None:
    run = trained(store, tuple(f"title {n:02}" for n in range(20)), 30)
    async with OnTask(store, run.id, "scalars", (80, 24)) as opened:
        await drawn(opened)
        assert len(charts(opened).painter) == 4
        for _ in range(9):
            await opened.press("j")
        await opened.sees("title 18")
        await drawn(opened)
        assert 4 < len(charts(opened).painter) < 20 * 2
        await opened.press("g")
        await opened.sees("▸ title 00")
        await opened.press("v", "G")
        await opened.sees("▸   title 19/val")


async def test_nothing_is_read_or_drawn_again_while_nothing_changes(store: Store) -> None:
    run = trained(store)
    async with OnTask(store, run.id, "scalars") as opened:
        await drawn(opened)
        misses = charts(opened).painter.kept.misses
        await opened.press("2", "5")
        await drawn(opened)
        run.say("a line changes no chart")
        await opened.until(lambda: opened.screen.detail and opened.screen.detail.lines == 1)
        await drawn(opened)
        assert charts(opened).painter.kept.misses == misses


async def test_of_a_live_chart_only_the_rows_that_changed_are_made_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run(store)
    run.report("loss", "train", *[1.0] * 300)
    async with OnTask(store, run.id, "scalars", (100, 40)) as opened:
        await drawn(opened)
        rows: list[int] = []
        made = Charts.render_line

        def counting(self: Charts, y: int) -> Strip:
            rows.append(y)
            return made(self, y)

        monkeypatch.setattr(Charts, "render_line", counting)
        run.report("loss", "train", *[1.0] * 40)
        await opened.until(lambda: (found := charts(opened).painter.drawn("loss").curves) and found[0].x[-1] == 339)
        await drawn(opened)
        assert 0 < len(rows) <= 6, "the legend, and the axis with its labels"


async def test_charts_that_grow_together_are_one_question_and_one_frame_with_the_line_above_them(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = trained(store, ("loss", "accuracy"), 20)
    async with OnTask(store, run.id, "scalars", (100, 40)) as opened:
        await drawn(opened)
        asked = questions(monkeypatch)
        frames: list[tuple[int, ...]] = []

        def framed() -> None:
            found = re.search(r"iter (\d+)", opened.text().splitlines()[0])
            ends = [charts(opened).painter.drawn(title).curves[0].x[-1] for title in ("loss", "accuracy")]
            frames.append((int(found[1]) if found else -1, *map(int, ends)))

        monkeypatch.setattr(chartgrid, "SLOWEST", 0.0)
        monkeypatch.setattr(chartgrid, "MOMENT", 60.0)  # however slow this machine is
        opened.app.drawn = framed
        run.report_together(("loss", "train"), ("accuracy", "train"), values=[0.5])
        await opened.until(lambda: (20, 20, 20) in frames, "the new points")
        assert asked == [("feed", 2)], "by the thread that found the change"
        assert {len(set(frame)) for frame in frames} == {1}, frames


async def test_of_what_grows_only_the_charts_in_sight_are_read_and_none_behind_the_table(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    titles = tuple(f"title {n:02}" for n in range(20))
    run = trained(store, titles, 20)
    async with OnTask(store, run.id, "scalars", (80, 24)) as opened:
        await drawn(opened)
        monkeypatch.setattr(chartgrid, "SLOWEST", 0.0)
        asked = questions(monkeypatch)
        run.report_together(*((title, "train") for title in titles), values=[0.5])
        await opened.until(lambda: charts(opened).painter.drawn("title 00").curves[0].x[-1] == 20, "the new points")
        assert asked == [("feed", 4)]
        await opened.press("v")
        await opened.sees("title 00/train")
        await drawn(opened)
        asked.clear()
        run.report_together(*((title, "train") for title in titles), values=[0.25])
        await opened.sees("0.2500")
        await drawn(opened)
        assert [many for _, many in asked] == [1], "the row under the cursor"


async def test_charts_that_take_long_are_read_as_seldom_as_they_are_drawn(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = trained(store, ("loss",), 20)
    async with OnTask(store, run.id, "scalars", (80, 24)) as opened:
        await drawn(opened)
        asked = questions(monkeypatch)
        monkeypatch.setattr(chartgrid, "SLOWEST", 60.0)
        charts(opened)._cost = 10.0
        run.report("loss", "train", 0.5)
        await opened.until(lambda: "iter 20" in opened.text().splitlines()[0], "the change")
        assert asked == []
        await opened.press("s")
        await opened.until(lambda: charts(opened).painter.drawn("loss").curves[0].x[-1] == 20, "drawn for a key")
        assert asked == [("query", 2)], "both as they are by now"
        assert charts(opened)._cost < 10.0
        charts(opened).painter.ahead = 7.0
        await opened.press("s")
        await opened.until(lambda: charts(opened)._cost > 7.0, "what was read ahead counts")


def questions(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Return what fills with the thread and the number of series of each question for points."""
    asked: list[tuple[str, int]] = []
    courses = TaskSource.courses_by

    def counting(self: TaskSource, connection: Any, numbers: Sequence[int], *how: Any) -> Sequence[Course]:
        asked.append((threading.current_thread().name.partition("_")[0], len(numbers)))
        return courses(self, connection, numbers, *how)

    monkeypatch.setattr(TaskSource, "courses_by", counting)
    return asked


@pytest.mark.parametrize("many", [5, 12, 31, 131])
def test_a_line_of_series_says_how_many_it_leaves_out(many: int) -> None:
    metrics = tuple(MetricRow("loss", f"fold{n:02}", n, 5, 0, 1.0, 0.1 + n, 0.0, 2.0, 4, 0.0) for n in range(many))
    chart = Chart("loss", metrics)
    for width in range(24, 200):
        entries = [legend.Entry(number(metric.last)) for metric in metrics[: legend.most(width)]]
        line = "".join(segment.text for segment in legend.short(Look(), chart, entries, width, markers=False))
        shown = line.count("━")
        assert shown == many or line.split()[-1] == f"+{many - shown}", line


async def test_full_screen_with_all_the_figures(store: Store) -> None:
    run = trained(store, ("loss", "accuracy"))
    run.report("loss", "train", math.nan)
    async with OnTask(store, run.id, "scalars", (120, 40)) as opened:
        await drawn(opened)
        await opened.press("j", "enter")
        text = await opened.sees("min 0.2000", "max 2.000", "first 2.000", "1 NaN", "NaN")
        assert "accuracy" not in text
        await opened.press("escape")
        await opened.sees("accuracy")


@pytest.mark.usefixtures("both")
@pytest.mark.parametrize("titles", [("acc", "loss"), ("acc", "f1", "loss", "lr", "norm")])
@pytest.mark.parametrize("back", ["enter", "escape"])
async def test_a_full_chart_leaves_nothing_of_it_in_the_cells_beside_it(
    store: Store, titles: tuple[str, ...], back: str
) -> None:
    async with OnTask(store, trained(store, titles).id, "scalars", (120, 40)) as opened:
        for way in ((), ("underscore",), ("underscore",)):
            await opened.press(*way)
            await drawn(opened)
            before = terminal(opened)
            await opened.press("enter")
            await drawn(opened)
            assert terminal(opened) != before
            await opened.press(back)
            await drawn(opened)
            assert terminal(opened) == before
        await opened.press("enter")
        await drawn(opened)
        await opened.pilot.resize_terminal(100, 30)
        await drawn(opened)
        await opened.press(back)
        await drawn(opened)
        assert terminal(opened) == [line.rstrip() for line in opened.text().splitlines()]


def terminal(opened: Opened) -> list[str]:
    """Return the rows that the terminal was left with by the updates, which send parts of the screen only."""
    assert isinstance(opened.app, Both)
    return [row.rstrip() for row in opened.app.staged.screen.display]


async def test_the_value_cursor(store: Store) -> None:
    run = Run(store)
    run.report("loss", "train", *(float(n) for n in range(30)))
    async with OnTask(store, run.id, "scalars") as opened:
        await drawn(opened)
        await opened.press("left")
        await opened.sees("at 29")
        for _ in range(90):
            await opened.press("left")
        await opened.sees("at 0", "train 0")
        await opened.press("escape")
        await opened.until(lambda: charts(opened).cursor is None)
        assert opened.screen.is_current


async def test_the_cursor_stands_at_one_place_in_all_charts_and_a_series_that_ended_has_no_value_there(
    store: Store,
) -> None:
    run = Run(store)
    run.report("long", "s", *(float(n) for n in range(100)))
    run.report("odd", "s", *(math.inf if n == 99 else 1.0 for n in range(100)))
    run.report("short", "s", *[7.0] * 50)
    async with OnTask(store, run.id, "scalars", (160, 24)) as opened:
        await drawn(opened)
        await opened.press("left")
        await opened.sees("at 99", "s 99.00", "s inf", "s -")
        for _ in range(40):
            await opened.press("left")
        await opened.sees("s 7.000")


def stepped(n: int) -> list[float]:
    """Return values that tell which iteration each is of: no two are the same."""
    return [n / 10_000 for n in range(n)]


def under_cursor(opened: Opened) -> tuple[int, list[float]]:
    """Return the iteration that the value cursor names, and the values that stand beside its series."""
    text = opened.text()
    return int(re.search(r"\bat (\d+)", text)[1]), [float(v) for v in re.findall(r"━ s +([\d.]+)", text)]  # type: ignore[index]


def beside(opened: Opened, name: str) -> list[str]:
    """Return what stands beside a name in the table of values."""
    row = next(line.split() for line in opened.text().splitlines() if name in line)
    return row[row.index(name) + 1 :]


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
async def test_the_value_under_the_cursor_is_that_of_the_iteration_it_names(
    store: Store, size: tuple[int, int]
) -> None:
    run = Run(store)
    for title in ("accuracy", "loss", "rate"):
        run.report(title, "s", *stepped(1400))
    compact(store, run.id, everything=True)
    async with OnTask(store, run.id, "scalars", size) as opened:
        await drawn(opened)
        for keys in (["left"] * 15, ["enter"], ["left"] * 3, ["plus"], ["left", "left", "right"]):
            await opened.press(*keys)
            await drawn(opened)
            at, told = under_cursor(opened)
            assert told and set(told) == {at / 10_000}, (keys, at)
        await opened.press("v")
        await drawn(opened)
        await opened.sees(f"at {at}")
        for title in ("accuracy", "loss", "rate"):
            assert beside(opened, f"{title}/s")[0] == number(at / 10_000)


async def test_a_value_from_before_the_cursor_says_from_where_it_is(store: Store) -> None:
    run = Run(store)
    run.report("loss", "s", *stepped(1000))
    run.report_at("accuracy", "val", {n: n / 1000 for n in range(0, 1000, 100)})
    async with OnTask(store, run.id, "scalars", (120, 24)) as opened:
        await drawn(opened)
        await opened.press("j", "left", "left", "left")
        await drawn(opened)
        at, _ = under_cursor(opened)
        assert 900 < at < 999
        await opened.sees("val 0.9000@900", f"s 0.0{at}")
        await opened.press("v")
        await opened.sees("from")
        assert beside(opened, "accuracy/val")[:3] == ["▴0.9000", "900", "▴0.9000"]
        assert beside(opened, "loss/s")[:2] == [number(at / 10_000), "▴0.09990"]
        await opened.press("k", "enter")
        await opened.sees("val", "0.9000  at 900")


async def test_the_cursor_goes_from_point_to_point(store: Store) -> None:
    run = Run(store)
    run.report_at("accuracy", "val", {7: 0.1, 1000: 0.2, 1003: 0.3})
    async with OnTask(store, run.id, "scalars") as opened:
        await drawn(opened)
        for key, at, value in (("left", 1003, 0.3), ("left", 1000, 0.2), ("left", 7, 0.1), ("left", 7, 0.1),
                               ("right", 1000, 0.2), ("right", 1003, 0.3), ("right", 1003, 0.3)):  # fmt: skip
            await opened.press(key)
            await opened.sees(f"at {at}", f"val {value:.4f}")


async def test_no_value_of_another_iteration_is_shown_while_the_store_cannot_be_read(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run(store)
    run.report("loss", "s", *stepped(1000))
    async with OnTask(store, run.id, "scalars") as opened:
        await drawn(opened)
        await opened.press("left", "left")
        await opened.until(lambda: under_cursor(opened)[1], "a value")
        monkeypatch.setattr(opened.app.data, "read", away)
        await opened.press("left")
        await drawn(opened)
        assert "s …" in opened.text() and not under_cursor(opened)[1]
        monkeypatch.undo()
        await opened.press("left")
        await drawn(opened)
        at, told = under_cursor(opened)
        assert told == [at / 10_000]


async def away(*asked: object) -> object:
    raise StoreUnusable("The store cannot be read.")


@pytest.mark.parametrize("weight", [0.6, 0.97])
@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
async def test_the_smoothed_value_under_the_cursor_is_the_average_of_all_points(
    store: Store, size: tuple[int, int], weight: float
) -> None:
    values = [0.1 * 0.99**n for n in range(1400)]
    run = Run(store)
    run.report("lr", "s", *values)
    compact(store, run.id, everything=True)
    async with OnTask(store, run.id, "scalars", size) as opened:
        await drawn(opened)
        await opened.press("L", *["s"] * WEIGHTS.index(weight), *["left"] * 12)
        await drawn(opened)
        for keys in (["left"], ["enter"], ["plus"], ["right", "0"]):
            await opened.press(*keys)
            await drawn(opened)
            at = int(charts(opened).cursor or 0)
            assert re.search(rf"━ s +{re.escape(number(ema(values[: at + 1], weight)[-1]))}", opened.text()), keys


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
@pytest.mark.parametrize("weight", [0.6, 0.97])
async def test_the_smoothed_line_is_that_of_the_points_at_any_width_and_zoom(
    store: Store, size: tuple[int, int], weight: float
) -> None:
    values = [0.1 * 0.995**n + 0.01 * (n % 7) for n in range(5000)]
    line = ema(values, weight)
    run = Run(store)
    run.report("lr", "s", *values)
    compact(store, run.id, everything=True)
    async with OnTask(store, run.id, "scalars", size) as opened:
        await drawn(opened)
        await opened.press(*["s"] * WEIGHTS.index(weight))
        for keys in ([], ["enter"], ["plus"], ["plus", "plus", "plus", "plus"], ["x"], ["x"]):
            await opened.press(*keys)
            await drawn(opened)
            [shown] = charts(opened).painter.drawn("lr").curves
            ends = [at for at, value in enumerate(values) if value in shown.last]
            means = [math.fsum(line[after + 1 : at + 1]) / (at - after) for after, at in pairwise(ends)]
            assert len(ends) == len(shown) and shown.smooth[1:] == pytest.approx(means), keys


async def test_a_zoom_into_a_series_that_went_back_begins_with_the_average_of_what_lies_before(store: Store) -> None:
    run = Run(store)
    first, again = {n: 5 - n / 1000 for n in range(3000)}, {n: n / 1000 for n in range(1000, 2000)}
    for values in (first, again):
        run.report_at("loss", "s", values)
    compact(store, run.id, everything=True)
    points = sorted([*first.items(), *again.items()], key=lambda point: point[0])
    line = ema([value for _, value in points], 0.97)
    async with OnTask(store, run.id, "scalars", (160, 48)) as opened:
        await drawn(opened)
        await opened.press("s", "s", "s", "enter", *["plus"] * 7)
        await drawn(opened)
        [shown] = charts(opened).painter.drawn("loss").curves
        told = dict(zip(shown.x, shown.smooth, strict=True))
        for after, at in pairwise(sorted(told)):
            own = [value for (x, _), value in zip(points, line, strict=True) if after < x <= at]
            assert told[at] == pytest.approx(math.fsum(own) / len(own))


async def test_of_many_points_the_line_is_smoothed_without_reading_them_and_the_figure_is_exact(store: Store) -> None:
    values = [1 + math.sin(n / 9_000) + n % 5 / 10 for n in range(120_000)]
    line = ema(values, 0.9)
    run = Run(store)
    run.report("loss", "s", *values)
    compact(store, run.id, everything=True)
    for size in ((80, 24), (160, 48)):
        async with OnTask(store, run.id, "scalars", size) as opened:
            await drawn(opened)
            before = queries.decoded
            await opened.press("s", "s")
            await drawn(opened)
            assert queries.decoded - before <= 2_000
            [shown] = charts(opened).painter.drawn("loss").curves
            ends = [int(x) + 1 for x in shown.x]
            means = [math.fsum(line[start:stop]) / (stop - start) for start, stop in pairwise([0, *ends])]
            assert shown.smooth == pytest.approx(means, abs=0.4 * 10 / (120_000 / len(shown)))
            await opened.press(*["left"] * 9)
            await drawn(opened)
            assert f"━ s {number(line[int(charts(opened).cursor or 0)])}" in opened.text()


async def test_pinned_charts_stand_first_in_their_project_also_next_time(store: Store) -> None:
    run = trained(store, ("accuracy", "loss", "rate"), 10)
    async with OnTask(store, run.id, "scalars") as opened:
        await drawn(opened)
        await opened.press("j", "p")
        await opened.sees("Pinned: rate.", "▸ ◆ rate")
        assert [chart.title for chart in charts(opened).charts] == ["rate", "accuracy", "loss"]
        await opened.until(lambda: opened.app.is_calm)
    other = trained(store, ("loss", "rate"), 10)
    async with OnTask(store, other.id, "scalars", look=Look(ascii=True)) as opened:
        await drawn(opened)
        assert [chart.title for chart in charts(opened).charts] == ["rate", "loss"]
        await opened.press("p")
        await opened.sees("No longer pinned: rate.", "> rate")
        assert [chart.title for chart in charts(opened).charts] == ["loss", "rate"]


async def test_a_table_of_all_values_with_signs_at_the_extremes(store: Store) -> None:
    run = Run(store)
    run.report("accuracy", "val", 0.5, 0.25, 0.75)
    run.report("loss", "train", 3.0, 1.0, 2.0)
    run.report("loss", "val", 3.0, math.nan)
    async with OnTask(store, run.id, "scalars", (80, 24)) as opened:
        await drawn(opened)
        await opened.press("v")
        text = await opened.sees("values", "▾ min  ▴ max")
        rows = [line.split() for line in text.splitlines()]
        assert ["▸", "accuracy/val", "▴0.7500", "0.2500", "0.7500", "0.5000"] in rows
        assert ["loss/train", "2.000", "1.000", "3.000", "▴3.000"] in rows
        assert ["loss/val", "NaN", "3.000", "3.000", "3.000"] in rows
        await opened.press("j", "left")
        await opened.sees("at 2")
        await opened.until(lambda: "▴0.7500    ▴0.7500" in opened.text(), "values at the last iteration")
        told = next(line.split() for line in opened.text().splitlines() if "loss/val" in line)
        assert told == ["loss/val", "-", "NaN", "3.000", "3.000", "3.000"]
        await opened.press("enter")
        text = await drawn(opened)
        assert "accuracy" not in text and "first 3.000" in text, "the chart of the row"
        await opened.press("v", "escape", "escape")
        await opened.until(lambda: not charts(opened).listed)


async def test_zooming_far_the_cursor_takes_the_window_along(store: Store) -> None:
    run = Run(store)
    run.report("loss", "train", *curve(4000))
    async with OnTask(store, run.id, "scalars") as opened:
        await drawn(opened)
        await opened.press("enter", "plus", "plus", "left")
        await drawn(opened)
        low, high = charts(opened).window or (0, 0)
        await opened.press("right", "right")
        await drawn(opened)
        by = (high - low) / 2
        assert list(charts(opened).window or ()) == pytest.approx([low + by, high + by])


async def test_axes_smoothing_scale_and_markers(store: Store) -> None:
    async with OnTask(store, trained(store, ("loss",)).id, "scalars", (120, 30)) as opened:
        first = await drawn(opened)
        seen = {first}
        for key, word in (("x", "relative"), ("x", "wall"), ("x", ""), ("s", "smooth 0.6"), ("L", "log"),
                          ("o", "no outliers"), ("M", "")):  # fmt: skip
            await opened.press(key)
            await opened.sees(word)
            seen.add(await drawn(opened))
        assert len(seen) == 7  # the third x is the first picture again
        assert charts(opened).settings.axis is Axis.ITERATION


async def test_another_axis_takes_the_value_cursor_away(store: Store) -> None:
    async with OnTask(store, trained(store, ("loss",)).id, "scalars") as opened:
        await drawn(opened)
        await opened.press("enter", "left", "left", "left")
        await opened.sees("at 29")
        area = charts(opened).painter.drawn("loss").picture.area
        column = charts(opened).content_region.x + area.column(charts(opened).cursor or 0.0)
        assert crossed(opened, column) > 10
        await opened.press("x")
        await opened.until(lambda: charts(opened).painter.drawn("loss").curves[0].x[-1] < 299.5, "relative time")
        await opened.until(lambda: not crossed(opened, column), "no cursor")


def crossed(opened: Opened, column: int) -> int:
    """Return in how many rows the value cursor's line stands in a column."""
    return sum(row[column : column + 1] == "│" for row in opened.text().splitlines())


async def test_zoom_reads_closer_and_back(store: Store) -> None:
    run = Run(store)
    run.report("loss", "train", *curve(5000))
    async with OnTask(store, run.id, "scalars") as opened:
        await drawn(opened)
        await opened.press("enter", "plus", "plus")
        await opened.sees("zoomed")
        await drawn(opened)
        low, high = charts(opened).window or (0, 0)
        assert high - low == pytest.approx(5000 / 4, rel=0.02)
        await opened.press("0")
        await drawn(opened)
        assert charts(opened).window is None


async def test_another_execution_with_as_many_points_is_drawn_anew(store: Store) -> None:
    run = Run(store)
    run.report("loss", "train", *range(20))
    run.end()
    async with OnTask(store, run.id, "scalars") as opened:
        await opened.sees("train 19")
        run.again()
        run.report("loss", "train", *range(700, 720))
        await opened.sees("train 719", "710┤")
        await opened.press("enter", "left", "plus", "plus")
        await opened.sees("zoomed", "at ")
        run.end()
        run.again()
        run.report("loss", "train", *range(9))
        text = await opened.sees("train      8.000")
        assert "zoomed" not in text and charts(opened).cursor is None


async def test_only_nan_and_nothing_yet_are_said(store: Store) -> None:
    run = Run(store)
    run.report("loss", "train", math.nan, math.nan)
    async with OnTask(store, run.id, "scalars") as opened:
        await opened.sees("only NaN so far")
    async with OnTask(store, draft(store), "scalars") as opened:
        await opened.sees("No scalars yet")
        charts(opened).known = False
        await opened.until(lambda: "No scalars yet" not in opened.text(), "nothing said before the task is read")
        charts(opened).known = True
        await opened.sees("No scalars yet")
        await opened.press("v")
        await opened.sees("There are no series to list yet.")
        assert not charts(opened).leave(), "nothing was turned on that a step back would take away"


async def test_without_colour_and_utf8_series_differ_by_character(store: Store) -> None:
    run = trained(store, ("loss",))
    async with OnTask(store, run.id, "scalars", look=Look(ascii=True, colour=False)) as opened:
        text = await drawn(opened)
        assert "o train" in text and "x val" in text
        assert text.isascii()


def test_the_grid_fills_the_pane() -> None:
    for charts_, width, height in ((1, 80, 20), (5, 80, 20), (5, 158, 44), (30, 220, 50), (2, 30, 8)):
        grid = fitted(charts_, width, height)
        assert grid.across * grid.width + (grid.across - 1) * 2 <= width
        assert grid.down * grid.height <= height
        assert grid.down <= grid.rows
    assert fitted(5, 80, 20).across == 2 and fitted(5, 158, 44).across == 3
