"""Completion of filters: keys, then the values there are; what is offered can be read back."""

from __future__ import annotations

import pytest

from store import commands, completion, filters
from store.engine import Store
from store.ingest import ingest
from store.queries import tasks
from store.queries.tasks import TaskQuery
from tests.support import Script, points

BY = "ada@host"


@pytest.fixture(scope="module")
def world(shared_store: Store) -> Store:
    """Two tasks with a few values of everything."""
    store = shared_store
    commands.create(store, by=BY, project="vision/big words", name="resnet", tags=["base", "odd, one"],
                    parameters={"Args/lr": "0.1", "Args/my key": "x"})  # fmt: skip
    script = Script()
    ingest(store, [script.batch(events=[script.start()], scalars={("loss", "val"): points([0.5])})], BY)
    return store


def words(store: Store, text: str) -> list[str]:
    with store.read() as c:
        return [found.word for found in completion.complete(c, text)]


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("sta", ["status:"]),
        ("age<2d -sta", ["-status:"]),
        ("status:RU", ["status:running"]),
        ("status:running,pe", ["status:running,pending"]),
        ("type:tr", ["type:training"]),
        ("tag:", ["tag:base", 'tag:"odd, one"']),
        ('project:"vision/b', ['project:"vision/big words"']),
        ("param:lr", ["param:Args/lr"]),
        ('param:"my k', ['param:"Args/my key"']),
        ("metric:loss", ["metric:loss/val"]),
        ("user:a", ["user:ada"]),
        ("nothing:x", []),
        ("status:running", []),
    ],
)
def test_the_last_word_is_completed(world: Store, text: str, offered: list[str]) -> None:
    assert words(world, text) == offered


def test_an_empty_filter_offers_every_key_with_what_it_takes(world: Store) -> None:
    with world.read() as c:
        found = completion.complete(c, "")
    assert {item.word.rstrip(":"): item.about for item in found} == filters.KEYS


@pytest.mark.parametrize("text", ["user:ada tag:", "user:ada project:", "status:draft -type:q"])
def test_what_stands_before_is_kept_and_the_whole_can_be_read(world: Store, text: str) -> None:
    with world.read() as c:
        for offered in completion.complete(c, text):
            assert offered.text.startswith(text.rpartition(" ")[0] + " ")
            tasks.page(c, TaskQuery(where=filters.parse(offered.text)), 0, 10)
