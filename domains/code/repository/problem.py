"""A repository task as search sees it: where the repository lies, and the tests that everyone may run."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ...protocol import DomainError
from ..problem import read_seconds
from .git import GitError, Store

_SECONDS = 60.0

Runner = Literal["unittest", "pytest"]


@dataclass(frozen=True, slots=True)
class RepositoryProblem:
    """What a repository task gives beside its text (`Task.given`).

    Attributes:
        source: a local git repository; it is cloned and never written to.
        commit: where the work starts.
        visible: tests that search may run, by the runner's names for them.
        runner: "unittest" (dotted names) or "pytest" (node ids).
        install: a command that is run once, outside the sandbox, in a checkout of `commit`; what it leaves there beside
            the commit's files is put beside them in the sandbox too. It is the task's, never a model's.
        packages: installed packages that tests may import.
        commands: names that a "run" action may begin with.
        seconds: limit for one run of the tests or of a command.
    """

    source: str
    commit: str
    visible: tuple[str, ...] = ()
    runner: Runner = "unittest"
    install: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    commands: tuple[str, ...] = ("python",)
    seconds: float = 60.0


def read_repository(found: dict[str, Any], folder: Path, where: str) -> RepositoryProblem:
    """The visible part of a repository record; its `repository` is relative to a folder, mostly the task file's.

    Raises:
        DomainError: there is no such repository or commit, it has no tests, or a field is not what it must be.
    """
    source = (folder / _text(found, "repository", where)).resolve()
    runner = found.get("runner", "unittest")
    if runner not in ("unittest", "pytest"):
        raise DomainError(f"{where}, runner: {runner!r}; expected 'unittest' or 'pytest'")
    visible = names(found, "visible", where)
    if not visible and not names(found, "hidden", where):
        raise DomainError(f"{where}: the repository has no tests; expected names in visible or hidden")
    name = _text({"commit": "HEAD", **found}, "commit", where)
    try:
        commit = Store(git_directory(source)).commit(name)
    except GitError as error:
        raise DomainError(f"{where}, repository: {source} at {name!r}: {error}") from None
    lists = {field: names(found, field, where) for field in ("install", "packages")}
    return RepositoryProblem(
        source=str(source),
        commit=commit,
        visible=visible,
        runner=runner,
        commands=names(found, "commands", where) or ("python",),
        seconds=read_seconds(found, _SECONDS, where),
        **lists,
    )


def own_repository(text: str, name: str) -> tuple[str, RepositoryProblem]:
    """The issue and the repository of a task that is a record itself: one line of a task file, laid out as one likes.

    A repository's place is relative to the working directory.

    Raises:
        DomainError: the text is no such record; the message says what it must hold.
    """
    where = f"task {name!r}"
    try:
        found = json.loads(text)
    except ValueError as error:
        found = error
    if not isinstance(found, dict):
        raise DomainError(
            f"{where}: {text.strip()[:60]!r}; expected a JSON object with text, repository and visible, as in a task "
            'file: {"text": "what is wrong", "repository": "DIRECTORY", "visible": ["NAME OF A TEST"]}'
        )
    return _text(found, "text", where), read_repository(found, Path.cwd(), where)


def git_directory(source: Path) -> Path:
    """Where git keeps a repository: its `.git`, or the folder itself where it is bare.

    Raises:
        GitError: the folder is no repository.
    """
    if (source / ".git").is_dir():
        return source / ".git"
    if (source / "objects").is_dir():
        return source
    raise GitError(f"{source} is no git repository; clone it there first")


def names(found: dict[str, Any], field: str, where: str) -> tuple[str, ...]:
    """A field that is a list of texts.

    Raises:
        DomainError: it is something else.
    """
    given = found.get(field) or []
    if not isinstance(given, list) or not all(isinstance(item, str) and item for item in given):
        raise DomainError(f"{where}, {field}: {str(given)[:60]!r}; expected a list of texts")
    return tuple(given)


def _text(found: dict[str, Any], field: str, where: str) -> str:
    value = found.get(field)
    if not isinstance(value, str) or not value:
        raise DomainError(f"{where}, {field}: {value!r}; expected a text that is not empty")
    return value
