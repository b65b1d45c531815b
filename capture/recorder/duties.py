"""What the recorder does for the tasks of its host beside taking in their records, each when it is due."""

from __future__ import annotations

import logging

from .intake import Intake
from .jobs import Jobs
from .writers import Roster, Writer

log = logging.getLogger("labtop.recorder")


class Duties:
    """Aborts, the machine's load, environments and compaction."""

    def __init__(self, roster: Roster, intake: Intake, jobs: Jobs) -> None:
        self.roster = roster
        self.intake = intake
        self.jobs = jobs

    def do(self) -> None:
        """Do what is due."""

    def owed(self, writer: Writer) -> bool:
        """Whether something must still be done for a writer before its files may go."""
        return self.jobs.pending(writer.id)
