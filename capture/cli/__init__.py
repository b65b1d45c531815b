"""The ``capture`` command: one table of verbs, thin functions over ``store``, three ways to print.

``table`` is the only place that knows which verbs and options exist; argparse, ``--help``, docs/cli.md and the tests
are made from it. What a verb does lives in a module of its own, imported when the verb is called, so that ``--help``
costs no SQL. Verbs never decide what a state allows (``store.lifecycle`` does) and print nothing that has not been
through ``store.safe``.
"""
