"""What is drawn anew for a change: only the widgets that can be seen where it changed, and only their lines there.

Textual's compositor draws all widgets in the box around everything that changed, puts them together in pieces, and
makes text of those. The stage has a picture to put them into, so each cell that changed is asked of the one widget that
shows it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Console
from textual._compositor import ChopsUpdate, Compositor, CompositorUpdate
from textual.geometry import Region
from textual.strip import Strip

from . import internals

Spans = list[tuple[int, int]]
"""Columns of a line that are still to be drawn, each from and up to."""


class Changes(CompositorUpdate):
    """Where a screen changed, drawn once it is asked for.

    Args:
        compositor: knows where the widgets of the screen are.
        regions: what changed.
    """

    def __init__(self, compositor: Composer, regions: set[Region]) -> None:
        self._compositor = compositor
        self._regions = regions

    def whole(self) -> ChopsUpdate | None:
        """Return what Textual makes of it, drawn."""
        return self._compositor.chops(self._regions)

    def render_segments(self, console: Console) -> str:
        """Return what Textual sends of it."""
        update = self.whole()
        return update.render_segments(console) if update is not None else ""

    def pieces(self) -> Iterator[tuple[int, int, Strip]]:
        """Yield line, column and cells of everything that changed: of each cell what the widget in front shows."""
        left: dict[int, Spans] = {}
        for y, start, end in Compositor._regions_to_spans(self._regions):
            left.setdefault(y, []).append((start, end))
        for widget, (region, clip) in self._compositor.visible_widgets.items():
            seen = region.intersection(clip)
            lines = [y for y, spans in left.items() if seen.y <= y < seen.bottom and _meet(spans, seen)]
            if lines:
                crop = Region(seen.x, lines[0], seen.width, lines[-1] - lines[0] + 1)
                for y, strip in enumerate(widget.render_lines(crop.translate(-region.offset)), crop.y):
                    if left.get(y):
                        yield from _covered(left, y, seen, strip)
            if not any(left.values()):
                return


def _meet(spans: Spans, seen: Region) -> bool:
    return any(start < seen.right and end > seen.x for start, end in spans)


def _covered(left: dict[int, Spans], y: int, seen: Region, strip: Strip) -> Iterator[tuple[int, int, Strip]]:
    """Yield what a widget shows of a line; what is still to be drawn of it stays in ``left``."""
    spans, left[y] = left[y], []
    for start, end in spans:
        first, last = max(start, seen.x), min(end, seen.right)
        if first < last:
            yield y, first, strip.crop(first - seen.x, last - seen.x)
            left[y] += [span for span in ((start, first), (last, end)) if span[0] < span[1]]
        else:
            left[y].append((start, end))


class Composer(Compositor):
    """Textual's compositor, which says where the screen changed and leaves it to the stage to have it drawn."""

    def render_partial_update(self) -> Any:
        """Return what changed since the last time, not drawn yet; None if nothing did."""
        screen = self.size.region
        regions = {shown for region in self._dirty_regions if (shown := region.intersection(screen))}
        self._dirty_regions.clear()
        return Changes(self, regions) if regions else None

    def chops(self, regions: set[Region]) -> ChopsUpdate | None:
        """Return what Textual makes of the regions."""
        self._dirty_regions.update(regions)
        return super().render_partial_update()


class Composed:
    """A part of every screen: its changes are drawn for the stage, where there can be one."""

    _compositor: Compositor

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if internals.wanted() and not internals.problem():
            self._compositor = Composer()
