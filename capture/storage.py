"""``capture.storage``: names of a later version, so that scripts that import them start."""

from __future__ import annotations

from .later import stand_in

StorageManager = stand_in("StorageManager")
