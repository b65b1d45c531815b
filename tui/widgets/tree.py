"""The project tree: every project with the number of tasks in it and below it; the first node is all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import TYPE_CHECKING, Any, ClassVar

from rich.segment import Segment
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from store.errors import InvalidValue, nearest
from store.text import lineage
from tui import format as form
from tui import keymap
from tui.baselines import Baselines, baselines_of

from .roll import Roll

if TYPE_CHECKING:
    from store.records import ProjectRow

BROAD = 160
"""From this width of the screen on the tree is a roomy one."""
NORMAL, ROOMY = 25, 46
"""Its widths beside a table; from the second on it shows the tasks of every state."""
LABEL = 13
"""Cells of a roomy tree that are left for names."""
COUNTED = ("running", "pending", "failed", "aborted", "draft", "completed", "published")
"""The states in the order in which they are looked for; where there is no room for all, the last are left out."""


@dataclass
class Node:
    """A line of the tree; ``path`` None is all projects. ``counts`` include the projects below."""

    path: str | None
    depth: int
    counts: dict[str, int] = field(default_factory=dict)
    parent: bool = False
    description: str = ""
    baseline: str = ""

    @property
    def label(self) -> str:
        """The last part of the path."""
        return "all projects" if self.path is None else self.path.rsplit("/", 1)[-1]

    @property
    def total(self) -> int:
        """Number of tasks in it and below it."""
        return sum(self.counts.values())


def within(path: str, project: str | None) -> bool:
    """Whether a project path is ``project`` (None: all) or below it."""
    return project is None or path == project or path.startswith(project + "/")


def nodes_of(projects: Sequence[ProjectRow]) -> list[Node]:
    """Return the lines of the tree with nothing folded: sorted by path, counts summed up from below.

    A project whose parents are not among ``projects`` brings them: a change names only the projects that tasks are in.
    """
    everything = Node(None, 0)
    by_path: dict[str, Node] = {}
    for project in sorted(projects, key=lambda row: row.path.split("/")):
        lines = [by_path.setdefault(path, Node(path, path.count("/"))) for path in lineage(project.path)]
        lines[-1].description, lines[-1].baseline = project.description, project.baseline
        for node in [everything, *lines]:
            for status, number in project.counts.items():
                node.counts[status] = node.counts.get(status, 0) + number
        for node in lines[:-1]:
            node.parent = True
    return [everything, *by_path.values()]


def _shown(project: ProjectRow | None) -> ProjectRow | None:
    return project and replace(project, activity=0.0)


def _hidden(path: str, folded: set[str]) -> bool:
    return any(above in folded for above in lineage(path)[:-1])


class ProjectTree(Roll):
    """Projects with a cursor; moving it shows that project's tasks."""

    BINDINGS: ClassVar[Any] = keymap.bindings("tree")

    class Chosen(Message):
        """The cursor stands on another project (``entered``: Enter was pressed on it)."""

        def __init__(self, path: str | None, entered: bool) -> None:
            super().__init__()
            self.path = path
            self.entered = entered

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, ProjectRow] = {}
        self.nodes: list[Node] = [Node(None, 0)]
        """What is shown of it."""
        self._every: dict[str | None, Node] = {None: self.nodes[0]}
        """What there is, folded away or not, by path."""
        self.folded: set[str] = set()
        self.baselines = Baselines()

    def show(self, projects: Sequence[ProjectRow]) -> None:
        """Show these projects."""
        self.rows = {project.id: project for project in projects}
        self._rebuild()

    def change(self, projects: Sequence[ProjectRow]) -> None:
        """Take changed projects. Of most only the activity differs, which is not shown here."""
        fresh = [project for project in projects if _shown(project) != _shown(self.rows.get(project.id))]
        self.rows.update({project.id: project for project in projects})
        if fresh:
            self._rebuild()

    def node(self, path: str | None) -> Node | None:
        """Return a project's node, also where it is folded away."""
        return self._every.get(path)

    def named(self, path: str) -> str:
        """Return the path of a project as somebody typed it.

        Raises:
            InvalidValue: there is none; the message names the nearest.
        """
        known = [each for each in self._every if each]
        found = path.strip().strip("/")
        if found not in known:
            raise InvalidValue(f"There is no project {path!r}.{nearest(found, known)}")
        return found

    @property
    def current(self) -> Node:
        """The line under the cursor."""
        return self.nodes[self.cursor]

    @property
    def chosen(self) -> str | None:
        """The project under the cursor, None for all."""
        return self.current.path

    def choose(self, path: str | None) -> None:
        """Put the cursor on a project, unfolding what hides it; nothing is posted."""
        for folded in [f for f in self.folded if path is not None and path.startswith(f + "/")]:
            self.folded.discard(folded)
        self._rebuild()
        self.go(next((n for n, node in enumerate(self.nodes) if node.path == path), 0))
        self.sync()

    def _rebuild(self) -> None:
        chosen = self.chosen
        self._every = {node.path: node for node in nodes_of(list(self.rows.values()))}
        self.nodes = [node for node in self._every.values() if not _hidden(node.path or "", self.folded)]
        self.baselines = baselines_of(self.rows.values())
        while chosen and all(node.path != chosen for node in self.nodes):
            chosen = chosen.rpartition("/")[0] or None
        self.go(next((n for n, node in enumerate(self.nodes) if node.path == chosen), 0))
        self.sync()

    # Moving -----------------------------------------------------------------------------------------------------

    @property
    def count(self) -> int:
        """Lines of the tree."""
        return len(self.nodes)

    def moved(self) -> None:
        """Tell the screen."""
        self.post_message(self.Chosen(self.chosen, entered=False))

    def action_open(self) -> None:
        """Go to the project's tasks."""
        self.post_message(self.Chosen(self.chosen, entered=True))

    def action_fold(self) -> None:
        """Fold the project; where there is nothing to fold, go to its parent."""
        node = self.current
        if node.path and node.parent and node.path not in self.folded:
            self.folded.add(node.path)
            self._rebuild()
        elif node.path:
            above = node.path.rpartition("/")[0] or None
            self.move_to(next((n for n, other in enumerate(self.nodes) if other.path == above), 0))

    def action_unfold(self) -> None:
        """Unfold the project."""
        if self.chosen in self.folded:
            self.folded.discard(self.chosen or "")
            self._rebuild()

    def on_click(self, event: events.Click) -> None:
        """A click chooses."""
        if 0 <= self.index_at(event.y) < self.count:
            self.move_to(self.index_at(event.y))

    # Drawing ----------------------------------------------------------------------------------------------------

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """Return how wide it is beside a table: that needs the room up to a broad screen."""
        return ROOMY if viewport.width >= BROAD else NORMAL

    def draw(self, y: int) -> Strip:
        """Return a line: the heading, or a project."""
        look, width = self.look, self.size.width
        if y == 0:
            style = look.style("bold accent" if self.has_focus else "dim")
            return Strip([Segment(form.fit(" projects", width), style)], width)
        index = self.index_at(y)
        if index >= self.count:
            return Strip.blank(width)
        return self._node(self.nodes[index], index == self.cursor, width)

    def _node(self, node: Node, here: bool, width: int) -> Strip:
        look = self.look
        ground = (" on cursor" if self.has_focus else " on idle_cursor") if here else ""
        numbers = self._numbers(node, width)
        room = width - 1 - sum(len(text) for text, _ in numbers)
        label = f"{'  ' * node.depth}{self._fold_mark(node, look.ascii)}{form.one_line(node.label, 200)}"
        pointer, weight = (">" if look.ascii else "▌", "bright") if here else (" ", "normal")
        segments = [
            Segment(pointer, look.style("accent" + ground)),
            Segment(form.fit(label, room, ascii_only=look.ascii), look.style(weight + ground)),
            *(Segment(text, look.style(style + ground)) for text, style in numbers),
        ]
        return Strip(segments, width)

    def _numbers(self, node: Node, width: int) -> list[tuple[str, str]]:
        """Counts at the right, below each other: of all tasks, and of those in each state there is room for."""
        parts = []
        for status, cells in self._columns(width):
            number = node.counts.get(status, 0)
            text = f"{form.status_glyph(status, self.look.ascii)}{number:,}" if number else ""
            parts.append((f"{text:>{cells}} ", status))
        return [*parts, (f"{node.total:>{len(f'{self.nodes[0].total:,}')},} ", "dim")]

    def _columns(self, width: int) -> list[tuple[str, int]]:
        """Return the states that have a column, with its cells: in a roomy tree as many as leave room for names."""
        counts = self.nodes[0].counts
        found = [(status, len(f"{counts[status]:,}") + 1) for status in COUNTED if counts.get(status)]
        if width < ROOMY:
            return [column for column in found if column[0] == "running"]
        left = width - LABEL - len(f"{self.nodes[0].total:,}") - 2
        taken = accumulate(cells + 1 for _, cells in found)
        return [column for column, used in zip(found, taken, strict=True) if used <= left]

    def _fold_mark(self, node: Node, ascii_only: bool) -> str:
        if node.path is None:
            return ""
        if not node.parent:
            return "  "
        open_mark, shut_mark = ("- ", "+ ") if ascii_only else ("▾ ", "▸ ")
        return shut_mark if node.path in self.folded else open_mark
