"""Changing what a task was given: hyperparameters, user properties and configuration objects, one transaction a call.

What may be changed is decided by ``lifecycle`` alone. A caller that shows values and lets a person change them says
what it has shown (``expected``): a save over a value that somebody else has changed since is a ``Conflict``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import sqlalchemy as sa

from . import tables
from . import values as typed
from .engine import Store, Transaction
from .errors import Conflict, InvalidValue, NotFound, nearest
from .history import told
from .lifecycle import Action, check
from .text import shown, storable
from .transitions import subject

ANYTHING: Final = object()
"""Whatever is there may be replaced."""


def edit(
    store: Store,
    task: str,
    values: Mapping[str, typed.Given],
    *,
    by: str,
    add: bool = False,
    remove: Iterable[str] = (),
    expected: Mapping[str, str | None] | None = None,
) -> None:
    """Change hyperparameters of a Draft, or user properties (section ``properties``) of any task not Published.

    Args:
        store: where.
        task: the whole id.
        values: ``{"Section/name": value}``; a bare name will do where only one section has it. A value as
            ``typed.Given``: text keeps the parameter's type and description.
        by: who.
        add: make parameters that are not there yet instead of refusing them.
        remove: keys to take away.
        expected: ``{"Section/name": value}`` as the caller has seen them, None for one that was not there.

    Raises:
        NotFound: no such parameter (the message names the nearest) or task.
        InvalidValue: a value is not of the parameter's type, or a bare name stands in several sections.
        Conflict: a parameter is no longer what was expected.
        StateError: not possible in the task's state.
    """
    with told(store, task, by) as tx:
        change(tx, task, values, add=add, remove=remove, expected=expected)
        tx.touch(task)


def change(
    tx: Transaction,
    task: str,
    values: Mapping[str, typed.Given],
    *,
    add: bool = False,
    remove: Iterable[str] = (),
    expected: Mapping[str, str | None] | None = None,
) -> None:
    """Do what ``edit`` does, inside somebody's transaction."""
    found = subject(tx, task)
    there = known(tx, task)
    for key, value in (expected or {}).items():
        check(action_on(typed.split(key)[0]), found)
        _as_expected(key, value, there.get(typed.split(key), {}).get("value"))
    rows = [edited(task, there, key, given, add) for key, given in values.items()]
    gone = [_key(there, key, add=False) for key in remove]
    for section in {row["section"] for row in rows} | {section for section, _ in gone}:
        check(action_on(section), found)
    put_parameters(tx, rows)
    _remove_parameters(tx, task, gone)


def action_on(section: str) -> Action:
    """Return what an edit in a section of the hyperparameters is to the table of states."""
    return Action.PROPERTY if section == typed.PROPERTIES else Action.EDIT


def _as_expected(name: str, expected: object, now: object) -> None:
    if expected is not ANYTHING and now != expected:
        was, is_now = ("not there" if value is None else shown(value) for value in (expected, now))
        raise Conflict(f"Cannot save {name}: it was {was} and is {is_now} now. Look at it, then save it again.")


Known = dict[tuple[str, str], Mapping[str, Any]]
"""The rows of a task's parameters by section and name."""


def known(c: tables.Executes, task: str) -> Known:
    """Return the parameters of a task."""
    found = c.execute(sa.select(tables.parameter).where(tables.parameter.c.task_id == task)).mappings()
    return {(row["section"], row["name"]): dict(row) for row in found}


def edited(task: str, known: Known, key: str, given: typed.Given, add: bool) -> dict[str, Any]:
    """Return the row of a parameter with another value; refused as by ``edit``."""
    section, name = _key(known, key, add)
    old = known.get((section, name), {})
    text, kind, description = typed.parts(given)
    kind, description = kind or str(old.get("type", "")), description or str(old.get("description", ""))
    value = typed.checked(f"{section}/{name}", text, kind, description)
    return typed.row(task, f"{section}/{name}", (value, kind, description))


def assignment(known: Known, word: str, what: str = "an edit", form: str = "SECTION/KEY=VALUE") -> tuple[str, str]:
    """Return key and value of a word: split at the first =, or at a later one where only that leaves a known key.

    Raises:
        InvalidValue: there is no key and =; ``what`` and ``form`` say what it should have been.
    """
    names = {f"{section}/{name}" for section, name in known} | {name for _, name in known}
    signs = [at for at, char in enumerate(word) if char == "="]
    cut = next((at for at in signs if word[:at].strip() in names), signs[0] if signs else 0)
    if not word[:cut].strip():
        raise InvalidValue(f"Cannot read {shown(word)} as {what}: there is no key and =. Write {form}.")
    return word[:cut].strip(), word[cut + 1 :]


def _key(known: Known, key: str, add: bool) -> tuple[str, str]:
    exact = typed.split(key)
    if "/" in key and exact in known:
        return exact
    bare = [found for found in known if found[1] == key]
    if len(bare) == 1:
        return bare[0]
    if bare:
        sections = ", ".join(f"{section}/{name}" for section, name in sorted(bare))
        raise InvalidValue(f"{shown(key)} stands in several sections: {sections}. Write which one.")
    if add and all(exact):
        return exact
    raise NotFound(f"There is no parameter {shown(key)}.{_nearest(known, key)} To make a new one, say so (--add).")


def _nearest(known: Known, key: str) -> str:
    """Return which parameter may have been meant: one of that name in another section before one that looks like it."""
    same = [f"{section}/{name}" for section, name in known if name == typed.split(key)[1]]
    names = {f"{section}/{name}" for section, name in known} | {name for _, name in known}
    return nearest(key, same, likeness=0.0) or nearest(key, names)


def put_parameters(tx: Transaction, rows: list[dict[str, Any]]) -> None:
    """Write rows of the parameter table, over those of the same key."""
    if rows:
        tx.execute(tables.upsert(tables.parameter, tx.connection.dialect.name), rows)


def _remove_parameters(tx: Transaction, task: str, keys: Iterable[tuple[str, str]]) -> None:
    p = tables.parameter.c
    for section, name in keys:
        tx.execute(sa.delete(tables.parameter).where(p.task_id == task, p.section == section, p.name == name))


def configure(
    store: Store,
    task: str,
    name: str,
    text: str | None,
    *,
    by: str,
    type: str | None = None,
    description: str | None = None,
    expected: object = ANYTHING,
) -> None:
    """Set a configuration object of a Draft to ``text``, or take it away.

    Args:
        store: where.
        task: the whole id.
        name: its name; made if it is missing.
        text: what it shall be; None takes it away.
        by: who.
        type: its type; None leaves it.
        description: its description; None leaves it.
        expected: its text as the caller has seen it, None if it was not there.

    Raises:
        InvalidValue: no name.
        Conflict: it is no longer what was expected.
        StateError: not possible in the task's state.
    """
    t, name = tables.configuration.c, storable(name)
    own = sa.and_(t.task_id == task, t.name == name)
    with told(store, task, by) as tx:
        check(Action.EDIT, subject(tx, task))
        if not name.strip():
            raise InvalidValue("A configuration object needs a name. Write one.")
        _as_expected(name, expected, tx.execute(sa.select(t.text).where(own)).scalar_one_or_none())
        if text is None:
            tx.execute(sa.delete(tables.configuration).where(own))
        else:
            given = {"text": storable(text), "type": type, "description": description}
            row = {column: value for column, value in given.items() if value is not None}
            statement = tables.upsert(tables.configuration, tx.connection.dialect.name, only=list(row))
            tx.execute(statement, {"task_id": task, "name": name} | row)
        tx.touch(task)
