from __future__ import annotations

import ast
import inspect
from importlib import import_module
from pathlib import Path

import pytest

import tui
from store import commands, hints
from store.engine import Store
from store.lifecycle import Status
from tests.tui.at_home import OnHome, in_state, running
from tests.tui.made import BY
from tui import keymap
from tui.compare import TABS as COMPARED
from tui.dialogs.help import key_sheet
from tui.settings import Settings, load
from tui.tabs import TABS
from tui.tabs.base import TaskPane
from tui.verbs import VERBS


def test_ids_are_unique_and_every_row_explains_itself() -> None:
    ids = [key.id for key in keymap.KEYS]
    assert len(ids) == len(set(ids))
    for key in keymap.KEYS:
        assert key.help.endswith((".", "…")) and key.text and key.screens and key.group, key


PLACES = sorted({(screen,) for key in keymap.KEYS for screen in key.screens} | {tab.keys for tab in (*TABS, *COMPARED)})
"""Screens, panes, and what holds together in the pane of a tab."""
SHEETS = [
    ("home", "table", "tree", "app"), ("search", "results", "app"), ("settings", "settings-list", "list", "app"),
    ("queues", "queue", "worker", "board", "app"),
    *(("task", *tab.keys, "app") for tab in TABS), *(("compare", *tab.keys, "app") for tab in COMPARED),
]  # fmt: skip


@pytest.mark.parametrize("screens", PLACES, ids="-".join)
def test_no_key_means_two_things_in_one_place(screens: tuple[str, ...]) -> None:
    taken: dict[str, str] = {}
    for key in keymap.keys_of(*screens):
        for name in key.keys.split(","):
            assert taken.setdefault(name, key.id) == key.id, (name, key.id, taken[name])


def test_every_action_exists_in_the_code() -> None:
    defined = {
        node.name
        for path in Path(tui.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("action_")
    }
    named = {key.id: key.action.partition("(")[0].rpartition(".")[2] for key in keymap.KEYS}
    assert [key for key, action in named.items() if f"action_{action}" not in defined] == []


def test_every_verb_and_tab_of_the_tables_is_there() -> None:
    for verb in VERBS.values():
        assert inspect.iscoroutinefunction(getattr(import_module(f"tui.verbs.{verb.module}"), verb.name)), verb
    for tab in TABS:
        assert issubclass(import_module(f"tui.tabs.{tab.name}").Pane, TaskPane), tab
    verbs = {key.action for key in keymap.KEYS if key.action.startswith("verb(")}
    assert verbs == {f"verb('{verb.name}')" for verb in VERBS.values() if verb.key}


def test_a_verbs_letter_is_the_same_on_both_screens() -> None:
    for key in keymap.KEYS:
        if key.changes and key.group == "Task":
            assert set(key.screens) >= {"home", "task"}, key


def test_docs_stand_as_the_table_makes_them() -> None:
    page = Path(tui.__file__).parent.parent / "docs" / "keys.md"
    assert page.read_text("utf-8") == keymap.markdown(), "run: python -m tui.keymap > docs/keys.md"


@pytest.mark.parametrize("screens", SHEETS, ids="-".join)
def test_help_lists_every_key_of_the_screen(screens: tuple[str, ...]) -> None:
    sheet = "\n".join("".join(text for text, _ in row) for row in key_sheet(screens, 200))
    for key in keymap.keys_of(*screens):
        assert key.label in sheet and key.help in sheet, key


async def test_a_key_can_be_moved_in_the_settings(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "s.toml").write_text(
        '[tui]\ntheme = "light"\n[tui.keys]\n"move.down" = "x"\n"task.clone" = "B"\n', "utf-8"
    )
    monkeypatch.setenv("CAPTURE_CONFIG", str(tmp_path / "s.toml"))
    settings = load()
    assert settings == Settings(theme="light", keys={"move.down": "x", "task.clone": "B"})
    running(store, ["one task", "two tasks"])
    commands.archive(store, in_state(store, Status.PUBLISHED), by=BY)
    opened = OnHome(store)
    opened._app.user_settings = settings
    async with opened as home:
        await home.keys("j")
        assert home.table.cursor == 0
        await home.keys("x")
        assert home.table.cursor == 1
        assert "Clone it (B) to get" in await home.keys("e"), "sentences name the key where it is now"
        await home.keys("colon", *"archived", "enter")
        assert "Clone it (B) to get" in await home.keys("D")
    assert {verb: VERBS[verb].key for verb in hints.KEYS} == hints.KEYS
    assert hints.key("clone") == "c"


async def test_help_goes_to_its_end_and_back(store: Store) -> None:
    async with OnHome(store, (80, 24)) as home:
        first = await home.keys("question_mark")
        assert "Twice: quit;" not in first
        assert "Twice: quit;" in await home.keys("G")
        assert await home.keys("g") == first
