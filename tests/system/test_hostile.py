"""Nothing that is stored reaches the terminal as more than text: every screen, every dialog, every verb, every column.

The same visits are paid to a store of harmless text. What a hostile store makes a program send, by kinds of sequences,
must be among what the harmless one does.
"""

from __future__ import annotations

import os
import re
import signal
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import tui
from capture.cli.table import COMMANDS
from capture.recorder.election import holder
from tests.support import alive
from tests.system.generated import Generated
from tests.system.hostile import CORPUS, IDS, PLANTED, build, kinds, lamb, text_columns, unplanted, wolf
from tests.system.terminals import Visit, visit_all
from tests.system.visiting import (
    SEEN,
    Place,
    dashboard,
    foreign,
    look_at_edits,
    look_at_home,
    look_at_queues,
    look_at_several,
    look_at_tasks,
)
from tui.cli import SCREENS

pytestmark = pytest.mark.slow
ESC = "\x1b"


def both(work: Callable[[bool], Any]) -> list[Any]:
    """Do something harmless and hostile, side by side; return both results, the harmless one first."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(work, (False, True)))


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str, bool], Place]]:
    """Return copies of the two stores; recorders that were started over them are ended."""
    folder = tmp_path_factory.mktemp("hostile")
    made = [Place(folder / f"made-{hostile}", hostile) for hostile in (False, True)]
    for place in made:
        build(place.home, Generated(0) if place.hostile else lamb)
    given: list[Place] = []

    def copied(name: str, hostile: bool) -> Place:
        given.append(made[hostile].copy(name))
        return given[-1]

    yield copied
    for used in given:
        for lock in used.home.glob("recorder-*.lock"):
            found = holder(lock)
            if found is not None and alive(found.pid):
                os.kill(found.pid, signal.SIGKILL)


def test_hundreds_of_texts_are_made_and_a_seed_makes_the_same_again() -> None:
    made = [Generated(seed) for seed in (0, 0, 1)]
    first, again, other = ([text(n) for n in range(300)] for text in made)
    assert first == again != other and len(set(first)) == 300
    seen = kinds("".join(first).encode("utf-8", "surrogatepass"))
    assert len(seen) > 300, sorted(seen)


def test_every_text_column_is_planted(places: Callable[[str, bool], Place]) -> None:
    assert {".".join(column) for column in text_columns()} == set(PLANTED), "say in PLANTED how a new column is filled"
    assert unplanted(places("columns", True).home) == []


@pytest.mark.parametrize("text", CORPUS[:8] + CORPUS[9:12], ids=ascii)
def test_each_attack_is_seen_when_it_gets_through(text: str) -> None:
    assert foreign(b"harmless \x1b[31mred\x1b[0m\n", f"harmless {text}\n".encode())


# The command line ---------------------------------------------------------------------------------------------------


def visits(place: Place) -> dict[str, list[list[str]]]:
    """Return for every verb the words to call it with; a task's id stands for its role."""
    bad = wolf(0, 6) if place.hostile else "nothing"
    with sqlite3.connect(place.home / "store.db") as connection:
        series = connection.execute("SELECT title, series FROM task_metric WHERE task_id = ?", (IDS["completed"],))
        titles = ["/".join(row) for row in series]
        [(queue,)] = connection.execute("SELECT name FROM queue WHERE name NOT IN ('default') LIMIT 1")
        [(first,)] = connection.execute("SELECT name FROM queue WHERE name <> ? LIMIT 1", (queue,))
        [(strange,)] = connection.execute("SELECT name FROM task ORDER BY length(id) DESC, id DESC LIMIT 1")
    connection.close()
    return {
        "list": [[], ["--archived"], ["--sort", "name", "--limit", "3"], [f"param:{bad}<1"], ["--status", bad], [bad],
                 ["--limit", bad], ["--sort", bad], ["--project", bad]],
        "show": [["completed"], ["draft"], ["running"], ["broken"], ["failed"], [strange], [bad], ["ae"]],
        "logs": [["completed"], ["completed", "--grep", "HACKED|number", "-n", "5"], ["failed", "-f"],
                 ["completed", "--grep", f"({bad}"]],
        "scalars": [["completed"], *(["completed", "--metric", title] for title in titles[:2]),
                    ["completed", "--metric", bad]],
        "diff": [["completed", "failed"], ["draft", "broken"], ["completed"]],
        "wait": [["completed", "failed"], ["running", "--timeout", "0.1"], ["broken", "--timeout", "0.1"],
                 ["failed", "--status", bad]],
        "clone": [["completed"], ["completed", "--name", bad + "\x1b[2J"]],
        "edit": [["edited", "--add", "Args/new=1"], ["edited", f"{bad}=1"], ["completed", "lr=1"]],
        "sweep": [["draft", "--add", "Args/new=1,2"], ["draft", "--add", f'Args/new="{bad}",b', "--name", bad],
                  ["draft", f"{bad}=1"]],
        "enqueue": [["sent"], ["completed"], ["draft", "--queue", bad], ["retried", "--retry"]],
        "dequeue": [["pending"], ["completed"]],
        "abort": [["running"], ["stopped"], ["completed"]],
        "reset": [["reset"], ["published"], ["broken"]],
        "publish": [["other"], ["draft"]],
        "archive": [["aborted"], ["running"]],
        "restore": [["restored"]],
        "delete": [["deleted"], ["completed"]],
        "tag": [["moved", "+new", "-old"], ["moved", f"+{bad}"], ["published", "+new"]],
        "move": [["moved", "tests/other"], ["moved", bad]],
        "baseline": [["other"], ["--clear", "tests"], [strange], [bad], ["other", "--project", bad], ["--clear", bad]],
        "run": [["--project", "tests/run", "--name", "from here", str(place.script)], [bad]],
        "create": [["--name", "made here", "--project", "tests", "--script", str(place.script)],
                   ["--name", "based", "--base-task-id", "based"], ["--name", "none", "--script", bad]],
        "queue list": [[]],
        "queue show": [[queue], [first], [bad]],
        "queue create": [["a new queue"], [queue], [bad]],
        "queue rename": [[queue, "other name"], ["other name", queue], ["other name", bad]],
        "queue move": [["queued" if not place.hostile else "sent", "top"], ["draft", bad]],
        "queue delete": [["a new queue"], [queue], [bad]],
        "agent execute": [["--id", "executed"], ["--id", bad]],
        "agent": [["--queue", "default", queue, "--once"], ["--queue", bad]],
        "queue clear": [[queue], [bad]],
        "agent list": [[]],
        "agent stop": [[], [bad]],
        "agent drain": [[], [bad]],
        "store path": [[]],
        "doctor": [[]],
    }  # fmt: skip


LOOKING = ("list", "show", "logs", "scalars", "diff", "queue list", "queue show", "agent list", "doctor")


def walk(place: Place, on_terminal: bool) -> list[Visit]:
    """Return the calls: every form of every verb on a terminal; in a pipe the first ones, and with ``--json``."""
    calls: list[Visit] = []
    for verb, forms in visits(place).items():
        for words in forms if on_terminal else forms[:2]:
            named = [IDS.get(word, word) for word in words]
            calls.append(("capture", [*verb.split(), *named]))
            if not on_terminal and verb in LOOKING:
                calls.append(("capture", [*verb.split(), "--json", *named]))
    unknown = wolf(0, 6) if place.hostile else "nothing"
    return [*calls, ("capture", [unknown]), ("capture", ["queue"]), ("capture", ["--help"])]


def pictures(place: Place, on_terminal: bool) -> list[Visit]:
    bad = wolf(0, 6) if place.hostile else "nothing"
    calls: list[Visit] = [("tui", ["--once", "--screen", name, "--task", IDS["completed"]]) for name in SCREENS[1:]]
    calls += [("tui", ["--once"]), ("tui", ["--once", "--task", bad]), ("tui", ["--once", "--project", bad])]
    calls += [("tui", ["--once", "--screen", "search", "--filter", "a"]), ("tui", ["--once", "--filter", bad])]
    others = (("tui", ["--once", "--task", IDS[role], "--screen", "execution"]) for role in ("broken", "failed"))
    return [*calls, *others]


def test_every_verb_is_visited(places: Callable[[str, bool], Place]) -> None:
    assert set(visits(places("verbs", True))) == {command.name for command in COMMANDS}


@pytest.mark.parametrize(
    ("calls", "on_terminal"), [(walk, True), (walk, False), (pictures, True)], ids=["terminal", "pipe", "pictures"]
)
def test_no_verb_and_no_picture_lets_stored_text_act(
    places: Callable[[str, bool], Place], calls: Callable[[Place, bool], list[Visit]], on_terminal: bool
) -> None:
    def work(hostile: bool) -> tuple[list[Visit], list[tuple[int, bytes]]]:
        place = places(f"{calls.__name__}-{on_terminal}", hostile)
        made = calls(place, on_terminal)
        return made, visit_all(made, place.environ, place.folder, on_terminal=on_terminal)

    (visited, harmless), (attacks, hostile) = both(work)
    _compare(visited, harmless, attacks, hostile)


def _compare(calls: list[Visit], harmless: list[Any], attacks: list[Visit], hostile: list[Any]) -> None:
    wrong = []
    for (program, words), control, attack, answer in zip(calls, harmless, attacks, hostile, strict=True):
        call = f"{program} {' '.join(words)}"
        text = answer[1].decode("utf-8", "replace")
        if found := foreign(control[1], answer[1]):
            wrong.append(f"{call}: sends {sorted(found)}")
        crashed = b"Traceback" in control[1] + answer[1] or "mistake of ours" in text
        if crashed or {control[0], answer[0]} - {0, 1, 2, 3}:
            wrong.append(f"{call}: crashes: {attack} {text[-700:]}")
    assert not wrong, "\n".join(wrong)
    shown = b"".join(answer[1] for answer in hostile)
    assert all(word in shown for word in (b"WOLF", b"HACKED", b"ZXZpbA==", b"[/foo]")), "the hostile text was not shown"


# The dashboard ------------------------------------------------------------------------------------------------------


LOOKS = {look.__name__: look for look in (look_at_home, look_at_queues, look_at_several, look_at_tasks)}


@pytest.mark.parametrize("name", SEEN)
def test_no_screen_lets_stored_text_act(places: Callable[[str, bool], Place], name: str) -> None:
    def work(hostile: bool) -> tuple[int, bytes, set[str]]:
        place = places(name, hostile)
        with dashboard(place) as terminal:
            terminal.wait("live")
            LOOKS[name](terminal) if name in LOOKS else look_at_edits(terminal, place)
            terminal.press("q", lambda: True)
            return terminal.ended(), bytes(terminal.sent), place.opened

    harmless, attacked = both(work)
    assert (harmless[0], attacked[0]) == (0, 0)
    assert foreign(harmless[1], attacked[1]) == set()
    assert "WOLF" in attacked[1].decode()
    assert attacked[2] >= SEEN[name]


def test_every_screen_and_dialog_is_looked_at() -> None:
    source = "\n".join(path.read_text() for path in Path(tui.__file__).parent.rglob("*.py"))
    classes = dict(re.findall(r"^class (\w+(?:Screen|Dialog))\((\w+)", source, re.M))
    made = {name for name in classes if name not in classes.values() or re.search(rf"(?<!class ){name}\(", source)}
    assert made - {"HomeScreen"} == set().union(*SEEN.values()), "a new one is looked at in visiting.py"
