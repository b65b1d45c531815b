"""``SeriesInfo``: a name of a later version (plots), so that scripts that import it start."""

from __future__ import annotations

from ..later import stand_in

SeriesInfo = stand_in("SeriesInfo")
