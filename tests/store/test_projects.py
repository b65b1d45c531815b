"""The project tree's counts; on both engines."""

from __future__ import annotations

import pytest

from store import commands
from store.engine import Store
from store.errors import NotFound
from store.lifecycle import Status
from store.queries import projects
from tests.store.states import BY, draft, ended, row, running


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
