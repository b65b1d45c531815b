"""The texts of the home screen that follow from what it shows: its heading, and what an empty table says."""

from __future__ import annotations

from rich.text import Text

from tui import format as form
from tui.home_data import View
from tui.keymap import now
from tui.look import Look
from tui.widgets.tree import Node

NEW_STORE = [
    ("Add three lines to a training script and run it:", "normal"),
    ("", "normal"),
    ("from capture import Task", "accent"),
    ('task = Task.init(project_name="vision/digits", task_name="first try")', "accent"),
    ('task.get_logger().report_scalar("loss", "train", value=loss, iteration=step)', "accent"),
    ("", "normal"),
    ("It appears here while it runs. An unchanged script: capture run SCRIPT", "dim"),
]

EMPTY_STORE = [("No tasks yet.", "normal"), *NEW_STORE]


def why_empty(view: View) -> list[tuple[str, str]]:
    """Return the lines (text, style) in place of rows."""
    if view.text:
        ways = f"Change it ({now('home.filter')}), or clear it ({now('home.clear')})."
        return [(f"No task fits the filter. {ways}", "dim")]
    if view.archived:
        return [("Nothing is archived here. Back to the tasks with :archived", "dim")]
    if view.project is not None:
        return [(f"No tasks in this project. The tree ({now('pane.next')}) leads to the others.", "dim")]
    return EMPTY_STORE


def still(text: str) -> str:
    """Return the filter of the table, while another one that is typed cannot be read."""
    return f"The table still has the filter {form.one_line(text, 80)}." if text else "The table has no filter."


def last_time(text: str) -> str:
    """Return what is said of a filter that is in force from the last time on."""
    return f"The filter of last time is in force: {form.one_line(text, 80)}. {now('home.clear')} clears it."


def heading(view: View, node: Node | None, shown: int, marked: int, unseen: int, look: Look) -> Text:
    """Return project, how many tasks, states, filter, marks, and what the project is for.

    Args:
        view: what is shown.
        node: the project's line of the tree.
        shown: rows of the table.
        marked: how many tasks are marked.
        unseen: how many of those are none of these rows.
        look: how things are shown.
    """
    line = Text(no_wrap=True, end="")
    line.append(form.one_line(view.project or "all projects", 200), look.style("bold bright"))
    if view.archived:
        line.append("  ARCHIVE", look.style("bold yellow"))
    line.append(f"  {_how_many(view, node.total if node else 0, shown)}", look.style("normal"))
    for status in ("running", "pending", "failed") if view.plain and node else ():
        if node and node.counts.get(status):
            mark = form.status_glyph(status, look.ascii)
            line.append(f"  {mark}{node.counts[status]:,} {status}", look.style(status))
    if marked:
        line.append(f"  {marked:,} marked", look.style("bold accent"))
    if unseen:
        line.append(f", {unseen:,} not shown", look.style("yellow"))
    if view.text:
        line.append("  filter: ", look.style("dim"))
        line.append(form.one_line(view.text, 200), look.style("accent"))
    if node and node.description:
        line.append(f"  {form.one_line(node.description)}", look.style("dim"))
    return line


def _how_many(view: View, whole: int, shown: int) -> str:
    if view.plain or view.archived:
        return form.counted(whole if view.plain else shown, "archived task" if view.archived else "task")
    return f"{shown:,} of {max(whole, shown):,} tasks"  # the tree may know already of tasks that go
