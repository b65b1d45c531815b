"""The project tree's counts, and what is said of a project; on both engines."""

from __future__ import annotations

import pytest

from store import commands
from store.changes import since
from store.engine import Store, current_rev
from store.errors import Conflict, InvalidValue, NotFound
from store.lifecycle import Status
from store.projects import Described
from store.queries import projects
from store.records import Changes
from store.undo import Change, put_back, witnessed
from tests.store.states import BY, draft, ended, row, running
from tests.support import counted


def test_counts_are_a_projects_own_unarchived_tasks(store: Store) -> None:
    ended(store, Status.FAILED, project="vision/deep")
    newest = running(store, project="vision/deep")
    draft(store, project="vision")
    commands.archive(store, draft(store, project="vision"), by=BY)
    with store.read() as c:
        found = projects.listing(c)
        assert [(p.path, p.counts) for p in found] == [
            ("vision", {"draft": 1}),
            ("vision/deep", {"failed": 1, "running": 1}),
        ]
        assert found[1].activity == row(store, newest)["activity"]
        assert projects.listing(c, [found[1].id]) == found[1:]
        assert projects.listing(c, []) == []


def test_resolving_a_path(store: Store) -> None:
    draft(store, project="vision/deep")
    with store.read() as c:
        assert projects.resolve(c, " vision/deep/ ") == projects.listing(c)[1].id
        with pytest.raises(NotFound, match=r"There is no project 'vison'\. Did you mean \"vision\"\?"):
            projects.resolve(c, "vison")


def said(store: Store) -> dict[str, str]:
    with store.read() as c:
        return {row.path: row.description for row in projects.listing(c)}


def test_a_project_is_described_and_the_description_taken_away_again(store: Store) -> None:
    draft(store, project="vision/deep")
    commands.describe_project(store, "vision/deep", "  which network,\n\tand why: 网络 \U0001f680 ", by=BY)
    assert said(store) == {"vision": "", "vision/deep": "which network,\n\tand why: 网络 \U0001f680"}
    commands.describe_project(store, " vision/ ", "all that sees", by=BY)
    commands.describe_project(store, "vision/deep", " \n", by=BY)
    assert said(store) == {"vision": "all that sees", "vision/deep": ""}


@pytest.mark.parametrize(("text", "why"), [
    ("x" * 2001, "Invalid description: 2,001 characters are too many. Give at most 2,000."),
    ("a\x1b[31mb", r"holds the control character '\x1b'. Remove it."), ("a\0b", "holds the control character"),
    ("a\ud800b", "holds the control character"), ("a\rb", "holds the control character"),
])  # fmt: skip
def test_a_description_that_breaks_a_rule_changes_nothing(store: Store, text: str, why: str) -> None:
    draft(store, project="vision")
    commands.describe_project(store, "vision", "x" * 2000, by=BY)
    with pytest.raises(InvalidValue) as refused:
        commands.describe_project(store, "vision", text, by=BY)
    assert why in str(refused.value)
    assert said(store) == {"vision": "x" * 2000}


def test_a_project_that_is_not_there_is_not_described(store: Store) -> None:
    draft(store, project="vision")
    with pytest.raises(NotFound, match=r"There is no project 'vison'\. Did you mean \"vision\"\?"):
        commands.describe_project(store, "vison", "what it is for", by=BY)


def changes(store: Store, rev: int) -> Changes:
    with store.read() as c:
        return since(c, rev)


def test_a_description_is_a_change_of_the_project_alone(store: Store) -> None:
    draft(store, project="vision/deep")
    draft(store, project="language")
    with store.read() as c:
        rev = current_rev(c)
    commands.describe_project(store, "vision/deep", "deep nets", by=BY)
    commands.describe_project(store, "vision", "all that sees", by=BY)
    with counted(store.reader) as seen:
        found = changes(store, rev)
    assert [(row.path, row.description, row.counts) for row in found.projects] == [
        ("vision", "all that sees", {}), ("vision/deep", "deep nets", {"draft": 1}),
    ]  # fmt: skip
    assert (found.tasks, found.deleted) == ([], []) and len(seen.statements) == 2
    assert changes(store, found.rev).projects == []


def test_a_project_comes_with_its_parents_when_it_is_made(store: Store) -> None:
    draft(store, project="vision/deep/nets")
    assert [row.path for row in changes(store, 0).projects] == ["vision", "vision/deep", "vision/deep/nets"]


def described(store: Store, text: str) -> Change:
    (change,) = witnessed(store, commands.describe_project, "vision", text, by=BY)[1]
    return change


def test_a_description_is_put_back_unless_somebody_else_has_written_another(store: Store) -> None:
    draft(store, project="vision")
    first, same = described(store, "the first"), described(store, "the first")
    assert (first.before, first.after) == (Described("vision", ""), Described("vision", "the first"))
    assert first.named == 'the project "vision"' and same.is_none and not first.is_none
    put_back(store, first.subject, first.after, first.before, by=BY)
    assert said(store) == {"vision": ""}
    put_back(store, first.subject, first.before, first.after, by=BY, word="redo")
    assert said(store) == {"vision": "the first"}
    commands.describe_project(store, "vision", "theirs", by="bob@lab")
    with pytest.raises(Conflict, match=r'Cannot undo: the project "vision" was described anew since'):
        put_back(store, first.subject, first.after, first.before, by=BY)
    assert said(store) == {"vision": "theirs"}
