"""The command ``tui``: reads the options, says what is wrong before anything is drawn, and starts the dashboard.

``--help`` and refusals load neither Textual nor SQL.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from typing import Any

from store.errors import LabtopError
from store.settings import THEMES

from .compare import SCREENS as COMPARED
from .first import COLUMNS, DIALOGS, SEARCH
from .printing import guarded, put
from .tabs import BY_NAME

QUEUES, SETTINGS = "queues", "settings"
ALONE = ("home", QUEUES, SETTINGS, SEARCH, *DIALOGS)
"""The screens and dialogs that need no task."""
SCREENS = (*ALONE, "task", *BY_NAME, *COMPARED)
EXIT_USAGE = 2
EXIT_UNUSABLE = 3
SMALLEST = (40, 8)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the options."""
    made = argparse.ArgumentParser(
        prog="tui",
        usage="tui [serve] [OPTIONS]",
        formatter_class=lambda prog: argparse.HelpFormatter(prog, max_help_position=22, width=_width()),
        description="The dashboard: projects, tasks, live consoles and charts in the terminal.",
        epilog="Keys: ? shows those of the screen you are on. `capture --help` lists the same without a screen.",
    )
    made.add_argument("serve", nargs="?", choices=("serve",), metavar="serve",
                      help="the same in a browser: prints the address (needs labtop[serve])")  # fmt: skip
    made.add_argument("--store", metavar="S", help="a folder, a .db file or postgresql://… (default: CAPTURE_STORE)")
    made.add_argument("--project", metavar="P", help="show this project first")
    made.add_argument("--task", metavar="ID", help="open this task: an id, the start of one, or a name; compare: ID,ID")
    made.add_argument("--filter", metavar="TEXT", help="show only these tasks; --screen search: look for this")
    made.add_argument("--read-only", action="store_true", help="look, and change nothing")
    made.add_argument("--theme", choices=tuple(THEMES), help="colours (default: the setting, else dark)")
    made.add_argument("--demo", action="store_true", help="look at a made-up store of its own, which goes afterwards")
    made.add_argument("--once", action="store_true", help="print one picture as plain text and leave")
    made.add_argument("--plain", action="store_true", help="line by line, for screen readers; reads commands")
    made.add_argument("--port", type=int, metavar="N", help="serve there (default: 8765, or another if that is taken)")
    made.add_argument("--host", help=argparse.SUPPRESS)
    made.add_argument("--version", action=_Version, nargs=0, help="print the version and leave")
    made.add_argument("--screen", choices=SCREENS, metavar="NAME", help=f"which one: {', '.join(SCREENS)}")
    return made


class _Version(argparse.Action):
    """``--version``: the version is looked up in the installed package only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import PackageNotFoundError, version

        try:
            put(f"labtop {version('labtop')}\n")
        except PackageNotFoundError:
            put("labtop (not installed: running from its source)\n")
        parser.exit()


def _width() -> int:
    """The width for help; argparse would import half of shutil to find out."""
    try:
        return max(min(os.get_terminal_size().columns, 110) - 2, 40)
    except OSError:
        return 98


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code: 0 done, 1 unknown or failed, 2 usage, 3 store unusable."""
    return guarded(lambda: _answered(argv))


def _answered(argv: Sequence[str] | None) -> int:
    options = parser().parse_args(argv)
    drawn = not (options.once or options.plain or options.serve)
    if problem := _misfit(options) or (_no_terminal() if drawn else ""):
        return _complain(problem, EXIT_USAGE)
    if options.screen in (QUEUES, SETTINGS, SEARCH, COLUMNS):
        options.task = None
    try:
        if options.serve:
            return _serve(options)
        if options.demo:
            return _demo(options)
        _check_store(options)
        return _shown(options)
    except LabtopError as error:
        return _complain(str(error), error.exit_code)


def _shown(options: argparse.Namespace) -> int:
    if options.once:
        return _once(options)
    return _plain(options) if options.plain else _live(options)


def _serve(options: argparse.Namespace) -> int:
    """Have each window of a browser start a dashboard with these options, in a process of its own."""
    from .serve import serve

    if not options.demo:
        _check_store(options)
        os.environ["CAPTURE_STORE"] = options.location.setting  # no argument: a URL may hold a password, which ps shows
    asked = ((name, getattr(options, name)) for name in ("project", "task", "filter", "theme", "screen"))
    words = [f"--{name}={value}" for name, value in asked if value]
    words += [f"--{name}" for name in ("read-only", "demo") if getattr(options, name.replace("-", "_"))]
    return serve([sys.executable, "-P", "-m", "tui.cli", *words], options.host, options.port)


def _demo(options: argparse.Namespace) -> int:
    from .demo import demo_store

    print("tui: making the demo's store, a temporary one…", file=sys.stderr)
    with demo_store() as options.location:
        return _shown(options)


def _complain(sentence: str, code: int) -> int:
    from store.safe import safe_text

    print(f"tui: {safe_text(sentence)}", file=sys.stderr)
    return code


def _misfit(options: argparse.Namespace) -> str:
    """Why the options do not go together; empty if they do."""
    if options.screen not in (None, *ALONE) and not options.task:
        return f"--screen {options.screen} needs a task. Add --task ID."
    if options.screen == SEARCH and options.once and not (options.filter or "").strip():
        return "--screen search needs what to look for. Add --filter TEXT."
    if options.filter and options.screen not in (None, "home", SEARCH, *DIALOGS):
        return f"--filter is for the table of tasks and the search, not for --screen {options.screen}. Leave it out."
    if options.demo and options.store:
        return "--demo has a store of its own. Leave --store out."
    if not options.serve and (options.port is not None or options.host is not None):
        return "--port is for `tui serve`; the dashboard itself listens nowhere."
    return ""


def _for_browser() -> bool:
    """Whether ``tui serve`` has started this process for a window of a browser."""
    return bool(os.environ.get("TEXTUAL_DRIVER"))


def _no_terminal() -> str:
    """Why the dashboard cannot be drawn here; empty if it can."""
    if _for_browser():
        return ""
    instead = "`tui --once` prints one picture, `tui --plain` goes line by line."
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return f"The dashboard needs a terminal on standard input and error. {instead}"
    if os.environ.get("TERM", "") in ("dumb", ""):
        term = os.environ.get("TERM", "not set")
        return f"The dashboard needs a terminal that can draw, and TERM is {term!r}. {instead}"
    columns, lines = os.get_terminal_size(sys.stderr.fileno())
    if 0 < columns < SMALLEST[0] or 0 < lines < SMALLEST[1]:
        return f"The terminal is {columns}x{lines}; the dashboard needs {SMALLEST[0]}x{SMALLEST[1]} at least. {instead}"
    return ""


def _check_store(options: argparse.Namespace) -> None:
    """Refuse what can be refused without SQL, before the screen is taken."""
    from store.paths import locate, nowhere, refuse_foreign

    location = locate(options.store)
    refuse_foreign(location)
    if options.store and location.is_sqlite and not location.home.exists() and not location.database.exists():
        raise nowhere(location)  # mistyped; where scripts record to all the same, one is waited for
    if location.note:
        print(f"tui: {location.note}", file=sys.stderr)
    options.location = location


def _tab(options: argparse.Namespace) -> str | None:
    return None if options.screen in ("home", "task") else options.screen


def _asked(options: argparse.Namespace) -> dict[str, Any]:
    """What the app is to show, as its arguments."""
    return {
        "read_only": options.read_only, "project": options.project, "task": options.task, "screen": _tab(options),
        "text": options.filter or "", "demo": options.demo,
    }  # fmt: skip


def _live(options: argparse.Namespace) -> int:
    gc.disable()  # until the store is open: collecting while importing costs up to 100 ms
    _calm()
    _in_colours()
    from .app import LabtopApp
    from .keyboard import forgive
    from .output.ending import leave_clean
    from .settings import load

    settings = load()
    app = LabtopApp(options.location, settings=settings, theme=options.theme, **_asked(options))
    if _for_browser():
        from .serve import leave_with_server

        leave_with_server()
    else:
        leave_clean(app, app.end_commands)
    forgive()
    app.run(mouse=not settings.over_ssh)
    return _complain(app.problem, app.return_code) if app.return_code else 0


def _in_colours() -> None:
    """Have Textual send as many colours as the terminal shows; of a name it does not know it takes that for sixteen."""
    from .look import ALL, MANY, colours_of

    depth = colours_of(os.environ)
    os.environ.setdefault("TEXTUAL_COLOR_SYSTEM", {ALL: "truecolor", MANY: "256"}.get(depth, "standard"))


def _calm() -> None:
    """Nothing moves or blinks; over SSH an escape sequence may come in pieces, so Esc waits for its rest."""
    from .settings import load

    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    os.environ.setdefault("TEXTUAL_SMOOTH_SCROLL", "0")
    if load().over_ssh:
        os.environ.setdefault("ESCDELAY", "250")


def _once(options: argparse.Namespace) -> int:
    _calm()
    from .once import print_once

    return print_once(options.location, **_asked(options))


def _plain(options: argparse.Namespace) -> int:
    _calm()
    from .plain.reader import run_plain

    return run_plain(options.location, **_asked(options))


if __name__ == "__main__":
    sys.exit(main())
