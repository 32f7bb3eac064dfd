"""Private clones of the repositories of a run, and what installing left beside their files."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path

from ...protocol import DomainError
from .git import Store
from .problem import RepositoryProblem, git_directory

_INSTALL_SECONDS = 1_800.0
_MAX_INSTALLED = 256 << 20


class Checkouts:
    """One bare clone a repository, in a temporary folder that goes with this object.

    Its methods may be called from several threads.
    """

    Search = Callable[[str, int], list[str]]

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._stores: dict[str, Store] = {}
        self._installed: dict[RepositoryProblem, dict[str, bytes]] = {}
        self._lock = threading.Lock()

    def store(self, problem: RepositoryProblem) -> Store:
        """The clone of a task's repository, made on first use.

        Raises:
            GitError: the repository is gone.
        """
        with self._lock:
            store = self._stores.get(problem.source)
            if store is None:
                place = self._place() / f"{len(self._stores)}.git"
                store = Store.cloned(git_directory(Path(problem.source)), place)
                self._stores[problem.source] = store
            return store

    def files(self, problem: RepositoryProblem, commit: str) -> Mapping[str, bytes]:
        """A commit's files, and beside them what the task's install command left.

        Raises:
            DomainError: the install command failed.
        """
        files = self.store(problem).files(commit)
        return {**self._install(problem), **files} if problem.install else files

    def searcher(self, problem: RepositoryProblem, commit: str) -> Callable[[str, int], list[str]]:
        """Searches a commit's files."""
        store = self.store(problem)
        return lambda pattern, limit: store.search(commit, pattern, limit)

    def close(self) -> None:
        """Removes the clones; the next use makes them again."""
        with self._lock:
            if self._folder is not None:
                self._folder.cleanup()
            self._folder = None
            self._stores.clear()

    def _place(self) -> Path:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="treewright-repositories-")
            weakref.finalize(self, self._folder.cleanup)
        return Path(self._folder.name)

    def _install(self, problem: RepositoryProblem) -> Mapping[str, bytes]:
        store = self.store(problem)
        with self._lock:
            if problem not in self._installed:
                self._installed[problem] = _installed(problem, store.files(problem.commit), self._place())
            return self._installed[problem]


def _installed(problem: RepositoryProblem, files: Mapping[str, bytes], place: Path) -> dict[str, bytes]:
    """What the install command leaves in a checkout beside the commit's own files."""
    with tempfile.TemporaryDirectory(prefix="install-", dir=place) as folder:
        root = Path(folder)
        for path, content in files.items():
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        try:
            done = subprocess.run(
                problem.install, cwd=root, env={**os.environ, "PWD": folder}, capture_output=True, text=True,
                timeout=_INSTALL_SECONDS, check=False, errors="replace",
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            raise DomainError(f"the install command of {problem.source} failed: {error}") from None
        if done.returncode != 0:
            said = (done.stderr or done.stdout).strip()[-500:]
            raise DomainError(f"the install command of {problem.source} ended with {done.returncode}: {said}")
        left: dict[str, bytes] = {}
        for file in sorted(root.rglob("*")):
            path = file.relative_to(root).as_posix()
            if file.is_file() and not file.is_symlink() and path not in files:
                left[path] = file.read_bytes()
    if sum(map(len, left.values())) > _MAX_INSTALLED:
        raise DomainError(f"the install command of {problem.source} left more than {_MAX_INSTALLED >> 20} MiB of files")
    return left
