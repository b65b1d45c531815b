"""The debug samples of a task: pictures in cells at every iteration kept, and a sentence for whatever is none."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from store.engine import Store
from store.sample_records import SampleFile
from tests.support import private_environment, sample
from tests.tui.made import OnTask, Opened, Run, draft, new_store
from tui.look import DARK, Look
from tui.pictures import draw
from tui.pictures.decode import MISSING, size_within
from tui.pictures.draw import ALONE, PICTURE
from tui.plots.cells import Terminal
from tui.plots.draw import Drawn
from tui.widgets.samples import Samples

ROOT = Path(__file__).resolve().parents[2]
RED, BLUE, GREEN = (255, 0, 0), (0, 0, 255), (0, 255, 0)
PLAIN = Terminal(ascii=True, colour=False)


def encoded(image: Image.Image, kind: str = "PNG") -> bytes:
    into = io.BytesIO()
    image.save(into, kind)
    return into.getvalue()


def flag(*colours: tuple[int, int, int], width: int = 2) -> bytes:
    """Return a picture of one line of pixels a colour."""
    image = Image.new("RGB", (width, len(colours)))
    image.putdata([colour for colour in colours for _ in range(width)])
    return encoded(image)


def rows(folder: Path, data: bytes, width: int = 41, height: int = 11, terminal: Terminal | None = None) -> list[str]:
    """Return what is drawn below the line about the file."""
    return ["".join(run.text for run in row) for row in made(folder, data, width, height, terminal).rows[:]]


def made(folder: Path, data: bytes, width: int, height: int, terminal: Terminal | None = None) -> Drawn:
    path = folder / "file"
    path.write_bytes(data)
    drawn = draw.drawn(
        SampleFile(str(path), "png", path.as_uri(), len(data), 2, 2), width, height, terminal or Terminal()
    )
    assert len(drawn.rows) + 1 <= height
    return drawn


# Pictures -----------------------------------------------------------------------------------------------------------


def test_a_cell_shows_two_pixels_and_the_aspect_is_kept(tmp_path: Path) -> None:
    found = made(tmp_path, flag(RED, BLUE, GREEN), 3, 3)
    assert [[(run.text, run.role) for run in row] for row in found.rows] == [
        [("▀▀", PICTURE | 0xFF0000 << 24 | 0x0000FF)], [("▀▀", PICTURE | 0x00FF00 << 24 | ALONE)],
    ]  # fmt: skip
    for size in ((400, 100), (100, 400), (3, 3), (1, 5000)):
        seen = rows(tmp_path, encoded(Image.new("RGB", size)))
        assert (len(seen[0]), len(seen) * 2) == pytest.approx(size_within(*size, 40, 20), abs=1)
    assert size_within(400, 100, 40, 20) == (40, 10) and size_within(3, 3, 40, 20) == (18, 18)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP"])
def test_without_colours_or_glyphs_a_ramp_shows_what_is_light(tmp_path: Path, kind: str) -> None:
    image = Image.linear_gradient("L").resize((40, 40)).convert("RGB")
    for terminal in (PLAIN, Terminal(ascii=True), Terminal(colour=False)):
        seen = rows(tmp_path, encoded(image, kind), terminal=terminal)
        assert len(seen) == 10 and seen[0].strip() == "" and set(seen[-1]) == {"@"} and "".join(seen).isascii()


@pytest.mark.parametrize(
    ("image", "colour"),
    [(Image.new("RGBA", (4, 4), (255, 0, 0, 0)), 0x808080), (Image.new("I;16", (4, 4), 40000), 0x9C9C9C),
     (Image.new("1", (4, 4), 1), 0xFFFFFF), (Image.new("LA", (4, 4), (9, 255)), 0x090909)],
)  # fmt: skip
def test_other_modes_are_shown_too(tmp_path: Path, image: Image.Image, colour: int) -> None:
    assert {run.role for row in made(tmp_path, encoded(image), 5, 3).rows for run in row} == {
        PICTURE | colour << 24 | colour
    }


def bomb(width: int, height: int) -> bytes:
    """Return a PNG of a few hundred bytes that says it has this many pixels."""
    parts = ((b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)), (b"IDAT", zlib.compress(bytes(9999))))
    chunks = [struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in parts]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [(b"", "no picture"), (b"not one", "no picture of a kind"), (b"II*\0" + bytes(99), "no picture of a kind"),
     (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "no picture of a kind"),
     (encoded(Image.effect_noise((64, 64), 90))[:-2000], "damaged"), (flag(RED)[:40], "damaged|no picture"),
     (bomb(30_000, 30_000), "far more pixels"), (bomb(7_000, 7_000), "7000x7000, too many"),
     (bomb(9, 0), "no picture")],
)  # fmt: skip
def test_what_is_no_picture_or_too_much_is_said_in_one_sentence(
    tmp_path: Path, data: bytes, sentence: str, capfd: pytest.CaptureFixture[str]
) -> None:
    text, _, path = " ".join(rows(tmp_path, data, 300, 23)).partition(" The file is ")
    assert text.count(". ") == 0 and text.endswith(".") and path == str(tmp_path / "file"), text
    assert any(words in text for words in sentence.split("|")), text
    assert capfd.readouterr().err == ""


def test_files_that_are_not_there_or_no_files_are_said(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").touch()
    os.truncate(tmp_path / "large", draw.LARGEST + 1)
    for path, words in (("pipe", "no plain file"), ("large", "more than 32 MiB"), ("gone", "not on this machine")):
        found = SampleFile(str(tmp_path / path), "png", "", 1, 0, 0)
        assert words in " ".join(run.text for row in draw.drawn(found, 300, 9, PLAIN).rows for run in row)
    assert "nothing is fetched" in str(draw.drawn(SampleFile("", "", "https://h/x", 0, 0, 0), 300, 9, PLAIN).rows)
    assert "not kept any more" in str(draw.drawn(None, 300, 9, PLAIN).rows)


# The tab ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path) as opened:
        yield opened


async def shown(opened: Opened, *words: str, also: Callable[[], bool] = lambda: True) -> str:
    def there() -> bool:
        pane = opened.screen.pane()
        calm = isinstance(pane, Samples) and opened.screen.is_current and not pane.busy
        return calm and all(word in opened.text() for word in words) and also()

    await opened.until(there, f"{words} in {opened.text()}")
    return opened.text()


def colours(opened: Opened) -> set[str]:
    strips = opened.app.screen._compositor.render_strips()
    styles = [segment.style for strip in strips for segment in strip if segment.style and "▀" in segment.text]
    found = {colour.name for style in styles for colour in (style.color, style.bgcolor) if colour}
    return found - {DARK.background}


async def test_one_chooses_a_sample_and_an_iteration_and_it_follows_the_task(store: Store) -> None:
    run = Run(store)
    run.show(*(sample("worst", "val", n, flag(c)) for n, c in ((0, RED), (5, GREEN), (9, BLUE))))
    run.show(sample("sound", "s", 1, b"RIFF", "wav"))
    async with OnTask(store, run.id, "samples", (80, 24)) as opened:
        text = await shown(opened, "no picture of a kind", "4 B", "wav")
        assert "▸ sound/s" in text and "  worst/val" in text
        await opened.press("j")
        await shown(opened, "▀", "iteration 9", "3/3", also=lambda: colours(opened) == {"#0000ff"})
        await opened.press("left", "left")
        await shown(opened, "1/3", also=lambda: colours(opened) == {"#ff0000"})
        await opened.press("right", "right", "enter")
        run.show(sample("worst", "val", 12, flag(RED, BLUE)))
        await shown(opened, "iteration 12", "4/4", also=lambda: colours(opened) == {"#ff0000", "#0000ff"})
        assert "sound" not in opened.text()


async def test_every_look_has_its_form_and_the_empty_tab_says_what_fills_it(store: Store) -> None:
    async with OnTask(store, draft(store), "samples", (80, 24)) as opened:
        await shown(opened, "No debug samples yet", "report_image")
        await opened.press("j", "left", "enter", "G", "pagedown", ">")
    run = Run(store)
    run.show(sample("worst", "val", 0, flag((255, 255, 255))))
    for look in (Look(ascii=True, colour=False), Look(colour=False), Look(scheme="16")):
        async with OnTask(store, run.id, "samples", (70, 20), look=look) as opened:
            assert "▀" not in await shown(opened, "@@@@@@@@")


def test_without_pillow_the_tab_lists_and_says_how_to_install_it(tmp_path: Path) -> None:
    """The command as a user has it who did not ask for the extra: Pillow is not to be found."""
    with new_store(tmp_path / "made") as store:
        run = Run(store)
        run.show(sample("worst", "val", 7, flag(RED)))
        home = store.location.home
    (tmp_path / "PIL").mkdir()
    (tmp_path / "PIL" / "__init__.py").write_text("raise ImportError('not installed')")
    environ = private_environment(tmp_path, os.environ) | {"CAPTURE_STORE": str(home), "COLUMNS": "160", "LINES": "20",
                                                          "PYTHONPATH": f"{tmp_path}:{ROOT}"}  # fmt: skip
    command = [sys.executable, "-P", "-m", "tui.cli", "--once", "--screen", "samples", "--task", run.id]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=True)
    assert MISSING in done.stdout and "worst/val  iteration 7" in done.stdout
