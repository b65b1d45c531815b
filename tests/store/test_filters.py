"""The filter language: what each word means, what is refused, and that no text reaches SQL; on both engines."""

from __future__ import annotations

import getpass
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store import clock, commands, filters, tables
from store.engine import Store
from store.errors import InvalidValue, NotFound
from store.lifecycle import Status
from store.queries import tasks
from store.queries.tasks import TaskQuery
from tests.store.states import BY, draft, ended, in_state


def found(store: Store, text: str) -> set[str]:
    with store.read() as c:
        return {row.name for row in tasks.page(c, TaskQuery(where=filters.parse(text)), 0, None)}


def a_small_world(store: Store) -> None:
    numbers = {"Args/lr": "0.001", "Args/opt": "adam", "Args/my key": "a b"}
    one = ended(
        store, Status.COMPLETED, name="resnet one", project="vision/deep", tags=["baseline", "old"], type="qc",
        parameters=numbers, comment="first try",
    )  # fmt: skip
    others = {"Args/lr": "0.1", "Net/depth": "50"}
    two = in_state(store, Status.PENDING, name="ResNet two", project="vision", tags=["baseline"], parameters=others)
    three = draft(store, name="bert", project="text", parameters={"Args/lr": "nan", "Net/lr": "x"})
    with store.write() as tx:
        rows = [
            {"task_id": task, "title": "loss", "series": "val", "number": 0, "last": last, "min": low, "max": last}
            for task, last, low in ((one, 0.5, 0.1), (two, None, 0.3))
        ]
        tx.execute(tables.task_metric.insert(), rows)
        for task, change in (
            (one, {"progress": 80.0, "last_iteration": 500, "created": clock.now() - 3 * 86400, "host": "gpu1"}),
            (two, {"user": getpass.getuser(), "worker": "w1"}),
            (three, {"parent_id": one, "activity": clock.now() - 3 * 86400}),
        ):
            tx.execute(sa.update(tables.task).where(tables.task.c.id == task).values(**change))


ONE, TWO, BERT = "resnet one", "ResNet two", "bert"
MEANINGS = {
    "": {ONE, TWO, BERT},
    "status:completed,pending": {ONE, TWO},
    "status:in_progress": set(),
    "!status:draft": {ONE, TWO},
    "type:qc": {ONE},
    "tag:baseline": {ONE, TWO},
    "tag:baseline -tag:old": {TWO},
    "tag~^BASE": {ONE, TWO},
    "project:vision/": {ONE, TWO},
    "project:vision/deep": {ONE},
    "project=vision": {TWO},
    "name~resnet": {ONE, TWO},
    "name~^resnet.one$": {ONE},
    "name:RESNET": {ONE, TWO},
    'name="resnet one"': {ONE},
    'name="resnet on"': set(),
    "comment:try": {ONE},
    "user:me": {TWO},
    "user:me,ada": {ONE, TWO, BERT},
    "host:gpu1": {ONE},
    "worker:w1": {TWO},
    "queue:default": {TWO},
    "param:Args/lr<0.01": {ONE},
    "param:Args/lr>=0.1": {TWO},
    "param:Args/lr=1e-1": {TWO},
    "param:Args/lr!=0.1": {ONE, BERT},
    "param:lr=x": {BERT},
    "param:opt=adam,sgd": {ONE},
    "param:opt~^AD": {ONE},
    'param:"Args/my key"="a b"': {ONE},
    "depth>10": {TWO},
    'metric:"loss/val"<1': {ONE},
    "metric:loss/val.min<0.2": {ONE},
    "metric:loss/val.min>0": {ONE, TWO},
    "-metric:loss/val>0": {TWO, BERT},
    "val.min<0.2": {ONE},
    "age>2d": {BERT},
    "age<1h": {ONE, TWO},
    "created>2d": {ONE},
    "created<1h": {TWO, BERT},
    "progress>50": {ONE},
    "iteration:500": {ONE},
    "-progress>50": {TWO, BERT},
    "bert": {BERT},
    "VISION two": {TWO},
    "old": {ONE},
    '"first try"': {ONE},
    '"status:draft"': set(),
    "-resnet": {BERT},
    "100%": set(),
    "re_net": set(),
}


def test_what_each_word_means(store: Store) -> None:
    a_small_world(store)
    for text, expected in MEANINGS.items():
        assert found(store, text) == expected, text


def test_every_character_of_a_text_means_itself_and_only_letter_case_is_ignored(store: Store) -> None:
    draft(store, name="Gr\u00f6\u00dfe/50%_a\\b")
    draft(store, name="nothing of it")
    for text in ("gR\u00f6\u00dfE/50", "/50%_A", "%_", "a\\B", "name:SSE,\u00f6\u00dfe"):
        assert found(store, text) == {"Gr\u00f6\u00dfe/50%_a\\b"}, text
    for text in ("5_%", "/5%a", "//50", "a_b", "a\\\\b"):
        assert found(store, text) == set(), text
    with store.read() as c:
        statement = str(filters.parse("a name:b").clause(c).compile(c))
        assert "lower(" not in statement, "a call for every row takes half of the search"


def test_ids_and_parents_by_their_start(store: Store) -> None:
    parent = draft(store, name="parent", task_id="ab" + "0" * 30)
    commands.clone(store, parent, by=BY, name="child")
    assert found(store, "id:AB0") == {"parent"}
    assert found(store, "parent:ab") == {"child"}
    assert found(store, "ab00") == {"parent"}


@pytest.mark.parametrize(
    ("text", "word", "why"),
    [
        ("ok statsu:draft", "'statsu:draft'", "no key 'statsu'. Did you mean \"status\"? Valid: status, "),
        ("status:runing", "'status:runing'", 'Did you mean "running"?'),
        ("type:trainin", "'type:trainin'", 'Did you mean "training"?'),
        ('name~"(" ok', "'name~('", "is no regular expression"),
        ('name~"(a+)+$"', "'name~(a+)+$'", "can take forever"),
        ("name~" + "a" * 201, "'name~aaa", "longer than 200"),
        ("name<3", "'name<3'", "< compares numbers"),
        ("age<2", "'age<2'", "write a time since then as age<2d"),
        ("created:2d", "'created:2d'", "write a time since then as created<2d or created>=1.5h"),
        ("progress~5", "'progress~5'", "~ does not compare numbers"),
        ("progress>half", "'progress>half'", "'half' is not a number"),
        ("param:lr", "'param:lr'", "write it as param:Section/name<0.01"),
        ("metric:x", "'metric:x'", 'write it as metric:"title/series".min<0.2'),
        ("metric:x~1", "'metric:x~1'", "~ does not compare numbers"),
        ("param:lr<x", "'param:lr<x'", "'x' is not a number"),
        ('a "b c', "'a \"b c'", "a double quote is open"),
        (":x", "':x'", "no key ''"),
    ],
)
def test_an_error_says_which_word_and_what_is_valid(text: str, word: str, why: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        filters.parse(text)
    assert word in str(refused.value)
    assert why in str(refused.value)


def test_a_bare_name_must_be_unique(store: Store) -> None:
    a_small_world(store)
    with pytest.raises(InvalidValue, match=r"'lr<1': lr is param:Args/lr, param:Net/lr\. Write which\."):
        found(store, "lr<1")
    with pytest.raises(InvalidValue, match=r"'dept<1': no parameter or metric 'dept'\. Nearest: \"depth\"\."):
        found(store, "dept<1")


LOSSES = {("loss", "train"): 0.5, ("loss", "val"): 0.7}


def with_metrics(store: Store, name: str, last: dict[tuple[str, str], float]) -> str:
    task = draft(store, name=name, parameters={"Args/lr": "0.1", "Args/long": "x", "Net/lr": "0.2"})
    values = [
        {"task_id": task, "title": title, "series": series, "number": number, "last": value, "min": 0.1, "max": value}
        for number, ((title, series), value) in enumerate(last.items())
    ]
    with store.write() as tx:
        tx.execute(tables.task_metric.insert(), values)
    return task


@pytest.mark.parametrize(
    "text",
    ["accuracy>0.5", "accuracy.min<0.2", "metric:accuracy>0.5", "top<1", "gpu/top<1", "deep/loss/test<1", "Args/lr<1"],
)
def test_a_name_of_one_metric_or_parameter_simply_works(store: Store, text: str) -> None:
    with_metrics(store, "the one", {**LOSSES, ("accuracy", "val"): 0.9, ("acc", "gpu/top"): 0.3,
                                    ("deep/loss", "test"): 0.4})  # fmt: skip
    draft(store, name="without", parameters={"Other/lr": "0.1"})
    assert found(store, text) == {"the one"}


SEVERAL = 'loss is metric:"loss/train", metric:"loss/val". Write which.'


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("loss<0.3", SEVERAL),
        ("metric:loss<0.3", SEVERAL),
        ("loss.min<0.3", SEVERAL.replace('"loss/train"', '"loss/train".min').replace('"loss/val"', '"loss/val".min')),
        ("lr<1", "lr is param:Args/lr, param:Net/lr. Write which."),
        ("acc>0.7", "no parameter or metric 'acc'. Nearest: \"accuracy/val\"."),
        ("Accuracy>0.7", "no parameter or metric 'Accuracy'. Nearest: \"accuracy/val\"."),
        ('metric:"loss/vla"<1', "no metric 'loss/vla'. Nearest: \"loss/val\""),
        ("-metric:loss/vla<1", "no metric 'loss/vla'. Nearest: \"loss/val\""),
        ("param:Args/lrr<1", "no parameter 'Args/lrr'. Nearest: \"Args/lr\""),
        ("param:lrr=1", "no parameter 'lrr'. Nearest: \"Args/lr\""),
        ("metric:xyz<1", 'no metric \'xyz\'. There are: "accuracy/val", "loss/train", "loss/val", ":monitor:gpu/x".'),
    ],
)
def test_a_name_that_none_or_several_have_is_refused_with_what_could_be_meant(
    store: Store, text: str, why: str
) -> None:
    with_metrics(store, "the one", {**LOSSES, ("accuracy", "val"): 0.9, (":monitor:gpu", "x"): 1})
    with pytest.raises(InvalidValue) as refused:
        found(store, text)
    assert str(refused.value).startswith("Invalid filter word ")
    assert why in str(refused.value)


def test_a_name_is_refused_in_a_store_without_any(store: Store) -> None:
    with pytest.raises(InvalidValue, match=r"'loss<1': no parameter or metric 'loss'\.$"):
        found(store, "loss<1")


def test_equal_texts_are_equal_filters() -> None:
    assert filters.parse("a b") == filters.parse("a b") != filters.parse("a c")


SIGNS = st.sampled_from(
    ["status:", "tag:", "name~", "name:", "param:", "metric:", "age<", "-", '"', "<", ",", "=", " "]
)
TEXTS = st.lists(
    SIGNS | st.text(max_size=6) | st.sampled_from(["'; DROP TABLE task; --", "%", "\\", "\udcff", "\0"]), max_size=6
)


@pytest.mark.parametrize("text", ["name:\udcff", "param:Args/x=a\0", "tag:\udcff", "\udcff"])
def test_bytes_that_are_no_text_find_nothing(store: Store, text: str) -> None:
    draft(store, name="the only one", parameters={"Args/x": "a"})
    assert found(store, text) == set()
    with store.read() as c:
        assert tasks.count(c, TaskQuery(where=filters.parse(text), sort=f"param:{text}")) == 0
        assert [row.name for row in tasks.page(c, TaskQuery(sort=f"param:{text}"), 0, None)] == ["the only one"]
        with pytest.raises(NotFound, match="There is no task"):
            tasks.resolve(c, text)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=TEXTS)
def test_any_text_is_a_filter_or_a_sentence(store: Store, parts: list[str]) -> None:
    try:
        found(store, "".join(parts))
    except InvalidValue as error:
        assert "\n" not in str(error)
    with store.read() as c:
        assert len(sa.inspect(c).get_table_names()) == len(tables.task.metadata.tables)


@pytest.mark.parametrize("text", ["lr<0.01", "param:Args/lr<0.01", "param:opt=adam", "metric:loss/val<0.2", "val<0.2"])
def test_a_comparison_seeks_in_an_index_whatever_the_number_of_tasks(store: Store, text: str) -> None:
    """Not a look into every task, its parameters and its metrics: half a second of 100,000 tasks."""
    if not store.location.is_sqlite:
        return  # PostgreSQL plans by statistics, which a small store has not
    commands.create(store, by=BY, project="one", name="one", parameters={"Args/lr": "0.1", "Args/opt": "adam"})
    a_small_world(store)
    with store.write() as tx:
        tx.execute(sa.delete(tables.parameter).where(tables.parameter.c.section == "Net"))
    statements: list[tuple[str, Any]] = []
    with store.read() as c:
        sa.event.listen(c, "before_cursor_execute", lambda _c, _k, sql, values, *_: statements.append((sql, values)))
        tasks.count(c, TaskQuery(where=filters.parse(text)))
        plan = [
            row[3] for sql, values in statements[:] for row in c.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)
        ]
    looked = [step for step in plan if " parameter" in step or " task_metric" in step]
    assert looked
    assert [step for step in looked if not step.startswith("SEARCH ") or "INDEX ix_" not in step] == []


def test_names_come_each_once_and_in_order(store: Store) -> None:
    from store.queries import names

    with store.read() as c:
        assert (names.parameters(c), names.metrics(c)) == ([], [])
    a_small_world(store)
    with store.read() as c:
        known = names.parameters(c)
        assert names.metrics(c) == [("loss", "val")]
    assert known == [("Args", "lr"), ("Args", "my key"), ("Args", "opt"), ("Net", "depth"), ("Net", "lr")]
