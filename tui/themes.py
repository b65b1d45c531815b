"""The palettes of ``look`` as Textual's themes, which its own widgets and the style sheets draw by."""

from __future__ import annotations

from collections.abc import Iterator

from textual.theme import Theme

from .look import COLOUR_BLIND, DARK, LIGHT, Look, Palette, fewer


def themes() -> Iterator[Theme]:
    """Yield every theme there is."""
    yield _theme("labtop-light", LIGHT, False)
    for name, palette in (("labtop-dark", DARK), ("labtop-colour-blind", COLOUR_BLIND)):
        yield _theme(name, palette, True)
        yield _theme(f"{name}-256", fewer(palette), True)


def theme_of(look: Look) -> str:
    """Return the name of a look's theme."""
    if not look.dark:
        return "labtop-light"
    name = "labtop-colour-blind" if look.scheme == "colour-blind" else "labtop-dark"
    return f"{name}-256" if look.few else name


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
