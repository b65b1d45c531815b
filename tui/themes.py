"""The palettes of ``look`` as Textual's themes, which its own widgets and the style sheets draw by."""

from __future__ import annotations

from collections.abc import Iterator

from textual.theme import Theme

from .look import COLOUR_BLIND, DARK, LIGHT, Look, Palette


def themes() -> Iterator[Theme]:
    """Yield every theme there is."""
    yield _theme("labtop-dark", DARK, True)
    yield _theme("labtop-light", LIGHT, False)
    yield _theme("labtop-colour-blind", COLOUR_BLIND, True)


def theme_of(look: Look) -> str:
    """Return the name of a look's theme."""
    if look.scheme == "colour-blind":
        return "labtop-colour-blind"
    return "labtop-dark" if look.dark else "labtop-light"


def _theme(name: str, palette: Palette, dark: bool) -> Theme:
    """Return a palette as a Textual theme."""
    return Theme(
        name=name,
        primary=palette.accent,
        secondary=palette.accent,
        accent=palette.accent,
        background=palette.background,
        surface=palette.background,
        panel=palette.raised,
        foreground=palette.normal,
        success=palette.green,
        warning=palette.yellow,
        error=palette.red,
        dark=dark,
        variables={
            "rule": palette.rule,
            "bright": palette.bright,
            "normal": palette.normal,
            "dim": palette.dim,
            "raised": palette.raised,
            "cursor": palette.cursor,
            "input-selection-background": palette.cursor,
            "input-cursor-background": palette.accent,
            "input-cursor-foreground": palette.background,
        },
    )
