"""The output stage: between Textual's compositor and the terminal, sends only what changed.

Textual sends every dirty region whole. Here what changed is drawn (``compose``) into a picture of the screen
(``picture``), compared with what the terminal is known to show, and only the difference is sent (``encode``), one frame
at a time (``flow``, ``driver``). ``stage`` joins them to the app and steps back to Textual's own drawing when something
does not fit. Knows nothing of the store or of screens and widgets of ours.
"""
