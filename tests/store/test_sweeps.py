"""Sweeps on both engines: every combination in order, all of them or none, and names that tell them apart."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from store import commands, editing, queues, tables
from store.engine import Store, open_store
from store.errors import InvalidValue, LabtopError, StoreUnusable
from store.lifecycle import Status
from store.models import Table
from store.sweeps import MOST, Axis, lay_out, sweep
from store.text import MAX_NAME
from store.value_lists import words
from tests.store.states import BY, draft, in_state, put_model, row, rows_of, waiting

PARAMETERS = {
    "Args/lr": ("0.1", "float"), "Args/seed": ("1", "int"), "Args/opt": "adam", "Args/amp": ("False", "bool"),
    "Args/kind": ("a", "enum", "What kind.\nValues:\na, b"), "Net/seed": ("2", "int"), "Net/a=b": "4",
}  # fmt: skip


def whole(store: Store) -> dict[str, list[Any]]:
    """Return every row of every table of a store."""
    with store.read() as c:
        return {table.name: list(c.execute(sa.select(table))) for table in Table.metadata.sorted_tables}


def source(store: Store, **fields: Any) -> str:
    return draft(store, **{"name": "resnet", "parameters": PARAMETERS} | fields)


def values(store: Store, task: str, *keys: str) -> tuple[str, ...]:
    with store.read() as c:
        known = editing.known(c, task)
    return tuple(str(known[tuple(key.split("/"))]["value"]) for key in keys)  # type: ignore[index]


def test_there_is_a_draft_for_every_combination_in_order(store: Store) -> None:
    task = source(store, tags=["baseline"], comment="why")
    made = sweep(store, task, ["lr=0.1,1e-2", "Args/seed=1..3"], by="grace@box")
    assert made == sorted(made), "the order of tasks that are equally new"
    expected = list(itertools.product(["0.1", "1e-2"], ["1", "2", "3"]))
    assert [values(store, new, "Args/lr", "Args/seed") for new in made] == expected
    rows = [row(store, new) for new in made]
    assert [found["name"] for found in rows] == [f"resnet lr={lr} seed={seed}" for lr, seed in expected]
    assert {(found["status"], found["parent_id"], found["user"], found["comment"]) for found in rows} == {
        ("draft", task, "grace", "why")
    }
    assert {found["project_id"] for found in rows} == {row(store, task)["project_id"]}
    assert rows_of(store, tables.task_tag, made[-1]) == [{"task_id": made[-1], "tag": "baseline"}]
    (event,) = rows_of(store, tables.task_event, made[0])
    assert (event["action"], event["by"], event["reason"]) == ("create", "grace@box", f"cloned from {task[:8]}")
    kept = {found["name"]: (found["type"], found["number"]) for found in rows_of(store, tables.parameter, made[0])}
    assert kept["lr"] == ("float", 0.1) and len(kept) == 6


def test_what_all_drafts_would_copy_is_bounded(store: Store) -> None:
    task = source(store, code={"diff": bytes(4 << 20)})
    commands.configure(store, task, "net", "x" * (1 << 20), by=BY)
    before = whole(store)
    with pytest.raises(InvalidValue, match=r"'resnet' take 5.0 MiB, and each of 300 Drafts .* at most 1024 MiB"):
        sweep(store, task, ["Args/seed=1..300"], by=BY, most=MOST)
    assert whole(store) == before
    assert len(sweep(store, task, ["Args/seed=1..3"], by=BY)) == 3


def test_each_draft_has_the_rest_of_the_configuration(store: Store) -> None:
    task = source(store, code={"diff": b"+" * 1000, "packages": {"numpy": "2"}})
    commands.configure(store, task, "net", "{}", by=BY)
    with store.write(BY) as tx:
        put_model(tx, "a" * 32, used_by=task)
    for new in sweep(store, task, ["opt=sgd,lion"], by=BY):
        for table in (tables.configuration, tables.task_code, tables.input_model):
            copied = [found | {"task_id": task} for found in rows_of(store, table, new)]
            assert copied and copied == rows_of(store, table, task)
        others = [found for found in rows_of(store, tables.parameter, new) if found["name"] != "opt"]
        own = [found for found in rows_of(store, tables.parameter, task) if found["name"] != "opt"]
        assert [found | {"task_id": task} for found in others] == own


@pytest.mark.parametrize("status", Status)
def test_a_task_in_any_state_is_swept(store: Store, status: Status) -> None:
    task = in_state(store, status)
    if status is not Status.RUNNING:
        commands.archive(store, task, by=BY)
    before = row(store, task)
    made = sweep(store, task, ["Args/lr=1,2"], by=BY, project="other/place", name="another")
    assert [(row(store, new)["name"], row(store, new)["archived"]) for new in made] == [
        ("another lr=1", False), ("another lr=2", False)
    ]  # fmt: skip
    assert {row(store, new)["status"] for new in made} == {"draft"}
    assert row(store, task) == before


def test_with_a_queue_they_wait_there_in_order(store: Store) -> None:
    queues.create(store, "night")
    first = draft(store)
    commands.enqueue(store, first, by=BY, queue="night")
    made = sweep(store, source(store), ["lr=1,2", "Args/seed=3..1"], by=BY, queue="night")
    assert waiting(store, "night") == [first, *made]
    assert {row(store, new)["status"] for new in made} == {"pending"}


REFUSALS = {
    "unknown": (["lrr=1,2"], "There is no parameter 'lrr'. Did you mean \"lr\"?"),
    "another section": (["Args/lr=1", "Gen/opt=2"], 'Did you mean "Args/opt"?'),
    "in two sections": (["seed=1,2"], "stands in several sections: Args/seed, Net/seed"),
    "type": (["lr=1,fast"], "Invalid value for Args/lr: 'fast' is not a number."),
    "the last value": (["Args/seed=1..99,1.5"], "Invalid value for Args/seed: '1.5' is not a whole number."),
    "none of its values": (["kind=a,c"], "'c' is none of its values. Write a or b."),
    "no sign": (["lr"], "Cannot read 'lr' as values to sweep: there is no key and =. Write SECTION/KEY=VALUES."),
    "no key": (["=1"], "Cannot read '=1'"),
    "the same text": (["opt=a,b,a"], "Args/opt has a value twice: 'a'. Give each value once."),
    "the same number": (["lr=0.1,1e-1"], "Args/lr has a value twice: '0.1' is the same as '1e-1'."),
    "the same bool": (["amp=yes,True"], "Args/amp has a value twice: 'True'."),
    "the same bool in other words": (["amp=0,false"], "Args/amp has a value twice: '0' is the same as 'false'."),
    "the same key": (["lr=1,2", "Args/lr=3"], "'Args/lr' is given twice. Give all its values in one list."),
    "a bad list": (["lr=1,"], "Invalid values for lr: a value is missing in '1,'."),
    "many": (["lr=1..101"], "This would make 101 tasks. To make more than 100 at once, say so (--yes)."),
    "too many": (["lr=1..1000000000"], "1,000,000,000 tasks are too many: a sweep makes at most 1,000."),
    "far too many": (["lr=1..999999999999999999"] * 300, "Over 1,000,000,000,000,000 tasks are too many"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_makes_nothing(shared_store: Store, name: str) -> None:
    given_words, sentence = REFUSALS[name]
    task = source(shared_store)
    before = whole(shared_store)
    with pytest.raises(LabtopError) as refused:
        sweep(shared_store, task, given_words, by=BY, queue="default")
    assert sentence in str(refused.value)
    assert whole(shared_store) == before


def test_a_queue_name_or_project_that_is_refused_makes_nothing(store: Store) -> None:
    task = source(store)
    before = whole(store)
    for options, sentence in (
        ({"queue": "nite"}, "There is no queue 'nite'."),
        ({"name": "x\x1b[31m"}, "holds the control character"),
        ({"project": "a//b"}, "part 2 of 'a//b' is empty"),
        ({"most": 10**9}, "are too many"),
    ):
        with pytest.raises(LabtopError, match=sentence):
            sweep(store, task, ["lr=1..1001" if "most" in options else "lr=1,2"], by=BY, **options)
        assert whole(store) == before
    with pytest.raises(LabtopError, match="There is no task"):
        sweep(store, "nosuch", ["lr=1,2"], by=BY)


def test_a_store_that_is_read_only_refuses(setting: str) -> None:
    with open_store(setting) as store:
        task = source(store)
    with open_store(setting, read_only=True) as store, pytest.raises(StoreUnusable, match="open read-only"):
        sweep(store, task, ["lr=1,2"], by=BY)


def test_so_many_are_made_when_asked_for(store: Store) -> None:
    made = sweep(store, source(store), ["lr=1..500", "amp=yes,no"], by=BY, most=MOST)
    assert len(set(made)) == MOST
    assert values(store, made[-1], "Args/lr", "Args/amp") == ("500", "False")
    assert len({row(store, new)["rev"] for new in made}) == 1, "one transaction"


def test_the_statements_do_not_grow_with_what_is_copied(store: Store) -> None:
    few, many = source(store), source(store, parameters=PARAMETERS | {f"More/p{n}": str(n) for n in range(200)})
    statements(store, few, 1)  # makes the queue
    assert statements(store, few, 8) == statements(store, many, 8)
    more = statements(store, few, 40) - statements(store, few, 20)
    assert more <= 20 * 9, "to make one and its place in a project of two parts, and to enqueue it"


def statements(store: Store, task: str, count: int) -> int:
    """Return how many statements a sweep takes that is enqueued."""
    seen: list[Any] = []

    def counting(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    engine = store._writer
    assert engine is not None
    sa.event.listen(engine, "before_cursor_execute", counting)
    sweep(store, task, [f"lr=1..{count}"], by=BY, queue="default")
    sa.event.remove(engine, "before_cursor_execute", counting)
    return len(seen)


def test_a_new_parameter_is_made_where_that_is_asked_for(store: Store) -> None:
    made = sweep(store, source(store), ["Args/new=a,b", '"my opt"=1', "a=b=5,6"], by=BY, add=True)
    found = [values(store, new, "Args/new", "General/my opt", "Net/a=b") for new in made]
    assert found == [("a", "1", "5"), ("a", "1", "6"), ("b", "1", "5"), ("b", "1", "6")]


def names(store: Store, task: str, *given_words: str, **options: Any) -> list[str]:
    with store.read() as c:
        return lay_out(c, task, given_words, most=MOST, **options).names


def test_a_name_has_the_values_that_vary(store: Store) -> None:
    task = source(store)
    assert names(store, task, "lr=1", "amp=yes,no") == ["resnet amp=True", "resnet amp=False"]
    assert names(store, task, "lr=1") == ["resnet lr=1"], "of none that varies all"
    assert names(store, task, "Args/seed=1", "Net/seed=1,2")[0] == "resnet Net/seed=1"
    assert names(store, task, 'opt="",a') == ["resnet opt=", "resnet opt=a"]


def test_a_value_of_the_swept_tasks_name_makes_room_for_the_new_one(store: Store) -> None:
    task = source(store, name="resnet lr=0.3 seed=1")
    assert names(store, task, "lr=1,2") == ["resnet seed=1 lr=1", "resnet seed=1 lr=2"]
    assert names(store, source(store, name="lr=0.3"), "lr=1,2") == ["lr=0.3 lr=1", "lr=0.3 lr=2"]


def test_hostile_values_and_names_become_names(store: Store) -> None:
    nasty = ["\x1b]0;HACKED\x07", "\u202e\u2066rtl", "[/foo]", "nl\n2", "sur\udcff", "nul\0", "x" * 5000]
    made = sweep(store, source(store), [f"opt={','.join(f'{chr(34)}{v}{chr(34)}' for v in nasty)}"], by=BY)
    found = [row(store, new)["name"] for new in made]
    assert found[:4] == ["resnet opt=]0;HACKED", "resnet opt=rtl", "resnet opt=[/foo]", "resnet opt=nl 2"]
    assert len(found[-1]) < 60 and all(name.isprintable() for name in found)
    assert values(store, made[0], "Args/opt") == (nasty[0],)
    assert values(store, made[-1], "Args/opt") == (nasty[-1],)


def test_names_that_would_be_alike_or_too_long_are_numbered(store: Store) -> None:
    task = source(store, name="a" * MAX_NAME)
    found = names(store, task, "lr=1..12")
    assert len(set(found)) == 12 and max(map(len, found)) <= MAX_NAME and found[11].endswith(" #12")
    alike = names(store, source(store), f"opt={'x' * 40}a,{'x' * 40}b")
    assert [name[-4:] for name in alike] == ["… #1", "… #2"]


texts = st.text(st.characters(codec="utf-8") | st.sampled_from(' ,"=./0123456789\n'), max_size=8)
axes = st.lists(
    st.tuples(texts, st.lists(texts, min_size=1, max_size=4, unique=True)), min_size=1, max_size=4,
    unique_by=lambda axis: axis[0],
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(axes)
def test_the_words_of_a_sweep_ask_for_the_same_sweep(module_task: tuple[Store, str], given_axes: Any) -> None:
    store, task = module_task
    asked = [Axis(f"My/k{key}", [{"value": value} for value in listed]) for key, listed in given_axes]
    line = " ".join(axis.text for axis in asked)
    with store.read() as c:
        laid = lay_out(c, task, words(line), add=True, most=MOST)
    assert [axis.values for axis in laid.axes] == [[v.replace("\0", "\u2400") for v in a.values] for a in asked]
    assert laid.text == line.replace("\0", "\u2400")
    count = math.prod(len(listed) for _, listed in given_axes)
    assert len(laid.names) == len(list(laid.rows())) == count == len(set(laid.names))


@pytest.fixture(scope="module")
def module_task(shared_store: Store) -> tuple[Store, str]:
    return shared_store, source(shared_store)
