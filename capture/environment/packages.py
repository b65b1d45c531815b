"""Which packages a script uses, and in which version: by reading it and the local modules it imports, running nothing.

Versions come from the metadata in the script's own ``sys.path``, which is not ours: the recorder may well run under
another interpreter. Local is what lies in an entry of that path which is neither the standard library nor a
``site-packages``; of an installed package only its name and version are looked at.
"""

from __future__ import annotations

import ast
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import Distribution, PathDistribution
from pathlib import Path

_MOST_FILES = 2000
_LARGEST = 1 << 20
_STANDARD = re.compile(r"(/python\d+\.\d+|/lib-dynload|\.zip)/?$")
_INSTALLED = ("site-packages", "dist-packages")
_METADATA = (".dist-info", ".egg-info")


@dataclass(slots=True)
class Found:
    """Packages by name with versions, the local files that were read, and what could not be."""

    versions: dict[str, str] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def scan(script: str, cwd: str, search: list[str], module: str = "") -> Found:
    """Return what a script and its local modules import directly.

    Args:
        script: the script's path, empty at a prompt.
        cwd: its folder, in place of a script.
        search: its ``sys.path``.
        module: its name, if it was run with ``-m``.
    """
    found = Found()
    if not script:
        return found
    scanner = _Scanner([entry for entry in search if _is_local(entry)] or [os.path.dirname(script) or cwd], found)
    scanner.read(script, module.split(".")[:-1] if module else [])
    outside = {name: sorted(dotted) for name, dotted in scanner.imported.items() if not _is_standard(name)}
    found.versions = dict(
        sorted(_versions(outside, [entry for entry in search if not _is_local(entry)] + scanner.roots))
    )
    return found


class _Scanner:
    """Follows imports from file to file."""

    def __init__(self, roots: list[str], found: Found) -> None:
        self.roots = roots
        self.found = found
        self.imported: dict[str, set[str]] = {}
        """Top-level names of modules that are not local, each with the dotted names imported."""
        self._seen: set[str] = set()

    def read(self, path: str, package: list[str]) -> None:
        """Read a file and the local modules it leads to; ``package`` is where it is, for relative imports."""
        waiting = [(path, package)]
        while waiting and len(self._seen) < _MOST_FILES:
            here, inside = waiting.pop()
            if here in self._seen:
                continue
            self._seen.add(here)
            self.found.files.append(here)
            for name in self._imports(here, inside):
                waiting += self._resolve(name)

    def _imports(self, path: str, package: list[str]) -> Iterator[str]:
        try:
            file = Path(path)
            if file.stat().st_size > _LARGEST:
                return
            tree = ast.parse(file.read_bytes())
        except (OSError, SyntaxError, ValueError, RecursionError) as error:
            self.found.notes.append(f"{path} could not be read for its imports: {type(error).__name__}")
            return
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = _base(node, package)
                if base:
                    yield base
                yield from (f"{base}.{alias.name}".lstrip(".") for alias in node.names if base or node.level)

    def _resolve(self, name: str) -> list[tuple[str, list[str]]]:
        """Return the local files that importing ``name`` reads; none if it is not local, which is then noted."""
        parts = name.split(".")
        if parts[0] == "capture":
            return []
        for root in self.roots:
            files = _local_files(root, parts)
            if files:
                return files
        self.imported.setdefault(parts[0], set()).add(name)
        return []


def _base(node: ast.ImportFrom, package: list[str]) -> str:
    if not node.level:
        return node.module or ""
    above = package[: len(package) - (node.level - 1)]
    return ".".join([*above, *(node.module.split(".") if node.module else [])])


def _local_files(root: str, parts: list[str]) -> list[tuple[str, list[str]]]:
    files: list[tuple[str, list[str]]] = []
    for depth in range(1, len(parts) + 1):
        stem = os.path.join(root, *parts[:depth])
        if os.path.isfile(f"{stem}/__init__.py"):
            files.append((f"{stem}/__init__.py", parts[:depth]))
        elif os.path.isfile(f"{stem}.py"):
            return [*files, (f"{stem}.py", parts[: depth - 1])]
        elif not os.path.isdir(stem):
            break
    return files


def _is_local(entry: str) -> bool:
    return bool(entry) and not _STANDARD.search(entry) and not any(word in entry for word in _INSTALLED)


def _is_standard(name: str) -> bool:
    return name in sys.stdlib_module_names or name in ("__main__", "capture", "store", "tui")


def _versions(imported: dict[str, list[str]], search: list[str]) -> Iterator[tuple[str, str]]:
    """Yield (distribution, version) of each imported name that some distribution brings."""
    known = _distributions(search)
    left = dict(imported)
    for name in imported:
        direct = known.get(_normal(name))
        if direct is not None and _brings(direct, [name]):
            yield direct.name, direct.version
            del left[name]
    for distribution in known.values() if left else ():
        if any(_brings(distribution, dotted) for dotted in left.values()):
            yield distribution.name, distribution.version


def _distributions(search: list[str]) -> dict[str, Distribution]:
    """Return the installed distributions by normalised name; the first in the path wins, as in an import."""
    found: dict[str, Distribution] = {}
    for entry in search:
        try:
            names = sorted(os.listdir(entry))
        except OSError:
            continue
        for name in names:
            if name.endswith(_METADATA):
                found.setdefault(_normal(name.split("-")[0]), PathDistribution(Path(entry, name)))
    return found


def _brings(distribution: Distribution, dotted: list[str]) -> bool:
    """Whether a distribution holds one of the modules; one without a list of files is believed by its name alone."""
    if "Name" not in distribution.metadata:
        return False
    record = distribution.read_text("RECORD") or distribution.read_text("SOURCES.txt") or ""
    if not record:
        return _normal(distribution.name) == _normal(dotted[0].split(".")[0])
    if any(f"\n{path}" in f"\n{record}" for name in dotted for path in _paths(name)):
        return True
    top = (distribution.read_text("top_level.txt") or "").split()
    return any(name.split(".")[0] in top for name in dotted) or _editable(distribution, dotted)


def _paths(name: str) -> list[str]:
    """Return how a file list shows a module: its own file, its folder, or (for a name in a module) its parent's."""
    stem = name.replace(".", "/")
    paths = [f"{stem}.py", f"{stem}/__init__", f"{stem}.cpython", f"{stem}.abi3", f"{stem}.so"]
    parent = name.rpartition(".")[0].replace(".", "/")
    return paths + ([f"{parent}.py", f"{parent}/__init__"] if parent else [f"{stem}/"])


def _editable(distribution: Distribution, dotted: list[str]) -> bool:
    if distribution.read_text("direct_url.json") is None:
        return False
    return any(_normal(distribution.name) == _normal(name.split(".")[0]) for name in dotted)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "_", name).lower()
