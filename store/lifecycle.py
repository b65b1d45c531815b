"""The states of a task and what may follow what. The only place that knows.

``TABLE`` maps each action and state to the state it leads to, or to the sentence that says why not and what to do
instead, with ``{clone}`` where the key of a verb is named (``hints``). SDK, CLI and dashboard ask ``refusal`` for the
text and ``target`` for the new state; nobody else decides.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple, Protocol

from .errors import InvalidValue, StateError, nearest
from .hints import filled, key


class Status(StrEnum):
    """The seven states; the value is the word of CLI, JSON and filters."""

    DRAFT = "draft"
    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    ABORTED = "aborted"
    PUBLISHED = "published"

    @property
    def label(self) -> str:
        """The word on screens: ``Draft``."""
        return self.value.capitalize()


class Action(StrEnum):
    """What can be done to a task."""

    EDIT = "edit"
    DESCRIBE = "describe"
    RENAME = "rename"
    PROPERTY = "property"
    ENQUEUE = "enqueue"
    RETRY = "retry"
    DEQUEUE = "dequeue"
    START = "start"
    CONTINUE = "continue"
    COMPLETE = "complete"
    FAIL = "fail"
    ABORT = "abort"
    RESET = "reset"
    PUBLISH = "publish"
    CLONE = "clone"
    ARCHIVE = "archive"
    RESTORE = "restore"
    DELETE = "delete"


class Named(Protocol):
    """What a refusal needs to know of a task."""

    @property
    def id(self) -> str:
        """The whole id."""
        ...

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def status(self) -> str:
        """A ``Status`` value."""
        ...


D, Q, R, C, F, A, P = Status  # the columns of the table below, in the order of the states
ENDED = (C, F, A)
FINAL = (C, F, A, P)
_WORDS = frozenset(status.value for status in Status)
_LISTED = (R, Q, D, F, A, C, P)

_KEEP = object()
_READ_ONLY = "it is Published, and published tasks are read-only. Clone it ({clone}) to get an editable Draft"
_DEQUEUE_FIRST = "it is Pending. Dequeue it ({enqueue}) first"
_ABORT_FIRST = "it is Running. Abort it ({abort}) first"
_NOT_DRAFT = (
    "it is {status}, and only Drafts can be edited. Clone it ({clone}), or reset it ({reset}), to get an editable Draft"
)

_Cell = Status | str | object


def _row(draft: _Cell, pending: _Cell, running: _Cell, completed: _Cell, failed: _Cell, aborted: _Cell,
         published: _Cell) -> dict[Status, _Cell]:  # fmt: skip
    return dict(zip(Status, (draft, pending, running, completed, failed, aborted, published), strict=True))


_NOT_PENDING = "it is {status}, not Pending, so it is in no queue. Nothing to do"
_NOT_RUNNING = "it is {status}, not Running. Nothing to do"
_WAIT = "it is Running already. Wait for it to end, or clone it ({clone})"
_ENDED_ONLY = "it is {status}. Only Completed, Failed and Aborted tasks can be published"
_RUN_AGAIN = "it is {status}. Reset it ({reset}), or clone it ({clone}), then enqueue the Draft"
_CONTINUE = (
    "it has already run and is {status}. Continue it (continue_last_task), reset it ({reset}) or clone it ({clone})"
)
_END = "it is {status}, not Running. Start it first"

TABLE: dict[Action, dict[Status, _Cell]] = {
    # action          Draft  Pending          Running        Completed   Failed      Aborted     Published
    Action.EDIT: _row(_KEEP, _DEQUEUE_FIRST, "it is Running, and only its own script changes it now. Clone it "
                      "({clone}) to get an editable Draft", _NOT_DRAFT, _NOT_DRAFT, _NOT_DRAFT, _READ_ONLY),
    Action.DESCRIBE: _row(*[_KEEP] * 7),
    Action.RENAME: _row(_KEEP, _KEEP, _KEEP, _KEEP, _KEEP, _KEEP, _READ_ONLY),
    Action.PROPERTY: _row(_KEEP, _KEEP, _KEEP, _KEEP, _KEEP, _KEEP, _READ_ONLY),
    Action.ENQUEUE: _row(Q, "it is Pending already. Nothing to do", "it is Running already. Clone it ({clone}) to run "
                         "it again", _RUN_AGAIN, "it is Failed. Retry it (reset and enqueue), or clone it ({clone})",
                         "it is Aborted. Retry it (reset and enqueue), or clone it ({clone})", _READ_ONLY),
    Action.RETRY: _row("it is a Draft. Enqueue it ({enqueue})", "it is Pending already. Nothing to do",
                       "it is Running already. Clone it ({clone}) to run it again", _RUN_AGAIN, Q, Q, _READ_ONLY),
    Action.DEQUEUE: _row(_NOT_PENDING, D, _NOT_PENDING, _NOT_PENDING, _NOT_PENDING, _NOT_PENDING, _NOT_PENDING),
    Action.START: _row(R, R, _WAIT, _CONTINUE, _CONTINUE, _CONTINUE, _READ_ONLY),
    Action.CONTINUE: _row(R, _DEQUEUE_FIRST, _WAIT, R, R, R, _READ_ONLY),
    Action.COMPLETE: _row(_END, _END, C, _END, _END, _END, _END),
    Action.FAIL: _row(_END, _END, F, _END, _END, _END, _END),
    Action.ABORT: _row(_NOT_RUNNING, "it is Pending, not Running. Dequeue it ({enqueue})", A, _NOT_RUNNING,
                       _NOT_RUNNING, _NOT_RUNNING, _NOT_RUNNING),
    Action.RESET: _row("it is a Draft, so there is nothing to delete. Edit it ({edit}) or enqueue it ({enqueue})",
                       _DEQUEUE_FIRST, _ABORT_FIRST, D, D, D, _READ_ONLY),
    Action.PUBLISH: _row(_ENDED_ONLY, _ENDED_ONLY, _ENDED_ONLY, P, P, P, "it is Published already. Nothing to do"),
    Action.CLONE: _row(*[_KEEP] * 7),
    Action.ARCHIVE: _row(_KEEP, D, _ABORT_FIRST, _KEEP, _KEEP, _KEEP, _KEEP),
    Action.RESTORE: _row(_KEEP, D, _ABORT_FIRST, _KEEP, _KEEP, _KEEP, _KEEP),
    Action.DELETE: _row(_KEEP, _DEQUEUE_FIRST, _ABORT_FIRST, _KEEP, _KEEP, _KEEP, _READ_ONLY),
}  # fmt: skip

PUBLISHING = "Publishing is final: a Published task is read-only for good."
"""What is said before a person publishes."""

_VERBS = {
    Action.PROPERTY: "edit the properties of",
    Action.DESCRIBE: "edit the comment or tags of",
    Action.COMPLETE: "complete",
    Action.FAIL: "mark as failed",
}


class Subject(NamedTuple):
    """A task reduced to what a sentence about it needs."""

    id: str
    name: str
    status: str


def standing(word: str) -> tuple[int, str]:
    """Return where a state stands in a list sorted by them: what goes on, what is to come, how it went; others last."""
    return (_LISTED.index(Status(word)), "") if word in _WORDS else (len(_LISTED), word)


def label(word: str) -> str:
    """Return a state's word on screens; a word that is no state (only another program can store one) as it is."""
    return word.capitalize() if word in _WORDS else word


def target(action: Action, status: Status) -> Status | None:
    """Return the state ``action`` leads to from ``status`` (the same one if it stays), None if refused."""
    cell = TABLE[action][status]
    if isinstance(cell, Status):
        return cell
    return status if cell is _KEEP else None


def sources(action: Action) -> list[Status]:
    """Return the states in which ``action`` is allowed, for a compare-and-swap."""
    return [status for status in Status if target(action, status) is not None]


def refusal(action: Action, task: Named) -> str | None:
    """Return why ``action`` is not possible on ``task`` now and what to do instead, None if it is possible."""
    verb = _VERBS.get(action, action.value)
    if task.status not in _WORDS:  # no program of ours wrote that
        return (
            f'Cannot {verb} "{task.name}" ({task.id[:8]}): the store says it is {task.status!r}, which is no state. '
            f"Restore a backup of the store."
        )
    status = Status(task.status)
    if target(action, status) is not None:
        return None
    return f'Cannot {verb} "{task.name}" ({task.id[:8]}): {why_not(action, status)}.'


def why_not(action: Action, status: Status) -> str:
    """Return why an action that is refused in a state is, and what to do instead: the end of a sentence."""
    return filled(str(TABLE[action][status]), status=status.label)


def leaves_queue(action: Action, word: str) -> bool:
    """Whether an action takes a task of a state out of the queue it waits in, though it is not asked for that."""
    return word == Q and action is not Action.DEQUEUE and target(action, Q) is D


def leaving(queue: str, count: int = 0, done: bool = False) -> str:
    """Say that tasks leave their queue: ``1 is Pending: it leaves the queue gpus``; of the one task that it is, 0."""
    who, they = f"{count:,}" if count else "It", "it" if count < 2 else "they"
    is_, leave = ("is", "leaves") if count < 2 else ("are", "leave")
    if done:
        is_, leave = "was" if count < 2 else "were", "left"
    return f"{who} {is_} {Q.label}: {they} {leave} the queue {queue}"


def archived_refusal(task: Named, verb: str = "reuse") -> str:
    """Return why an archived task can neither be emptied for another run of its script nor continued."""
    return f'Cannot {verb} "{task.name}" ({task.id[:8]}): it is archived. Restore it ({key("archive")}) first.'


def check(action: Action, task: Named) -> Status:
    """Return the state after ``action``.

    Raises:
        StateError: the action is not possible in the task's state; the message is that of ``refusal``.
    """
    sentence = refusal(action, task)
    if sentence is not None:
        raise StateError(sentence)
    after = target(action, Status(task.status))
    assert after is not None
    return after


# ClearML's words, which the SDK returns and accepts beside ours.
SDK_WORDS = {
    D: "created", Q: "queued", R: "in_progress", C: "completed", F: "failed", A: "stopped", P: "published",
}  # fmt: skip

TYPES = (
    "training", "testing", "inference", "controller", "optimizer", "monitor", "service", "application",
    "data_processing", "qc", "custom",
)  # fmt: skip


def parse_status(word: str) -> Status:
    """Return the state that ``word`` names, in our words or ClearML's.

    Raises:
        InvalidValue: no such state; the message names the nearest.
    """
    lowered = word.strip().lower()
    for status, sdk in SDK_WORDS.items():
        if lowered in (status.value, sdk):
            return status
    known = [s.value for s in Status]
    raise InvalidValue(f"Unknown status {word!r}.{nearest(lowered, known)} Valid: {', '.join(known)}.")


def checked_type(word: object) -> str:
    """Return a task type.

    Raises:
        InvalidValue: no such type; the message names the nearest.
    """
    text = str(getattr(word, "value", word))
    if text in TYPES:
        return text
    raise InvalidValue(f"Unknown task type {text!r}.{nearest(text, TYPES)} Valid: {', '.join(TYPES)}.")
