"""Every verb of the ``capture`` command with its arguments, in ONE table.

``parsing`` makes argparse and ``--help`` from it, ``docs`` docs/cli.md, the tests their matrix. Nothing else knows
which verbs there are. Standard library only, and no import of what a verb does: ``function`` is a path.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class Argument(NamedTuple):
    """One argument: ``flags`` as argparse wants them (a single plain name for a positional), ``options`` the rest."""

    flags: tuple[str, ...]
    help: str
    options: Mapping[str, Any]

    @property
    def positional(self) -> bool:
        """Whether it is given by place."""
        return not self.flags[0].startswith("-")

    @property
    def shown(self) -> str:
        """How it stands in a usage line."""
        name = str(self.options.get("metavar", self.flags[0].upper().replace("-", "_")))
        many = self.options.get("nargs") in ("+", "*")
        if self.positional:
            whole = f"{name}…" if many else name
            return f"[{whole}]" if self.options.get("nargs") in ("?", "*", "...") else whole
        flag = self.flags[-1] if self.flags[-1].startswith("--") else self.flags[0]
        if self.options.get("action") == "store_true":
            return f"[{flag}]"
        value = str(self.options.get("metavar", flag.lstrip("-").upper()))
        text = f"{flag} {value}{'…' if many else ''}"
        return text if self.options.get("required") else f"[{text}]"


class Command(NamedTuple):
    """One verb: its words, one line of help, what it takes, and the function (``module:name`` in this package)."""

    name: str
    help: str
    function: str
    arguments: tuple[Argument, ...] = ()
    about: str = ""
    """A paragraph more, for ``--help`` and the docs."""
    rewrite: str = ""
    """A function that puts the words in a form argparse understands (``module:name``), where ours is freer."""
    usage: str = ""
    """What follows the name in the usage line, where it cannot be made from the arguments."""
    group: str = ""

    @property
    def usage_line(self) -> str:
        """``capture NAME …``."""
        parts = [argument.shown for argument in sorted(self.arguments, key=lambda a: not a.positional)]
        return " ".join(["capture", self.name, *([self.usage] if self.usage else parts)])


def arg(*flags: str, help: str, **options: Any) -> Argument:
    """Return an argument."""
    return Argument(flags, help, options)


COMMON = (
    arg("--json", help="print JSON", action="store_true"),
    arg("--store", help="the store: a folder, a .db file or a PostgreSQL URL (default: CAPTURE_STORE)", metavar="S"),
)
"""Every verb takes these."""

ID = arg("id", help="a task: its id, any unique start of it, or its name if only one task has it", metavar="ID")
IDS = arg("ids", help="tasks: ids or any unique starts of them", metavar="ID", nargs="+")
_QUEUE = arg("name", help="the queue's name", metavar="QUEUE")
_PROJECT = arg("--project", help="the project, made if it is new (vision/resnet)", metavar="P")
_NAME = arg("--name", help="the task's name, at least 3 characters", metavar="N")
_TAGS = arg("--tags", help="tags", metavar="T", nargs="+", default=[], action="extend")

_LOOK, _CHANGE, _RUN, _QUEUES, _STORE = "Look", "Change", "Run", "Queues and agents", "The store"

_RUN_USAGE = "[--project P] [--name N] [--tags T…] SCRIPT|-m MODULE [ARGS…]"
_AGENT = (
    arg("--queue", help="queues to take tasks from, the first one first", metavar="Q", nargs="+", default=[],
        action="extend"),
    arg("--name", help="the worker's name (default: the host's)", metavar="N"),
    arg("--create-queue", help="make queues that do not exist yet", action="store_true"),
    arg("--order-fairness", help="after each task go on with the next queue, not with the first", action="store_true"),
    arg("--gpus", help="the GPUs its tasks may see (0,1 or all)", metavar="LIST"),
    arg("--cpu-only", help="its tasks see no GPU", action="store_true"),
    arg("--once", help="leave when the queues are empty", action="store_true"),
    arg("--foreground", help="stay in this terminal (always so)", action="store_true"),
)  # fmt: skip

COMMANDS: tuple[Command, ...] = (
    Command("list", "list tasks, the newest first", "reading:list_tasks", (
        arg("filter", help='words of the filter language: status:failed tag:baseline -tag:old age<2d '
            'param:Args/lr<0.01 metric:"loss/val".min<0.2 text', metavar="FILTER", nargs="*"),
        arg("--project", help="only this project and those below it", metavar="P"),
        arg("--status", help="only these states: draft pending running completed failed aborted published",
            metavar="S,…"),
        arg("--archived", help="the archived tasks", action="store_true"),
        arg("--limit", help="at most so many", metavar="N", type=int),
        arg("--sort", help="by a field (created, activity, name, status, progress, …), metric:TITLE/SERIES or "
            "param:SECTION/NAME; -F turns the order round", metavar="F"),
    ), "AGE is the time since a task's state last changed, as in `age<2d`; `created<2d` asks when it was made.",
            rewrite="rewriting:protect_filters", group=_LOOK),
    Command("show", "show everything about a task", "reading:show", (ID,), group=_LOOK),
    Command("logs", "print a task's console", "logs:logs", (
        ID,
        arg("-f", "--follow", help="go on until the task has ended", action="store_true"),
        arg("--grep", help="only lines that this regular expression finds", metavar="RE"),
        arg("-i", "--ignore-case", help="--grep without regard to case", action="store_true"),
        arg("-n", "--tail", help="only the last N lines", metavar="N", type=int),
    ), group=_LOOK),
    Command("scalars", "print a task's scalars", "scalars:scalars", (
        ID,
        arg("--metric", help="only this series, with its points", metavar="T/S"),
        arg("--points", help="at most about N points a series, extremes kept", metavar="N", type=int),
    ), group=_LOOK),
    Command("diff", "compare the configuration of two tasks", "reading:diff", (
        ID, arg("other", help="the other task (default: the one it was cloned from)", metavar="B", nargs="?"),
    ), usage="A [B]", group=_LOOK),
    Command("wait", "wait until tasks have ended", "waiting:wait", (
        IDS,
        arg("--status", help="until they have this state", metavar="S"),
        arg("--timeout", help="at most so many seconds", metavar="T", type=float),
    ), "Ends with 0 when every task completed (or reached the state asked for), with 1 when one failed, was aborted "
       "or the time is up.", group=_LOOK),
    Command("clone", "copy a task into a new Draft", "changing:clone", (ID, _NAME, _PROJECT), group=_CHANGE),
    Command("edit", "change hyperparameters of a Draft", "changing:edit", (
        ID,
        arg("values", help="what to set; splits at the first =, the section may be left out where the name is unique",
            metavar="SECTION/KEY=VALUE", nargs="+"),
        arg("--add", help="keys that are not there yet, too", action="store_true"),
    ), group=_CHANGE),
    Command("sweep", "make a Draft for each combination of values", "changing:sweep", (
        ID,
        arg("values", help="a hyperparameter and its values; the section may be left out where the name is unique",
            metavar="SECTION/KEY=VALUES", nargs="+"),
        arg("--queue", help="enqueue them there, in order (default: they stay Drafts)", metavar="Q"),
        arg("--name", help="what their names begin with (default: the task's name)", metavar="N"),
        _PROJECT,
        arg("--add", help="keys that are not there yet, too", action="store_true"),
        arg("--yes", help="make more than 100, at most 1,000", action="store_true"),
    ), "Commas part the values; 1..5 stands for the whole numbers from 1 to 5, 10..0..2 for every second one down from "
       "10. `Args/lr=0.1,0.01 Args/seed=1..5` makes ten Drafts, the last key varying fastest: all of them, or none if "
       "one is refused. A value with a comma in it stands in double quotes, a double quote in it twice, as in CSV: "
       '`\'Args/betas="[0.9, 0.99]","[0.5, 0.9]"\'`.', group=_CHANGE),
    Command("enqueue", "put Drafts into a queue", "changing:enqueue", (
        IDS,
        arg("--queue", help='the queue (default: the setting agent.queue, else "default")', metavar="Q"),
        arg("--retry", help="for Failed and Aborted tasks: reset them first (their logs and outputs go)",
            action="store_true"),
    ), group=_CHANGE),
    Command("dequeue", "take Pending tasks out of their queue", "changing:dequeue", (IDS,), group=_CHANGE),
    Command("abort", "end Running tasks", "changing:abort", (IDS,), group=_CHANGE),
    Command("reset", "make ended tasks Drafts again: logs and outputs go, the configuration stays", "changing:reset",
            (IDS,), group=_CHANGE),
    Command("publish", "make ended tasks final and read-only", "changing:publish", (IDS,), group=_CHANGE),
    Command("archive", "put tasks out of sight", "changing:archive", (IDS,), group=_CHANGE),
    Command("restore", "bring archived tasks back", "changing:restore", (IDS,), group=_CHANGE),
    Command("delete", "delete archived tasks for good", "changing:delete", (IDS,), group=_CHANGE),
    Command("tag", "add and remove tags", "changing:tag", (
        IDS,
        arg("--add", help="add a tag; +T for short", metavar="T", action="append", default=[]),
        arg("--remove", help="remove a tag; -T for short", metavar="T", action="append", default=[]),
    ), rewrite="rewriting:tag_words", usage="ID… +T… -T…", group=_CHANGE),
    Command("move", "move tasks to another project", "changing:move", (
        IDS, arg("project", help="the project, made if it is new", metavar="PROJECT"),
    ), group=_CHANGE),
    Command("baseline", "pin the task that the others of its project are compared with", "changing:baseline", (
        arg("id", help="the task", metavar="ID", nargs="?"),
        arg("--project", help="pin it in this project, which holds the one it is in (default: that one)", metavar="P"),
        arg("--clear", help="take away the baseline of this project", metavar="P"),
    ), "A project has one baseline at most, which also counts for the projects below it that have none of their own.",
            usage="ID [--project P]|--clear P", group=_CHANGE),
    Command("run", "run a script as a task, unchanged", "running:run", (
        _PROJECT, _NAME, _TAGS,
        arg("-m", help="run a module, as python -m does", metavar="MODULE", dest="module"),
        arg("command", help="the script and its arguments", metavar="SCRIPT", nargs="*"),
    ), "The script needs no line of ours; it is recorded as if it began with Task.init. Ends with the script's own "
       "exit code. Tags end at the script's name (or at --).", rewrite="rewriting:split_words", usage=_RUN_USAGE,
       group=_RUN),
    Command("create", "make a Draft from a script, for an agent to run", "creating:create", (
        _PROJECT, _NAME, _TAGS,
        arg("--script", help="the script (.py or .sh)", metavar="FILE"),
        arg("--module", help="in place of a script: a module", metavar="M"),
        arg("--cwd", help="the folder it runs in (default: here)", metavar="DIR"),
        arg("--folder", help="the folder of the code (default: here)", metavar="DIR"),
        arg("--args", help="hyperparameters of the section Args: lr=0.1 epochs=3", metavar="K=V", nargs="+",
            default=[], action="extend"),
        arg("--binary", help="the Python interpreter (default: this one)", metavar="PATH"),
        arg("--task-type", help="the type (default: training)", metavar="TYPE", default="training"),
        arg("--comment", help="a comment", metavar="TEXT", default=""),
        arg("--base-task-id", help="start from a copy of this task", metavar="ID"),
        arg("--queue", help="enqueue it there (default: it stays a Draft)", metavar="Q"),
        arg("--packages", help="packages it needs (name==version)", metavar="P", nargs="+", default=[],
            action="extend"),
        arg("--requirements", help="a requirements file with the packages it needs", metavar="FILE"),
        arg("--skip-task-init", help="the script calls Task.init itself, or shall not be recorded from inside",
            action="store_true"),
        arg("--skip-repo-detection", help="do not look for a git repository", action="store_true"),
    ), "With --base-task-id, project and name may be left out.", group=_RUN,
       usage="--project P --name N --script FILE|--module M|--base-task-id ID [--args K=V…] [--queue Q] …"),
    Command("queue list", "list the queues", "queue:listing", group=_QUEUES),
    Command("queue show", "show the tasks in a queue, the next one first", "queue:show", (_QUEUE,), group=_QUEUES),
    Command("queue create", "make a queue", "queue:create", (_QUEUE,), group=_QUEUES),
    Command("queue rename", "rename a queue", "queue:rename", (
        _QUEUE, arg("new", help="the new name, at least 3 characters", metavar="NEW")), group=_QUEUES),
    Command("queue delete", "delete an empty queue", "queue:delete", (_QUEUE,), group=_QUEUES),
    Command("queue move", "move a Pending task within its queue", "queue:move", (
        ID, arg("position", help="its new place: a number from 1, top or bottom", metavar="POSITION"),
    ), group=_QUEUES),
    Command("queue clear", "take every task out of a queue: Drafts again", "queue:clear", (_QUEUE,), group=_QUEUES),
    Command("agent", "run the tasks of queues, one after another", "agent:daemon", _AGENT,
            "Takes Pending tasks in order, runs each in its recorded folder with its own interpreter and the values "
            "now in the store. Ctrl-C stops it and aborts the task it runs.", group=_QUEUES),
    Command("agent list", "list the running agents", "agent:listing", group=_QUEUES),
    Command("agent stop", "stop agents; the tasks they run are aborted", "agent:stop", (
        arg("workers", help="names or ids (default: all of this host)", metavar="WORKER", nargs="*"),), group=_QUEUES),
    Command("agent drain", "let agents end after the task they run", "agent:drain", (
        arg("workers", help="names or ids (default: all of this host)", metavar="WORKER", nargs="*"),), group=_QUEUES),
    Command("agent execute", "run one task here and now", "agent:execute", (
        arg("--id", help="the task, a Draft or Pending", metavar="ID", required=True),
        arg("--gpus", help="the GPUs it may see (0,1 or all)", metavar="LIST"),
        arg("--cpu-only", help="it sees no GPU", action="store_true"),
    ), group=_QUEUES),
    Command("store path", "print where the store is", "place:path", group=_STORE),
    Command("doctor", "look for what is wrong, and say what to do", "doctor:doctor", group=_STORE),
)  # fmt: skip

GROUPS = (_LOOK, _CHANGE, _RUN, _QUEUES, _STORE)


def find(words: Sequence[str]) -> tuple[Command, list[str]] | None:
    """Return the command that the first words name and the words after its name; None if none does."""
    for length in (2, 1):
        name = " ".join(words[:length])
        for command in COMMANDS:
            if command.name == name and len(words) >= length:
                return command, list(words[length:])
    return None


def below(word: str) -> list[Command]:
    """Return the commands of two words that begin with ``word``."""
    return [command for command in COMMANDS if command.name.startswith(f"{word} ")]


def closest(word: str, known: Sequence[str]) -> str:
    """Return the known word that looks most like ``word``, or an empty string."""
    import difflib

    return next(iter(difflib.get_close_matches(word, known, n=1, cutoff=0.5)), "")
