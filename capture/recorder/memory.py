"""What must be remembered of a journal between two of its records, and from one recorder to the next.

It is kept in the writer's row and moves in the same transaction as the data, so a new recorder goes on exactly where
the last one stopped: which names the series ids stand for, unfinished lines, files that are followed, how the script
said it ended, and whether its environment has yet to be captured. Plain data; it reads and decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from store.records import Event, SeriesKey

from .console import Tail


@dataclass(slots=True)
class Memory:
    """The state of one writer's journal at a position."""

    series: dict[int, SeriesKey] = field(default_factory=dict)
    tails: dict[int, Tail] = field(default_factory=dict)
    """Unfinished console lines by stream number."""
    follows: dict[str, Event] = field(default_factory=dict)
    """The ``follow`` event of each followed stream; ``end`` is added when the script says where it stops."""
    iteration: int = 0
    """The newest iteration seen."""
    started: float = 0.0
    """The time of the ``start`` event, 0 before it."""
    taken: int = 0
    """Bytes of frames taken in, as acknowledged to the script."""
    end: Event | None = None
    """The script's own ``end`` event."""
    environment: Event | None = None
    """The ``start`` event, redacted, while its environment has not been captured yet."""
    monitor: bool = True
    """Whether the machine's load is to be reported in this task."""
    damaged: list[int] = field(default_factory=list)
    """Segments of which part could not be read: they are kept."""
    samples: int = 0
    """Debug samples taken in, which gives each of their files a name."""
    not_kept: int = 0
    """Records that the script had no room for, as far as they are counted in the task."""
    in_key: bool = False
    """Whether the last line was part of a private key that goes on."""

    def copy(self) -> Memory:
        """Return a copy that a batch may change; the original stays true if the batch cannot be stored."""
        return replace(
            self,
            series=dict(self.series),
            tails={stream: tail.copy() for stream, tail in self.tails.items()},
            follows={stream: dict(event) for stream, event in self.follows.items()},
            damaged=list(self.damaged),
        )

    def dump(self, clean: Callable[[str], str]) -> dict[str, Any]:
        """Return it as JSON-able data; ``clean`` takes the secrets out of unfinished lines."""
        return {
            "series": [[number, *key] for number, key in self.series.items()],
            "tails": {
                str(stream): clean(tail.held.decode("latin-1")) for stream, tail in self.tails.items() if tail.held
            },
            "in_key": self.in_key,
            "follows": self.follows,
            "iteration": self.iteration,
            "started": self.started,
            "taken": self.taken,
            "end": self.end,
            "environment": self.environment,
            "monitor": self.monitor,
            "damaged": self.damaged,
            "samples": self.samples,
            "not_kept": self.not_kept,
        }

    @classmethod
    def load(cls, data: dict[str, Any]) -> Memory:
        """Return what ``dump`` gave."""
        return cls(
            series={number: (title, series) for number, title, series in data.get("series", [])},
            tails={int(stream): Tail.stored(held) for stream, held in data.get("tails", {}).items()},
            follows=data.get("follows", {}),
            iteration=data.get("iteration", 0),
            started=data.get("started", 0.0),
            taken=data.get("taken", 0),
            end=data.get("end"),
            environment=data.get("environment"),
            monitor=data.get("monitor", True),
            damaged=data.get("damaged", []),
            samples=data.get("samples", 0),
            not_kept=data.get("not_kept", 0),
            in_key=data.get("in_key", False),
        )
