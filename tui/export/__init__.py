"""What is shown as a file: a table as CSV, a chart as CSV or as a picture (SVG).

A screen or a pane says what there is to export (``what.Export``, or a sentence why nothing is); ``saving`` asks where
to and ``writing`` writes it in a query thread, rows as they come, so that ten million points are never in memory. What
the rows are is known to ``tasks``, ``series`` and ``figures``. Nothing here changes the store.
"""
