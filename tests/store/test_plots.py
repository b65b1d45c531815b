"""Plots in the store, on both engines: each once, the newest iterations of it, gone with what they belong to."""

from __future__ import annotations

import zlib

import pytest

from store import commands, figures, tables
from store.engine import Store
from store.ingest import ingest
from store.lifecycle import Status
from store.queries import details, plots
from store.records import PlotRow
from tests.store.states import rows_of
from tests.support import Script, plot

BY = "ada@host"


def bars(*heights: float) -> dict[str, object]:
    return {"type": "bar", "y": list(heights)}


def started(store: Store) -> Script:
    script = Script()
    [taken] = ingest(store, [script.batch(events=[script.start()])], BY)
    script.execution = taken.execution
    return script


def kept(store: Store, task: str) -> dict[tuple[str, str], PlotRow]:
    with store.read() as c:
        return {(row.title, row.series): row for row in plots.listing(c, task)}


def heights(store: Store, task: str, title: str, series: str, iteration: int) -> object:
    with store.read() as c:
        payload = plots.payload(c, task, title, series, iteration)
    return None if payload is None else figures.unpack(payload)["data"][0]["y"]


def test_a_plot_counts_once_and_the_last_of_an_iteration_stays(store: Store) -> None:
    script = started(store)
    batch = script.batch(plots=[plot("confusion", "val", 1, bars(1.0)), plot("confusion", "val", 1, bars(2.0)),
                                plot("a", "", 0, {"type": "heatmap"}, bars(), at=1500.0)])  # fmt: skip
    assert [ingest(store, [batch], BY)[0].outcome for _ in range(2)] == ["stored", "lost"]
    assert kept(store, script.task) == {
        ("a", ""): PlotRow("a", "", (0,), 1500.0, "heatmap,bar"),
        ("confusion", "val"): PlotRow("confusion", "val", (1,), 1000.0, "bar"),
    }
    assert heights(store, script.task, "confusion", "val", 1) == [2.0]
    with store.read() as c:
        found = details.detail(c, script.task)
    assert (found.row.last_iteration, found.row.last_seen) == (1, 1500.0)
    ingest(store, [script.batch(plots=[plot("confusion", "val", 1, bars(3.0))])], BY)
    assert heights(store, script.task, "confusion", "val", 1) == [3.0]


def test_of_each_plot_the_newest_iterations_stay(store: Store) -> None:
    one, other = started(store), started(store)
    for first in (0, 4):
        batch = [plot("loss", "a", n, bars(float(n))) for n in range(first, first + 4)]
        ingest(store, [one.batch(plots=[*batch, plot("loss", "b", 0, bars())]), other.batch(plots=batch)], BY, 3)
    assert {key: row.iterations for key, row in kept(store, one.task).items()} == {
        ("loss", "a"): (5, 6, 7), ("loss", "b"): (0,),
    }  # fmt: skip
    assert kept(store, other.task)["loss", "a"].iterations == (5, 6, 7)
    ingest(store, [one.batch(plots=[plot("loss", "a", 6, bars(9.0)), plot("loss", "a", 2, bars())])], BY, 3)
    assert kept(store, one.task)["loss", "a"].iterations == (5, 6, 7)
    assert heights(store, one.task, "loss", "a", 6) == [9.0] and heights(store, one.task, "loss", "a", 2) is None


def test_a_continued_task_counts_the_iterations_of_plots_on(store: Store) -> None:
    script = started(store)
    ingest(store, [script.batch(events=[{"e": "offset", "value": 100}], plots=[plot("p", "s", 5, bars())])], BY)
    assert kept(store, script.task)["p", "s"].iterations == (105,)


def test_a_clone_takes_none_and_reset_and_delete_take_all(store: Store) -> None:
    script = started(store)
    ingest(store, [script.batch(plots=[plot("p", "s", 1, bars())])], BY)
    commands.finish(store, script.task, by=BY, status=Status.COMPLETED, reason="")
    assert kept(store, commands.clone(store, script.task, by=BY)) == {}
    late = script.batch(plots=[plot("p", "late", 2, bars())])
    commands.reset(store, script.task, by=BY)
    assert kept(store, script.task) == {}
    assert ingest(store, [late], BY)[0].outcome == "dropped" and kept(store, script.task) == {}
    again = started(store)
    ingest(store, [again.batch(plots=[plot("p", "s", 1, bars())])], BY)
    commands.finish(store, again.task, by=BY, status=Status.COMPLETED, reason="")
    commands.delete(store, again.task, by=BY, archived_only=False)
    assert rows_of(store, tables.plot, again.task) == []


@pytest.mark.parametrize(
    "payload",
    [b"", b"x", zlib.compress(b"[]"), zlib.compress(b'{"data": 5}'), zlib.compress(b'{"data": []}')[:-3],
     zlib.compress(b"[" * 100_000), zlib.compress(b" " * figures.LARGEST + b'{"data": []}')],
)  # fmt: skip
def test_what_is_no_figure_is_said_and_nothing_else_breaks(payload: bytes) -> None:
    with pytest.raises(ValueError, match=r"figure|Expecting"):
        figures.unpack(payload)
