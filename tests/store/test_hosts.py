"""What is kept of what recorders see of a machine: what is new, and what each of several knows, on both engines."""

from __future__ import annotations

from dataclasses import replace

import pytest

from store import hosts, tables
from store.engine import Store
from store.records import GpuRow, Holder, HostRow, Load

SEEN = HostRow(
    "gpu1", 1000.0, Load(40.0, 10e9, 100e9, 50e9, 500e9),
    (GpuRow(0, "A100", 90.0, 4000.0, 80000.0, (Holder(7, "ada", "aa" * 16, 4000.0), Holder(8, "bob", "", 10.0))),),
)  # fmt: skip
GPU = SEEN.gpus[0]
LOAD = SEEN.load
assert LOAD is not None


def kept(store: Store) -> HostRow:
    with store.read() as c:
        [row] = hosts.listing(c)
    return row


def test_a_sample_comes_back_as_it_was(store: Store) -> None:
    assert hosts.note(store, SEEN)
    assert kept(store) == SEEN


@pytest.mark.parametrize(
    ("said", "changes"),
    [
        (False, {"load": replace(LOAD, cpu=45.0, memory_used=11e9, disk_free=51e9)}),
        (False, {"gpus": (replace(GPU, utilization=97.0, memory_used=4500.0),)}),
        (True, {"load": replace(LOAD, cpu=60.0)}),
        (True, {"load": replace(LOAD, memory_used=14e9)}),
        (True, {"gpus": (replace(GPU, utilization=5.0),)}),
        (True, {"gpus": (replace(GPU, memory_used=9000.0),)}),
        (True, {"gpus": (replace(GPU, holders=GPU.holders[:1]),)}),
        (True, {"gpus": ()}),
        (True, {"problem": "the driver has failed"}),
        (True, {"time": 1061.0}),
    ],
)
def test_only_what_says_something_new_is_written(store: Store, said: bool, changes: dict[str, object]) -> None:
    hosts.note(store, SEEN)
    assert hosts.note(store, replace(SEEN, **({"time": 1010.0} | changes))) is said  # type: ignore[arg-type]
    assert (kept(store).time > 1000.0) is said


def test_what_one_users_recorder_knows_anothers_does_not_take_away(store: Store) -> None:
    hosts.note(store, SEEN)
    ada, bob = GPU.holders
    other = (replace(GPU, holders=(replace(ada, task=""), replace(bob, task="bb" * 16))),)
    assert hosts.note(store, replace(SEEN, time=1010.0, gpus=other))
    assert [holder.task[:2] for holder in kept(store).gpus[0].holders] == ["aa", "bb"]
    assert hosts.note(store, replace(SEEN, time=1200.0, gpus=other)), "much later it may be another process"
    assert [holder.task[:2] for holder in kept(store).gpus[0].holders] == ["", "bb"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"gpus": {"a": 1}, "load": 3}',
        '{"gpus": [1, {"index": "x", "holders": 2}]}',
        '{"load": {"cpu": NaN}, "gpus": [{"memory_used": 1e999, "holders": [{"pid": []}]}]}',
    ],
)
def test_what_another_program_put_there_is_read_as_far_as_it_goes(store: Store, text: str) -> None:
    with store.write() as tx:
        tx.execute(tables.host.insert(), {"name": "gpu1", "time": 1.0, "sample": text})
    assert kept(store).load is None
    assert all(gpu.memory_used is None for gpu in kept(store).gpus)
