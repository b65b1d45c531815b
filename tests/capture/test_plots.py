"""The plots a script reports: ClearML's calls, arrays of any library, and nonsense that never raises."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from capture import guard
from capture.plotting_figures import of_plotly
from capture.plotting_matplotlib import figure
from store.engine import open_store
from store.figures import unpack
from store.queries import plots
from tests.capture.conftest import Bench

KINDS = """
    from capture.utilities.plotly_reporter import SeriesInfo
    class Array:  # what numpy, torch and pandas have in common
        def __init__(self, items): self.items = items
        def tolist(self): return self.items
        def __len__(self): return len(self.items)
        def __getitem__(self, place):
            part = self.items[place]
            return Array(part) if isinstance(part, list) else part
    class Frame:
        columns, index = ["name", "rate"], range(2)
        class iloc:
            def __class_getitem__(cls, place): return Array([["a", "b"], [0.5, float("nan")]][place[1]])
        def head(self, n): return self
    Frame.index = type("RangeIndex", (), {})()
    task = Task.init("tests/plots", "kinds", auto_connect_streams=False)
    log, nan = task.get_logger(), float("nan")
    log.report_histogram("histogram", "h", Array([3, 2.5, nan]), 7, xlabels=["a", "b", "c"], xaxis="x", mode="stack")
    log.report_vector("vector", "v", [[1, 2], [3, 4]], labels=["one", "two"])
    line = SeriesInfo("l", Array([[0, 1], [1, float("inf")]]), ["p", "q"])
    log.report_line_plot("lines", [line], "x", "y", comment="c")
    log.report_scatter2d("scatter", "s", Array([[0, 1], [1, 2]]), mode="markers",
                         extra_layout={"xaxis": {"type": "log", "range": [2, 1]}})
    log.report_scatter3d("space", ["a", "b"], [[[1, 2, 3]], [[4, 5, 6]]], zaxis="z")
    log.report_confusion_matrix("confusion", "m", Array([[5, 1], [0, 7]]), 3, xlabels=["cat", "dog"],
                                yaxis_reversed=True)
    log.report_matrix("matrix", "m", [[1.5, 2], [3, -nan]])
    log.report_surface("surface", "s", [[1, 2], [3, 4]], zaxis="height")
    log.report_table("table", "rows", table_plot=[["k", "v"], ["a", 1], ["b"]])
    log.report_table("table", "frame", table_plot=Frame())
    open("t.csv", "w").write("k,v\\na,1\\n")
    log.report_table("table", "csv", csv="t.csv")
    log.report_table("table", "url", url="file://" + os.path.abspath("t.csv"))
    pie = {"type": "pie", "labels": ["a"], "values": [1], "hole": 0.3}
    log.report_plotly("plotly", "pie", {"data": [pie], "layout": {}})
"""


def test_every_call_leaves_a_figure(bench: Bench) -> None:
    bench.run(KINDS)
    found = bench.journal().plots
    assert all(len(kept) == 1 for kept in found.values())
    assert found.pop(("histogram", "h")) == [(7, {
        "data": [{"type": "bar", "name": "h", "x": ["a", "b", "c"], "y": [3, 2.5, "NaN"]}],
        "layout": {"barmode": "stack", "xaxis": {"title": "x"}},
    })]  # fmt: skip
    flat = {key: (at, fig["data"], fig["layout"]) for key, [(at, fig)] in found.items()}
    _, [one, two], layout = flat["vector", "v"]
    assert (one["y"], two["y"], one["name"], layout) == ([1, 2], [3, 4], "one", {"barmode": "group"})
    _, [line], layout = flat["lines", ""]
    assert line == {"type": "scatter", "name": "l", "mode": "lines", "x": [0, 1], "y": [1, "Infinity"],
                    "text": ["p", "q"]}  # fmt: skip
    assert layout["comment"] == "c"
    assert flat["scatter", "s"][2] == {"xaxis": {"type": "log", "autorange": "reversed"}}
    assert [(t["name"], t["z"]) for t in flat["space", "a"][1]] == [("a", [3]), ("b", [6])]
    at, [heat], layout = flat["confusion", "m"]
    assert (at, heat, layout) == (3, {"type": "heatmap", "z": [[5, 1], [0, 7]], "x": ["cat", "dog"]},
                                  {"yaxis": {"autorange": "reversed"}})  # fmt: skip
    assert flat["matrix", "m"][1][0]["z"] == [[1.5, 2], [3, "NaN"]]
    assert flat["surface", "s"][1][0]["type"] == "surface" and flat["surface", "s"][2]["zaxis"] == {"title": "height"}
    tables = {name: flat["table", name][1][0] for name in ("rows", "frame", "csv", "url")}
    assert tables["rows"]["cells"]["values"] == [["a", "b"], [1, ""]]
    assert tables["frame"]["header"]["values"] == ["name", "rate"]
    assert tables["frame"]["cells"]["values"] == [["a", "b"], [0.5, "NaN"]]
    assert tables["csv"] == tables["url"] and tables["csv"]["cells"]["values"] == [["a"], ["1"]]
    assert flat["plotly", "pie"][1] == [{"type": "pie", "labels": ["a"], "values": [1]}]


def test_no_nonsense_raises_and_what_is_too_much_is_thinned_or_refused(bench: Bench) -> None:
    done = bench.run("""
        task = Task.init("tests/plots", "nonsense", auto_connect_streams=False)
        log = task.get_logger()
        class Bad:
            def __getattr__(self, name): raise RuntimeError("no")
            def __repr__(self): raise RuntimeError("no")
        wrong = ["x", None, 5, Bad(), {"a": 1}, [None], [[1], 2], object()]
        for what in wrong:
            log.report_histogram("bad", "h", what); log.report_scatter2d("bad", "s", what)
            log.report_scatter3d("bad", "c", what); log.report_matrix("bad", "m", what)
            log.report_surface("bad", "u", what); log.report_table("bad", "t", table_plot=what)
            log.report_plotly("bad", "p", what); log.report_line_plot("bad", what, "x", "y")
            log.report_matplotlib_figure("bad", "f", what)
        log.report_table("bad", "t", csv="/nowhere/at/all"); log.report_table("bad", "t", url="gopher://x")
        log.report_table("bad", "t", csv="a", url="b"); log.report_histogram("", "h", [1])
        log.report_histogram("bad", "h", [1], iteration=-1)
        log.report_scatter2d("much", "points", [[n, n] for n in range(120_000)])
        log.report_matrix("much", "cells", [[0] * 1000 for _ in range(1000)])
        log.report_table("much", "rows", table_plot=[["a", "b"]] + [[1, 2]] * 150_000)
        log.report_table("much", "text", table_plot=[["a"]] + [["x" * 900]] * 10_000)
        log.report_plotly("much", "plotly", {"data": [{"type": "scatter", "y": list(range(200_000))}]})
        task.close()
        log.report_histogram("late", "h", [1])
    """)
    written = bench.journal()
    kept = {series: found[0][1]["data"][0] for (title, series), found in written.plots.items() if title == "much"}
    assert len(kept["points"]["x"]) == 40_000 and kept["points"]["y"][1] == 3 and len(kept["plotly"]["y"]) == 50_000
    assert len(kept["cells"]["z"]) == len(kept["cells"]["z"][0]) == 334
    assert len(kept["rows"]["cells"]["values"][0]) == 100_000 and "text" not in kept
    assert {title for title, _ in written.plots} <= {"much", "bad"}
    said = done.stderr
    for words in ("larger than 5 MiB", "one in 3", "first 100,000", "names that are not empty", "after its task"):
        assert words in said
    assert said.count("bad/m:") == 1 and "Traceback" not in said
    refused = sum(event["count"] for event in written.events if event["e"] == "refused")
    assert refused >= 8 * 5 and not any(key[0] in ("late", "") for key in written.plots)


class Plotly:
    """A figure object as plotly's: made of objects that give dictionaries, numpy's arrays as base64."""

    def __init__(self, **parts: Any) -> None:
        self.parts = parts

    def to_plotly_json(self) -> dict[str, Any]:
        return self.parts


def test_what_plotly_makes_of_arrays_is_read() -> None:
    whole = Plotly(
        data=(
            Plotly(type="scatter", y={"dtype": "f4", "bdata": "AACAPwAAAEA="}, marker={"color": "red"}, xaxis="x2"),
            {"type": "heatmap", "z": {"dtype": "i1", "bdata": "AQIDBAUG", "shape": "2, 3"}, "text": [["a"]]},
        ),
        layout=Plotly(title={"text": "T"}, xaxis2={"title": "X", "showgrid": False}, scene={"zaxis": {"title": "Z"}}),
    )
    assert of_plotly(whole) == {
        "data": [{"type": "scatter", "y": [1.0, 2.0], "xaxis": "x2"},
                 {"type": "heatmap", "z": [[1, 2, 3], [4, 5, 6]]}],
        "layout": {"title": "T", "xaxis2": {"title": "X"}, "zaxis": {"title": "Z"}},
    }  # fmt: skip


def test_what_tells_how_boxes_and_violins_are_drawn_is_kept() -> None:
    box = {"type": "box", "q1": [1.0], "median": [2], "q3": [3], "y": [[1, float("nan")]], "boxpoints": False,
           "boxmean": "sd", "fillcolor": "red", "offsetgroup": "a", "x0": " "}  # fmt: skip
    violin = {"type": "violin", "y": {"dtype": "f8", "bdata": "AAAAAAAA8D8="}, "span": (0, 5), "side": "positive",
              "box": Plotly(width=0.5), "meanline": {"visible": False}, "line": {"color": "red"}}  # fmt: skip
    axis = {"tickvals": (0, 1), "ticktext": ["a", "b"], "tickangle": 45}
    found = of_plotly({"data": [box, violin], "layout": {"violinmode": "group", "xaxis": axis}})
    assert found["data"][0] == {name: box[name] for name in box if name != "fillcolor"} | {"y": [[1, "NaN"]]}
    assert found["data"][1] == {"type": "violin", "y": [1.0], "span": [0, 5], "side": "positive",
                                "box": {"visible": True, "width": 0.5}, "meanline": {"visible": False}}  # fmt: skip
    assert found["layout"] == {"violinmode": "group", "xaxis": {"tickvals": [0, 1], "ticktext": ["a", "b"]}}


class Part:
    """Anything of a matplotlib figure: ``get_x()`` gives what was set as ``x``."""

    def __init__(self, **given: Any) -> None:
        self.__dict__.update(given)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("get_") and name[4:] in self.__dict__:
            return lambda: self.__dict__[name[4:]]
        raise AttributeError(name)


class PathCollection(Part):
    pass


class PathPatch(Part):
    pass


class PolyCollection(Part):
    offsets = ((0.0, 0.0),)

    def get_offsets(self) -> Any:
        return self.offsets


class LineCollection(PolyCollection):
    pass


class FixedFormatter:
    pass


def axes(**parts: Any) -> Part:
    empty: dict[str, Any] = {"lines": [], "collections": [], "containers": [], "images": []}
    about = {"title": "", "xlabel": "", "ylabel": "", "xscale": "linear", "yscale": "linear",
             "xaxis_inverted": lambda: False, "yaxis_inverted": lambda: False}  # fmt: skip
    return Part(**empty | about | parts)


def test_a_matplotlib_figure_is_read_by_what_it_can_tell() -> None:
    line = Part(xdata=[1, 2], ydata=[3, 4], label="train", linestyle="--", color="C0")
    dots = PathCollection(offsets=[[1, 2], [3, 4]], label="_child1")
    bars = Part(patches=[Part(x=0.6, y=0, width=0.8, height=5)], label="bars")
    across = Part(x=0, y=0.6, width=5, height=0.8)
    image = Part(array=Part(ndim=3, label="picture"), label="")
    shown = Part(axes=[
        axes(lines=[line], collections=[dots], images=[image], title="first", xlabel="x", yscale="log"), axes(),
        axes(containers=[bars, Part(patches=[across], label="_", orientation="horizontal")], title="second"),
    ])  # fmt: skip
    found = figure(Part(gcf=lambda: shown))
    assert found["data"] == [
        {"type": "scatter", "mode": "lines", "x": [1, 2], "y": [3, 4], "name": "train", "xaxis": "x", "yaxis": "y"},
        {"type": "scatter", "mode": "markers", "x": [1, 3], "y": [2, 4], "xaxis": "x", "yaxis": "y"},
        {"type": "bar", "x": [1.0], "y": [5], "name": "bars", "xaxis": "x2", "yaxis": "y2"},
        {"type": "bar", "y": [1.0], "x": [5], "orientation": "h", "xaxis": "x2", "yaxis": "y2"},
    ]
    layout = found["layout"]
    assert (layout["title"], layout["xaxis"], layout["yaxis"]["type"]) == ("first | second", {"title": "x"}, "log")


def stroke(x: list[float], y: list[float], colour: str, label: str = "_child1", linestyle: str = "-") -> Part:
    return Part(xdata=x, ydata=y, label=label, linestyle=linestyle, color=colour)


def outline(*corners: tuple[float, float]) -> Part:
    return Part(to_polygons=lambda: [np.array([*corners, corners[0]])])


def segment(*ends: tuple[float, float]) -> Part:
    return Part(vertices=np.array(ends))


def test_a_box_plot_of_matplotlib_is_lines_that_look_alike_and_names_below_them() -> None:
    boxes = [stroke([0, 1], [2, 3], "black"), stroke([4, 4], [5, 6], "black", "_nolegend_"), stroke([0], [9], "C1"),
             stroke([7], [8], "black", linestyle="None"), stroke([], [], "C3"),
             stroke([1, 2], [1, 2], "black", "named")]  # fmt: skip
    patch = PathPatch(label="", facecolor=(1, 0, 0, 1), path=outline((0, 0), (1, 0), (1, 1)))
    violin = PolyCollection(label="_child0", facecolor=[(0, 0, 1, 0.3)], paths=[outline((0, 0), (2, 2))])
    middles = [segment((0, 1), (1, 1)), segment((math.nan, 3), (3, 3))]
    middle = LineCollection(label="_child1", color=[(0, 0, 1, 1)], paths=middles)
    band = PolyCollection(label="band", facecolor=[], paths=[outline((0, 0), (1, 1)), outline((5, 5), (6, 6))])
    named = Part(major_formatter=FixedFormatter(), ticklabels=[Part(text="a"), Part(text="b")], ticklocs=[1, 2])
    counted = Part(major_formatter=Part(), ticklabels=[Part(text="1")], ticklocs=[1])
    found = figure(Part(axes=[axes(lines=boxes, patches=[patch, Part()], collections=[violin, middle, band],
                                   xaxis=named, yaxis=counted)]))  # fmt: skip
    kept = [(trace.get("name"), trace["mode"], trace["x"], trace["y"]) for trace in found["data"]]
    assert kept == [
        (None, "lines", [0, 1, None, 4, 4], [2, 3, None, 5, 6]), (None, "lines", [0], [9]),
        (None, "markers", [7], [8]), ("named", "lines", [1, 2], [1, 2]), ("", "lines", [0, 1, 1, 0], [0, 0, 1, 0]),
        (None, "lines", [0, 2, 0], [0, 2, 0]), ("band", "lines", [0, 1, 0, None, 5, 6, 5], [0, 1, 0, None, 5, 6, 5]),
        (None, "lines", [0, 1, None, "NaN", 3], [1, 1, None, 3, 3]),
    ]  # fmt: skip
    assert found["layout"]["xaxis"] == {"title": "", "tickvals": [1, 2], "ticktext": ["a", "b"]}
    assert found["layout"]["yaxis"] == {"title": ""}


@pytest.mark.parametrize("kind", [PolyCollection, LineCollection])
def test_one_shape_at_many_places_is_left_out_and_said(
    kind: type[Part], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "_said", set())
    shape = Part(to_polygons=outline((0, 0), (1, 1)).to_polygons, vertices=segment((0, 0), (1, 1)).vertices)
    hexagons = kind(label="", facecolor=[(0, 0, 1, 1)], color=[], offsets=[(0.0, 0.0), (0.0, 0.5)], paths=[shape])
    found = figure(Part(axes=[axes(lines=[stroke([0, 1], [2, 3], "C0")], collections=[hexagons])]))
    assert [trace["x"] for trace in found["data"]] == [[0, 1]]
    assert f"not recorded yet: {kind.__name__}. This is said once." in capsys.readouterr().err


@pytest.mark.parametrize("label", ["_child0", "named"])
def test_of_very_many_lines_no_more_are_looked_at_than_are_kept(
    label: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "_said", set())
    looked_at = []

    def paths() -> Iterator[Part]:
        for n in range(200_000):
            looked_at.append(n)
            yield segment((n, 0), (n, 1))

    many = LineCollection(label=label, color=[(0, 0, 1, 1)], paths=paths())
    [trace] = figure(Part(axes=[axes(collections=[many])]))["data"]
    assert 49_990 < len(trace["x"]) == len(trace["y"]) <= 50_000 and trace["x"][:5] == [0, 0, None, 1, 1]
    assert len(looked_at) <= 50_001
    assert "of one colour 50,000 values are kept" in capsys.readouterr().err


SECRET = "hf_" + "aB3" * 12


def test_a_script_s_plots_are_in_the_store_without_secrets(bench: Bench) -> None:
    bench.online().run(f"""
        task = Task.init("tests/plots", "stored")
        task.connect({{"api_key": "Zk3-is-no-secret-name"}})
        log = task.get_logger()
        for n in range(3):
            log.report_confusion_matrix("confusion", "val", [[n, 1], [2, 3]], n, xlabels=["Zk3-is-no-secret-name", "b"])
        log.report_table("keys", "{SECRET}", table_plot=[["url"], ["https://me:pass@host/x"], ["{SECRET}"]])
        log.report_table("large", "rows", 2, table_plot=[["a"]] + [[os.urandom(300).hex()] for _ in range(7000)])
        task.close()
    """)
    listed = json.loads(_capture(bench, "list", "--json"))
    shown = json.loads(_capture(bench, "show", listed[0]["id"], "--json"))
    assert [(p["title"], p["series"], p["type"], p["iterations"]) for p in shown["plots"]] == [
        ("confusion", "val", "heatmap", [0, 1, 2]), ("keys", "<redacted:huggingface-token>", "table", [0]),
        ("large", "rows", "table", [2]),
    ]  # fmt: skip
    assert shown["dropped"] == 0 and shown["last_iteration"] == 2
    with open_store(bench.home) as store, store.read() as c:
        stored = [plots.payload(c, shown["id"], p["title"], p["series"], p["iteration"]) for p in shown["plots"]]
    heat, table, large = [unpack(payload or b"")["data"][0] for payload in stored]
    assert heat["x"] == ["<redacted:api_key>", "b"] and heat["z"] == [[2, 1], [2, 3]]
    assert table["cells"]["values"] == [["https://me:<redacted:password>@host/x", "<redacted:huggingface-token>"]]
    assert len(large["cells"]["values"][0]) == 7000


def _capture(bench: Bench, *arguments: str) -> str:
    command = [sys.executable, "-P", "-m", "capture.cli", *arguments]
    return subprocess.run(command, env=bench.environ | {"PATH": os.environ["PATH"]}, capture_output=True, text=True,
                          check=True, timeout=60).stdout  # fmt: skip
