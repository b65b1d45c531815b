"""Charts as plain cells: from buckets of a series to rows of characters with a role each.

Nothing here knows Textual or the store's engine: ``decimate`` turns buckets into curves, ``smooth`` smooths them,
``ticks`` finds round numbers for the axes, ``adapter`` has plotext draw them and ``cache`` keeps what was drawn. All
of it may run in a thread; only ``adapter`` imports plotext.
"""
