"""What a live screen asks again and again, by statements that are built once: right for every task, on both engines."""

from __future__ import annotations

from store.engine import Store
from store.queries import console, glimpse, tasks
from tests.tui.made import Run, curve


def test_statements_that_are_built_once_answer_for_each_task_they_are_asked_about(store: Store) -> None:
    one, two = Run(store, "task one"), Run(store, "task two")
    one.say("first", "second", "")
    two.say("other")
    one.report("loss", "train", *curve(5))
    two.report("loss", "train", 9.0)
    two.report("accuracy", "val", 3.0)
    with store.read() as connection:
        for _ in range(2):
            assert glimpse.last_lines(connection, one.id, 3) == ["first", "second"]
            assert glimpse.last_lines(connection, two.id, 3) == ["other"]
            assert (console.kept(connection, one.id), console.kept(connection, "f" * 32)) == (3, 0)
            found = tasks.rows(connection, [two.id, "f" * 32, one.id], ("loss", "train"))
            assert [(row.id, row.metric) for row in found] == [(two.id, 9.0), (one.id, 0.2)]
            assert [row.metric for row in tasks.rows(connection, [two.id, one.id], ("accuracy", "val"))] == [3.0, None]
            assert [row.metric for row in tasks.rows(connection, [one.id])] == [None]
            assert tasks.rows(connection, []) == []
