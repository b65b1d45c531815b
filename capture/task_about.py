"""What a script says about its task while it runs: progress, tags, comment, name, project.

On the task this process records it is one record in the journal and never raises; on any other it is a command.
"""

from __future__ import annotations

from . import guard, opening
from .door import error, store_module
from .task_base import TaskBase, tag_list

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class AboutMixin(TaskBase):
    """Progress, tags, comment, name, project."""

    def set_progress(self, progress: Any) -> None:
        """Set how far the task is, from 0 to 100; anything else is warned about and changes nothing."""
        session = self._live
        if session is None:
            if self._session is None:
                raise error("UsageError", "Only a task's own script can set its progress.")
            guard.warn("the progress of a closed task was set; it is not kept.", once="closed")
            return
        number = None if isinstance(progress, str | bytes) else guard.quietly(float, progress)
        if number is None or not 0 <= number <= 100:
            kind = "progress" if number is not None else "progress without a number"
            guard.warn(f"progress goes from 0 to 100; {guard.shown(progress)} is not kept.", once=kind)
            return
        session.facts.progress = number
        session.journal.event(e="progress", value=number)

    def get_progress(self) -> float | None:
        """Return how far the task is, None if it never said."""
        found: float | None = self._facts.progress
        return int(found) if found is not None and float(found).is_integer() else found

    # Tags

    @guard.guarded_while_live
    def add_tags(self, tags: Any) -> None:
        """Put tags on the task: a list, or words in one text."""
        self._tag(tag_list(tags), [])

    @guard.guarded_while_live
    def remove_tags(self, tags: Any) -> None:
        """Take tags off the task."""
        self._tag([], tag_list(tags))

    @guard.guarded_while_live
    def set_tags(self, tags: Any) -> None:
        """Replace all tags."""
        wanted = tag_list(tags)
        self._tag(wanted, [tag for tag in self.get_tags() if tag not in wanted])

    def get_tags(self) -> list[str]:
        """Return the tags."""
        return sorted(self._facts.tags)

    @property
    def tags(self) -> list[str]:
        """The tags; set to replace them."""
        return self.get_tags()

    @tags.setter
    def tags(self, value: Any) -> None:
        self.set_tags(value)

    def _tag(self, add: list[str], remove: list[str]) -> None:
        session = self._live
        if session is None:
            self._command("tag", add=add, remove=remove)
            return
        fit = [tag for tag in add if _is_tag(tag)]
        session.facts.add_tags(fit)
        session.facts.tags = [tag for tag in session.facts.tags if tag not in remove]
        session.journal.event(e="tags", add=fit, remove=remove)
        if len(fit) < len(add):
            session.journal.event(e="refused", count=len(add) - len(fit))

    # Words

    def set_comment(self, comment: str) -> None:
        """Set the comment."""
        session = self._live
        if session is None:
            self._command("describe", comment=str(comment))
            return
        session.facts.comment = str(guard.quietly(str, comment) or "")
        session.journal.event(e="comment", text=session.facts.comment)

    @property
    def comment(self) -> str:
        """The comment; set to change it."""
        return str(self._facts.comment)

    @comment.setter
    def comment(self, value: str) -> None:
        self.set_comment(value)

    @property
    def name(self) -> str:
        """The name; set to change it."""
        return str(self._facts.name)

    @name.setter
    def name(self, value: str) -> None:
        self.set_name(value)

    def set_name(self, name: str) -> None:
        """Rename the task.

        Raises:
            InvalidValue: the name breaks a rule.
            StateError: the task is Published.
        """
        session = self._live
        checked = opening.checked_name(name)
        if session is None:
            self._command("describe", name=checked)
            return
        session.facts.name = checked
        session.journal.event(e="rename", name=checked)

    def rename(self, new_name: str) -> bool:
        """Rename the task; return True."""
        self.set_name(new_name)
        return True

    @property
    def task_type(self) -> Any:
        """The type, equal to its word."""
        from .enums import TaskTypes

        return TaskTypes(self._facts.type)

    def get_project_name(self) -> str:
        """Return the project's whole path."""
        return str(self._facts.project)

    def move_to_project(
        self, new_project_id: str | None = None, new_project_name: str | None = None, system_tags: Any = None
    ) -> bool:
        """Move the task to a project, which is made if it is missing; return True."""
        project = new_project_name or (project_path(new_project_id) if new_project_id else None)
        if project is None:
            raise error("UsageError", "move_to_project needs the project's name or id.")
        self._command("move", project)
        if self._live is not None:
            self._live.facts.project = opening.checked_project(project)
        return True

    def set_project(self, project_id: str | None = None, project_name: str | None = None) -> None:
        """Move the task to a project."""
        self.move_to_project(project_id, project_name)


def project_path(word: str) -> str:
    """Return the path of a project given by its path or its id."""
    from .door import opened

    projects = store_module("queries.projects")
    with opened().read() as connection:
        return next((row.path for row in projects.listing(connection) if row.id == word), word)


def _is_tag(tag: str) -> bool:
    """Whether a tag breaks no rule; one that does is said, and keeps none of the others out."""
    if tag.isascii() and tag.isprintable() and len(tag) <= 100:  # without loading the rule
        return True
    try:
        store_module("text").checked_tag(tag)
    except ValueError as refused:
        guard.warn(f"{refused} Not kept.")
        return False
    return True
