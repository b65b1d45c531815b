"""The baseline of a project: pinned, taken away, taken back, and what becomes of it with its task; on both engines."""

from __future__ import annotations

from contextlib import suppress

import pytest

from store import baselines, commands
from store.changes import since
from store.engine import Store, current_rev
from store.errors import Conflict, InvalidValue, LabtopError, NotFound, StateError
from store.ingest import ingest
from store.lifecycle import Status
from store.projects import Described
from store.queries import details, projects
from store.undo import Change, put_back, witnessed
from tests.store.states import BY, draft, ended
from tests.support import Script


def pins(store: Store) -> dict[str, str]:
    """Return the baselines by project, asked for in each way there is."""
    with store.read() as c:
        found = baselines.pinned(c)
        assert found == {row.path: row.baseline for row in projects.listing(c) if row.baseline}
        for task in found.values():
            assert details.detail(c, task).baseline_of == [path for path, pin in sorted(found.items()) if pin == task]
    return found


def pin(store: Store, project: str, task: str, **options: str) -> Change:
    (change,) = witnessed(store, commands.set_baseline, project, task, by=BY, **options)[1]
    return change


def test_a_task_is_pinned_in_its_project_and_in_those_above_it_and_taken_away_again(store: Store) -> None:
    task, other = draft(store, project="vision/deep"), draft(store, project="vision")
    pin(store, "vision/deep", task)
    pin(store, " vision/ ", task)
    assert pins(store) == {"vision/deep": task, "vision": task}
    pin(store, "vision", other)
    assert pins(store) == {"vision/deep": task, "vision": other}
    pin(store, "vision/deep", "")
    assert pins(store) == {"vision": other}
    with pytest.raises(StateError, match=r'the baseline of "vision/deep" away: it has none of its own\.'):
        pin(store, "vision/deep", "")


@pytest.mark.parametrize("project", ["vision/deep", "language", "vision/flatter"])
def test_a_task_of_another_project_is_refused(store: Store, project: str) -> None:
    for path in ("vision/deep", "vision/flatter", "language"):
        draft(store, project=path)
    task = draft(store, project="vision/flat", name="the task")
    with pytest.raises(InvalidValue) as refused:
        pin(store, project, task)
    assert str(refused.value) == (
        f'Cannot pin "the task" ({task[:8]}) as the baseline of "{project}": it is in "vision/flat". '
        f"Pin a task of that project, or of one below it."
    )
    assert pins(store) == {}


def test_what_is_not_there_is_not_pinned(store: Store) -> None:
    task = draft(store, project="vision")
    with pytest.raises(NotFound, match=r"There is no project 'vison'\. Did you mean \"vision\"\?"):
        pin(store, "vison", task)
    with pytest.raises(NotFound, match="There is no task 'nosuch': it was deleted"):
        pin(store, "vision", "nosuch")


def test_what_somebody_else_has_pinned_meanwhile_is_not_replaced(store: Store) -> None:
    mine, theirs = draft(store, project="vision"), draft(store, project="vision")
    pin(store, "vision", theirs, seen="")
    for seen in ("", mine):
        with pytest.raises(Conflict, match=r'the baseline of "vision": somebody else has changed it meanwhile'):
            pin(store, "vision", mine, seen=seen)
    assert pins(store) == {"vision": theirs}
    pin(store, "vision", mine, seen=theirs)
    assert pins(store) == {"vision": mine}


def test_a_pin_is_a_change_of_the_project_alone(store: Store) -> None:
    task = draft(store, project="vision/deep")
    for wanted in (task, ""):
        with store.read() as c:
            rev = current_rev(c)
        for _ in ("now", "once more, which changes nothing"):
            with suppress(StateError):
                pin(store, "vision", wanted)
        with store.read() as c:
            changed = since(c, rev)
        assert [(row.path, row.baseline, row.counts) for row in changed.projects] == [("vision", wanted, {})]
        assert (changed.tasks, changed.rev) == ([], rev + 1)


@pytest.mark.parametrize("archived_only", [True, False])
def test_a_deleted_task_is_no_baseline(store: Store, archived_only: bool) -> None:
    task, other = ended(store, Status.FAILED, project="vision/deep"), draft(store, project="vision")
    pin(store, "vision/deep", task)
    pin(store, "vision", other)
    commands.archive(store, task, by=BY)
    assert pins(store) == {"vision/deep": task, "vision": other}, "an archived one still is"
    with store.read() as c:
        rev = current_rev(c)
    commands.delete(store, task, by=BY, archived_only=archived_only)
    assert pins(store) == {"vision": other}
    with store.read() as c:
        assert [(row.path, row.baseline) for row in since(c, rev).projects] == [("vision/deep", "")]


def test_a_task_that_moves_stays_the_baseline_of_those_it_is_in(store: Store) -> None:
    task = draft(store, project="vision/deep/nets")
    for project in ("vision", "vision/deep", "vision/deep/nets"):
        pin(store, project, task)
    commands.move(store, task, "vision/deep/other", by=BY)
    assert pins(store) == {"vision": task, "vision/deep": task}
    commands.move(store, task, "vision / flat", by=BY)
    assert pins(store) == {"vision": task}
    commands.move(store, task, "visionary", by=BY)
    assert pins(store) == {}


def test_a_pin_is_put_back_and_made_again_unless_somebody_else_has_changed_it(store: Store) -> None:
    first, second = draft(store, project="vision"), draft(store, project="vision")
    pin(store, "vision", first)
    commands.describe_project(store, "vision", "all that sees", by=BY)
    changed = pin(store, "vision", second)
    assert changed.before == Described("vision", "all that sees", first)
    assert changed.after == Described("vision", "all that sees", second)
    assert changed.named == 'the project "vision"' and pin(store, "vision", second).is_none
    put_back(store, "vision", changed.after, changed.before, by=BY)
    assert pins(store) == {"vision": first}
    put_back(store, "vision", changed.before, changed.after, by=BY, word="redo")
    assert pins(store) == {"vision": second}
    pin(store, "vision", "")
    with pytest.raises(Conflict, match=r'Cannot undo: the baseline of "vision" is another task by now, or none\.'):
        put_back(store, "vision", changed.after, changed.before, by=BY)
    assert pins(store) == {}


def test_what_is_said_and_what_is_pinned_are_taken_back_each_by_itself(store: Store) -> None:
    task = draft(store, project="vision")
    _, [said] = witnessed(store, commands.describe_project, "vision", "all that sees", by=BY)
    pinned = pin(store, "vision", task)
    put_back(store, "vision", said.after, said.before, by=BY)
    assert pins(store) == {"vision": task}
    commands.describe_project(store, "vision", "another", by="bob@lab")
    put_back(store, "vision", pinned.after, pinned.before, by=BY)
    with store.read() as c:
        assert [(row.description, row.baseline) for row in projects.listing(c)] == [("another", "")]


@pytest.mark.parametrize("gone", ["moved", "deleted"])
def test_a_baseline_that_is_not_there_any_more_is_not_put_back(store: Store, gone: str) -> None:
    first, second = draft(store, project="vision"), draft(store, project="vision")
    pin(store, "vision", first)
    changed = pin(store, "vision", second)
    if gone == "moved":
        commands.move(store, first, "language", by=BY)
    else:
        commands.delete(store, first, by=BY, archived_only=False)
    with pytest.raises(LabtopError, match='it is in "language"' if gone == "moved" else "it was deleted"):
        put_back(store, "vision", changed.after, changed.before, by=BY)
    assert pins(store) == {"vision": second}


def test_a_move_that_is_taken_back_brings_the_pins_back_that_it_took(store: Store) -> None:
    task, other = draft(store, project="vision/deep"), draft(store, project="vision/deep")
    pin(store, "vision/deep", task)
    pin(store, "vision", task)
    _, [moved] = witnessed(store, commands.move, task, "language", by=BY)
    put_back(store, task, moved.after, moved.before, by=BY)
    assert pins(store) == {"vision/deep": task, "vision": task}
    put_back(store, task, moved.before, moved.after, by=BY, word="redo")
    assert pins(store) == {}
    pin(store, "vision", other)
    put_back(store, task, moved.after, moved.before, by=BY)
    assert pins(store) == {"vision/deep": task, "vision": other}, "what was pinned since stays"


def test_a_draft_that_was_pinned_since_is_not_unmade(store: Store) -> None:
    source = draft(store, project="vision")
    made, [clone] = witnessed(store, commands.clone, source, by=BY)
    pin(store, "vision", made)
    with pytest.raises(Conflict, match='is the baseline of "vision"'):
        put_back(store, made, clone.after, clone.before, by=BY)
    pin(store, "vision", "")
    put_back(store, made, clone.after, clone.before, by=BY)


def test_what_else_is_taken_back_pins_nothing(store: Store) -> None:
    task = draft(store, project="vision")
    pin(store, "vision", task)
    _, [renamed] = witnessed(store, commands.describe, task, name="another name", by=BY)
    pin(store, "vision", "")
    put_back(store, task, renamed.after, renamed.before, by=BY)
    assert pins(store) == {}


def test_a_baseline_is_not_used_again_by_its_script(store: Store) -> None:
    script = Script()
    batch = script.batch(events=[script.start(project="vision/resnet", name="resnet", time=1.0)])
    assert ingest(store, [batch], BY)[0].outcome == "stored"
    commands.finish(store, script.task, by=BY, status=Status.COMPLETED)
    pin(store, "vision", script.task)
    again = Script(script.task)
    fallback = "f" * 32
    start = again.start(mode="reuse", fallback=fallback, execution=1)
    assert ingest(store, [again.batch(events=[start])], BY)[0].task == fallback
