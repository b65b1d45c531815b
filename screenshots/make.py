"""Take every picture: ``python -m screenshots.make`` writes an SVG and a PNG of each scene at each size.

The PNG comes from rsvg-convert (Debian: librsvg2-bin with fonts-dejavu-core), because other converters draw no braille;
without it only the SVG is written.
"""

from __future__ import annotations

import asyncio
import html
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.cells import cell_len

FOLDER = Path(__file__).parent
TEXT = re.compile(
    r'<text(?P<before>[^>]*?) x="(?P<x>[\d.]+)"(?P<between>[^>]*?) textLength="(?P<length>[\d.]+)"(?P<after>[^>]*)>'
    r"(?P<text>[^<]*)</text>"
)
SIZES = ((80, 24), (160, 48))
ALL_LOOKS = ("home", "overview", "scalars", "console", "compare-figures")
"""Scenes that are also photographed in the light theme and without colours; the tests look at all, in one size more."""
WORD = re.compile(r"[!-~]+|[^ -~]")
FONT = re.compile(r"@font-face\s*\{[^}]*\}\s*")


def main() -> int:
    """Seed a store, photograph every scene, and say what was written."""
    # The clock of this process stands still at the moment the store is looked at: before anything of ours is loaded.
    os.environ.update(CAPTURE_CLOCK="2026-01-05T12:00:00+0", TZ="UTC", CAPTURE_CONFIG="/home/ada/config.toml")
    os.environ.pop("CAPTURE_STORE", None)
    time.tzset()
    from screenshots.seed import Seeded

    with tempfile.TemporaryDirectory(prefix="labtop-seed-", ignore_cleanup_errors=True) as folder:
        os.environ["XDG_STATE_HOME"] = str(Path(folder) / "state")
        seeded = Seeded(Path(folder) / "seed")
        try:
            seeded.fill()
            count = asyncio.run(_photograph(seeded))
        finally:
            seeded.close()
    print(f"{count} pictures in {FOLDER.name}/", file=sys.stderr)
    return 0


async def _photograph(seeded: object) -> int:
    from screenshots.scenes import LOOKS, SCENES, Seeded, pictures

    assert isinstance(seeded, Seeded)
    count = 0
    for scene in SCENES:
        looks = LOOKS if scene.name in ALL_LOOKS else {"": LOOKS[""]}
        async for picture in pictures(seeded, scene, SIZES, looks):
            _write(picture.name, picture.svg)
            count += 1
    return count


def _write(name: str, svg: str) -> None:
    path = FOLDER / f"{name}.svg"
    path.write_text(FONT.sub("", svg), "utf-8")  # the fonts would be fetched from elsewhere
    converter = shutil.which("rsvg-convert")
    if converter is None:
        print(f"{path.name}: no PNG, rsvg-convert is not installed", file=sys.stderr)
        return
    command = [converter, "--zoom", "0.8", "-o", str(path.with_suffix(".png"))]
    subprocess.run(command, input=TEXT.sub(_placed, path.read_text("utf-8")).encode(), check=True)


def _placed(found: re.Match[str]) -> str:
    """Give each word, and each character of another font, a place of its own: the converter knows no textLength."""
    text = html.unescape(found["text"]).replace("\u00a0", " ")
    start, cell = float(found["x"]), float(found["length"]) / max(1, cell_len(text))
    head, tail = f"<text{found['before']}{found['between']}", found["after"]
    return "".join(
        f'{head} x="{start + cell * cell_len(text[: word.start()]):g}"{tail}>{html.escape(word[0])}</text>'
        for word in WORD.finditer(text)
    )


if __name__ == "__main__":
    raise SystemExit(main())
