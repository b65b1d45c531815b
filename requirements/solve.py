"""Solves the lock files anew: `make lock`.

One lock for what a user runs (with what the examples train on) and one that adds the tools of the tests. Each holds
for Python 3.11 to 3.13 on every platform, has the hash of every file, and names no index. Versions already locked are
kept as long as they fit; delete a lock first to take the newest of everything.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = {"demo": ["demo"], "test": ["demo", "postgres", "test", "dev"]}
OPTIONS = ["--universal", "--python-version=3.11", "--generate-hashes", "--no-header", "--no-emit-index-url", "--quiet"]


def solve(name: str, extras: list[str]) -> None:
    """Writes requirements/NAME.lock for the project with these extras."""
    chosen = [f"--extra={extra}" for extra in extras]
    sources = ["pyproject.toml", "requirements/build.in"]
    command = [sys.executable, "-m", "uv", "pip", "compile", "--no-config", *OPTIONS, *chosen, *sources]
    subprocess.run([*command, "--output-file", f"requirements/{name}.lock"], cwd=ROOT, check=True)


if __name__ == "__main__":
    for name, extras in LOCKS.items():
        solve(name, extras)
