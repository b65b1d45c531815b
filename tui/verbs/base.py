"""What verbs have in common: on which tasks they are possible, running a command on each, saying what came of it.

Whether something is possible is decided by ``store.lifecycle`` (before asking, so that nobody confirms in vain) and
again by the command itself; the sentence shown is theirs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from store import hints
from store.errors import InvalidValue, LabtopError, StoreUnusable
from store.lifecycle import Action, label, leaves_queue, leaving, refusal
from tui import format as form
from tui import keymap
from tui.dialogs.base import Dialog
from tui.dialogs.completed import CompletedDialog
from tui.dialogs.confirm import ConfirmDialog
from tui.dialogs.prompt import PromptDialog, Take
from tui.widgets.lines import Row, shown

if TYPE_CHECKING:
    from store.records import TaskRow
    from tui.app import LabtopApp
    from tui.commands import Complete
    from tui.screens.base import LabtopScreen

    Seen = Callable[[TaskRow], dict[str, str]]

PAST = {
    Action.CLONE: "Cloned",
    Action.ENQUEUE: "Enqueued",
    Action.RETRY: "Reset and enqueued",
    Action.DEQUEUE: "Dequeued",
    Action.ABORT: "Aborted",
    Action.RESET: "Reset",
    Action.PUBLISH: "Published",
    Action.ARCHIVE: "Archived",
    Action.RESTORE: "Restored",
    Action.DELETE: "Deleted",
}
NAME_WIDTH = 24
"""Columns of a task's name in a preview."""
QUEUES = 3
"""Queues that are named at most when tasks leave them."""
LISTED = 200
"""Tasks of a kind in a preview; how many more there are stands below."""


def named(row: TaskRow) -> str:
    """Return a task as sentences name it: ``"resnet" (a3f1c2d4)``."""
    return f'"{row.name}" ({row.id[:8]})'


@dataclass(frozen=True)
class Plan:
    """Which tasks an action is possible on, and which are left out."""

    action: Action
    rows: list[TaskRow]
    skipped: list[TaskRow]

    @property
    def whole(self) -> int:
        """How many tasks were meant."""
        return len(self.rows) + len(self.skipped)

    @property
    def title(self) -> str:
        """What would be done: ``Abort "resnet"``, ``Abort 4 of 6``."""
        verb = _word(self.action).capitalize()
        if len(self.rows) == 1 and not self.skipped:
            return f"{verb} {named(self.rows[0])}"
        return f"{verb} {len(self.rows):,} of {self.whole:,}" if self.skipped else f"{verb} {self.whole:,} tasks"

    @property
    def preview(self) -> list[Row]:
        """A row for each of several tasks: what will be done to it, else why nothing; of many some."""
        if self.whole < 2:
            return []
        names = form.shared([*self.rows[:LISTED], *self.skipped[:LISTED]])
        done = [_preview(row, names, self._done_to(row), True) for row in self.rows[:LISTED]]
        left = [_preview(row, names, _reason(self.action, row), False) for row in self.skipped[:LISTED]]
        return [*done, *_more(self.rows), *left, *_more(self.skipped)]

    def _done_to(self, row: TaskRow) -> str:
        out = f", out of the queue {row.queue}" if leaves_queue(self.action, row.status) else ""
        return _word(self.action) + out

    @property
    def left_out(self) -> str:
        """Why the others are left out: ``Left out: 2 are Running.``; empty if none is."""
        return f"Left out: {self._counted}." if self.skipped else ""

    def leaving(self, done: bool = False) -> str:
        """Which queues tasks are taken out of by the way, in a sentence; empty if none is."""
        queues = Counter(row.queue for row in self.rows if leaves_queue(self.action, row.status))
        alone = self.whole == 1
        parts = [leaving(queue, 0 if alone else count, done) for queue, count in queues.most_common(QUEUES)]
        more = [f"and so with {len(queues) - QUEUES} more queues"] if len(queues) > QUEUES else []
        return f"{', '.join(parts + more)}." if parts else ""

    @property
    def refusal(self) -> str:
        """Why nothing is possible: the lifecycle's sentence about one task, one about several for them together."""
        if len(self.skipped) == 1:
            return why_not(self.action, self.skipped[0]) or ""
        return f"Cannot {_word(self.action)} any of the {len(self.skipped):,} marked: {self._counted}."

    @property
    def _counted(self) -> str:
        """What is in the way, each with how many tasks: ``2 are Running, 1 is Failed``."""
        words = Counter(_standing(self.action, row) for row in self.skipped)
        return ", ".join(f"{n:,} {'is' if n == 1 else 'are'} {word}" for word, n in words.items())


def _word(action: Action) -> str:
    return "change" if action is Action.DESCRIBE else action.value


def _standing(action: Action, row: TaskRow) -> str:
    """What is in the way of a refused action: the state, or that it is not archived."""
    return label(row.status) if refusal(action, row) is not None else "not archived"


def _reason(action: Action, row: TaskRow) -> str:
    """What a refusal says behind the task's name."""
    sentence = why_not(action, row) or ""
    return sentence.partition(f"{named(row)}: ")[2] or sentence


def _preview(row: TaskRow, names: Collection[str], what: str, done: bool) -> Row:
    role = "bright" if done else "dim"
    name = form.told_apart(row, NAME_WIDTH, names)
    return ((f"{label(row.status)[:9]:<10}", row.status), (f"{name}  ", role), shown(what, "" if done else "yellow"))


def _more(rows: list[TaskRow]) -> list[Row]:
    """The line below those that are listed, if there are more."""
    more = len(rows) - LISTED
    return [((f"and {more:,} more", "dim"),)] if more > 0 else []


def plan(action: Action, rows: list[TaskRow]) -> Plan:
    """Split tasks into those the action is possible on and those it is not."""
    skipped = [row for row in rows if why_not(action, row) is not None]
    left_out = {row.id for row in skipped}
    return Plan(action, [row for row in rows if row.id not in left_out], skipped)


def why_not(action: Action, row: TaskRow) -> str | None:
    """Return the sentence that says why an action is not possible on a task, None if it is."""
    sentence = refusal(action, row)
    if sentence is None and action is Action.DELETE and not row.archived:
        return f"Cannot delete {named(row)}: it is not archived. Archive it ({hints.key('archive')}) first."
    return sentence


def refuse(app: LabtopApp, chosen: Plan) -> bool:
    """Say why nothing can be done, if nothing can."""
    if chosen.rows:
        return False
    app.say(chosen.refusal, "refused")
    return True


NOT_DONE = "{} Nothing was done, and nothing is by itself later: do it again when the store can be used."


@dataclass(frozen=True)
class Outcome:
    """What came of a command: the answers, the problems, and one sentence about both."""

    results: list[Any]
    problems: list[str]
    sentence: str

    def tell(self, app: LabtopApp) -> None:
        """Say it, also while the store is away: what came of a key is not what the banner says."""
        wrong = "refused" if app.banner else "error"
        app.say(self.sentence, wrong if self.problems else "info")


async def each(
    app: LabtopApp, chosen: Plan, command: str, past: str, note: str = "", seen: Seen | None = None, **options: Any
) -> Outcome:
    """Run a command on every task of a plan, some of many at a time; it may be stopped (``undo.Step``).

    Args:
        app: the app.
        chosen: the tasks.
        command: the command.
        past: what it does, when it is done.
        note: what is said behind the tasks.
        seen: what of a task the command writes over, where somebody looked at it.
        options: the command's.
    """
    results: list[Any] = []
    problems: list[str] = []
    wanted = [(row.id, {"seen": seen(row)} if seen else {}) for row in chosen.rows]
    if count := app.data.history.busy_with(row.id for row in chosen.rows):
        problem = f"Something is still being done to {count:,} of these tasks; {keymap.now('undo')} stops it."
        return Outcome([], [problem], problem)
    with app.data.history.step(task for task, _ in wanted) as step:
        while not step.stopped and (rest := wanted[len(results) + len(problems) :]):
            if len(rest) < len(wanted):
                so_far = f"{past} {len(results):,} of {len(wanted):,} tasks so far"
                app.say_so_far(f"{so_far}; {keymap.now('undo')} stops that.")
            try:
                answers = await app.data.commands(command, dict(rest), step, **options)
            except LabtopError as error:
                away = isinstance(error, StoreUnusable) and not results
                problems.append(NOT_DONE.format(error) if away else str(error))
                break
            problems += [str(answer) for answer in answers if isinstance(answer, LabtopError)]
            results += [answer for answer in answers if not isinstance(answer, LabtopError)]
    return Outcome(results, problems, _sentence(chosen, f"{past} ", len(results), problems, note))


def _sentence(chosen: Plan, past: str, done: int, problems: list[str], note: str) -> str:
    if problems and not done:
        return problems[0]
    left = chosen.leaving(done=True) if done == len(chosen.rows) else ""
    if chosen.whole == 1:
        return f"{past}{named(chosen.rows[0])}{note}. {left}".strip()
    said = [f"{past}{done:,} of {chosen.whole:,} tasks{note}."]
    return " ".join(said + [part for part in (left, chosen.left_out, *problems[:1]) if part])


async def sure(app: LabtopApp, chosen: Plan, text: str) -> bool:
    """Ask whether to go on, with what will be done to each of several tasks."""
    said = " ".join(part for part in (text, unseen(app, chosen), chosen.leaving(), chosen.left_out) if part)
    dialog = ConfirmDialog(f"{chosen.title}?", said, _word(chosen.action), chosen.preview)
    return await app.push_screen_wait(dialog) is True


async def agreed(app: LabtopApp, chosen: Plan, *, asks: bool = False) -> bool:
    """Whether to go on with what destroys nothing; said if it is possible on no task at all.

    Asked only if tasks would be left out, or some are marked that nobody sees, unless what follows ``asks`` about them.
    """
    if refuse(app, chosen):
        return False
    return not (chosen.skipped or (not asks and unseen(app, chosen))) or await sure(app, chosen, "")


def unseen(app: LabtopApp, chosen: Plan) -> str:
    """Return how many of the tasks are marked and not on the table, in a sentence; empty if none is."""
    hidden = app.in_front.unseen if app.in_front is not None else frozenset()
    count = len(hidden.intersection(row.id for row in chosen.rows))
    which = "It" if chosen.whole == 1 else f"{count:,} of them"
    return f"{which} {'is' if count == 1 else 'are'} not shown by the table." if count else ""


def only_one(app: LabtopApp, rows: list[TaskRow], verb: str) -> bool:
    """Whether it is one task, for what cannot be done to several at once; says so if they are more."""
    if len(rows) > 1:
        clear = f"Clear the marks ({keymap.now('table.unmark')})"
        app.say(f"Cannot {verb} {len(rows):,} tasks at once. {clear}, then {verb} one.", "refused")
    return len(rows) == 1


async def fill_in(
    app: LabtopApp,
    chosen: Plan,
    title: str,
    text: str,
    value: str,
    given: str,
    command: str,
    past: str,
    read: Any,
    dialog: Callable[[str, str, str, Take], Dialog[str]] = PromptDialog,
    seen: Seen | None = None,
) -> None:
    """Have a line typed and run a command with it; one that is refused stays in the dialog, with the reason below.

    Args:
        app: the app.
        chosen: the tasks.
        title: the dialog's title.
        text: how to answer.
        value: the line to start with.
        given: the line, if it was typed already: nothing is asked then.
        command: the command.
        past: what it does, when it is done.
        read: turns the line into (what is said behind the names, the command's options), or None for nothing to do;
            raises InvalidValue if it cannot.
        dialog: what asks.
        seen: what of a task the line takes the place of, and the dialog has shown.
    """

    async def take(line: str) -> str:
        try:
            asked = read(line)
        except InvalidValue as error:
            return str(error)
        if asked is None:
            return ""
        note, options = asked
        outcome = await each(app, chosen, command, past, note, None if given else seen, **options)
        if outcome.problems and not outcome.results:
            return outcome.sentence
        outcome.tell(app)
        return ""

    hidden = unseen(app, chosen)
    if given and hidden and not await sure(app, chosen, f"{title}: {given}."):
        return
    said = "\n".join(filter(None, (hidden, text)))
    await taken(app, given, take, lambda: dialog(title, said, value, take))


async def taken(app: LabtopApp, given: str, take: Take, dialog: Callable[[], Dialog[str]]) -> None:
    """Have a line taken: the one that was typed already, else the one a dialog asks for."""
    if not given:
        await app.push_screen_wait(dialog())
    elif problem := await take(given):
        app.say(problem, "error")


def completed(app: LabtopApp, complete: Complete) -> Callable[[str, str, str, Take], CompletedDialog]:
    """Return what asks for a line that is completed as on the command line."""
    return partial(CompletedDialog, complete=partial(complete, cast("LabtopScreen", app.screen)))
