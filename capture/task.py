"""``Task``: what a script says about itself, and what it asks about others.

A thin façade: recording is the session's, deciding which task is ``opening``'s, parameters, commands and reading are
the mixins'.
"""

from __future__ import annotations

import sys

from . import enums, guard, opening, state
from .door import refusal
from .logger import Logger, logger_of
from .session import Session
from .task_about import AboutMixin
from .task_commands import CommandsMixin
from .task_configuration import ConfigurationMixin
from .task_making import MakingMixin
from .task_outputs import OutputsMixin
from .task_reading import ReadingMixin
from .task_values import ValuesMixin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self

_made_by_us = object()


class Task(AboutMixin, ValuesMixin, ConfigurationMixin, CommandsMixin, MakingMixin, ReadingMixin, OutputsMixin):
    """A task. ``Task.init`` starts recording one; ``Task.get_task`` finds others."""

    TaskTypes = enums.TaskTypes
    TaskStatusEnum = enums.TaskStatusEnum

    def __init__(self, _key: object = None, task_id: str = "", session: Session | None = None) -> None:
        if _key is not _made_by_us:
            from .door import error

            raise error(
                "UsageError",
                "Task object cannot be instantiated externally, use Task.current_task() or Task.get_task(...).",
            )
        self.id = task_id
        self._session = session

    # Beginning and ending

    @classmethod
    def init(
        cls, project_name: str | None = None, task_name: str | None = None,
        task_type: enums.TaskTypes | str | None = enums.TaskTypes.training, tags: Any = None,
        reuse_last_task_id: bool | str | None = True, continue_last_task: bool | str | int | None = False,
        output_uri: Any = None, auto_connect_arg_parser: Any = True, auto_connect_frameworks: Any = True,
        auto_resource_monitoring: Any = True, auto_connect_streams: Any = True, deferred_init: bool | None = False,
    ) -> Self:  # fmt: skip
        """Start recording this script as a task and return it; called again, return the same.

        Args:
            project_name: whole path; made at first use. Default: the repository's name.
            task_name: default: the script's.
            task_type: one of ``TaskTypes``.
            tags: to be added.
            reuse_last_task_id: True: use the last run's task of the same name again if it is fresh enough and holds
                nothing worth keeping; False: always a new one; an id: that one, on the same terms.
            continue_last_task: True, an id, or an iteration offset: go on where the task stopped, keeping its outputs.
                With True a new one is made where there is none, and nothing is used again then.
            output_uri: where models and artifacts go: they are kept in the store, other places are not used yet.
            auto_connect_arg_parser: whether argparse is recorded; a dict includes and excludes arguments by name.
            auto_connect_frameworks: what libraries report by themselves (a later version).
            auto_resource_monitoring: whether the machine's load is recorded.
            auto_connect_streams: whether stdout and stderr are; a dict says which.
            deferred_init: accepted; init returns within milliseconds anyway.

        Raises:
            UsageError: another task is being recorded already.
            InvalidValue: a name breaks a rule, or there is no such type.
            StateError: the task to continue cannot be.
            StoreUnusable: the store cannot be one.
        """
        if state.session is not None and not state.session.ended:
            return cls._again(state.session, project_name, task_name, task_type)
        wanted = (project_name, task_name, task_type, tags, reuse_last_task_id, continue_last_task)
        try:
            asked = opening.Asked(*wanted, auto_resource_monitoring)
            task = cls._begin(asked, auto_connect_arg_parser, auto_connect_streams)
        except refusal() as refused:
            raise refused.with_traceback(None) from None
        _say_what_waits(output_uri, auto_connect_frameworks, deferred_init)
        return task

    @classmethod
    def _begin(cls, asked: opening.Asked, arguments: Any, streams: Any) -> Self:
        if state.truth("CAPTURE_DISABLED"):
            session = Session(state.Place("", "", None), asked, opening.new(asked))
            session.begin_disabled()
            return cls._of(session)
        place = state.place(to_record=True)
        session = Session(place, asked, opening.decide(asked, place))
        session.record_arguments = True if arguments is None else arguments
        session.begin()
        for parse in state.parses:
            parse.record(session)
        _say_which(session)
        session.record_streams(_wanted_streams(streams))
        return cls._of(session)

    @classmethod
    def _of(cls, session: Session) -> Self:
        """Return the session's one task object: ``Task.current_task() is task``."""
        if session.task is None:
            session.task = cls(_made_by_us, session.task_id, session)
        found: Self = session.task
        return found

    @classmethod
    def _again(cls, session: Session, project: Any, name: Any, kind: Any) -> Self:
        facts, asked = session.facts, session.asked
        differs = (
            (project is not None and str(project).strip() not in (facts.project, asked.project))
            or (name is not None and str(name).strip() not in (facts.name, asked.name))
            or (kind is not None and str(kind) not in (facts.type, asked.type, "training"))
        )
        if differs and session.opened.primary and not session.is_child:
            from .door import error

            raise error(
                "UsageError",
                f'Current task already created and requested "{name}" in "{project}" differs from it. Close it with '
                f"task.close() first, or use Task.create.",
            )
        return cls._of(session)

    @classmethod
    def _found(cls, task: str) -> Self:
        if state.session is not None and state.session.task_id == task:
            return cls._of(state.session)
        return cls(_made_by_us, task)

    @classmethod
    def current_task(cls) -> Self | None:
        """Return the task this process records, None if there is none.

        A process that a recorded script has started, such as a worker of ``multiprocessing``, joins its task here.
        """
        if state.session is None and opening.joins():
            guard.attempt("joining the task of the process above", cls.init)
        return cls._of(state.session) if state.session is not None else None

    def close(self) -> None:
        """End the task as Completed. Closing it again does nothing."""
        if self._session is not None:
            self._session.finish("completed")

    @property
    def logger(self) -> Logger:
        """The logger that reports to this task."""
        return self.get_logger()

    def flush(self, wait_for_uploads: bool = False) -> bool:
        """Return True: whatever was reported is safe already. Starts of console lines are recorded too."""
        if self._live is not None:
            self._live.streams.drain()
        return True

    def get_logger(self) -> Logger:
        """Return the logger that reports to this task."""
        if self._session is None:
            from .door import error

            raise error("UsageError", "Only the task this process records can be reported to. Use Task.init.")
        return logger_of(self._session)


def _say_which(session: Session) -> None:
    """Say which task is recorded; in a script that joined one, that it did, since it may have asked for its own."""
    opened, task = session.opened, session.task_id
    if opened.mode != "attach":
        note = f" ({opened.note})" if opened.note else ""
        guard.tell(f"task {task}{note} · watch it: tui --task {task[:8]}")
    elif "multiprocessing.process" not in sys.modules or not _is_worker():
        guard.tell(
            f"joined task {task} of process {opened.master}, which started this one. For a task of its own, start it "
            f"without CAPTURE_PROC_MASTER_ID in its environment."
        )


def _is_worker() -> bool:
    """Whether this is a worker of ``multiprocessing``, which is a part of its script."""
    return sys.modules["multiprocessing.process"].parent_process() is not None


def _wanted_streams(wanted: Any) -> tuple[bool, bool]:
    if isinstance(wanted, dict):
        return bool(wanted.get("stdout")), bool(wanted.get("stderr"))
    return (True, True) if wanted is None else (bool(wanted), bool(wanted))


def _say_what_waits(output_uri: Any, frameworks: Any, deferred: Any) -> None:
    """Say once, of each argument given whose work a later version does, that it has none yet."""
    chosen = frameworks not in (True, None)
    place = None if output_uri is True else output_uri
    given = {"output_uri": place, "auto_connect_frameworks": chosen, "deferred_init": deferred}
    for name, value in given.items():
        if value:
            guard.warn(f"Task.init({name}=…) is accepted but has no effect in this version.")
