"""Notices in words: one sentence for one task or for many, and what has a terminal ring or show it.

Stored texts are harmless here already: nothing of a name or a reason can end a sequence or begin another.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from store.lifecycle import Status, label
from store.news_records import Ended, NotFinite
from tui import format as form
from tui.columns import metric_name
from tui.output.tmux import passed_on

from .lookout import Found

GRAVEST = (Status.FAILED, Status.RUNNING, Status.ABORTED, Status.COMPLETED)
"""What is told of first: of a Running task there is nothing to tell but a metric."""
NAME, REASON, MESSAGE = 60, 100, 240
"""Characters of a name, of a failure's reason, and of what a terminal shows by itself."""
BELL = "\x07"


class News(NamedTuple):
    """What there is to tell of one task; ``about`` goes on where its name ends."""

    task: str
    name: str
    project: str
    status: str
    about: str

    @property
    def short(self) -> str:
        """As much of the name as a sentence has room for."""
        return form.one_line(self.name, NAME)

    @property
    def sentence(self) -> str:
        """The whole sentence."""
        return f'"{self.short}" ({form.short_id(self.task)}) {self.about}.'


def news_of(found: Sequence[Found]) -> list[News]:
    """Return what was found as one news a task, the gravest first."""
    tasks: dict[str, list[Found]] = {}
    for one in found:
        tasks.setdefault(one.task, []).append(one)
    return sorted(map(_of_task, tasks.values()), key=lambda news: GRAVEST.index(Status(news.status)))


def _of_task(found: list[Found]) -> News:
    """An end says more than what a metric was before it."""
    ends = [one for one in found if isinstance(one, Ended)]
    if ends:
        return _news(ends[-1], ends[-1].status, _ended(ends[-1]))
    metrics = [one for one in found if isinstance(one, NotFinite)]
    return _news(metrics[0], Status.RUNNING, _turned(metrics))


def _news(of: Found, status: str, about: str) -> News:
    return News(of.task, form.one_line(of.name), form.one_line(of.project), str(status), about)


def _ended(end: Ended) -> str:
    reason = form.one_line(end.reason, REASON).strip().rstrip(".") if end.status == Status.FAILED else ""
    return f"is {label(end.status)}" + (f": {reason}" if reason else "")


def _turned(metrics: list[NotFinite]) -> str:
    first, more = metrics[0], len(metrics) - 1
    name, value = form.one_line(metric_name((first.title, first.series)), NAME), form.number(first.value)
    others = f", {more} more {'are' if more > 1 else 'is'} NaN or infinite" if more else ""
    return f"is {label(Status.RUNNING)}, and {name} is {value} by iteration {first.iteration}{others}"


def sentence(news: Sequence[News]) -> str:
    """Return news as one sentence for what has ended and one for what turned NaN; many are counted."""
    ended = [one for one in news if one.status != Status.RUNNING]
    turned = [one for one in news if one.status == Status.RUNNING]
    return " ".join(part for part in (_told(ended, _counts(ended)), _told(turned, _NANS.format(len(turned)))) if part)


_NANS = "A metric of {:,} Running tasks is NaN or infinite."


def _told(news: Sequence[News], many: str) -> str:
    return many if len(news) > 1 else "".join(one.sentence for one in news)


def _counts(ended: Sequence[News]) -> str:
    counts = Counter(one.status for one in ended)
    states = [status for status in (*Status,) if counts[status]]
    if len(states) == 1:
        return f"{len(ended):,} tasks are {label(states[0])}."
    return f"{len(ended):,} tasks ended: {', '.join(f'{counts[status]:,} {label(status)}' for status in states)}."


def line(news: Sequence[News]) -> str:
    """Return the sentence as the dashboard says it: with how to go to the task, the gravest of many."""
    which = "it" if len(news) == 1 else f'"{news[0].short}"'
    return f"{sentence(news)} :notice opens {which}."


def is_grave(news: Sequence[News]) -> bool:
    """Whether anything has gone wrong: a task failed, or a metric is no number."""
    return news[0].status in GRAVEST[:2]


def signal(way: str, text: str, environ: Mapping[str, str] = os.environ) -> str:
    """Return what the terminal is sent besides, so that it rings or shows a notification; empty for nothing.

    Args:
        way: what is set as ``tui.notices``.
        text: the sentence, harmless.
        environ: says whether tmux is between.
    """
    if way == "bell":
        return BELL
    if way != "desktop":
        return ""
    shown = f"\x1b]9;labtop: {form.one_line(text, MESSAGE)}\x1b\\"  # a number first would be something else: progress
    return passed_on(shown.encode("utf-8", "replace"), environ).decode()
