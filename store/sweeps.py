"""Sweeps: a Draft of a task for each combination of some values of its hyperparameters.

What a sweep would make is laid out first (``lay_out``, which writes nothing: dashboards show it and ask), and made in
one transaction: a name, value or queue that is refused leaves no Draft behind. Combinations are counted before any
list of them exists.
"""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from . import cloning, editing, tables, value_lists
from .engine import Store
from .errors import InvalidValue
from .lifecycle import Action, check
from .queues import enter
from .safe import safe_text
from .text import MAX_NAME, shown
from .transitions import subject
from .values import number_of

MANY = 100
"""Tasks that are made without being asked for so many."""
MOST = 1000
"""Tasks that one sweep can make."""
LARGEST = 1 << 30
"""Bytes that one sweep can copy, in one transaction that others wait for."""
FORM = "SECTION/KEY=VALUES"
_COUNTABLE = 10**15
_VALUE_WIDTH, _KEY_WIDTH = 24, 40
"""Characters of a value and of a key in a name."""
_QUOTED_KEY = re.compile(r'"((?:[^"]|"")+)"=')
_SAME: dict[str, Callable[[str], object]] = {"int": int, "float": float, "bool": number_of}
"""What makes two texts the same value, by type; of other types the text does."""


@dataclass(frozen=True)
class Axis:
    """One hyperparameter of a sweep.

    Attributes:
        key: ``Section/name``.
        rows: its row in the table of parameters, once for each value.
    """

    key: str
    rows: list[dict[str, Any]]

    @property
    def values(self) -> list[str]:
        """Its values, in order."""
        return [row["value"] for row in self.rows]

    @property
    def text(self) -> str:
        """The word that asks for it: ``Args/lr=0.1,0.01``."""
        return f"{written_key(self.key)}={value_lists.written(self.values)}"


@dataclass(frozen=True)
class Sweep:
    """What would be made of a task: the axes, and the names of the Drafts, the last axis varying fastest."""

    axes: list[Axis]
    names: list[str]

    @property
    def text(self) -> str:
        """The words that ask for it."""
        return " ".join(axis.text for axis in self.axes)

    def rows(self) -> Iterator[tuple[dict[str, Any], ...]]:
        """Yield the rows of parameters that each Draft has in the place of its parent's."""
        return itertools.product(*(axis.rows for axis in self.axes))


def sweep(
    store: Store,
    task: str,
    words: Sequence[str],
    *,
    by: str,
    add: bool = False,
    name: str | None = None,
    project: str | None = None,
    queue: str | None = None,
    most: int = MANY,
) -> list[str]:
    """Make a Draft for each combination of values, and return their ids in order.

    Args:
        store: where.
        task: the whole id of the task that is cloned.
        words: ``Section/name=VALUES`` for each hyperparameter (``value_lists`` says how values are written); a bare
            name will do where only one section has it.
        by: who.
        add: make parameters that are not there yet instead of refusing them.
        name: what their names begin with; None: the task's name.
        project: where they go; None: the task's project.
        queue: enqueue them there, in order; None: they stay Drafts.
        most: how many are made without question, at most ``MOST``.

    Raises:
        NotFound: no such parameter (the message names the nearest), task or queue.
        InvalidValue: a list cannot be read, a value is not of its parameter's type or is given twice, or they are too
            many. Nothing was made.
        StateError: the task cannot be cloned.
    """
    with store.write(by) as tx:
        laid = lay_out(tx, task, words, add=add, name=name, most=most)
        made = cloning.copies(tx, task, laid.names, project=project)
        rows = [row | {"task_id": new} for new, rows in zip(made, laid.rows(), strict=True) for row in rows]
        editing.put_parameters(tx, rows)
        if queue is not None:
            enter(tx, made, queue)
    return made


def lay_out(
    c: tables.Executes,
    task: str,
    words: Sequence[str],
    *,
    add: bool = False,
    name: str | None = None,
    most: int = MANY,
) -> Sweep:
    """Return what ``sweep`` would make, refused as there."""
    source = subject(c, task)
    check(Action.CLONE, source)
    known = editing.known(c, task)
    if not words:
        raise InvalidValue(f"No values were given. Write {FORM}, such as Args/lr=0.1,0.01.")
    lists = [_parted(known, word) for word in words]
    count = math.prod(value_lists.count(values, key) for key, values in lists)
    refuse_too_many(count, most)
    _refuse_too_large(count, cloning.weight(c, task), source.name)
    axes = [_axis(task, known, key, value_lists.expanded(values), add) for key, values in lists]
    if twice := _twice(axis.key for axis in axes):
        raise InvalidValue(f"{shown(twice)} is given twice. Give all its values in one list.")
    return Sweep(axes, _names(name or source.name, axes))


def written_key(key: str) -> str:
    """Return a key as a word of a line has it: in double quotes where it would be read otherwise."""
    return value_lists.quoted(key) if any(char in '="' or char.isspace() for char in key) else key


def _parted(known: editing.Known, word: str) -> tuple[str, str]:
    """Return the key and the list of values of a word."""
    found = _QUOTED_KEY.match(word)
    if found is not None:
        return value_lists.unquoted(found[1]), word[found.end() :]
    return editing.assignment(known, word, "values to sweep", FORM)


def refuse_too_many(count: int, most: int = MOST) -> None:
    """Refuse a number of tasks to be made.

    Raises:
        InvalidValue: it is over ``MOST``, or over ``most``, which is as many as are made without question.
    """
    tasks = f"{'Over ' * (count > _COUNTABLE)}{min(count, _COUNTABLE):,} tasks"
    if count > MOST:
        raise InvalidValue(f"{tasks} are too many: a sweep makes at most {MOST:,}. Give fewer values.")
    if count > most:
        raise InvalidValue(f"This would make {tasks}. To make more than {most:,} at once, say so (--yes).")


def _refuse_too_large(count: int, weight: int, name: str) -> None:
    if count * weight > LARGEST:
        raise InvalidValue(
            f"The diff and the configuration of {shown(name)} take {weight / 2**20:.1f} MiB, and each of {count:,} "
            f"Drafts would have them: a sweep copies at most {LARGEST >> 20} MiB. Give fewer values."
        )


def _axis(task: str, known: editing.Known, key: str, values: list[str], add: bool) -> Axis:
    rows = [editing.edited(task, known, key, value, add) for value in values]
    name = f"{rows[0]['section']}/{rows[0]['name']}"
    _refuse_twice(name, rows)
    return Axis(name, rows)


def _refuse_twice(name: str, rows: list[dict[str, Any]]) -> None:
    seen: dict[str, str] = {}
    for row in rows:
        value, meaning = row["value"], _meaning(row)
        if meaning in seen:
            both = "" if seen[meaning] == value else f"{shown(seen[meaning])} is the same as "
            raise InvalidValue(f"{name} has a value twice: {both}{shown(value)}. Give each value once.")
        seen[meaning] = value


def _meaning(row: dict[str, Any]) -> str:
    """Return what a value is to the script: the same for ``0.1`` and ``1e-1`` where that is a number."""
    read = _SAME.get(row["type"].partition("/")[0])
    return repr(read(row["value"])) if read is not None and row["value"] else str(row["value"])


def _twice(keys: Iterable[str]) -> str:
    return next((key for key, times in Counter(keys).items() if times > 1), "")


# Names ------------------------------------------------------------------------------------------------------------


def _names(base: str, axes: list[Axis]) -> list[str]:
    """Return a name for each combination: ``resnet lr=0.1 seed=3``, with the values that vary.

    Where these would be too long or alike, they are cut and numbered.
    """
    keys = _short_keys(axes)
    varying = [(key, axis) for key, axis in zip(keys, axes, strict=True) if len(axis.rows) > 1]
    labels = [
        [f"{key}={safe_text(value, _VALUE_WIDTH, one_line=True)}" for value in axis.values]
        for key, axis in varying or list(zip(keys, axes, strict=True))
    ]
    names = [" ".join([_without(base, keys), *combination]) for combination in itertools.product(*labels)]
    if len(set(names)) == len(names) and max(map(len, names)) <= MAX_NAME:
        return names
    return [f"{name[: MAX_NAME - len(f' #{MOST}')]} #{number}" for number, name in enumerate(names, 1)]


def _short_keys(axes: list[Axis]) -> list[str]:
    """Return the name of each axis, with its section where several have the same."""
    names = [axis.key.partition("/")[2] for axis in axes]
    keys = [axis.key if names.count(name) > 1 else name for name, axis in zip(names, axes, strict=True)]
    return [safe_text(key, _KEY_WIDTH, one_line=True) for key in keys]


def _without(base: str, keys: list[str]) -> str:
    """Return a name without what it says of the values that are swept: its own would be wrong."""
    prefixes = tuple(f"{key}=" for key in keys)
    return " ".join(word for word in base.split(" ") if not word.startswith(prefixes)) or base
