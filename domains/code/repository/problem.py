"""A repository task as search sees it: where the repository lies, and the tests that everyone may run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ...protocol import DomainError
from .git import GitError, Store

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
    """The visible part of a repository record; its `repository` is relative to the folder of the task file.

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
    try:
        commit = Store(git_directory(source)).commit(_text(found, "commit", where))
    except GitError as error:
        raise DomainError(f"{where}, repository: {source} at {found['commit']!r}: {error}") from None
    lists = {field: names(found, field, where) for field in ("install", "packages")}
    return RepositoryProblem(
        source=str(source),
        commit=commit,
        visible=visible,
        runner=runner,
        commands=names(found, "commands", where) or ("python",),
        seconds=float(found.get("seconds") or 60.0),
        **lists,
    )


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
