"""Search everywhere: in the fields of tasks and in their consoles."""

from __future__ import annotations

import pytest

from store import commands
from store.engine import Store
from store.errors import InvalidValue
from store.ingest import ingest
from store.queries import search
from store.queries.search import Hit
from store.records import Line
from tests.support import Script, counted

BY = "ada@host"


@pytest.fixture
def draft(store: Store) -> str:
    """A Draft whose every field holds one word of its own."""
    made = commands.create(
        store, by=BY, project="vision/digits", name="a quiet mountain", comment="beside the River", tags=["harbour"],
        parameters={"Args/bridge": "steel", "Args/percent": "100%"},
    )  # fmt: skip
    commands.create(store, by=BY, project="vision/digits", name="nothing of it")
    return made


@pytest.mark.parametrize(
    ("text", "where", "found"),
    [
        ("MOUNT", "name", "a quiet mountain"),
        ("river", "comment", "beside the River"),
        ("arbo", "tag", "harbour"),
        ("stee", "Args/bridge", "steel"),
        ("rgs/bri", "Args/bridge", "steel"),
        ("0%", "Args/percent", "100%"),
    ],
)
def test_a_text_is_found_in_the_field_that_has_it(store: Store, draft: str, text: str, where: str, found: str) -> None:
    with store.read() as c:
        assert search.fields(c, text) == [Hit(draft, where, found)]


def test_the_start_of_an_id_is_found_and_the_empty_text_nowhere(store: Store, draft: str) -> None:
    with store.read() as c:
        assert Hit(draft, "id", draft) in search.fields(c, draft[:12].upper())
        assert search.fields(c, "") == [] and search.fields(c, "_") == []


def test_all_fields_are_one_statement_and_the_newest_come_first(store: Store) -> None:
    made = [commands.create(store, by=BY, project="vision", name=f"number {i} of it") for i in range(5)]
    with counted(store.reader) as seen, store.read() as c:
        found = search.fields(c, "of it", limit=3)
    assert [hit.task for hit in found] == made[:1:-1]
    assert len(seen.statements) == 1


def test_consoles_are_searched_one_task_after_another(store: Store) -> None:
    script, quiet = Script(), Script()
    text = [Line(1.0 + i, "out", 0, "CUDA out of memory" if i in (7, 90) else f"step {i}") for i in range(100)]
    ingest(store, [script.batch(events=[script.start()], lines=text), quiet.batch(events=[quiet.start()])], BY)
    with store.read() as c:
        assert search.searchable(c) == [script.task]
        assert [hit.line for hit in search.lines(c, script.task, "cuda out of")] == [7, 90]
        assert search.lines(c, script.task, "cuda.*mem", limit=1) == [Hit(script.task, "console", text[7].text, 7)]
        with pytest.raises(InvalidValue, match="repeat inside a repeat"):
            search.lines(c, script.task, "(a+)+")
