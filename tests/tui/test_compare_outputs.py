"""What tasks left, side by side on the compare screen: artifacts and models by their contents."""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.engine import Store
from tests.tui.at_home import OnHome
from tests.tui.made import Run, draft, new_store
from tests.tui.test_compare import compare, line_of


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path) as opened:
        yield opened


def named(store: Store, *names: str) -> list[Run]:
    """Tasks in the order of their letters: the newest is A."""
    return [Run(store, name) for name in reversed(names)][::-1]


# Artifacts and models -----------------------------------------------------------------------------------------------


def keep(run: Run, name: str, hash: str, size: int = 1234, **more: object) -> None:
    run.tell(e="artifact", name=name, type="custom", uri=f"file:///x/{name}", size=size, hash=hash, time=time.time(),
             content_type="text/plain", preview="", **more)  # fmt: skip


def model(run: Run, id: str, name: str, **more: object) -> None:
    run.tell(**{"e": "model", "id": id * 16, "name": name, "framework": "numpy", "time": time.time()} | more)


def cells(text: str, start: str) -> list[str]:
    """Return what a line of the table has of each task."""
    line = line_of(text, start).strip(" ≠!").removeprefix(start)
    return [cell.strip() for cell in line.split("  ") if cell.strip()]


def differs(text: str, start: str) -> bool:
    """Whether a line of the table is marked."""
    return line_of(text, start).strip().startswith("≠")


async def test_files_of_one_name_are_told_apart_by_their_contents(store: Store) -> None:
    a, b, c = named(store, "one run", "two run", "three run")
    for run, digest, size in ((a, "aa11bb22cc", 1_234_567), (b, "dd33ee44ff", 1_234_568), (c, "aa11bb22cc", 1_234_567)):
        keep(run, "table", digest, size, metadata={"rows": 3})
        keep(run, "the same", "55667788", 0)
        model(run, run.id[-2:], "", hash="9988", iteration=size)
    keep(b, "only here", "77" * 5)
    async with OnHome(store, (100, 30)) as home:
        shown = await compare(home, 3)
        await home.press("7")
        text = await home.sees("what differs", "told apart by their SHA-256", "1 the same")
        assert shown.tab == "artifacts"
        assert cells(text, "table") == ["aa11bb22", "dd33ee44", "same as A"] and differs(text, "table")
        assert cells(text, "size") == ["1.2 MB", "1.2 MB", "1.2 MB"] and differs(text, "size"), "by bytes"
        assert cells(text, "only here") == ["-", "77777777", "-"]
        assert "the same  " not in text.replace("1 the same", "") and "metadata" not in text
        assert cells(text, "(named as the task)") == ["9988", "same as A", "same as A"]
        assert cells(text, "iteration") == ["1,234,567", "1,234,568", "1,234,567"]
        await home.press("=")
        text = await home.sees("everything", "metadata/rows")
        assert cells(text, "the same") == ["55667788", "same as A", "same as A"] and not differs(text, "the same")
        assert "0 B" in text and cells(text, "framework") == ["numpy"] * 3
        keep(b, "table", "aa11bb22cc", 1_234_567)
        await home.until(lambda: cells(home.text(), "table") == ["aa11bb22", "same as A", "same as A"])
        await home.press("greater_than_sign", "enter")
        await home.until(lambda: getattr(home.app.screen, "task_id", "") == b.id)
        await home.sees("only here", "kind", "sha256")


async def test_models_of_one_name_in_one_task_are_each_one_and_weights_may_lie_elsewhere(store: Store) -> None:
    a, b = named(store, "one run", "two run")
    for run, ids in ((a, ("a1", "a2")), (b, ("b1",))):
        for n, id in enumerate(ids):
            model(run, id, "net", uri="" if n else "file:///data/weights.npz", design=f"{{deep: {n}}}\n")
    b.tell(e="input_model", model="a1" * 16, name="start", time=1.0)
    async with OnHome(store, (100, 30)) as home:
        await compare(home, 2)
        await home.press("7", "=")
        text = await home.sees("everything", "net 2")
        assert cells(text, "net ") == ["file:///data/weights.npz", "same as A"]
        assert cells(text, "net 2") == ["no file yet", "-"] and cells(text, "design") == ["1 lines", "same as A"]
        assert "Models used" in text and cells(text, "start")[0] == "-" and cells(text, "made by")[1] == a.id[:8]


async def test_what_tasks_keep_is_exported_in_full_and_nothing_is_said(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    a, b = named(store, "one run", "two run")
    draft(store, "a draft")
    async with OnHome(store) as home:
        await compare(home, 3)
        await home.press("7")
        await home.sees("None of these tasks has artifacts or models. task.upload_artifact")
        keep(a, "table", "ab" * 32, 5)
        keep(b, "table", "cd" * 32, 1_234_568)
        await home.sees("abababab", "cdcdcdcd")
        await home.keys(":", *"export kept.csv", "enter")
        await home.sees("2 lines")
    with (tmp_path / "kept.csv").open(encoding="utf-8", newline="") as file:
        heading, *rows = csv.reader(file)
    assert heading[:3] == ["kind", "name", "field"] and heading[4].startswith("B one run")
    assert rows[0] == ["Artifacts", "table", "contents", "", "ab" * 32, "cd" * 32]
    assert ["Artifacts", "table", "size", "", "5", "1234568"] in rows and len(rows) == 2
