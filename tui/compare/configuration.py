"""The configuration tab: hyperparameters and configuration objects that differ; on demand all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from store.text import natural
from tui.export.compared import Lines
from tui.export.what import Export
from tui.widgets import rows

from . import diffs
from .base import SAME, DifferingTab
from .diffs import Differ
from .source import Compared, CompareSource
from .table import Item, Line, line

Diffs = Mapping[str, Sequence[tuple[str, str]]]


def build(compared: Compared, found: Diffs, *, whole: bool) -> list[Item]:
    """Return the hyperparameters by section, then the configuration objects.

    Args:
        compared: the tasks.
        found: of each object that differs between the first and the chosen task, how.
        whole: also what is the same in all.
    """
    made = [*_parameters(compared, whole), *_objects(compared, found, whole)]
    if made:
        return made
    if any(member.detail.parameters or member.detail.configuration for member in compared.members):
        return [SAME]
    return [(("None of these tasks has hyperparameters. task.connect and argparse record them.", "dim"),)]


Values = dict[tuple[str, str], list[str | None]]
"""Section and name -> what each task has."""


def parameters_of(compared: Compared) -> Values:
    """Return the hyperparameters of all tasks, by section and name."""
    values = [{(p.section, p.name): p.value for p in member.detail.parameters} for member in compared.members]
    keys = sorted({key for value in values for key in value}, key=lambda key: (natural(key[0]), natural(key[1])))
    return {key: [value.get(key) for value in values] for key in keys}


def objects_of(compared: Compared) -> dict[str, list[str | None]]:
    """Return the configuration objects of all tasks, by name."""
    texts = [member.detail.configuration for member in compared.members]
    return {name: [text.get(name) for text in texts] for name in sorted({name for text in texts for name in text})}


def lines_of(compared: Compared, whole: bool) -> Lines:
    """Return values and objects as they are stored: those that differ, or all."""
    found = [([f"{section}/{name}"], values) for (section, name), values in parameters_of(compared).items()]
    found += [([f"{name} (object)"], texts) for name, texts in objects_of(compared).items()]
    return [(key, values) for key, values in found if whole or len(set(values)) > 1]


def _parameters(compared: Compared, whole: bool) -> list[Item]:
    found = parameters_of(compared)
    made: list[Item] = []
    for section in dict.fromkeys(section for section, _ in found):
        lines = [line(key[1], values) for key, values in found.items() if key[0] == section]
        kept = [item for item in lines if whole or item.differs]
        same = len(lines) - len(kept)
        if kept:
            made += [rows.heading(section, f"{same} the same" if same else ""), *kept, rows.BLANK]
    return made


def _objects(compared: Compared, found: Diffs, whole: bool) -> list[Item]:
    made: list[Item] = []
    for name, mine in objects_of(compared).items():
        if not whole and len(set(mine)) == 1:
            continue
        said = [None if text is None else "same" if text == mine[0] else "other" for text in mine]
        cells = line("", [_size(mine[0]), *said[1:]]).cells
        made += [rows.heading(name, "configuration object"), Line("lines", cells, len(set(mine)) > 1)]
        if found.get(name):
            made += [_pair(compared), *diffs.rows(found[name])]
        made.append(rows.BLANK)
    return made


def _size(text: str | None) -> str | None:
    return None if text is None else str(len(text.splitlines()))


def _pair(compared: Compared) -> Item:
    return rows.heading("", f"- {compared.base.letter}   + {compared.other.letter}")


class Pane(DifferingTab):
    """The configuration tab."""

    def __init__(self, source: CompareSource, *, id: str) -> None:
        super().__init__(source, id=id)
        self._differ = Differ()
        self._found: dict[tuple[str, str], list[tuple[str, str]]] = {}
        """Texts of two tasks -> how they differ."""

    async def look_closer(self, compared: Compared) -> None:
        """Compare the objects of the first and the chosen task."""
        pairs = _differing(compared).values()
        self._found = {(a, b): await self._differ.of(a.splitlines(), b.splitlines()) for a, b in pairs}

    def export(self) -> Export | str:
        """What differs, or all of it."""
        return self.exported("configuration", ["key"], lines_of)

    def items(self, compared: Compared) -> list[Item]:
        """What differs."""
        found = {name: self._found[pair] for name, pair in _differing(compared).items() if pair in self._found}
        return build(compared, found, whole=self.whole)


def _differing(compared: Compared) -> dict[str, tuple[str, str]]:
    """Return the objects that the first and the chosen task both have, and not alike: name -> both texts."""
    a, b = compared.base.detail.configuration, compared.other.detail.configuration
    return {name: (a[name], b[name]) for name in a.keys() & b.keys() if a[name] != b[name]}
