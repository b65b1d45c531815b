"""The dashboard: screens over the store, in the terminal.

Screens know keys and layout, widgets draw rows handed to them, ``tui.data`` is the only module that opens the store (in
threads, after the first paint). Nothing here imports ``capture``; the recorder is asked as a separate process.
"""
