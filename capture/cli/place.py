"""``capture store …``: where the store is. Opens nothing."""

from __future__ import annotations

from store.paths import config_file

from .context import Context


def path(context: Context) -> int:
    """Print where the store is; a note on stderr if it is not where one would expect it."""
    location = context.location
    if context.out.json:
        context.out.object({
            "path": location.shown, "home": str(location.home), "engine": location.url.partition(":")[0].split("+")[0],
            "database": str(location.database) if location.is_sqlite else None, "exists": _exists(context),
            "spool": str(location.spool), "settings": str(config_file()), "note": location.note,
        })  # fmt: skip
    else:
        context.out.lines([location.shown])
    if location.note:
        context.out.say(location.note)
    return 0


def _exists(context: Context) -> bool | None:
    return context.location.database.exists() if context.location.is_sqlite else None
