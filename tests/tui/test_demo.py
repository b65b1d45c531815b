"""`tui --demo` as a user sees it: every state, tasks that go on, an agent; and nothing of theirs is touched."""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest

from store.lifecycle import Status
from store.queries import details, tasks
from store.records import TaskRow
from tests.tui.made import Opened
from tui.app import LabtopApp
from tui.cli import main
from tui.demo import demo_store
from tui.look import Look
from tui.settings import Settings


async def test_the_demo_lives_in_a_store_of_its_own_and_runs_what_is_enqueued(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path_factory.mktemp("temporary")
    state = os.environ["XDG_STATE_HOME"]
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    left = temporary / "labtop-demo-left"
    left.mkdir()
    (left / "lock").touch()
    with demo_store() as location:
        assert not left.exists(), "what a killed demo has left goes with the next"
        with demo_store() as other:
            assert other.folder != location.folder and Path(location.folder).exists()
        folder = Path(location.folder)
        assert folder.stat().st_mode & 0o777 == 0o700
        app = LabtopApp(location, settings=Settings(), look=Look(), demo=True)
        async with app.run_test(size=(140, 30)) as pilot, asyncio.timeout(60):
            await _run_the_draft(Opened(pilot, app))
    assert not folder.parent.exists()
    assert os.environ["XDG_STATE_HOME"] == state
    assert not list(tmp_path.iterdir()), "neither a store of theirs nor what the dashboard remembers"


async def _run_the_draft(opened: Opened) -> None:
    data = opened.app.data
    await opened.sees("A demo: everything here is made up", "resnet34 lr=0.05", "  demo")
    await opened.press("j")
    assert "A demo" not in opened.text() and "  demo" in opened.text()
    before = await data.read(_rows)
    assert {row.status for row in before} == set(Status)
    draft = next(row for row in before if row.status == "draft")
    await data.command("edit", draft.id, {"Args/epochs": "2"})
    await data.command("enqueue", draft.id)
    await opened.until(lambda: "✔C resnet18 lr=0.01" in opened.text(), "the Draft has run", timeout=50)
    detail = await data.read(details.detail, draft.id)
    assert detail.row.worker == "demo"
    assert {(row.title, row.series): row.n for row in detail.metrics}["loss", "train"] == 50
    trained = next(row.last_iteration for row in before if row.name == "resnet34 lr=0.05")
    await opened.until(lambda: f"{trained}  " not in _line(opened.text(), "resnet34"), "it goes on training")


def _line(text: str, word: str) -> str:
    return next(line for line in text.splitlines() if word in line)


def _rows(connection: Any) -> list[TaskRow]:
    return tasks.page(connection, tasks.TaskQuery(archived=None), 0, 50)


def test_a_demo_of_a_store_of_ones_own_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--demo", "--store", "x"]) == 2
    assert "--demo has a store of its own. Leave --store out." in capsys.readouterr().err
