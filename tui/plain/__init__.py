"""``tui --plain``: the dashboard line by line, for screen readers and terminals that cannot draw.

The app's own screens run without a terminal; what they show is written as whole lines (``telling``, ``speaking``),
their dialogs are asked as questions (``asking``), and what is typed goes to the same table of commands (``reader``).
Nothing is drawn again, coloured or placed, and nothing but notices is said that was not asked for. This package decides
nothing about tasks.
"""
