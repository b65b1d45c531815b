"""The runner's first file, started by its path with ``python -P``: finds our packages whatever PYTHONPATH says."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from capture.agent.runner import main

if __name__ == "__main__":
    sys.exit(main())
