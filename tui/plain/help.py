"""What is said of the words that only make sense without a screen; those of the commands say it themselves."""

from __future__ import annotations

from tui.tabs import TABS

HELLO = "Type help for what can be done here, quit to leave."
OWN_HELP = (
    ("show", "Tell the screen again: the tasks, a task's tab, what was found."),
    ("more", "The next tasks."),
    ("projects", "The projects."),
    ("pick 2 3", "Have the commands act on these tasks of the list; pick alone: on none."),
    ("pick 2", "On a task's plots or samples: tell this one."),
    ("open 2", "Open a task, by its number in the list, its id or its name."),
    (" ".join(tab.name for tab in TABS), "A tab of the open task."),
    ("console 50", "The last lines of its console."),
    ("follow", "New lines of its console as they come, until Enter."),
    ("set Args/lr=0.1", "Change a value of a Draft's configuration; unset Args/lr takes it away."),
    ("watch", "Tell each task that changes its state, until Enter."),
    ("back", "Back to the tasks."),
)
