"""Ten thousand hostile texts through every screen: nothing crashes, and nothing of theirs acts on the terminal.

Each round is a store of its own, made of one seed; ``SOAK_TEXTS`` says how many texts there are (10,000). The suite
itself does this with the first seed (``tests/system/test_hostile.py``).
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from benchmarks import page
from benchmarks.measure import figure
from tests.system.generated import Generated
from tests.system.hostile import IDS, build, lamb
from tests.system.visiting import Place, dashboard, foreign, look_at_all

pytestmark = pytest.mark.soak
TEXTS = int(os.environ.get("SOAK_TEXTS", "10000"))
FIRST = int(os.environ.get("SOAK_SEED", "1"))
VISITED = 8


def test_no_generated_text_acts_on_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    harmless = Place(tmp_path / "harmless", hostile=False)
    build(harmless.home, lamb)
    allowed = _sent(harmless)
    done, seed, counts = 0, FIRST, list[float]()
    while done < TEXTS:
        place, text = Place(tmp_path / f"seed {seed}", hostile=True), Generated(seed)
        build(place.home, text)
        _lengthen(place.home / "store.db", text)
        found = foreign(allowed, _sent(place))
        assert not found, f"seed {seed}: {sorted(found)}"
        done, seed = done + text.count, seed + 1
        counts.append(text.count)
        with capsys.disabled():
            print(f"seed {seed - 1}: {done:,} of {TEXTS:,} texts", flush=True)
    page.keep("make soak: hostile texts", [
        figure("texts of which none acted and none ended the dashboard", counts, "texts", 10_000, at_least=True, of=sum,
               baseline=f"a store of harmless texts; seeds {FIRST} to {seed - 1}"),
    ])  # fmt: skip


def _lengthen(database: Path, text: Generated) -> None:
    """Give one task a name and another a comment and a parameter of a megabyte each."""
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE task SET name = ? WHERE id = ?", (text.long(), IDS["failed"]))
        connection.execute("UPDATE task SET comment = ? WHERE id = ?", (text.long(), IDS["completed"]))
        connection.execute("UPDATE parameter SET value = ? WHERE task_id = ? AND name = 'lr'",
                           (text.long(), IDS["draft"]))  # fmt: skip
    connection.close()


def _sent(place: Place) -> bytes:
    place.folder.mkdir(exist_ok=True)
    with dashboard(place) as terminal:
        look_at_all(terminal, VISITED)
        terminal.press("q", lambda: True)
        code = terminal.ended()
        assert code == 0, f"{place.folder.name}: it ended with {code}:\n{terminal.text()}"
        return bytes(terminal.sent)
