"""list, show, logs, scalars, diff: what they print, in each of the three forms."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from store import commands
from store.engine import Store
from tests.cli.calling import LISTED, SCRIPT, SHOWN, Capture, record
from tests.support import points

NAN, INF = float("nan"), float("inf")


def test_list_prints_every_task_newest_first_with_the_promised_keys(store: Store, capture: Capture) -> None:
    old, new = record(store, "old", at=1000), record(store, "new", at=2000, tags=["b", "a"])
    found = capture("list", "--json").json
    assert [task["id"] for task in found] == [new, old]
    assert set(found[0]) >= LISTED
    assert found[0]["tags"] == ["a", "b"]
    assert found[0]["status"] == "completed"
    assert found[0]["created"] == "1970-01-01T00:33:20.000Z"
    assert found[0]["archived"] is False


def test_list_in_a_pipe_is_one_line_a_task_with_whole_ids(store: Store, capture: Capture) -> None:
    task = record(store, "resnet", tags=["x"])
    rows = capture("list").rows  # the last field is when it ended, which its age counts from
    assert rows == [[task, "resnet", "completed", "training", "tests/cli", "", "", "x", "1970-01-01T00:17:40.000Z"]]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--status", "failed,running"], {"bad", "live"}),
        (["--project", "vision"], {"bad"}),
        (["status:failed"], {"bad"}),
        (["-tag:keep"], {"bad", "live"}),
        (["tag:keep", "status:completed"], {"good"}),
        (["name~^l"], {"live"}),
        (["--archived"], {"gone"}),
        (["--limit", "1"], {"live"}),
        (["nothing-like-it"], set()),
    ],
)
def test_list_narrows(store: Store, capture: Capture, words: list[str], expected: set[str]) -> None:
    record(store, "good", tags=["keep"], at=1000)
    record(store, "bad", status="failed", project="vision/resnet", at=2000)
    commands.archive(store, record(store, "gone", at=3000), by="ada@h")
    record(store, "live", status=None, at=4000)
    assert {task["name"] for task in capture("list", *words, "--json").json} == expected


def test_list_sorts_by_fields_metrics_and_parameters(store: Store, capture: Capture) -> None:
    def parameter(value: str) -> dict[str, object]:
        return {"e": "parameters", "values": {"Args/lr": {"value": value, "type": "float", "description": ""}}}

    record(store, "bbb", scalars={("loss", "val"): points([3.0, 1.0])}, events=[parameter("0.3")], at=1000)
    record(store, "aaa", scalars={("loss", "val"): points([2.0])}, events=[parameter("0.1")], at=2000)

    def names(sort: str) -> list[str]:
        return [task["name"] for task in capture("list", f"--sort={sort}", "--json").json]

    assert names("name") == ["aaa", "bbb"]
    assert names("-name") == ["bbb", "aaa"]
    assert names("-created") == ["bbb", "aaa"]
    assert names("metric:loss/val") == ["aaa", "bbb"]
    assert names("param:Args/lr") == ["bbb", "aaa"]
    assert capture("list", "--sort", "metric:loss/val").rows[0][7] == "2"
    assert 'Did you mean "created"?' in capture("list", "--sort", "craeted").err


def test_show_has_the_promised_keys_and_nan_as_text(store: Store, capture: Capture) -> None:
    events: list[dict[str, Any]] = [
        {"e": "parameters", "values": {"Args/lr": {"value": "0.1", "type": "float", "description": "rate"}}},
        {"e": "single", "name": "best", "value": INF},
        {"e": "progress", "value": 40},
        {"e": "comment", "text": "first try"},
        {"e": "artifact", "name": "table", "type": "pandas", "uri": "file:///t.csv", "size": 2000, "hash": "ab"},
        {"e": "model", "id": "m" * 32, "name": "net", "uri": "", "labels": {"cat": 0}},
    ]
    task = record(store, scalars={("loss", "val"): points([2.0, NAN])}, events=events, lines=["hello"])
    commands.set_environment(store, task, 1, {"environment": {"notes": ["untracked files left out: big.dat"]}}, {})
    shown = capture("show", task[:8], "--json").json
    assert set(shown) >= SHOWN
    assert shown["parameters"] == {"Args/lr": {"value": "0.1", "type": "float", "description": "rate"}}
    assert shown["scalars"]["loss/val"] == {
        "last": "NaN", "min": 2.0, "max": 2.0, "first": 2.0, "n": 2, "last_iteration": 1, "nan_count": 1,
    }  # fmt: skip
    assert shown["single_values"] == {"best": "Infinity"}
    assert shown["progress"] == 40
    assert set(shown["script"]) == SCRIPT
    plain = capture("show", task).out
    assert "Args/lr = 0.1" in plain
    assert "\nnotes:\n  untracked files left out: big.dat\n" in plain
    assert "  table  pandas  2,000 bytes  file:///t.csv\n" in plain and "  net  output  mmmmmmmm  -" in plain
    assert shown["artifacts"]["table"]["size"] == 2000 and shown["models"]["output"][0]["labels"] == {"cat": 0}
    assert re.search(r"^status: +Completed$", plain, re.M)


def test_show_tells_nothing_from_an_empty_text_and_the_word_none(store: Store, capture: Capture) -> None:
    given = {
        "null": ("", ""),
        "empty": ("", "str"),
        "word": ("None", "str"),
        "space": (" ", "str"),
        "text": ("a", "str"),
    }
    values = {f"Args/{name}": {"value": v, "type": kind, "description": ""} for name, (v, kind) in given.items()}
    shown = capture("show", record(store, events=[{"e": "parameters", "values": values}])).out
    assert re.findall(r"Args/(\w+) = (.*)", shown) == [
        ("empty", '""'), ("null", "(none)"), ("space", '" "'), ("text", "a"), ("word", '"None"'),
    ]  # fmt: skip


def test_scalars_in_three_forms(store: Store, capture: Capture) -> None:
    series = {("loss", "val"): points([1.0, NAN, -INF]), ("acc", "val"): points([0.5])}
    task = record(store, scalars=series)
    assert capture("scalars", task, "--json").json["loss/val"] == {
        "iterations": [0, 1, 2], "values": [1.0, "NaN", "-Infinity"],
        "times": ["1970-01-01T00:16:40.000Z", "1970-01-01T00:16:41.000Z", "1970-01-01T00:16:42.000Z"],
    }  # fmt: skip
    assert list(capture("scalars", task, "--json", "--metric", "acc/val").json) == ["acc/val"]
    assert [row[:2] for row in capture("scalars", task).rows] == [["acc/val", "0.5"], ["loss/val", "-inf"]]
    assert [row[:2] for row in capture("scalars", task, "--metric", "loss/val").rows] == [
        ["0", "1.0"], ["1", "nan"], ["2", "-inf"],
    ]  # fmt: skip
    unknown = capture("scalars", task, "--metric", "loss/vall")
    assert (unknown.code, 'Did you mean "loss/val"?' in unknown.err) == (1, True)


def test_scalars_can_be_thinned_and_keep_their_extremes(store: Store, capture: Capture) -> None:
    values = [float(number % 7) for number in range(5000)]
    values[1234], values[4321] = 1e6, -1e6
    task = record(store, scalars={("loss", "val"): points(values)})
    thinned = capture("scalars", task, "--points", "100", "--json").json["loss/val"]["values"]
    assert len(thinned) <= 250
    assert (max(thinned), min(thinned)) == (1e6, -1e6)
    assert len(capture("scalars", task, "--json").json["loss/val"]["values"]) == 5000


def test_logs_in_each_form(store: Store, capture: Capture) -> None:
    task = record(store, lines=["epoch 1", "Loss: 3", "", "  done\tok"])
    assert capture("logs", task).out == "epoch 1\nLoss: 3\n\n  done\tok\n"
    assert capture("logs", task, "--tail", "2").out == "\n  done\tok\n"
    assert capture("logs", task, "--tail", "0").out == ""
    assert capture("logs", task, "--grep", r"\d$").out == "epoch 1\nLoss: 3\n"
    assert capture("logs", task, "--grep", "loss", "-i").out == "Loss: 3\n"
    assert capture("logs", task, "--grep", r"\d$", "--tail", "1").out == "Loss: 3\n"
    lines = capture("logs", task, "--json").out.splitlines()
    assert len(lines) == 4
    assert lines[1] == '{"n": 1, "time": "1970-01-01T00:16:41.000Z", "stream": "out", "rank": 0, "text": "Loss: 3"}'


def test_logs_of_many_lines_come_whole_and_in_order(store: Store, capture: Capture) -> None:
    task = record(store, lines=[f"line {number} {'x' * 60}" for number in range(50_000)])
    printed = capture("logs", task).out.splitlines()
    assert len(printed) == 50_000
    assert [line.split()[1] for line in printed] == [str(number) for number in range(50_000)]
    last = [line.split()[1] for line in capture("logs", task, "--tail", "12345").out.splitlines()]
    assert last == [str(number) for number in range(50_000 - 12345, 50_000)]
    found = [line.split()[1] for line in capture("logs", task, "--grep", "[13579] x").out.splitlines()]
    assert found == [str(number) for number in range(1, 50_000, 2)]


def test_a_pattern_that_is_none_is_refused(store: Store, capture: Capture) -> None:
    task = record(store, lines=["x"])
    refused = capture("logs", task, "--grep", "(")
    assert (refused.code, refused.out) == (1, "")
    assert "regular expression" in refused.err


def test_diff_shows_what_differs_with_another_task_or_the_one_it_was_cloned_from(
    store: Store, capture: Capture
) -> None:
    values = {"Args/lr": {"value": "0.1", "type": "float", "description": ""}}
    task = record(store, events=[{"e": "parameters", "values": values}])
    clone = commands.clone(store, task, by="ada@h")
    commands.edit(store, clone, {"lr": "0.5"}, by="ada@h")
    assert capture("diff", clone, "--json").json == [{"key": "Args/lr", "a": "0.5", "b": "0.1"}]
    assert capture("diff", task, clone).rows == [["Args/lr", "0.1", "0.5"]]
    commands.set_environment(store, task, 1, {"diff": b"a\nb\n"}, {})
    shown = capture("diff", task, clone).out.splitlines()
    assert shown[0] == "Args/lr\t0.1\t0.5" and shown[2] == "script/diff:" and {"-a", "-b"} <= set(shown)
    assert capture("diff", task).code == 1


@pytest.mark.parametrize("verb", ["show", "logs", "scalars", "clone", "publish", "wait"])
def test_a_task_is_named_by_any_unique_start_or_by_its_name(store: Store, capture: Capture, verb: str) -> None:
    task = record(store, "resnet")
    assert capture(verb, task[:6]).code == 0
    unknown = capture(verb, "resnot")
    assert (unknown.code, unknown.out) == (1, "")
    assert 'Did you mean "resnet"?' in unknown.err


def test_an_ambiguous_start_lists_who_it_could_be(store: Store, capture: Capture) -> None:
    with store.write("ada@h") as tx:
        from store import transitions

        for last in "12":
            transitions.create(tx, project="tests/cli", name=f"task {last}", task_id="abcd" + last * 28)
    ambiguous = capture("show", "abcd")
    assert ambiguous.code == 1
    assert '"task 1"' in ambiguous.err
    assert '"task 2"' in ambiguous.err


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["list", "--project", "test/cli"], 'Did you mean "tests/cli"?'),
        (["list", "--status", "compleet"], 'Did you mean "complete'),
        (["list", "statuss:failed"], "statuss"),
        (["list", "--limit", "-1"], "limit"),
    ],
)
def test_what_is_unknown_is_answered_with_the_nearest(
    store: Store, capture: Capture, words: list[str], part: str
) -> None:
    record(store)
    answer = capture(*words)
    assert (answer.code, answer.out) == (1, "")
    assert part in answer.err


def test_the_place_of_the_store(store: Store, capture: Capture, home: Path) -> None:
    assert capture("store", "path").out == f"{home / 'store'}\n"
    told = capture("store", "path", "--json", "--store", str(home / "other.db")).json
    assert told["database"] == str(home / "other.db")
    assert told["exists"] is False
    assert not (home / "other.db").exists()
