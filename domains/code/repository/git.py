"""A repository as a store of commits: files are read from a commit and changed into a new one, without a work tree."""

from __future__ import annotations

import os
import re
import subprocess
import tarfile
from collections.abc import Mapping, Sequence
from functools import lru_cache
from io import BytesIO
from pathlib import Path, PurePosixPath

from ...protocol import DomainError

_SECONDS = 120.0
_COMMIT = re.compile(r"[0-9a-f]{40}")
# A repository's own settings and hooks may run programs; none of them is read. Times are fixed, so that equal changes
# of one commit are one commit.
_SETTINGS = ("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "core.autocrlf=false")
_ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_AUTHOR_NAME": "treewright",
    "GIT_AUTHOR_EMAIL": "treewright@localhost",
    "GIT_COMMITTER_NAME": "treewright",
    "GIT_COMMITTER_EMAIL": "treewright@localhost",
    "GIT_AUTHOR_DATE": "2000-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2000-01-01T00:00:00Z",
    "LC_ALL": "C",
}


class GitError(DomainError):
    """A git command that failed; the message is git's own."""


class Store:
    """A private bare clone; the repository that it was made from is never written to.

    Its methods may be called from several threads: commits are values, and each call has an index of its own.

    Args:
        directory: a bare repository.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory.absolute()
        # Each state of a search reads the files of its commit several times: to view, to search, to test.
        self._files = lru_cache(maxsize=32)(self._read_files)

    @classmethod
    def cloned(cls, source: Path, directory: Path) -> Store:
        """A bare clone of a local repository, in a directory that does not exist yet.

        Raises:
            GitError: the source is no repository.
        """
        command = ["git", *_SETTINGS, "clone", "--quiet", "--bare", "--no-hardlinks", "--", str(source), str(directory)]
        _run(command, cwd=None)
        return cls(directory)

    @classmethod
    def made(cls, directory: Path, files: Mapping[str, bytes]) -> Store:
        """A new bare repository with these files as its first commit, under the branch "main".

        Raises:
            GitError: a path is none that git takes.
        """
        _run(["git", *_SETTINGS, "init", "--quiet", "--bare", "--initial-branch=main", str(directory)], cwd=None)
        store = cls(directory)
        tree = store._git("mktree", stdin=b"").decode().strip()
        empty = store._git("commit-tree", tree, "-m", "empty").decode().strip()
        store._git("update-ref", "refs/heads/main", store.changed(empty, files))
        return store

    def commit(self, name: str) -> str:
        """The full id of a commit.

        Raises:
            GitError: there is no such commit.
        """
        return self._git("rev-parse", "--verify", "--end-of-options", f"{name}^{{commit}}").decode().strip()

    def tree(self, commit: str) -> str:
        """The id of a commit's tree: equal for two commits exactly when their files are."""
        return self._git("rev-parse", "--verify", f"{_checked(commit)}^{{tree}}").decode().strip()

    def files(self, commit: str) -> Mapping[str, bytes]:
        """Every regular file of a commit by its path; links and submodules are left out."""
        return self._files(_checked(commit))

    def changed(self, commit: str, contents: Mapping[str, bytes | None]) -> str:
        """A new commit with these files written, or deleted where the content is None.

        Raises:
            GitError: a path is none that git takes.
        """
        index = self.directory / f"index-{os.urandom(8).hex()}"
        environment = {"GIT_INDEX_FILE": str(index)}
        try:
            self._git("read-tree", _checked(commit), environment=environment)
            lines = []
            for path, content in sorted(contents.items()):
                if content is None:
                    lines.append(f"0 {'0' * 40}\t{path}")
                    continue
                blob = self._git("hash-object", "-w", "--stdin", stdin=content).decode().strip()
                lines.append(f"100644 {blob}\t{path}")
            entries = "".join(f"{line}\0" for line in lines).encode()
            self._git("update-index", "-z", "--index-info", stdin=entries, environment=environment)
            tree = self._git("write-tree", environment=environment).decode().strip()
        finally:
            index.unlink(missing_ok=True)
        return self._git("commit-tree", tree, "-p", commit, "-m", "step").decode().strip()

    def applied(self, commit: str, patch: str, strip: int = 1) -> str:
        """A new commit with a unified diff applied.

        Args:
            commit: what it is applied to.
            patch: the diff.
            strip: leading folders of its paths that are none of the repository's: 1 for git's own a/ and b/.

        Raises:
            GitError: the diff does not apply, or would change a path outside the repository; git's own words say where.
        """
        index = self.directory / f"index-{os.urandom(8).hex()}"
        environment = {"GIT_INDEX_FILE": str(index)}
        try:
            self._git("read-tree", _checked(commit), environment=environment)
            text = patch if patch.endswith("\n") else f"{patch}\n"
            self._git("apply", "--cached", "--recount", f"-p{strip}", "-", stdin=text.encode(), environment=environment)
            tree = self._git("write-tree", environment=environment).decode().strip()
        finally:
            index.unlink(missing_ok=True)
        return self._git("commit-tree", tree, "-p", commit, "-m", "step").decode().strip()

    def diff(self, base: str, commit: str) -> str:
        """The unified diff between two commits."""
        return self._git("diff", "--no-color", "--no-ext-diff", _checked(base), _checked(commit), "--").decode(
            errors="replace"
        )

    def search(self, commit: str, pattern: str, limit: int) -> list[str]:
        """The first lines that match an extended regular expression, as "path:line:text".

        Raises:
            GitError: the pattern is none.
        """
        command = ["grep", "-I", "-n", "-E", "--no-color", "-e", pattern, _checked(commit), "--"]
        found = self._git(*command, accepted=(0, 1)).decode(errors="replace")
        return [line.split(":", 1)[1] for line in found.splitlines()[:limit]]

    def _read_files(self, commit: str) -> Mapping[str, bytes]:
        packed = self._git("archive", "--format=tar", commit)
        files: dict[str, bytes] = {}
        with tarfile.open(fileobj=BytesIO(packed)) as archive:
            for member in archive:
                content = archive.extractfile(member) if member.isfile() else None
                if content is not None:
                    files[member.name] = content.read()
        return files

    def _git(
        self,
        *arguments: str,
        stdin: bytes = b"",
        environment: Mapping[str, str] | None = None,
        accepted: Sequence[int] = (0,),
    ) -> bytes:
        command = ["git", *_SETTINGS, f"--git-dir={self.directory}", *arguments]
        return _run(command, cwd=self.directory, stdin=stdin, environment=environment, accepted=accepted)


def is_safe(path: str) -> bool:
    """Whether a path stays in its repository and out of git's own folder."""
    parts = PurePosixPath(path).parts
    outside = not parts or path.startswith("/") or ".." in parts or any(part.lower() == ".git" for part in parts)
    return not outside and "\0" not in path and "\n" not in path


def _checked(commit: str) -> str:
    if not _COMMIT.fullmatch(commit):
        raise GitError(f"{commit[:60]!r} is no commit id")
    return commit


def _run(
    command: Sequence[str],
    *,
    cwd: Path | None,
    stdin: bytes = b"",
    environment: Mapping[str, str] | None = None,
    accepted: Sequence[int] = (0,),
) -> bytes:
    surroundings = {"PATH": os.environ.get("PATH", os.defpath), **_ENVIRONMENT, **(environment or {})}
    try:
        done = subprocess.run(
            command, cwd=cwd, input=stdin, capture_output=True, env=surroundings, timeout=_SECONDS, check=False
        )
    except FileNotFoundError:
        raise GitError("repository tasks need git, which is not in the PATH") from None
    except subprocess.TimeoutExpired:
        raise GitError(f"git did not end within {_SECONDS:g} s") from None
    if done.returncode not in accepted:
        raise GitError(done.stderr.decode(errors="replace").strip()[:800] or f"git ended with {done.returncode}")
    return done.stdout
