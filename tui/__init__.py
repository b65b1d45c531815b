"""The dashboard: screens over the store, in the terminal.

Screens know keys and layout, widgets draw rows handed to them, ``tui.following`` alone opens the store and ``tui.data``
asks and changes it (in threads, after the first paint). Nothing here imports ``capture``; the recorder is asked as a
separate process.
"""
