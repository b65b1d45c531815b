"""``Model``, ``InputModel``, ``OutputModel``: weights with a name, labels and a design, made by one task, used by many.

A model somebody made is read from the store, anew each time. An ``OutputModel`` knows itself, and tells the journal the
whole of it whenever something changes; nothing it does raises into the script.
"""

from __future__ import annotations

import os
from typing import SupportsIndex, overload

from . import guard, plainjson, state
from .door import error, opened, store_module
from .filing import Filing, plain
from .reported import Refused
from .task_base import id_of, tag_list

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .session import Session
    from .task import Task
    from .uploading import Content


class BaseModel:
    """What can be asked of every model."""

    _id: str

    @property
    def _known(self) -> Any:
        raise NotImplementedError

    @property
    def id(self) -> str:
        """Its id."""
        return self._id

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self._known.name)

    @property
    def url(self) -> str | None:
        """Where its weights are, None while there are none."""
        return str(self._known.uri) or None

    @property
    def framework(self) -> str:
        """What it was made with, as the script said."""
        return str(self._known.framework)

    @property
    def labels(self) -> dict[str, int]:
        """The name of each class and its number."""
        return dict(self._known.labels)

    @property
    def tags(self) -> list[str]:
        """Its tags."""
        return list(self._known.tags)

    @property
    def comment(self) -> str:
        """Its comment."""
        return str(self._known.comment)

    @property
    def config_text(self) -> str:
        """Its design, as text."""
        return str(self._known.design)

    @property
    def config_dict(self) -> dict[str, Any]:
        """Its design, if that is a JSON object, else an empty dict."""
        found = guard.quietly(plainjson.loads, self.config_text)
        return found if isinstance(found, dict) else {}

    @property
    def task(self) -> str | None:
        """The id of the task that made it, None if that was reset or deleted."""
        found: str | None = self._known.task
        return found

    @property
    def published(self) -> bool:
        """Whether it is final."""
        return bool(self._known.published)

    def get_weights(
        self, raise_on_error: bool = False, force_download: bool = False, extract_archive: bool = False
    ) -> str | None:
        """Return the path of its weights; with ``extract_archive``, of a folder with what is in that archive."""
        from .artifacts import local_copy

        return local_copy(self._known, extract_archive, raise_on_error)

    def __repr__(self) -> str:
        return f"<model {self._id}>"


class Model(BaseModel):
    """A model that is in the store.

    Raises:
        NotFound: there is none with this id.
    """

    def __init__(self, model_id: str) -> None:
        self._id = str(_found(model_id).id)

    @property
    def _known(self) -> Any:
        return _found(self._id)

    def get_local_copy(
        self, extract_archive: bool | None = None, raise_on_error: bool = False, force_download: bool = False
    ) -> str | None:
        """Return the path of its weights; of a zip, that of a folder with what is in it, unless told otherwise."""
        unpack = str(self.url).endswith(".zip") if extract_archive is None else extract_archive
        return self.get_weights(raise_on_error, force_download, unpack)


class InputModel(Model):
    """A model for a task to start from; ``connect`` notes that it does.

    Args:
        model_id: which one.
        name: the newest of this name, where no id is given.
        project: of the tasks of this project.
        tags: of those that have all of these tags.
        only_published: of the published ones.

    Raises:
        NotFound: there is none.
    """

    def __init__(
        self, model_id: str | None = None, name: str | None = None, project: str | None = None, tags: Any = None,
        only_published: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(model_id or _newest(name, project, tag_list(tags), only_published))

    def connect(self, task: Task, name: str | None = None, ignore_remote_overrides: bool = False) -> None:
        """Note that the task uses the model, under a name of its own."""
        session = task._recording("a model")
        if session is not None:
            Filing(session).tell("input_model", model=self._id, name=str(name or self.name))


class _Own:
    """What an ``OutputModel`` knows of itself, by the names of a row of the store."""

    def __init__(self, task: str, name: str, framework: str) -> None:
        self.task, self.name, self.framework = task, name, framework
        self.labels: dict[str, int] = {}
        self.tags: list[str] = []
        self.uri = self.hash = self.comment = self.design = ""
        self.size: int | None = None
        self.iteration: int | None = None
        self.published = False


class OutputModel(BaseModel):
    """A model that the task makes: the task this process records, or the one given, which must be that one.

    Raises:
        UsageError: no task is recorded here, or another one.
    """

    def __init__(
        self, task: Task | None = None, config_text: str | None = None, config_dict: dict[str, Any] | None = None,
        label_enumeration: dict[str, int] | None = None, name: str | None = None, tags: Any = None,
        comment: str | None = None, framework: str | None = None, base_model_id: str | None = None,
    ) -> None:  # fmt: skip
        owner = task if task is not None else _current()
        self._task = owner
        self._id = state.new_id()
        session = owner._recording("a model")
        called = str(name or (session.facts.name if session is not None else "")).strip()
        self._own = _Own(owner.id, called, str(framework or ""))
        self._own.labels, self._own.tags = plain(label_enumeration), tag_list(tags)
        self._own.comment, self._own.design = str(comment or ""), _design(config_text, config_dict)
        self._tell(session)

    @property
    def _known(self) -> Any:
        return self._own

    def _tell(self, session: Session | None) -> None:
        if session is not None:
            known = {key: value for key, value in vars(self._own).items() if key not in ("task", "published")}
            Filing(session).tell("model", id=self._id, **known)

    def _change(self, **changed: Any) -> None:
        vars(self._own).update(changed)
        self._tell(self._task._recording("a model"))

    @property
    def _live(self) -> Session | None:  # `guarded_while_live` asks for it
        return self._task._live

    def update_labels(self, labels: dict[str, int]) -> None:
        """Set the name of each class and its number."""
        self._change(labels=plain(labels))

    def update_design(self, config_text: str | None = None, config_dict: dict[str, Any] | None = None) -> None:
        """Set the design, as text or as a dict."""
        self._change(design=_design(config_text, config_dict))

    def connect(self, task: Task, name: str | None = None, **_: Any) -> None:
        """Do nothing but take the name: a model is made for its task."""
        if name:
            self._change(name=str(name))

    @guard.guarded_while_live
    def update_weights(
        self, weights_filename: str | None = None, upload_uri: str | None = None, target_filename: str | None = None,
        auto_delete_file: bool = False, register_uri: str | None = None, iteration: int | None = None,
        update_comment: bool = True, is_package: bool = False, async_enable: bool = True,
    ) -> str | None:  # fmt: skip
        """Keep a file as the model's weights, in the place of the last ones; return where it is.

        Args:
            weights_filename: the file, which is copied before the call returns.
            upload_uri: accepted if it is a folder of this machine; the copy is in the store all the same.
            target_filename: what the copy is called.
            auto_delete_file: delete the given file afterwards. ClearML's default is True; here a file stays.
            register_uri: note where a file of this machine is (``file://…``), and do not copy it.
            iteration: at which it was made.
            update_comment: accepted.
            is_package: accepted.
            async_enable: accepted.
        """
        from . import uploading

        source = os.fspath(weights_filename) if weights_filename is not None else ""

        def make() -> Content:
            if not os.path.isfile(source):
                raise Refused(f"there is no file {source!r}")
            return uploading.Content("custom", target_filename or os.path.basename(source), source=source)

        if bool(source) == bool(register_uri):
            self._refuse("give weights_filename or register_uri, one of them")
            return None
        if (remote := _remote(upload_uri) or _remote(register_uri)) is not None:
            self._refuse(f"what lies on {remote}:// is not recorded yet. Keep it on this machine")
            return None
        if register_uri:
            self._change(uri=register_uri, size=None, hash="", iteration=iteration)
            return register_uri
        kept = self._weights(make, iteration)
        if kept is not None and auto_delete_file:
            uploading.delete(source)
        return kept

    @guard.guarded_while_live
    def update_weights_package(
        self, weights_filenames: Any = None, weights_path: str | None = None, upload_uri: str | None = None,
        target_filename: str | None = None, auto_delete_file: bool = False, iteration: int | None = None,
        async_enable: bool = True,
    ) -> str | None:  # fmt: skip
        """Keep several files, or a folder, as the model's weights: one zip. Arguments as ``update_weights``."""
        from . import uploading

        if (remote := _remote(upload_uri)) is not None:
            self._refuse(f"what lies on {remote}:// is not recorded yet. Keep it on this machine")
            return None
        paths = [os.fspath(path) for path in weights_filenames or ([weights_path] if weights_path else [])]
        name = (target_filename or self.name or "weights").removesuffix(".zip")

        def make() -> Content:
            if not paths:
                raise Refused("give weights_filenames or weights_path")
            return uploading.zipped(name, paths)

        kept = self._weights(make, iteration)
        if kept is not None and auto_delete_file:
            uploading.delete(paths)
        return kept

    def _weights(self, make: Any, iteration: int | None) -> str | None:
        session = self._task._recording("a model")
        kept = Filing(session).weights(self.name, make) if session is not None else None
        if kept is None:
            return None
        at = guard.quietly(int, iteration) if iteration is not None else None
        self._change(**kept, iteration=at)
        return self.url

    def _refuse(self, why: str) -> None:
        session = self._task._recording("a model")
        if session is not None:
            Filing(session).refuse(f"the model {guard.shown(self.name)}", why)


class Models(list[Model]):
    """Models in their order, by place or by name."""

    @overload
    def __getitem__(self, place: SupportsIndex) -> Model: ...
    @overload
    def __getitem__(self, place: slice) -> list[Model]: ...
    @overload
    def __getitem__(self, place: str) -> Model: ...
    def __getitem__(self, place: Any) -> Any:
        """Return the model at a place, or the last of a name."""
        if not isinstance(place, str):
            return super().__getitem__(place)
        found = [model for model in self if model.name == place]
        if not found:
            raise KeyError(place)
        return found[-1]

    def keys(self) -> list[str]:
        """Return the names."""
        return [model.name for model in self]


class _Named(Model):
    """A model of a task, which may have a name of its own for it."""

    def __init__(self, row: Any) -> None:
        self._id, self._name = row.id, row.name

    @property
    def name(self) -> str:
        """What the task calls it."""
        return str(self._name)


class TaskModels(dict[str, Models]):
    """``input`` and ``output``: the models a task used and made."""

    def __init__(self, rows: Any) -> None:
        super().__init__({mode: Models(_Named(r) for r in rows if r.mode == mode) for mode in ("input", "output")})

    @property
    def input(self) -> Models:
        """The models the task used."""
        return self["input"]

    @property
    def output(self) -> Models:
        """The models the task made."""
        return self["output"]


def _found(model: Any) -> Any:
    artifacts = store_module("queries.artifacts")
    with opened().read() as connection:
        return artifacts.model(connection, id_of(model))


def _newest(name: str | None, project: str | None, tags: list[str], published: bool) -> str:
    artifacts = store_module("queries.artifacts")
    with opened().read() as connection:
        rows = artifacts.named(connection, str(name or ""), project, only_published=published)
    found = next((str(row.id) for row in rows if set(tags) <= set(row.tags)), None)
    if found is None:
        raise error("NotFound", f"There is no model of the name {name!r} with what was asked for.")
    return found


def _current() -> Task:
    from .task import Task

    task = Task.current_task()
    if task is None:
        raise error("UsageError", "A model belongs to a task, and this process records none. Use Task.init first.")
    return task


def _remote(where: str | None) -> str | None:
    """Return the scheme of a place that is not on this machine."""
    scheme, found, _ = str(where or "").partition("://")
    return scheme if found and scheme != "file" else None


def _design(text: str | None, values: Any) -> str:
    return str(text) if text is not None else plainjson.dumps(plain(values)) if isinstance(values, dict) else ""
