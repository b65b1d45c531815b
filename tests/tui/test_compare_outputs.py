"""What tasks left, side by side on the compare screen: artifacts and models by their contents, samples as pictures."""

from __future__ import annotations

import csv
import re
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store import commands
from store.engine import Store
from tests.support import sample
from tests.tui.at_home import Home, OnHome
from tests.tui.made import BY, Run, draft, new_store
from tests.tui.test_compare import compare, line_of, screen
from tests.tui.test_once import once
from tests.tui.test_plain import plain
from tests.tui.test_samples import BLUE, GREEN, RED, ROOT, flag
from tui.compare.matching import LEAST_HIGH, LEAST_WIDE, grid, nearest
from tui.compare.samples import Pane as Samples
from tui.look import Look
from tui.pictures.decode import MISSING


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


# Debug samples ------------------------------------------------------------------------------------------------------


async def shown(home: Home, *words: str, also: Callable[[], bool] = lambda: True) -> str:
    """Wait until the samples tab has drawn what is in sight, and has these words."""

    def there() -> bool:
        pane = screen(home).pane()
        calm = isinstance(pane, Samples) and home.app.screen is screen(home) and not pane.busy and home.app.is_calm
        return calm and all(word in home.text() for word in words) and also()

    await home.until(there, f"{words} in {home.text()}")
    return home.text()


def colours(home: Home, columns: range) -> set[str]:
    """Return the colours of the half-blocks in some columns of the screen."""
    found = set()
    for strip in home.app.screen._compositor.render_strips():
        for segment in strip.crop(columns.start, columns.stop):
            if "▀" in segment.text and segment.style is not None and segment.style.color is not None:
                found.add(segment.style.color.name)
    return found


LEFT, RIGHT = range(1, 40), range(40, 79)


async def test_samples_of_one_name_stand_side_by_side_at_the_same_or_the_nearest_iteration(store: Store) -> None:
    a, b = named(store, "one run", "two run")
    a.show(*(sample("worst", "val", n, flag(c)) for n, c in ((0, RED), (10, GREEN), (20, BLUE))))
    b.show(*(sample("worst", "val", n, flag(c)) for n, c in ((0, BLUE), (14, RED))))
    a.show(sample("alone", "", 7, flag(GREEN)))
    async with OnHome(store, (80, 24)) as home:
        await compare(home, 2)
        await home.keys("7", "7")
        text = await shown(home, "worst/val  iteration 20", "4/4", "1/2", "A ▶ one run", "B ▶ two run", "nearest: 14")
        assert "not shown" not in text and text.count("nearest") == 1
        await shown(home, also=lambda: (colours(home, LEFT), colours(home, RIGHT)) == ({"#0000ff"}, {"#ff0000"}))
        await home.keys("left", "left")  # 14, then 10: of 0 and 14 the latter is nearer
        await shown(home, "iteration 10", also=lambda: colours(home, LEFT) == {"#00ff00"})
        assert "nearest: 14" in home.text() and colours(home, RIGHT) == {"#ff0000"}
        await home.keys("left")
        text = await shown(home, "iteration 0", also=lambda: colours(home, RIGHT) == {"#0000ff"})
        assert "nearest" not in text
        await home.keys("right", "right", "right")
        b.show(sample("worst", "val", 30, flag(GREEN)))
        await shown(home, "iteration 30", "nearest: 20", also=lambda: colours(home, RIGHT) == {"#00ff00"})
        await home.keys("j")
        text = await shown(home, "alone  iteration 7", "B has none of this name: only A has.")
        assert colours(home, RIGHT) == set() and colours(home, LEFT) == {"#00ff00"}
        await home.keys("greater_than_sign", "v")
        await home.until(lambda: home.text().count("only A has") == 2, "it is said why there is nothing to view")


async def test_what_there_is_no_room_for_is_counted_and_gone_to(store: Store) -> None:
    made = named(store, *(f"run number {n}" for n in range(5)))
    for n, run in enumerate(made):
        run.show(sample("worst", "val", n, flag((40 * n, 0, 0))))
    async with OnHome(store, (80, 24)) as home:
        pane_of = await compare(home, 5)
        await home.keys("7", "7")
        await shown(home, "A-B of E, 3 not shown", "nearest: 0", also=lambda: colours(home, RIGHT) == {"#280000"})
        await home.keys(*["greater_than_sign"] * 3)
        text = await shown(home, "C-D of E, 3 not shown", also=lambda: colours(home, RIGHT) == {"#780000"})
        assert pane_of.targets()[0].id == made[3].id and "run number 1" not in text
        await home.keys("enter")
        text = await shown(home, "nearest: 3", also=lambda: colours(home, LEFT) == {"#780000"})
        assert "not shown" not in text and "run number 2" not in text
        await home.keys("less_than_sign")
        await shown(home, "nearest: 2", "C ▶ run number 2")
        await home.keys("escape")
        await shown(home, "C-D of E", "nearest: 3")
        await home.pilot.resize_terminal(160, 48)
        assert "not shown" not in await shown(home, "A ▶", "E ▶")
        await home.pilot.resize_terminal(60, 14)
        await shown(home, "C of E, 4 not shown")
        for run in made[:2]:
            run.end()
            commands.archive(store, run.id, by=BY)
            commands.delete(store, run.id, by=BY)
        await shown(home, "A of C, 2 not shown", "run number 2")


async def test_every_kind_and_look_and_nothing(store: Store) -> None:
    a, b = named(store, "one run", "two run")
    async with OnHome(store, (80, 24)) as home:
        await compare(home, 2)
        await home.keys(":", *"samples", "enter")
        await home.sees("None of these tasks has debug samples.")
        await home.keys("j", "left", "enter", "G", "v", "greater_than_sign", ":", *"export x.csv", "enter")
        await home.sees("There is nothing to export here.")
    a.show(sample("sound", "s", 1, b"RIFF", "wav"), sample("worst", "val", 0, flag((255, 255, 255))))
    b.show(sample("sound", "s", 1, b"", "png", url="https://h/x.png"), sample("worst", "val", 0, flag((255, 255, 255))))
    for look in (Look(ascii=True, colour=False), Look(colour=False), Look(scheme="16")):
        async with OnHome(store, (80, 24), look=look) as home:
            await compare(home, 2)
            await home.keys("7", "7")
            await shown(home, "no picture of a", "Only the URL of this debug", "wav")
            await home.keys("j")
            assert "▀" not in await shown(home, "@@@@@@@@ ")
            assert re.search("@{8,} +@{8,}", home.text()), "both, parted by space"


def test_without_pillow_it_is_said_for_each_task_and_twins_tell_it_in_words(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = named(store, "one run", "two run")
    for run in made:
        run.show(sample("worst", "val", 7, flag(RED)))
    ids = ",".join(run.id for run in made)
    (tmp_path / "PIL").mkdir()
    (tmp_path / "PIL" / "__init__.py").write_text("raise ImportError('not installed')")
    monkeypatch.setenv("CAPTURE_STORE", str(store.location.home))
    with_pillow = once("--screen", "compare-samples", "--task", ids, COLUMNS="120", LINES="30").stdout
    assert "worst/val  iteration 7" in with_pillow and MISSING[:30] not in with_pillow
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{ROOT}")
    shown = once("--screen", "compare-samples", "--task", ids, COLUMNS="240", LINES="30").stdout
    assert shown.count(MISSING[:60]) == 2 and "A ▶ one run" in shown
    with plain("--task", ids, "--screen", "compare-samples") as typed:
        assert MISSING in typed.hears("A one run: 2x1  png")
        assert MISSING in typed.hears("B two run: 2x1  png")
        typed.type("artifacts")
        typed.hears("None of these tasks has artifacts or models.")


# Pure parts ---------------------------------------------------------------------------------------------------------


@given(st.integers(1, 300), st.integers(1, 100), st.integers(1, 10))
def test_cells_fit_the_pane_and_are_no_smaller_than_can_be_seen(width: int, height: int, count: int) -> None:
    cells = grid(width, height, count)
    assert cells.across * cells.wide <= width and cells.down * cells.high <= height
    assert cells.across == 1 or cells.wide >= LEAST_WIDE
    assert cells.down == 1 or cells.high >= LEAST_HIGH
    assert (cells.down - 1) * cells.across < count, "no row of cells is empty"


@pytest.mark.parametrize(("kept", "wanted", "found"), [([0, 10], 5, 0), ([0, 10], 6, 10), ([3], -9, 3), ([1, 2], 2, 2)])
def test_the_nearest_iteration_is_the_earlier_of_two(kept: Sequence[int], wanted: int, found: int) -> None:
    assert nearest(kept, wanted) == found
