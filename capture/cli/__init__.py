"""The ``capture`` command: one table of verbs, thin functions over ``store``, three ways to print.

``table`` is the only place that knows which verbs and options exist; argparse, ``--help``, docs/cli.md and the tests
are made from it. What a verb does lives in a module of its own, imported when the verb is called, so that ``--help``
costs no SQL. Verbs never decide what a state allows (``store.lifecycle`` does) and print nothing that has not been
through ``store.safe``.
"""

from __future__ import annotations

import os
import sys


def _find_our_store() -> None:
    """Load our package ``store`` from beside this one: in the folder of a user's code another may come first."""
    path = list(sys.path)
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    try:
        import store  # noqa: F401 - what is loaded is found by all that import it later
    finally:
        sys.path[:] = path


_find_our_store()
