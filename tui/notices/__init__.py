"""Notices: a task of the user's has ended, or a metric of one that goes on has turned NaN or infinite.

The feed's thread looks for them in what it reads anyway (``lookout``); in the app they are gathered for a moment and
told once (``teller``), in words and by what makes a terminal ring (``words``), and by the user's own command
(``command``); ``tui.noticing`` joins them to the app. Nothing here changes the store, and nothing is kept but the task
of the last notice.
"""
