"""The debug samples a script reports: arrays, pictures and files of any kind, and nonsense that never raises."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from capture import picturing
from capture.reported import Refused
from tests.capture.conftest import Bench

RAMP = np.arange(0, 240, 10, dtype=np.uint8).reshape(4, 6)
COLOURS = np.dstack([RAMP, RAMP[::-1], np.full_like(RAMP, 7)])


def seen(data: bytes) -> tuple[str, Any]:
    """Return a picture's mode and pixels, as another reader of pictures than ours sees them."""
    with Image.open(io.BytesIO(data)) as image:
        return image.mode, np.asarray(image)


@pytest.mark.parametrize(
    ("given", "mode", "expected"),
    [
        (RAMP, "L", RAMP),
        (RAMP[:, ::2], "L", RAMP[:, ::2]),
        (RAMP[..., None], "L", RAMP),
        (COLOURS, "RGB", COLOURS),
        (COLOURS.transpose(2, 0, 1), "RGB", COLOURS),
        (np.dstack([RAMP, RAMP]), "LA", np.dstack([RAMP, RAMP])),
        (np.dstack([COLOURS, RAMP]), "RGBA", np.dstack([COLOURS, RAMP])),
        (np.array([[0.0, 0.5, 1.0, 7.0, -1.0, np.nan, np.inf]]), "L", [[0, 128, 255, 255, 0, 0, 255]]),
        (np.array([[0.0, 1.0]], np.float16), "L", [[0, 255]]),
        (np.array([[True, False]]), "L", [[255, 0]]),
        (np.array([[300, -4, 9]], np.int64), "L", [[255, 0, 9]]),
        (Image.fromarray(RAMP), "L", RAMP),
        (Image.new("CMYK", (2, 1), (0, 0, 0, 0)), "RGB", [[[255] * 3] * 2]),
    ],
)
def test_an_array_or_a_picture_becomes_a_png_of_the_same_pixels(given: Any, mode: str, expected: Any) -> None:
    found, pixels = seen(picturing.picture(given))
    assert found == mode
    np.testing.assert_array_equal(pixels, expected)


class Tensor:
    """What torch's tensors have in place of numpy's ways."""

    def detach(self) -> Tensor:
        return self

    cpu = detach

    def numpy(self) -> Any:
        return COLOURS.transpose(2, 0, 1)


class Figure:
    def savefig(self, into: io.BytesIO, format: str) -> None:
        Image.fromarray(RAMP).save(into, format)


def test_a_tensor_and_a_matplotlib_figure_are_read_by_what_they_can_do() -> None:
    np.testing.assert_array_equal(seen(picturing.picture(Tensor()))[1], COLOURS)
    np.testing.assert_array_equal(seen(picturing.figure(Figure()))[1], RAMP)


def test_what_is_too_large_is_refused_before_it_costs_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refused, match="6000x5000 is larger than 25 million pixels"):
        picturing.picture(np.broadcast_to(np.uint8(0), (5000, 6000)))
    noise = np.random.default_rng(1).integers(0, 256, (2500, 2500, 3), np.uint8)
    with pytest.raises(Refused, match="more than 15 MiB"):
        picturing.picture(noise)


def test_what_is_reported_is_in_the_journal_and_nonsense_is_said_and_never_raises(bench: Bench) -> None:
    done = bench.run("""
        import io, sys
        task = Task.init("tests/samples", "reported", auto_connect_streams=False)
        log = task.get_logger()
        open("a.JPG", "wb").write(b"not looked into"); open("gone.txt", "w").write("x")
        open("huge", "wb").truncate(1 << 25)
        log.report_image("file", "a", 3, local_path="a.JPG", max_image_history=5)
        log.report_image("url", "u", url="https://host/x.png?size=2")
        log.report_media("media", "text", 1, stream=io.StringIO("words"), file_extension=".txt", max_history=-1)
        log.report_media("media", "sound", stream=io.BytesIO(b"RIFF"), file_extension="../../wav")
        log.report_media("media", "moved", local_path="gone.txt", delete_after_upload=True)
        assert os.path.exists("a.JPG") and not os.path.exists("gone.txt")
        class Bad:
            def __getattr__(self, name): raise RuntimeError("no")
            def __repr__(self): raise RuntimeError("no")
        for n, what in enumerate(["x", 5, Bad(), {"a": 1}, [[1]], object()]):
            log.report_image("bad", "i", image=what); log.report_image("bad", "p", local_path=what)
            log.report_media("bad", "s", stream=what); log.report_matplotlib_figure("bad", "f", what, report_image=True)
        log.report_image("bad", "n"); log.report_image("", "n", url="u")
        log.report_image("bad", "e", -1, local_path="a.JPG")
        for _ in range(3):
            log.report_media("bad", "huge", local_path="huge")
        log.report_image("bad", "h", local_path="a.JPG", max_image_history="many")
        task.close()
        log.report_image("late", "l", local_path="a.JPG")
        assert not {"PIL", "numpy", "asyncio"} & set(sys.modules)
    """)
    assert bench.journal().samples == {
        ("file", "a"): [(3, "jpg", "", "5", b"not looked into")],
        ("url", "u"): [(0, "", "https://host/x.png?size=2", "0", b"")],
        ("media", "text"): [(1, "txt", "", str(2**31 - 1), b"words")],
        ("media", "sound"): [(0, "", "", "0", b"RIFF")],
        ("media", "moved"): [(0, "txt", "", "0", b"x")],
    }
    said = done.stderr
    assert said.count("more than 15 MiB") == 1 and said.count("bad/p:") == 1, said
    assert "Traceback" not in said, said


SECRET = "hf_" + "aB3" * 12


def test_a_script_s_samples_are_in_the_store_and_their_files_beside_it(bench: Bench) -> None:
    (bench.folder / "config.toml").write_text("[samples]\nhistory = 2\n")
    bench.environ["CAPTURE_CONFIG"] = str(bench.folder / "config.toml")
    bench.online().run(
        f"""
        import numpy
        task = Task.init("tests/samples", "stored")
        log = task.get_logger()
        for n in range(4):
            log.report_image("seen", "val", n, image=numpy.full((4, 6, 3), n, numpy.uint8))
        log.report_image("url", "{SECRET}", url="https://me:pass@host/x.png")
        open("noise.bin", "wb").write(os.urandom(14 << 20))
        log.report_media("large", "file", 9, local_path="noise.bin", max_history=7)
        os.kill(os.getpid(), 9)
    """,
        check=False,
    )
    [listed] = json.loads(_capture(bench, "list", "--json"))
    shown = json.loads(_capture(bench, "show", listed["id"], "--json"))
    large, seen_, url = shown["debug_samples"]
    assert shown["dropped"] == 0 and shown["last_iteration"] == 9
    assert (large["title"], large["type"], large["size"]) == ("large", "bin", 14 << 20)
    assert Path(large["url"].removeprefix("file://")).read_bytes() == (bench.folder / "noise.bin").read_bytes()
    assert (seen_["iterations"], seen_["width"], seen_["height"], seen_["type"]) == ([2, 3], 6, 4, "png")
    mode, pixels = seen(Path(seen_["url"].removeprefix("file://")).read_bytes())
    assert mode == "RGB" and pixels.shape == (4, 6, 3) and (pixels == 3).all()
    assert (url["series"], url["url"]) == ("<redacted:huggingface-token>", "https://me:<redacted:password>@host/x.png")
    assert len([path for path in (bench.home / "files").rglob("*") if path.is_file()]) == 3


def _capture(bench: Bench, *arguments: str) -> str:
    command = [sys.executable, "-P", "-m", "capture.cli", *arguments]
    return subprocess.run(command, env=bench.environ | {"PATH": os.environ["PATH"]}, capture_output=True, text=True,
                          check=True, timeout=60).stdout  # fmt: skip
