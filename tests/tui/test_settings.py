"""Settings of the dashboard: what is wrong is said, what is changed on the screen holds at once and is in the file."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from rich.style import Style

from store.engine import Store
from store.lifecycle import Status
from store.paths import config_file
from store.settings import SETTINGS, THEMES
from tests.tui.at_home import Home, OnHome, in_state, running
from tests.tui.made import OnTask, Run, curve
from tui import keymap
from tui.dialogs.help import Sheet
from tui.look import Look, detect
from tui.screens.settings import SettingsScreen
from tui.settings import Settings, load
from tui.widgets.bar import Notice
from tui.widgets.settings import Entry, SettingsList


def given(text: str) -> Path:
    path = config_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def opened(store: Store, size: tuple[int, int] = (80, 24)) -> OnHome:
    """Return the app with the settings of the file."""
    made = OnHome(store, size)
    made._app.user_settings = load()
    made._app.look = made._app.look.themed(load().theme)
    return made


def entries(home: Home) -> dict[str, Entry]:
    return {entry.key: entry for entry in home.app.screen.query_one(SettingsList).entries}


async def go_to(home: Home, key: str) -> None:
    """Put the cursor of the settings screen on a setting."""
    shown = home.app.screen.query_one(SettingsList)
    place = next(n for n, entry in enumerate(shown.entries) if entry.key == key)
    await home.keys("g")
    await home.press(*["down"] * place)
    await home.until(lambda: shown.cursor == place, key)


@pytest.mark.parametrize(("text", "problem"), [
    ('[tui]\nthme = "light"\n', "unknown setting 'tui.thme'. Did you mean \"tui.theme\"?"),
    ('[tui]\ntheme = "lihgt"\n', "tui.theme cannot be 'lihgt'. Did you mean \"light\"?"),
    ('[tui.keys]\n"task.clnoe" = "x"\n', "There is no key 'task.clnoe'. Did you mean \"task.clone\"?"),
    ('[tui.keys]\n"task.clone" = "Q"\n', "task.clone cannot be 'Q': that is the key of task.enqueue."),
    ('[tui.keys]\n"move.down" = "Q"\n', "move.down cannot be 'Q': that is the key of task.enqueue."),
    ('[tui.keys]\n"task.clone" = ""\n', "task.clone cannot be ''"),
    ("tui = 3\n", "tui is a table"), ("[tui]\nkeys = 3\n", "tui.keys is a table"),
])  # fmt: skip
async def test_what_is_wrong_in_the_file_is_said_and_no_reason_not_to_start(
    store: Store, text: str, problem: str
) -> None:
    given(text)
    async with opened(store) as home:
        said = home.app.screen.query_one(Notice)
        await home.until(lambda: problem in said.sentence, problem)
        await home.keys("j", "comma")
        assert isinstance(home.app.screen, SettingsScreen)


@pytest.mark.parametrize("page", ["settings.md", "keys.md"])
async def test_what_the_pages_give_as_an_example_works(store: Store, page: str) -> None:
    text = (Path(__file__).parents[2] / "docs" / page).read_text("utf-8")
    block, line = re.search(r"```toml\n(.*?)```", text, re.DOTALL), re.search('`("[^`]*)`', text)
    assert line is not None
    example = block[1] if block is not None else f"[tui.keys]\n{line[1]}\n"
    given(example.replace("/data/me/labtop", str(store.location.home)))
    settings = load()
    assert (settings.problems, list(settings.keys)) == ((), ["task.clone"])
    running(store, ["the cloned one"])
    async with opened(store) as home:
        await home.keys(settings.keys["task.clone"])
        await home.sees('Made "the cloned one"')


def test_keys_that_change_places_are_taken() -> None:
    given('[tui.keys]\n"task.clone" = "e"\n"task.edit" = "c"\n')
    assert load() == Settings(keys={"task.clone": "e", "task.edit": "c"})


async def test_the_screen_lists_every_setting_and_every_key(store: Store) -> None:
    given('[tui]\ntheme = "light"\n[tui.keys]\n"task.clone" = "f2"\n')
    async with opened(store) as home:
        await home.keys("comma")
        shown = entries(home)
        assert set(shown) == {s.key for s in SETTINGS} | {f"tui.keys.{key.id}" for key in keymap.KEYS}
        assert (shown["tui.theme"].value, shown["tui.theme"].origin) == ("light", "the file")
        assert (shown["tui.keys.task.clone"].value, shown["tui.keys.task.clone"].origin) == ("f2", "the file")
        assert (shown["abort_grace"].value, shown["abort_grace"].origin) == ("30", "default")
        assert (shown["store"].value, shown["store"].origin) == (os.environ["CAPTURE_STORE"], "CAPTURE_STORE")
        assert all(entry.takes and entry.help for entry in shown.values())


async def test_a_theme_is_changed_in_place_written_and_taken_back(store: Store) -> None:
    path = given("# mine\n")
    running(store, ["abc"])
    async with opened(store) as home:
        await home.keys("comma")
        await go_to(home, "tui.theme")
        for theme in [*list(THEMES)[1:], "dark"]:
            await home.keys("enter")
            await home.until(lambda: entries(home)["tui.theme"].value == theme, theme)  # noqa: B023
            assert home.app.look == Look().themed(theme)
            assert path.read_text("utf-8") == f'# mine\n\n[tui]\ntheme = "{theme}"\n'
        await home.keys("x")
        await home.until(lambda: entries(home)["tui.theme"].origin == "default", "the default")
        assert "theme" not in path.read_text("utf-8")


@pytest.mark.parametrize("tab", ["overview", "scalars", "history"])
async def test_other_signs_reach_what_is_open(store: Store, tab: str) -> None:
    run = Run(store, "one task")
    run.report("loss", "val", *curve(50))
    async with OnTask(store, run.id, tab) as shown:
        await shown.until(lambda: not shown.text().isascii(), "signs beyond ASCII")
        shown.app.show_look(Look(ascii=True))
        await shown.until(lambda: shown.text().isascii(), "ASCII alone")
        shown.app.show_look(Look())
        await shown.until(lambda: not shown.text().isascii(), "the others again")


async def test_the_layout_and_the_symbols_are_as_they_are_set(store: Store) -> None:
    given('[tui]\ntree = "hidden"\npreview = "hidden"\n')
    Run(store, "one task").report("loss", "val", 2.0, 1.0)
    async with opened(store, (120, 30)) as home:
        assert "projects" not in home.text().splitlines()[1] and "loss/val " not in home.text().splitlines()[-2]
        assert "projects" in (await home.keys("plus")).splitlines()[1]
        await home.keys("p")
        await home.sees("loss/val █▁ 1.000")
        await home.keys("comma")
        await go_to(home, "tui.tree")
        await home.keys("enter")
        await home.until(lambda: entries(home)["tui.tree"].value == "shown")
        await go_to(home, "tui.symbols")
        await home.keys("enter")
        await home.until(lambda: entries(home)["tui.symbols"].value == "ascii")
        shown = await home.keys("q")
        assert "projects" in shown.splitlines()[1] and shown.isascii()
        assert "|>" in shown.splitlines()[2], "a rule is no question mark"


async def test_a_key_is_moved_at_once_and_shown_where_it_is(store: Store) -> None:
    running(store, ["one task", "two tasks"])
    async with opened(store) as home:
        await home.keys("comma")
        await go_to(home, "tui.keys.home.filter")
        await home.keys("enter", "ctrl+u", "Q", "enter")
        await home.sees("home.filter cannot be 'Q': that is the key of task.enqueue.")
        await home.keys("ctrl+u", "f", "enter")
        await home.until(lambda: entries(home)["tui.keys.home.filter"].value == "f", "the new key")
        shown = await home.keys("q")
        assert "f filter" in shown and "/ filter" not in shown
        await home.keys("question_mark")
        sheet = "\n".join("".join(str(text) for text, _ in row) for row in home.app.screen.query_one(Sheet)._rows)
        assert re.search(r"^  f +Filter the table", sheet, re.MULTILINE)
        await home.keys("escape", "f", *"one", "enter")
        assert home.names == ["one task"]
    assert load().keys == {"home.filter": "f"}


async def test_a_value_that_is_refused_stays_to_be_corrected(store: Store) -> None:
    async with opened(store) as home:
        await home.keys("comma")
        await go_to(home, "abort_grace")
        await home.keys("enter", "ctrl+u", *"soon", "enter")
        await home.sees("abort_grace cannot be 'soon': it takes a number from 0 on.")
        await home.keys("ctrl+u", *"60", "enter")
        await home.until(lambda: entries(home)["abort_grace"].value == "60", "60 s")
        await go_to(home, "store")
        await home.keys("enter", "ctrl+u", *"else", "enter")
        await home.sees("Written, but CAPTURE_STORE comes before it here")


def test_no_color_comes_before_every_theme() -> None:
    for theme in THEMES:
        look = detect({"NO_COLOR": "1"}, "utf-8", theme)
        assert not look.colour
        assert all(look.style(name).color is None for name in ("failed", "accent", "on cursor", "series3"))


async def test_sixteen_colours_are_the_terminals_own(store: Store) -> None:
    given('[tui]\ntheme = "16"\n')
    for status in Status:
        in_state(store, status)
    async with opened(store, (120, 30)) as home:
        for keys in (("G",), ("ctrl+p",), ("escape", "comma"), ("q", "enter")):
            await home.keys(*keys)
            colours = [c for style in styles(home) for c in (style.color, style.bgcolor) if c is not None]
            assert colours and all(colour.number is not None and colour.number < 16 for colour in colours)


def styles(home: Home) -> list[Style]:
    strips = home.app.screen._compositor.render_strips()
    return [segment.style for strip in strips for segment in strip if segment.style is not None]


@pytest.mark.parametrize("keys", [("comma", "G"), ("ctrl+p",), ("colon", "s"), ("g", "space", "G", "v", "A"), ("Y",)])
async def test_ascii_terminals_get_ascii(store: Store, keys: tuple[str, ...]) -> None:
    for status in Status:
        in_state(store, status)
    async with OnHome(store, (80, 24), look=Look(ascii=True, colour=False)) as home:
        shown = await home.keys(*keys)
        assert shown.isascii() and "?" * 2 not in shown, [c for c in shown if not c.isascii()]
