"""A debug sample by the terminal's own graphics: what is sent is the picture, and the dashboard comes back whole."""

from __future__ import annotations

import base64
import fcntl
import io
import itertools
import os
import pty
import re
import signal
import struct
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageChops, PngImagePlugin

from store.engine import Store
from store.sample_records import SampleFile
from tests.support import eventually, sample
from tests.tui.made import OnTask, Run, new_store
from tests.tui.test_output_pty import TUI, Session, child, session, settled
from tui.output.tmux import passed_on
from tui.pictures import graphics, terminal
from tui.pictures.decode import MISSING, Unreadable
from tui.pictures.graphics import Framed, framed, iterm, kitty, sixel, still, within
from tui.pictures.terminal import Room, protocol, room

ROOT = Path(__file__).resolve().parents[2]
ROOM = Room(100, 30, 800, 480)
KITTY = {"KITTY_WINDOW_ID": "1", "TMUX": "", "STY": "", "TERM_PROGRAM": "", "LC_TERMINAL": ""}
NO_TERMINAL = {**KITTY, "KITTY_WINDOW_ID": ""}
SENT = re.compile(rb"\x1b_G([^;]*?)(?:m=(\d))?;([^\x1b]*)\x1b\\")


def noise(width: int, height: int) -> Image.Image:
    bands = [Image.effect_noise((width, height), 90) for _ in range(3)]
    return Image.merge("RGB", bands)


def png(image: Image.Image, info: PngImagePlugin.PngInfo | None = None) -> bytes:
    into = io.BytesIO()
    image.save(into, "PNG", pnginfo=info)
    return into.getvalue()


def same(one: Image.Image, other: Image.Image) -> bool:
    return one.size == other.size and ImageChops.difference(one.convert("RGB"), other.convert("RGB")).getbbox() is None


def of_kitty(sent: bytes) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(b"".join(part for _, _, part in SENT.findall(sent)))))


def of_iterm(sent: bytes) -> Image.Image:
    found = re.fullmatch(rb"\x1b\]1337;File=[^:]*:([^\x07]*)\x07", sent)
    assert found
    return Image.open(io.BytesIO(base64.b64decode(found[1])))


def of_sixel(sent: bytes) -> Image.Image:
    """Return the picture that a terminal would draw; what is drawn nowhere stays green."""
    found = re.fullmatch(rb'\x1bP0;1q"1;1;(\d+);(\d+)(.*)\x1b\\', sent, re.DOTALL)
    assert found
    width, height = int(found[1]), int(found[2])
    image, palette = Image.new("RGB", (width, height), (0, 255, 0)), {}
    x = y = colour = 0
    for number, red, green, blue, count, cell, move in re.findall(
        rb"#(\d+)(?:;2;(\d+);(\d+);(\d+))?|(?:!(\d+))?([?-~])|([$-])", found[3]
    ):
        if red:
            palette[int(number)] = tuple(round(int(share) * 2.55) for share in (red, green, blue))
        elif number:
            colour = int(number)
        elif cell:
            for column, row in itertools.product(range(int(count or 1)), range(6)):
                if cell[0] - 63 >> row & 1:
                    image.putpixel((x + column, y + row), palette[colour])
            x += int(count or 1)
        else:
            x, y = 0, y + (6 if move == b"-" else 0)
    return image


# What is sent -------------------------------------------------------------------------------------------------------


def test_kitty_gets_the_very_pixels_in_chunks_and_forgets_them_again() -> None:
    image = noise(90, 70)
    sent = kitty(Framed(image, 11))
    parts = SENT.findall(sent)
    assert SENT.sub(b"", sent) == b"" and len(parts) > 3
    assert all(len(part) <= 4096 for *_, part in parts)
    assert [more for _, more, _ in parts] == [b"1"] * (len(parts) - 1) + [b"0"]
    assert same(of_kitty(sent), image)
    keys = dict(pair.split(b"=") for pair in parts[0][0].strip(b",").split(b","))
    assert keys[b"a"] == b"T" and keys[b"f"] == b"100" and keys[b"q"] == b"2" and keys[b"c"] == b"0"
    assert b"\x1b_Ga=d,d=I,i=%b,q=2\x1b\\" % keys[b"i"] == graphics.KITTY_GONE


def test_iterm_gets_the_very_pixels_and_how_many_columns_they_fill() -> None:
    image = noise(90, 70)
    sent = iterm(Framed(image, 11))
    assert same(of_iterm(sent), image)
    assert b";width=11;" in sent and b":inline=1" not in sent and b"File=inline=1;" in sent


@pytest.mark.parametrize("size", [(1, 1), (40, 6), (33, 17), (300, 13)])
def test_sixel_gets_every_pixel_in_its_colour(size: tuple[int, int]) -> None:
    flag = Image.new("RGB", size, (255, 0, 0))
    flag.paste((0, 0, 255), (0, 0, (size[0] + 1) // 2, size[1]))
    flag.putpixel((size[0] - 1, size[1] - 1), (255, 255, 255))
    assert same(of_sixel(sixel(Framed(flag, 1))), flag)


def test_sixel_brings_many_colours_down_to_256_and_says_runs_shortly() -> None:
    image = Image.merge("RGB", [Image.linear_gradient("L").rotate(turn) for turn in (0, 90, 180)])
    sent = sixel(Framed(image, 1))
    assert len(re.findall(rb"#\d+;2;", sent)) == 256
    far = [sum(band) / len(band) for band in (
        list(channel.tobytes()) for channel in ImageChops.difference(of_sixel(sent), image).split()
    )]  # fmt: skip
    assert max(far) < 12, far
    assert len(sixel(Framed(Image.new("RGB", (2000, 600)), 1))) < 1200


@pytest.mark.parametrize(("encode", "decode"), [(kitty, of_kitty), (iterm, of_iterm), (sixel, of_sixel)])
def test_what_takes_too_much_is_sent_with_fewer_pixels_of_the_whole_picture(encode, decode) -> None:  # type: ignore[no-untyped-def]
    image = noise(240, 120)
    assert within(Framed(image, 30), encode) == encode(Framed(image, 30))
    sent = within(Framed(image, 30), encode, 20_000)
    made = decode(sent)
    assert 5_000 < len(sent) <= 20_000
    assert made.width < 240 and made.width / made.height == pytest.approx(2, abs=0.1)
    assert encode is not kitty or b",c=30," in sent, "it fills as many columns as before"
    assert decode(within(Framed(noise(40, 1), 30), encode, 1)).size == (1, 1)


def test_a_picture_keeps_its_aspect_fits_and_grows_to_four_times_at_most() -> None:
    for size, wanted in (((20, 10), (80, 40)), ((300, 100), (600, 200)), ((4000, 1000), (800, 200)),
                         ((100, 600), (75, 448)), ((1, 5000), (1, 448)), ((800, 448), (800, 448))):  # fmt: skip
        found = framed(png(Image.new("RGB", size)), ROOM)
        assert found.image.size == wanted and found.columns == max(1, wanted[0] // 8)
    image = noise(300, 200)
    assert same(framed(png(image), ROOM).image, image.resize((600, 400), Image.Resampling.NEAREST))


def test_of_a_files_own_bytes_nothing_is_sent(tmp_path: Path) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "\x1b]0;evil\x07")
    (tmp_path / "file").write_bytes(png(noise(40, 40), info) + b"\x1b]0;evil\x07")
    for name in graphics.ENCODERS:
        sent = still(at(tmp_path / "file"), b"worst", ROOM, name, {}).shown
        assert b"evil" not in sent and sent.endswith(b"\x1b[30;1H\x1b[2mworst\x1b[m")
        assert all(b"evil" not in base64.b64decode(part) for part in re.findall(rb"[A-Za-z0-9+/=]{64,}", sent)
                   if len(part) % 4 == 0)  # fmt: skip


def at(path: Path) -> SampleFile:
    return SampleFile(str(path), "png", "", 1, 0, 0)


def test_what_is_no_picture_is_said_as_the_tab_says_it(tmp_path: Path) -> None:
    (tmp_path / "broken").write_bytes(png(noise(64, 64))[:-2000])
    (tmp_path / "other").write_bytes(b"%!PS")
    for found, words in (
        (at(tmp_path / "broken"), "damaged"), (at(tmp_path / "other"), "no picture of a kind"),
        (at(tmp_path / "gone"), "not on this machine"), (None, "not kept any more"),
        (SampleFile("", "", "https://h/x", 0, 0, 0), "nothing is fetched"),
    ):  # fmt: skip
        with pytest.raises(Unreadable, match=words):
            still(found, b"", ROOM, "kitty", {})


# What the terminal has ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("environ", "wanted"), [
    ({"TERM": "xterm-kitty"}, "kitty"), ({"TERM": "xterm-256color", "KITTY_WINDOW_ID": "3"}, "kitty"),
    ({"TERM": "xterm-ghostty"}, "kitty"), ({"TERM": "xterm-256color", "TERM_PROGRAM": "ghostty"}, "kitty"),
    ({"TERM_PROGRAM": "iTerm.app"}, "iterm"), ({"TERM_PROGRAM": "WezTerm"}, "iterm"),
    ({"TERM_PROGRAM": "vscode", "KITTY_WINDOW_ID": "3"}, "iterm"), ({"LC_TERMINAL": "iTerm2"}, "iterm"),
    ({"TERM": "wezterm"}, "iterm"), ({"TERM": "foot"}, "sixel"), ({"TERM": "foot-extra"}, "sixel"),
    ({"TERM": "mlterm-256color"}, "sixel"), ({"TERM": "contour", "KITTY_WINDOW_ID": "3"}, "sixel"),
    ({}, terminal.UNKNOWN), ({"TERM": "xterm-256color"}, terminal.UNKNOWN), ({"TERM": "footman"}, terminal.UNKNOWN),
    ({"TERM_PROGRAM": "Apple_Terminal"}, terminal.UNKNOWN),
    ({"TERM": "xterm-kitty", "TMUX": "/tmp/x"}, terminal.SWALLOWED), ({"STY": "1.pts"}, terminal.SWALLOWED),
    ({"TERM": "tmux-256color", "LC_TERMINAL": "iTerm2"}, terminal.SWALLOWED),
    ({"TERM": "screen.xterm-256color", "KITTY_WINDOW_ID": "3"}, terminal.SWALLOWED),
])  # fmt: skip
def test_the_environment_alone_says_what_the_terminal_has(environ: dict[str, str], wanted: str) -> None:
    if wanted in graphics.ENCODERS:
        assert protocol("auto", environ) == wanted
    else:
        with pytest.raises(Unreadable) as refused:
            protocol("auto", environ)
        assert str(refused.value) == wanted and "tui.graphics" in wanted
    assert [protocol(name, environ) for name in graphics.ENCODERS] == [*graphics.ENCODERS], "the setting comes first"
    with pytest.raises(Unreadable, match=re.escape(terminal.SWITCHED_OFF)):
        protocol("none", environ)


def test_tmux_hands_on_what_is_wrapped_and_reads_sixel_itself() -> None:
    found = Framed(noise(90, 70), 11)
    for encode in (kitty, iterm):
        sent = encode(found)
        wrapped = passed_on(sent, {"TMUX": "/tmp/x"})
        parts = re.findall(rb"\x1bPtmux;((?:[^\x1b]|\x1b\x1b)*)\x1b\\", wrapped)
        assert b"".join(parts).replace(b"\x1b\x1b", b"\x1b") == sent
        assert len(wrapped) == sum(len(part) + len(b"\x1bPtmux;\x1b\\") for part in parts), "and nothing beside"
        assert passed_on(sent, {"TERM": "xterm-kitty"}) == sent
    assert passed_on(sixel(found), {"TERM": "tmux-256color"}) == sixel(found)


def test_the_terminal_is_as_large_as_it_tells_or_its_cells_are_taken_for_8x16() -> None:
    master, slave = pty.openpty()
    try:
        for told, wanted in (
            ((24, 80, 0, 0), Room(80, 24, 640, 384)), ((30, 100, 1100, 660), Room(100, 30, 1100, 660)),
            ((30, 100, 65535, 660), Room(100, 30, 4096, 660)), ((0, 0, 0, 0), Room(80, 24, 640, 384)),
        ):  # fmt: skip
            fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", *told))
            assert room(slave) == wanted
    finally:
        os.close(master)
        os.close(slave)
    with open(os.devnull) as file:
        assert room(file.fileno()) == Room(80, 24, 640, 384), "whatever it is"


# On a terminal ------------------------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path) as opened:
        yield opened


def shown(store: Store, image: Image.Image) -> str:
    """Return a task that is over and has one debug sample."""
    run = Run(store)
    run.show(sample("worst\x1b]0;evil\x07", "väl", 7, png(image)))
    run.end()
    return run.id


def on_samples(task: str) -> list[str]:
    return [*TUI, "--task", task, "--theme", "dark"]


def opens_samples(opened: Session, seen: str = "▀▀") -> None:
    opened.sees("resnet")
    opened.press("7")
    opened.sees("No artifacts")
    opened.press("7")
    opened.sees(seen)
    opened.sees("iteration 7")


def test_of_compared_tasks_it_is_the_chosen_ones(store: Store) -> None:
    for n, colour in enumerate(("red", "blue")):
        run = Run(store, f"run {n}")
        run.show(sample("worst", "val", n, png(Image.new("RGB", (30, 20), colour))))
    words = [*TUI, "--task", "run 0,run 1", "--screen", "compare-samples", "--theme", "dark"]
    with session(words, (100, 30), **KITTY) as opened:
        opened.sees("nearest: 0")
        for key, said, colour in (("", "A run 0", "red"), (">", "B run 1", "blue")):
            opened.press(key)
            settled(opened)
            count = len(fed(opened))
            opened.press("v")
            opened.sees(f"{said}  worst/val  iteration {'AB'.index(said[0])}  any key goes back")
            assert same(of_kitty(fed(opened)[count:].encode()), Image.new("RGB", (120, 80), colour))
            opened.press("x")
            opened.sees("nearest: 0")


def fed(opened: Session) -> str:
    return "".join(opened.terminal.fed)


def sent_to(opened: Session, text: str) -> None:
    opened.until(lambda: text in fed(opened))


def test_a_key_shows_the_pixels_and_the_next_one_the_whole_dashboard_again(store: Store) -> None:
    image = Image.radial_gradient("L").resize((90, 60)).convert("RGB")
    task = shown(store, image)
    with session(on_samples(task), (100, 30), **KITTY) as opened:
        opens_samples(opened)
        modes = termios.tcgetattr(opened.fd)
        for before_it, key in (("", "x"), ("\r", "\x1b[A"), ("", "\x03"), ("", "v")):
            opened.press(before_it)
            settled(opened)
            cells, count = opened.terminal.cells(), len(fed(opened))
            opened.press("v")
            opened.sees("worst]0;evil/väl  iteration 7  any key goes back")
            sent = fed(opened)[count:]
            assert same(of_kitty(sent.encode()), image.resize((360, 240), Image.Resampling.NEAREST))
            assert "\x1b]0;evil" not in sent and "[?1049h" in sent.partition("\x1b_G")[0]
            opened.press(key)
            opened.until(lambda: opened.terminal.cells() == cells)  # noqa: B023
            after = fed(opened)[count:].rpartition("any key goes back")[2]
            assert graphics.KITTY_GONE.decode() in after and "\x1b[2J" in after
            assert termios.tcgetattr(opened.fd) == modes, "the terminal is the dashboard's again"
        opened.press("qqq")
        opened.until(opened.ended)


def test_what_is_being_sent_ends_with_the_next_key_on_a_slow_link(store: Store) -> None:
    task = shown(store, noise(700, 400))
    with session(on_samples(task), (100, 30), **KITTY) as opened:
        opens_samples(opened)
        opened.press("v")
        sent_to(opened, "\x1b_G")
        opened.press("x")
        opened.sees("iteration 7")
        sent_to(opened, graphics.KITTY_GONE.decode())
        opened.sees("▀▀")
        assert "any key goes back" not in fed(opened) and fed(opened).count("\x1b_G") < 60
        opened.press("?")
        opened.sees("Keys")


@pytest.mark.parametrize("size", [(30, 20), (700, 400)])
def test_a_link_that_is_cut_while_it_is_shown_or_sent_leaves_the_terminal_as_it_was(
    store: Store, size: tuple[int, int]
) -> None:
    task = shown(store, noise(*size))
    shell = ["sh", "-c", f"{' '.join(on_samples(task))}; echo ended=$?; read rest"]
    with session(shell, (100, 30), **KITTY) as opened:
        before = termios.tcgetattr(opened.fd)
        opens_samples(opened)
        opened.press("v")
        sent_to(opened, "any key goes back" if size == (30, 20) else "\x1b_G")
        assert termios.tcgetattr(opened.fd) != before
        os.kill(child(opened), signal.SIGHUP)
        opened.sees(f"ended={128 + signal.SIGHUP}")
        assert termios.tcgetattr(opened.fd) == before
        sent = fed(opened)
        assert sent.rfind("[?1049l") > sent.rfind("[?1049h") and sent.rfind("[?25h") > sent.rfind("[?25l")
        assert sent.rfind(graphics.KITTY_GONE.decode()) > sent.rfind("m=1;") and "Traceback" not in sent


def test_a_terminal_that_is_gone_while_it_is_shown_ends_it(store: Store) -> None:
    opened = Session(on_samples(shown(store, noise(30, 20))), (100, 30), None, **KITTY)
    opens_samples(opened)
    opened.press("v")
    opened.sees("any key goes back")
    os.close(opened.fd)
    ended = eventually(lambda: [end for pid, end in (os.waitpid(opened.pid, os.WNOHANG),) if pid], 10, "it ends")
    assert os.WTERMSIG(ended[0]) == signal.SIGHUP


def test_where_there_are_no_graphics_one_sentence_says_what_it_takes(store: Store, tmp_path: Path) -> None:
    task = shown(store, noise(30, 20))
    with session(on_samples(task), (240, 30), **NO_TERMINAL) as opened:
        opens_samples(opened)
        opened.press("v")
        opened.sees(terminal.UNKNOWN)
        assert "\x1b_G" not in fed(opened) and "1337;File" not in fed(opened)
    settings = tmp_path / "forced.toml"
    settings.write_text('[tui]\ngraphics = "sixel"\nsymbols = "ascii"\n')
    with session(on_samples(task), (100, 30), CAPTURE_CONFIG=str(settings), **NO_TERMINAL) as opened:
        opens_samples(opened, "worst]")
        opened.press("v")
        sent_to(opened, "v?l  iteration 7  any key goes back")
        assert '\x1bP0;1q"1;1;120;80' in fed(opened)


def test_without_pillow_the_key_says_what_the_tab_says(store: Store, tmp_path: Path) -> None:
    (tmp_path / "PIL").mkdir()
    (tmp_path / "PIL" / "__init__.py").write_text("raise ImportError('not installed')")
    task = shown(store, noise(30, 20))
    with session(on_samples(task), (160, 30), PYTHONPATH=f"{tmp_path}:{ROOT}", **KITTY) as opened:
        opens_samples(opened, MISSING)
        opened.press("v")
        opened.until(lambda: opened.text().count(MISSING) == 2)


async def test_where_there_is_no_terminal_the_key_says_so_and_nothing_chosen_is_nothing_to_show(store: Store) -> None:
    async with OnTask(store, shown(store, noise(30, 20)), "samples") as opened:
        await opened.sees("▀▀", "v view")
        await opened.press("v")
        await opened.sees("Only a terminal with graphics of its own")
    run = Run(store)
    async with OnTask(store, run.id, "samples") as opened:
        await opened.sees("No debug samples yet")
        await opened.press("v")
        await opened.until(lambda: all(worker.is_finished for worker in opened.app.workers))
        assert "Only a terminal" not in opened.text()
