"""What people edit stands in the task's history: who, when, what; and what scripts report of themselves does not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from store import commands, history, tables
from store.engine import Store
from store.facts import facts
from store.ingest import ingest
from store.queries import details
from store.undo import put_back
from tests.store.states import BY
from tests.support import Script

ADA = "ada@lab"
Edit = Callable[[Store, str], object]
EDITS: dict[str, tuple[Edit, tuple[str, str]]] = {
    "edit": (lambda s, t: commands.edit(s, t, {"Args/lr": "0.05"}, by=ADA), ("edit", "Args/lr: 0.1 → 0.05")),
    "add": (
        lambda s, t: commands.edit(s, t, {"Args/new": "1"}, by=ADA, add=True), ("edit", "Args/new: added, 1"),
    ),
    "remove": (
        lambda s, t: commands.edit(s, t, {}, by=ADA, remove=["Args/lr"]), ("edit", "Args/lr: removed, was 0.1"),
    ),
    "two": (
        lambda s, t: commands.edit(s, t, {"Args/lr": "", "Args/x": "a\nb"}, by=ADA, add=True),
        ("edit", "Args/lr: 0.1 → '', Args/x: added, a b"),
    ),
    "object": (
        lambda s, t: commands.configure(s, t, "net", "{\n}", by=ADA), ("edit", "configuration net: added, 2 lines"),
    ),
    "rename": (lambda s, t: commands.describe(s, t, name="another", by=ADA), ("rename", "name: the task → another")),
    "comment": (lambda s, t: commands.describe(s, t, comment="so", by=ADA), ("comment", "comment: '' → so")),
    "tags": (
        lambda s, t: commands.tag(s, t, add=["hot"], remove=["old"], by=ADA), ("tag", "tags: old → hot"),
    ),
    "move": (lambda s, t: commands.move(s, t, "lab/two", by=ADA), ("move", "project: vision/resnet → lab/two")),
}  # fmt: skip


def made(store: Store, **parameters: str) -> str:
    given = {f"Args/{name}": value for name, value in parameters.items()}
    return commands.create(store, by=BY, project="vision/resnet", name="the task", tags=["old"], parameters=given)


def lines(store: Store, task: str) -> list[tuple[str, str]]:
    """Return action, and who and what, of each line after the one that the task was made by."""
    with store.read() as c:
        events = details.events(c, task)[1:]
    assert all(event.by == ADA and event.status_from == event.status_to == "draft" for event in events)
    return [(event.action, event.reason) for event in events]


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_is_a_line(shared_store: Store, edit: str) -> None:
    task = made(shared_store, lr="0.1")
    change, line = EDITS[edit]
    change(shared_store, task)
    assert lines(shared_store, task) == [line]


def test_undo_is_a_line_and_puts_the_task_back_as_it_was(shared_store: Store) -> None:
    task = made(shared_store, lr="0.1")
    with shared_store.read() as c:
        before = facts(c, task)
    commands.edit(shared_store, task, {"Args/lr": "0.2"}, by=ADA)
    with shared_store.read() as c:
        after = facts(c, task)
    put_back(shared_store, task, after, before, by=ADA)
    assert lines(shared_store, task) == [("edit", "Args/lr: 0.1 → 0.2"), ("undo", "Args/lr: 0.2 → 0.1")]
    with shared_store.read() as c:
        assert facts(c, task) == before


def test_an_edit_that_changes_nothing_leaves_no_line(store: Store) -> None:
    task = made(store, lr="0.1")
    commands.edit(store, task, {"Args/lr": "0.1"}, by=ADA)
    commands.tag(store, task, add=["old"], by=ADA)
    assert lines(store, task) == []


def older(store: Store, seconds: float) -> None:
    with store.write() as tx:
        tx.execute(sa.update(tables.task_event).values(time=tables.task_event.c.time - seconds))


def test_a_value_that_is_put_back_within_a_minute_is_no_line(shared_store: Store) -> None:
    task = made(shared_store, lr="0.1")
    for value in ("0.5", "0.05", "0.1"):
        commands.edit(shared_store, task, {"Args/lr": value}, by=ADA)
    commands.describe(shared_store, task, comment="so", by=ADA)
    commands.describe(shared_store, task, comment="", by=ADA)
    assert lines(shared_store, task) == []


def test_edits_of_one_value_within_a_minute_are_one_line(shared_store: Store) -> None:
    store, task = shared_store, made(shared_store, lr="0.1", seed="1")
    for key, value, then in (("lr", "0.2", 30), ("lr", "0.3", 40), ("lr", "0.4", 5), ("seed", "2", 5),
                             ("lr", "0.5", 90), ("lr", "0.6", 0)):  # fmt: skip
        commands.edit(store, task, {f"Args/{key}": value}, by=ADA)
        older(store, then)
    said = [reason for _, reason in lines(store, task)]
    assert said == ["Args/lr: 0.1 → 0.4", "Args/seed: 1 → 2", "Args/lr: 0.4 → 0.5", "Args/lr: 0.5 → 0.6"]


def test_long_values_are_cut_and_secrets_never_told(store: Store) -> None:
    task = made(store, text="a", api_key="", url="x")
    commands.edit(store, task, {"Args/text": "b" * 5000, "Args/api_key": "hunter2", "Args/url": "https://me:pw1@h/"},
                  by=ADA)  # fmt: skip
    commands.describe(store, task, by=ADA, comment="hf_" + "a1" * 20)
    said = " ".join(reason for _, reason in lines(store, task))
    assert "bbb…" in said and len(said) < 400
    assert "hunter2" not in said and "pw1" not in said and "a1a1" not in said and "<redacted:api_key>" in said


def test_the_lines_about_edits_are_bounded_and_those_about_states_stay(
    shared_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "KEPT", 3)
    task = made(shared_store, a="0")
    for number in range(5):
        commands.edit(shared_store, task, {f"Args/n{number}": "1"}, add=True, by=ADA)
    assert [reason for _, reason in lines(shared_store, task)] == [f"Args/n{n}: added, 1" for n in (2, 3, 4)]
    with shared_store.read() as c:
        assert details.events(c, task)[0].action == "create"


def test_a_clone_has_none_of_them_and_a_script_writes_none(store: Store) -> None:
    task = made(store, lr="0.1")
    commands.edit(store, task, {"Args/lr": "0.2"}, by=ADA)
    clone = commands.clone(store, task, by=ADA, parameters={"Args/lr": "0.3"})
    assert lines(store, clone) == []
    script = Script()
    values = {"Args/lr": {"value": "1", "type": "float", "description": ""}}
    told = [script.start(), {"e": "parameters", "values": values}, {"e": "comment", "text": "mine"},
            {"e": "tags", "add": ["x"]}]  # fmt: skip
    assert ingest(store, [script.batch(events=told)], BY)[0].outcome == "stored"
    with store.read() as c:
        assert [event.action for event in details.events(c, script.task)] == ["create", "start"]
