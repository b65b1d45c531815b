"""The tab of artifacts and models: listed, looked into, saved elsewhere, in any terminal, whatever is stored."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from store import files
from store.engine import Store
from tests.tui.made import OnTask, Opened, Run, draft, new_store
from tui.look import Look
from tui.widgets.files import Files


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path) as opened:
        yield opened


def keep(run: Run, name: str, data: bytes, preview: str = "", kind: str = "custom") -> str:
    """Have a task keep an artifact, and return the path of its file."""
    path = files.place(str(run.store.location.home), run.id, "artifacts", f"{name}.bin")
    os.close(files.create(path))
    Path(path).write_bytes(data)
    size, digest = files.digest(path)
    about = {"content_type": "application/x-thing", "preview": preview, "metadata": {"rows": 3}, "time": time.time()}
    run.tell(e="artifact", name=name, type=kind, uri=files.uri(path), size=size, hash=digest, **about)
    return path


def pane(opened: Opened) -> Files:
    found = opened.screen.pane()
    assert isinstance(found, Files)
    return found


async def shown(opened: Opened, *words: str) -> str:
    await opened.until(
        lambda: opened.screen.is_current and not pane(opened).busy and all(word in opened.text() for word in words),
        f"{words} in {opened.text()}",
    )
    return opened.text()


async def test_one_looks_at_files_and_follows_the_task(store: Store) -> None:
    run = Run(store)
    keep(run, "table", b"x" * 2048, "\n".join(f"row {n}\tof it" for n in range(100)), "pandas")
    keep(run, "weights", b"\0" * 5)
    run.tell(e="model", id="ab" * 16, name="net", framework="numpy", labels={"cat": 0}, design="{deep: 1}", time=1.0)
    run.tell(e="input_model", model="ab" * 16, name="start", time=1.0)
    async with OnTask(store, run.id, "artifacts", (80, 24)) as opened:
        text = await shown(opened, "▸ start", "input model", "net", "table", "2.0 kB", "framework", "cat 0", "deep: 1")
        assert [line.split()[0] for line in text.splitlines() if "<1m" in line][-2:] == ["table", "weights"]
        await opened.press("j", "j")
        await shown(opened, "▸ table", "rows          3", "row 0   of it", "sha256        ")
        await opened.press("enter", "G")
        await shown(opened, "row 99  of it")
        assert "weights" not in opened.text()
        await opened.press("escape", "G")
        await shown(opened, "▸ weights", "custom, application/x-thing: nothing of it can be shown as text.")
        keep(run, "table", b"y", "another", "pandas")
        await opened.press("k")
        await shown(opened, "▸ table", "1 B", "another")


async def test_a_copy_is_saved_where_one_says_and_never_over_a_file_unasked(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run = Run(store)
    path = keep(run, "data", b"kept")
    before = {kept: kept.stat().st_mtime_ns for kept in (tmp_path / "store" / "files").rglob("*")}
    async with OnTask(store, run.id, "artifacts", (100, 30), read_only=True) as opened:
        await shown(opened, "▸ data")
        await opened.press("s")
        await opened.sees("Save data to", "data.bin")
        await opened.press("enter")
        await opened.sees("Saved data as")
        assert (tmp_path / "data.bin").read_bytes() == b"kept"
        (tmp_path / "data.bin").write_bytes(b"mine")
        await opened.press("s", "enter")
        await opened.sees("Replace data.bin?")
        await opened.press("n")
        await opened.sees("It is there already")
        await opened.press("end", "x")
        await opened.until(lambda: "It is there already" not in opened.text())
        await opened.press("backspace")
        assert (tmp_path / "data.bin").read_bytes() == b"mine"
        await opened.press("enter")
        await opened.sees("Replace data.bin?")
        await opened.press("y")
        await opened.until(lambda: (tmp_path / "data.bin").read_bytes() == b"kept")
        await opened.sees("Saved data as")
        await opened.press("s", "ctrl+u", *"/dev/null/x", "enter")
        await opened.sees("Cannot save it there: Not a directory. Give another place.")
        await opened.press("ctrl+u", *"/dev/null", "enter")
        await opened.sees("Cannot save it there: /dev/null is no file.")
        await opened.press("escape")
        await shown(opened, "▸ data")
        await opened.press("y")
        await opened.sees("Copied", "data.bin")
        assert opened.app.clipboard == path
        os.unlink(path)
        run.tell(e="comment", text="changed")
        await opened.until(lambda: opened.screen.detail is not None and opened.screen.detail.row.comment == "changed")
        await opened.press("s")
        await opened.sees("data has no file on this machine")
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith((".", "data"))) == ["data.bin"]
    assert before.keys() >= set((tmp_path / "store" / "files").rglob("*"))


async def test_an_empty_tab_says_what_fills_it_and_every_look_has_its_form(store: Store) -> None:
    async with OnTask(store, draft(store), "artifacts", (80, 24)) as opened:
        await opened.sees("No artifacts and no models yet", "upload_artifact")
        await opened.press("j", "enter", "G", "pagedown", "y", "s")
        await opened.sees("There is no file here yet.")
    run = Run(store)
    for n in range(30):
        keep(run, f"file {n}", b"", "text")
    async with OnTask(store, run.id, "artifacts", (110, 16), look=Look(ascii=True, colour=False)) as opened:
        await shown(opened, "> file 0", "1/30", "0 B")
        await opened.press("G")
        text = await shown(opened, "> file 29", "30/30")
        assert text.isascii() or "…" not in text


async def test_what_seven_opens_when_it_is_pressed_again_is_said_where_both_do_not_fit(store: Store) -> None:
    run = Run(store)
    async with OnTask(store, run.id, "artifacts", (80, 24)) as opened:
        await opened.sees("7 files", "7 again: samples")
        await opened.press("7")
        await opened.sees("7 samp", "7 again: artifacts")
        await opened.press("8")
        await opened.until(lambda: "again" not in opened.text())
