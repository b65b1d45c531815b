"""Screens: layout and keys. They fetch through ``tui.data`` and hand plain rows to the widgets."""
