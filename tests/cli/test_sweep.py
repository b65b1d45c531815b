"""``capture sweep``: a Draft for each combination, on stdout their ids, and every refusal in one sentence."""

from __future__ import annotations

import json
import os
import re

import pytest

from capture.cli import docs
from store import commands, queues
from store.engine import Store, open_store
from store.queries import details, tasks
from store.sweeps import MANY, MOST
from tests.cli.calling import LISTED, Capture, record, run

PARAMETERS = {
    "Args/lr": {"value": "0.1", "type": "float", "description": ""},
    "Args/seed": {"value": "1", "type": "int", "description": ""},
    "Args/opt": {"value": "adam", "type": "str", "description": ""},
}


@pytest.fixture
def task(store: Store) -> str:
    return record(store, "resnet", events=[{"e": "parameters", "values": PARAMETERS}])


def ids(store: Store) -> list[str]:
    with store.read() as c:
        return [row.id for row in tasks.page(c, tasks.TaskQuery(archived=None), 0, 2000)]


def values(store: Store, task: str) -> dict[str, str]:
    with store.read() as c:
        return {row.key.partition("/")[2]: row.value for row in details.parameters(c, task)}


def test_a_process_makes_the_drafts_and_prints_their_ids(store: Store, task: str) -> None:
    done = run("sweep", task[:8], "Args/lr=0.1,0.01", "Args/seed=1..5", input="")
    made = done.stdout.split()
    assert (done.returncode, len(set(made))) == (0, 10)
    assert [(values(store, new)["lr"], values(store, new)["seed"]) for new in made] == [
        (lr, str(seed)) for lr in ("0.1", "0.01") for seed in range(1, 6)
    ]
    first, last = done.stderr.splitlines()
    assert first == f'Made 10 Drafts of "resnet" ({task[:8]}): "resnet lr=0.1 seed=1" to "resnet lr=0.01 seed=5".'
    assert last == f"Enqueue with: capture enqueue {' '.join(new[:8] for new in made)}"
    done = run(*last.removeprefix("Enqueue with: capture ").split())
    assert done.returncode == 0
    with store.read() as c:
        assert next(queue.tasks for queue in queues.listing(c) if queue.name == "default") == made


def test_with_a_queue_they_wait_there_and_json_tells_of_them(store: Store, capture: Capture, task: str) -> None:
    assert capture("queue", "create", "night").code == 0
    answer = capture("sweep", task, "seed=3..1", "--queue", "night", "--project", "vision/new", "--json")
    assert answer.code == 0
    assert [(row["name"], row["status"], row["queue"], row["parent"]) for row in answer.json] == [
        (f"resnet seed={seed}", "pending", "night", task) for seed in (3, 2, 1)
    ]
    assert {row["project"] for row in answer.json} == {"vision/new"}
    assert set(answer.json[0]) >= LISTED
    assert answer.err.splitlines()[-1] == 'Enqueued in "night", in this order.'
    with store.read() as c:
        waiting = next(queue.tasks for queue in queues.listing(c) if queue.name == "night")
    assert waiting == [row["id"] for row in answer.json]


def test_one_combination_is_an_array_of_one(store: Store, capture: Capture, task: str) -> None:
    answer = capture("sweep", task, "lr=1", "--name", "other", "--json")
    assert [row["name"] for row in answer.json] == ["other lr=1"]
    assert answer.err.startswith(f'Made 1 Draft of "resnet" ({task[:8]}): "other lr=1".\n')


REFUSED = {
    "unknown parameter": (["lrr=1,2"], "There is no parameter 'lrr'. Did you mean \"lr\"?"),
    "type": (["lr=1,fast"], "Invalid value for Args/lr: 'fast' is not a number."),
    "unknown queue": (["lr=1,2", "--queue", "nite"], "There is no queue 'nite'."),
    "twice": (["seed=1..3,2"], "Args/seed has a value twice: '2'. Give each value once."),
    "many": (["seed=1..101"], "This would make 101 tasks. To make more than 100 at once, say so (--yes)."),
    "too many": (["seed=1..1000000000", "--yes"], "1,000,000,000 tasks are too many: a sweep makes at most 1,000."),
    "a byte that is no UTF-8": (["l\udcffr=1"], "There is no parameter 'l\\udcffr'"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_makes_nothing(store: Store, capture: Capture, task: str, name: str) -> None:
    words, sentence = REFUSED[name]
    answer = capture("sweep", task, *words)
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith(f"capture: {sentence}") and answer.err.count("\n") == 1
    assert ids(store) == [task]


def test_a_wrong_command_line_and_a_store_that_cannot_be_used(store: Store, task: str) -> None:
    assert run("sweep", task).returncode == 2
    assert run("sweep", "nosuch", "lr=1").returncode == 1
    gone = run("sweep", task, "lr=1", "--store", "/dev/null/none")
    assert (gone.returncode, gone.stdout) == (3, "")
    if os.getuid():
        store.location.database.chmod(0o400)
        assert run("sweep", task, "lr=1").returncode == 3


def test_more_are_made_when_that_is_said(store: Store, capture: Capture, task: str) -> None:
    answer = capture("sweep", task, "lr=0.1,0.01", "seed=1..75", "--yes")
    assert (answer.code, len(answer.out.split())) == (0, 150)
    assert len(ids(store)) == 151
    assert f"make more than {MANY}, at most {MOST:,}" in docs.text()


def test_a_new_key_has_to_be_meant(store: Store, capture: Capture, task: str) -> None:
    assert "(--add)" in capture("sweep", task, "Args/new=1,2").err
    made = capture("sweep", task, "Args/new=1,2", "--add").out.split()
    assert [values(store, new)["new"] for new in made] == ["1", "2"]


def test_hostile_values_are_kept_and_shown_harmlessly(store: Store, task: str) -> None:
    nasty = ["\x1b]0;HACKED\x07", "[/foo]", "\u202e", "a,b", 'say "hi"']
    word = ",".join('"' + value.replace('"', '""') + '"' for value in nasty)
    done = run("sweep", task, f"opt={word}")
    assert [values(store, new)["opt"] for new in done.stdout.split()] == nasty
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u202e]", done.stdout + done.stderr)
    listed = run("list", "--json")
    assert {row["name"] for row in json.loads(listed.stdout)} >= {"resnet opt=[/foo]", "resnet opt=a,b"}


def test_an_archived_task_is_swept(store: Store, capture: Capture, task: str) -> None:
    commands.archive(store, task, by="ada@h")
    made = capture("sweep", task, "lr=1,2").out.split()
    with open_store(store.location) as opened, opened.read() as c:
        assert [row.archived for row in tasks.rows(c, made)] == [False, False]
