"""The git repository a script lies in: commit, branch, remote, and a diff that brings a fresh checkout to what ran.

Read with GitPython, imported only here because it asks for git at import. No external diff, no textconv, no file
system monitor runs (a repository's configuration may name any program); nothing in the repository changes: untracked
files are added to a copy of its index. Whatever git says no to becomes a note.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from git import Repo

UNTRACKED_EACH = 256 << 10
"""Bytes of an untracked file that is kept."""
UNTRACKED_TOTAL = 1 << 20
"""Bytes of all untracked files together."""
DIFF_LIMIT = 8 << 20
"""Bytes of a diff that is kept; a part of one would not apply."""
_MOST_UNTRACKED = 500
_LIST_LIMIT = 4 << 20
_TIMEOUT = 30.0
_DIFF = ("--binary", "--no-ext-diff", "--no-textconv", "--no-color", "--ignore-submodules=dirty", "--src-prefix=a/",
         "--dst-prefix=b/")  # fmt: skip
_CONFIG = ("core.fsmonitor=false", "core.safecrlf=false", "core.quotePath=true", "core.hooksPath=/dev/null")
_SOURCES = (".py", ".toml", ".yaml", ".yml", ".json", ".cfg", ".ini", ".sh", ".txt", ".cu", ".cpp", ".c", ".h")


@dataclass(slots=True)
class Repository:
    """What is known of a repository; ``root`` is empty if there is none."""

    root: str = ""
    url: str = ""
    branch: str = ""
    commit: str = ""
    diff: bytes = b""
    changed: list[str] = field(default_factory=list)
    """Paths of the files that differ from the commit."""
    notes: list[str] = field(default_factory=list)


class _TooMuch(Exception):
    """Git's answer is longer than we keep."""


def read(folder: str, wanted: Iterable[str] = ()) -> Repository:
    """Return the repository that ``folder`` is in.

    Args:
        folder: the script's.
        wanted: files that matter most among the untracked: the script, and the modules it imports.
    """
    found, above = Repository(), _above(folder)
    os.environ["GIT_PYTHON_REFRESH"] = "quiet"
    try:
        import git
    except ImportError as error:
        found.notes.append(f"the repository could not be read: {error}")
        return found
    if not folder or above is None:
        return found
    if shutil.which("git") is None:
        found.notes.append("the repository could not be read: there is no git on this machine's PATH")
        return found
    try:
        with git.Repo(folder, search_parent_directories=True) as repo:
            _read(repo, found, [os.path.realpath(path) for path in wanted if path])
    except (git.InvalidGitRepositoryError, git.NoSuchPathError):
        found.notes.append(f"{above} is not a repository that git can read")
    except (git.GitError, OSError, ValueError) as error:
        found.notes.append(f"the repository could not be read: {_said(error)}")
    return found


def commit_at(folder: str) -> str:
    """Return the commit that the repository of a folder is at, empty where that cannot be told."""
    os.environ["GIT_PYTHON_REFRESH"] = "quiet"
    try:
        import git
    except ImportError:
        return ""
    if _above(folder) is None or shutil.which("git") is None:
        return ""
    try:
        with git.Repo(folder, search_parent_directories=True) as repo:
            return _commit(repo)
    except (git.GitError, OSError, ValueError):
        return ""


def _above(folder: str) -> str | None:
    """Return the nearest folder with a ``.git``, None if there is none: then git need not be asked at all."""
    here = Path(os.path.realpath(folder))
    return next((str(path) for path in (here, *here.parents) if (path / ".git").exists()), None)


def _read(repo: Repo, found: Repository, wanted: list[str]) -> None:
    if repo.working_tree_dir is None:
        found.notes.append("the repository is a bare one: there is nothing to compare with")
        return
    root = str(repo.working_tree_dir)
    _Git(repo).text("rev-parse", "--is-inside-work-tree")  # refuses a repository of somebody else, in git's own words
    found.root = root
    found.branch = _branch(repo)
    found.commit = _commit(repo)
    found.url = _url(repo, root)
    with _index_copy(repo) as index:
        runner = _Git(repo, index)
        base = found.commit or runner.text("hash-object", "-t", "tree", os.devnull)
        untracked = _add_untracked(runner, root, found, wanted)
        _diff(runner, base, found, untracked)
    if found.commit:
        _unpushed(_Git(repo), repo, found)
    else:
        found.notes.append("the repository has no commit yet: the diff holds all of its files")
    _submodules(_Git(repo), found)


def _branch(repo: Repo) -> str:
    try:
        return repo.active_branch.name
    except (TypeError, ValueError):
        return ""  # a detached head


def _commit(repo: Repo) -> str:
    try:
        return repo.head.commit.hexsha
    except ValueError:
        return ""  # nothing committed yet


def _url(repo: Repo, root: str) -> str:
    """Return the address of ``origin``, or of the first remote; the folder where there is none."""
    names = [remote.name for remote in repo.remotes]
    if not names:
        return root
    chosen = "origin" if "origin" in names else names[0]
    return str(next(repo.remotes[chosen].urls, root))


class _Git:
    """Git commands in a repository, under our flags, with a limit of bytes and seconds each."""

    def __init__(self, repo: Repo, index: str | None = None) -> None:
        self._git = repo.git
        self._environ = {"GIT_OPTIONAL_LOCKS": "0", "GIT_LITERAL_PATHSPECS": "1", "LC_ALL": "C", "GIT_PAGER": "cat"}
        if index is not None:
            self._environ["GIT_INDEX_FILE"] = index

    def run(self, command: str, *arguments: str, limit: int = _LIST_LIMIT) -> bytes:
        """Return a command's output.

        Raises:
            _TooMuch: it is longer than ``limit``.
            GitCommandError: git failed, or took too long.
        """
        with self._git.custom_environment(**self._environ):
            process: Any = getattr(self._git(c=list(_CONFIG)), command.replace("-", "_"))(*arguments, as_process=True)
        timer = threading.Timer(_TIMEOUT, process.proc.kill)
        errors: list[bytes] = []
        reader = threading.Thread(target=lambda: errors.append(process.stderr.read()), daemon=True)
        timer.start()
        reader.start()
        try:
            data: bytes = process.stdout.read(limit + 1)
            if len(data) > limit:
                process.proc.kill()
                raise _TooMuch
            reader.join(_TIMEOUT)
            process.wait(stderr=b"".join(errors))
            return data
        finally:
            timer.cancel()

    def text(self, command: str, *arguments: str) -> str:
        """Return a command's output as one stripped text."""
        return self.run(command, *arguments).decode("utf-8", "replace").strip()


@contextmanager
def _index_copy(repo: Repo) -> Iterator[str]:
    """Copy the index, so that untracked files can be added to it for the diff.

    As old as the original: git compares the contents of files that are not older than the index, which may have changed
    within the same tick of the clock.
    """
    index = Path(_Git(repo).text("rev-parse", "--git-path", "index"))
    source = index if index.is_absolute() else Path(str(repo.working_tree_dir), index)
    with tempfile.TemporaryDirectory(prefix="labtop-") as folder:
        copy = Path(folder, "index")
        if source.exists():
            shutil.copy2(source, copy)
        yield str(copy)


def _add_untracked(runner: _Git, root: str, found: Repository, wanted: list[str]) -> list[str]:
    """Add the untracked files that are kept to the copied index; return them, and say what is left out."""
    names = [name for name in _untracked(runner, root, found, wanted) if name and not name.endswith("/")]
    kept, left = _chosen(root, names, set(wanted))
    for start in range(0, len(kept), 100):
        runner.run("add", "--intent-to-add", "--force", "--", *kept[start : start + 100])
    if left:
        shown = ", ".join(left[:5]) + (f" and {len(left) - 5} more" if len(left) > 5 else "")
        found.notes.append(
            f"untracked files left out (over {UNTRACKED_EACH >> 10} KiB each or {UNTRACKED_TOTAL >> 20} MiB "
            f"together): {shown}"
        )
    return kept


def _untracked(runner: _Git, root: str, found: Repository, wanted: list[str]) -> list[str]:
    listing = ("ls-files", "--others", "--exclude-standard", "-z", "--")
    try:
        return os.fsdecode(runner.run(*listing)).split("\0")
    except _TooMuch:
        found.notes.append("there are too many untracked files: only the script's own modules were looked at")
    own = [os.path.relpath(path, root) for path in wanted[:500] if path.startswith(f"{root}/")]
    return os.fsdecode(runner.run(*listing, *own)).split("\0") if own else []


def _chosen(root: str, names: list[str], wanted: set[str]) -> tuple[list[str], list[str]]:
    """Return which untracked files are kept, the script's own first, sources next; and which are not."""
    environments = {os.path.dirname(name) for name in names if os.path.basename(name) == "pyvenv.cfg"}

    def weight(name: str) -> tuple[bool, bool, str]:
        return os.path.realpath(os.path.join(root, name)) not in wanted, not name.endswith(_SOURCES), name

    kept: list[str] = []
    left: list[str] = []
    total = 0
    for name in sorted(names, key=weight):
        if any(name.startswith(f"{folder}/") for folder in environments):
            continue
        size = _size(os.path.join(root, name))
        if size is None:
            continue
        if size > UNTRACKED_EACH or total + size > UNTRACKED_TOTAL or len(kept) >= _MOST_UNTRACKED:
            left.append(name)
            continue
        kept.append(name)
        total += size
    return kept, left


def _size(path: str) -> int | None:
    """Return a file's size, None for what is neither a file nor a link."""
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) or stat.S_ISLNK(found.st_mode) else None


def _diff(runner: _Git, base: str, found: Repository, untracked: list[str]) -> None:
    try:
        found.diff = runner.run("diff", *_DIFF, base, limit=DIFF_LIMIT)
    except _TooMuch:
        found.notes.append(f"the diff is larger than {DIFF_LIMIT >> 20} MiB and was not kept")
    try:
        names = runner.run("diff", "--name-only", "-z", "--no-ext-diff", "--ignore-submodules=dirty", base).split(b"\0")
    except _TooMuch:
        names = [os.fsencode(name) for name in untracked]
    found.changed = [os.path.join(found.root, os.fsdecode(name)) for name in names[:2000] if name]


def _unpushed(runner: _Git, repo: Repo, found: Repository) -> None:
    if repo.remotes and runner.text("rev-list", "-n1", "HEAD", "--not", "--remotes"):
        found.notes.append(f"the commit {found.commit[:8]} is not in any branch of a remote, as far as is known here")


def _submodules(runner: _Git, found: Repository) -> None:
    if not Path(found.root, ".gitmodules").exists():
        return
    lines = runner.text("submodule", "status").splitlines()
    missing = [line.split()[1] for line in lines if line.startswith("-") and len(line.split()) > 1]
    if missing:
        found.notes.append(f"submodules that are not checked out: {', '.join(missing[:10])}")
    changed = runner.text("diff", "--name-only", "--no-ext-diff", "--submodule=short", "HEAD").splitlines()
    clean = runner.text("diff", "--name-only", "--no-ext-diff", "--ignore-submodules=dirty", "HEAD").splitlines()
    dirty = sorted(set(changed) - set(clean))
    if dirty:
        found.notes.append(f"submodules with changes of their own, which are not kept: {', '.join(dirty[:10])}")


def _said(error: Exception) -> str:
    """Return git's own words in one line."""
    text = str(getattr(error, "stderr", "") or error).replace("stderr:", " ").strip().strip("'\"")
    return " ".join(text.split())[:300] or type(error).__name__
