"""What a task keeps beside its figures: artifacts it is given, the models it made and used.

Making the files is ``uploading``'s, reading them ``artifacts``' and ``model``'s; both are loaded when first needed.
"""

from __future__ import annotations

from . import guard
from .task_base import TaskBase

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .artifacts import Artifact
    from .model import TaskModels


class OutputsMixin(TaskBase):
    """Artifacts and models."""

    @guard.guarded_while_live
    def upload_artifact(
        self, name: str, artifact_object: Any, metadata: Any = None, delete_after_upload: bool = False,
        auto_pickle: bool | None = None, preview: Any = None, wait_on_upload: bool = False,
        extension_name: str | None = None, serialization_function: Any = None, retries: int = 0,
        sort_keys: bool = True,
    ) -> bool:  # fmt: skip
        """Keep an object or a file under a name; what had the name before goes.

        The file is written before the call returns: nothing is lost when the script ends, and whatever happens to the
        object afterwards happens to another one. What cannot be kept is said, never raised.

        Args:
            name: what it is called; a second one of a name takes the place of the first.
            artifact_object: a path (a folder, a pattern and a list of paths become a zip), a dict or list (JSON), a
                text, bytes, a numpy array, a data frame, a picture of PIL, or anything that can be pickled.
            metadata: a dict of what is to be known about it.
            delete_after_upload: delete the file that was given, once it is kept.
            auto_pickle: False refuses what has no form of its own.
            preview: text to show in place of its beginning; False shows none.
            wait_on_upload: accepted; it is kept when the call returns.
            extension_name: another form than the usual one, such as ``.csv`` or ``.pkl``.
            serialization_function: makes bytes of the object.
            retries: accepted; a local file is not tried twice.
            sort_keys: sort the keys of a dict.

        Returns:
            Whether it is kept.

        Raises:
            UsageError: another process records the task, or none.
        """
        session = self._recording("an artifact")
        if session is None:
            return False
        from . import uploading
        from .filing import Filing

        given = (artifact_object, metadata, preview)
        wanted = uploading.Wanted(str(name).strip(), extension_name, auto_pickle is not False, sort_keys)
        kept = Filing(session).artifact(wanted, *given, serialization_function)
        if kept and delete_after_upload:
            uploading.delete(artifact_object)
        return kept

    @property
    def artifacts(self) -> dict[str, Artifact]:
        """The task's artifacts by name."""
        from .artifacts import Artifact

        return {row.name: Artifact(self.id, row) for row in self._detail().artifacts}

    @property
    def models(self) -> TaskModels:
        """The models the task made (``["output"]``) and those it used (``["input"]``), by place or by name."""
        from .model import TaskModels

        return TaskModels(self._detail().models)
