"""Why a task waits: one true sentence for every state of a queue's agents."""

from __future__ import annotations

from dataclasses import replace

import pytest

from store.records import WorkerRow
from store.waiting import ordinal, why

NOW = 1000.0
IDLE = WorkerRow("w" * 32, "g1", "lab", "ada", 42, ["big"], None, "idle", NOW, NOW)
BUSY = replace(IDLE, task="a", state="running")
OTHER = replace(BUSY, name="g2", task="b")
DRAINING, LOST = replace(BUSY, state="draining"), replace(BUSY, heartbeat=NOW - 91)
START = "`capture agent --queue big` starts"


@pytest.mark.parametrize(
    ("workers", "ahead", "sentence"),
    [
        ([], [], f"No agent serves this queue: {START} one."),
        ([replace(IDLE, queues=["small"])], ["x"], f"No agent serves this queue: {START} one."),
        ([LOST], [], f"Its agent g1 was lost: {START} another."),
        ([LOST, replace(LOST, name="g2")], [], f"All 2 agents of it were lost: {START} another."),
        ([DRAINING], [], f"Its agent g1 is draining and takes no more tasks: {START} another."),
        ([replace(IDLE, state="stopping"), LOST], [], f"Its agent g1 is stopping: {START} another."),
        ([DRAINING, replace(OTHER, state="stopping")], [],
         f"All 2 agents of it are draining or stopping: {START} another."),
        ([BUSY, DRAINING, LOST], [], "Its agent is busy: g1 with <a>; it is the next."),
        ([BUSY, OTHER], ["x", "y"],
         "All 2 agents of it are busy: g1 with <a> and g2 with <b>; it is 3rd, behind <y>."),
        ([BUSY, OTHER, BUSY], [],
         "All 3 agents of it are busy: g1 with <a> and g2 with <b> and 1 more; it is the next."),
        ([BUSY, IDLE], [], "g1 is free and claims within seconds; it is the next."),
    ],
)  # fmt: skip
def test_the_sentence(workers: list[WorkerRow], ahead: list[str], sentence: str) -> None:
    assert why("big", ahead, workers, lambda task: f"<{task}>", NOW) == sentence


def test_a_queue_whose_name_a_shell_would_split_is_quoted() -> None:
    assert "--queue 'big gpus'`" in why("big gpus", [], [], str, NOW)


def test_ordinals() -> None:
    assert [ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 111, 122)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "111th", "122nd",
    ]  # fmt: skip
