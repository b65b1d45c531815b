"""The store: every table, every rule about states, every query.

Imports neither ``capture`` nor ``tui`` and uses relative imports only, because a training script may load this
package under a private name beside a user's own ``store`` module. Importing the package itself loads nothing: the
plain floor (lifecycle, errors, records, paths, clock, text) is the standard library; SQL comes in with
``store.models`` and ``store.engine``.
"""
