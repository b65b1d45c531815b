"""The tab of artifacts and models: what the tasks keep under the same names, and whether it is the same.

Files are told apart by their SHA-256, as the store has it; none is opened.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from store.output_records import ArtifactRow, ModelRow
from store.text import natural
from tui import format as form
from tui.export.compared import Lines
from tui.export.what import Export
from tui.tabs.artifacts import labels_of
from tui.widgets import rows

from .base import SAME, DifferingTab
from .source import Compared, Member
from .table import Item, Line, line

File = ArtifactRow | ModelRow
CONTENTS = "contents"
NO_NAME = "(named as the task)"
"""Models are called as their task where the script gives them no name: these belong together."""
NOTHING = "None of these tasks has artifacts or models. task.upload_artifact and OutputModel.update_weights keep them."
EXPLAINED = "told apart by their SHA-256"

_MODEL: dict[str, Callable[[ModelRow], object]] = {
    "size": lambda row: row.size, "framework": lambda row: row.framework, "iteration": lambda row: row.iteration,
    "made by": lambda row: form.short_id(row.task or "") if row.mode == "input" else "",
    "labels": labels_of, "tags": lambda row: ", ".join(row.tags), "comment": lambda row: row.comment,
    "published": lambda row: "yes" if row.published else "", "design": lambda row: row.design,
}  # fmt: skip


@dataclass(frozen=True)
class Kept:
    """What the tasks keep under one name: of each task its file, None where it has none."""

    group: str
    name: str
    files: tuple[File | None, ...]

    @cached_property
    def contents(self) -> list[object]:
        """What tells the files apart: their SHA-256, where they are if that is not known; empty: there is none yet."""
        return [None if file is None else file.hash or file.uri for file in self.files]

    @cached_property
    def fields(self) -> dict[str, list[object]]:
        """What else is known of them, where one has something."""
        known = [{} if file is None else _facts(file) for file in self.files]
        names = dict.fromkeys(name for facts in known for name in facts)
        found = {name: [facts.get(name) for facts in known] for name in names}
        return {name: values for name, values in found.items() if any(value is not None for value in values)}

    @property
    def differs(self) -> bool:
        """Whether they are not the same in all tasks."""
        return len(set(self.contents)) > 1 or any(map(self.vary, self.fields.values()))

    def vary(self, values: Sequence[object]) -> bool:
        """Whether a field differs among the tasks that have the file at all."""
        return len({value for value, file in zip(values, self.files, strict=True) if file is not None}) > 1


def _facts(file: File) -> dict[str, object]:
    if isinstance(file, ModelRow):
        found = {name: get(file) for name, get in _MODEL.items()}
    else:
        said = {f"metadata/{name}": str(value) for name, value in file.metadata.items()}
        found = {"type": file.type, "size": file.size, **said}
    return {name: value for name, value in found.items() if value not in ("", None)}


def kept_of(compared: Compared) -> list[Kept]:
    """Return what the tasks keep, artifacts first; of several models of one name in a task each is one."""
    each = [dict(_named(member)) for member in compared.members]
    keys = sorted({key for files in each for key in files}, key=lambda key: (key[0], natural(key[1]), key[2]))
    return [
        Kept(group, name if nth == 1 else f"{name} {nth}", tuple(files.get((group, name, nth)) for files in each))
        for group, name, nth in keys
    ]


def _named(member: Member) -> Iterator[tuple[tuple[str, str, int], File]]:
    detail, seen = member.detail, Counter[tuple[str, str]]()
    for artifact in detail.artifacts:
        yield ("Artifacts", artifact.name, 1), artifact
    for model in detail.models:
        group = "Models used" if model.mode == "input" else "Models"
        key = group, NO_NAME if model.name in ("", detail.row.name) else model.name
        seen[key] += 1
        yield (*key, seen[key]), model


def build(compared: Compared, *, whole: bool) -> list[Item]:
    """Return a line for each file, and below it those of what is known of it that differ; with ``whole`` all."""
    found = kept_of(compared)
    if not found:
        return [((NOTHING, "dim"),)]
    shown = [kept for kept in found if whole or kept.differs]
    if not shown:
        return [SAME]
    letters = [member.letter for member in compared.members]
    made: list[Item] = []
    for group in dict.fromkeys(kept.group for kept in found):
        mine = [kept for kept in shown if kept.group == group]
        same = sum(kept.group == group for kept in found) - len(mine)
        note = "   ".join((*([EXPLAINED] if mine else []), *([f"{same} the same"] if same else [])))
        made += [
            rows.heading(group, note),
            *(line for kept in mine for line in _lines(kept, letters, whole)),
            rows.BLANK,
        ]
    return made


def _lines(kept: Kept, letters: Sequence[str], whole: bool) -> Iterator[Line]:
    places = [None if file is None else file.hash[:8] or file.uri or "no file yet" for file in kept.files]
    yield line(kept.name, _told(places, kept.contents, letters), kept.contents)
    for name, values in kept.fields.items():
        if whole or kept.vary(values):
            texts = [None if value is None else _text(name, value) for value in values]
            yield line(f"  {name}", _told(texts, values, letters) if name == "design" else texts, values)


def _told(texts: Sequence[str | None], values: Sequence[object], letters: Sequence[str]) -> list[str | None]:
    """Return the texts of values that are too long to be shown; of one that stands further left too, where."""
    first = [values.index(value) if value else n for n, value in enumerate(values)]
    return [texts[n] if at == n else f"same as {letters[at]}" for n, at in enumerate(first)]


def _text(name: str, value: Any) -> str:
    if name == "size":
        return form.size(value) or "0 B"
    if name == "design":
        return f"{len(value.splitlines()):,} lines"
    return f"{value:,}" if isinstance(value, int) else str(value)


def lines_of(compared: Compared, whole: bool) -> Lines:
    """Return the files in full: those in which something differs, or all."""
    shown: Iterable[Kept] = (kept for kept in kept_of(compared) if whole or kept.differs)
    return [
        ([kept.group, kept.name, field], values)
        for kept in shown
        for field, values in ((CONTENTS, kept.contents), *kept.fields.items())
        if whole or field == CONTENTS or kept.vary(values)
    ]


class Pane(DifferingTab):
    """The artifacts and models of all tasks."""

    def export(self) -> Export | str:
        """What differs, or all of it."""
        return self.exported("artifacts", ["kind", "name", "field"], lines_of)

    def items(self, compared: Compared) -> list[Item]:
        """What differs."""
        return build(compared, whole=self.whole)
