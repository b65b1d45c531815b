"""Debug samples as plain cells: a sample's file goes in, rows of half-blocks, or of a ramp of characters, come out.

Or, for one look at its pixels, what a terminal with graphics of its own shows it by (``graphics``, ``terminal``).
``decode`` reads a picture of a few known formats with Pillow (the extra ``images``), with bounds on what that may cost;
``draw`` makes rows of it, or of the sentence that says why there is no picture. A file comes from a script, and may be
made to do harm. Nothing here imports Textual; ``tui.plots.painter`` calls it off the event loop.
"""
