"""Task files: JSONL in the documented form or in one of the published ones, visible and hidden tests apart."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..protocol import DomainError, Task
from .forms import Record
from .problem import Problem, read_seconds, read_test
from .records import HiddenTests, digest, lines, read_record
from .repository.problem import RepositoryProblem, names, read_repository
from .sandbox.protocol import Test


@dataclass(frozen=True, slots=True)
class Loaded:
    """The tasks of a file, and why each unusable line was left out."""

    tasks: tuple[Task, ...]
    left_out: tuple[str, ...] = ()


def read_tasks(path: Path | str) -> Loaded:
    """The tasks of a JSONL file (`.gz` too); a line that cannot be used is left out, with the reason.

    Hidden tests are looked at only to see that they parse, and are then dropped: a task keeps the place where they
    lie, and `CodeFunctions.grade` sends that place and the final answer to a process of its own.

    Raises:
        DomainError: the file cannot be read, or holds no usable task.
    """
    path = Path(path)
    tasks: dict[str, Task] = {}
    left_out = []
    for number, (offset, line) in enumerate(lines(path), 1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        try:
            found = read_record(line, where)
            given = read_given(found, path.parent, where)
            name = str(found.get("id") or f"{path.name.split('.')[0]}-{number}")
            if name in tasks:
                raise DomainError(f"{where}, id: {name!r} stands in an earlier line too")
            hidden = HiddenTests(str(path.absolute()), offset, digest(line))
            tasks[name] = Task(name, _text(found, "text", where), hidden, given)
        except DomainError as error:
            left_out.append(str(error))
    if not tasks:
        raise DomainError(f"{path} holds no usable task{': ' + left_out[0] if left_out else ''}")
    return Loaded(tuple(tasks.values()), tuple(left_out))


def read_given(found: Record, folder: Path, where: str) -> Problem | RepositoryProblem:
    """The visible part of a record, after a look whether its hidden tests can be used.

    Args:
        folder: the task file's, which a record's repository is relative to.

    Raises:
        DomainError: a field is not what it must be, or a test does not parse.
    """
    if "repository" in found:
        names(found, "hidden", where)
        for patch in ("hidden_patch", "solution"):
            _optional(found, patch, where)
        return read_repository(found, folder, where)
    read_hidden(found, where)
    return read_problem(found, where)


def read_problem(found: Record, where: str) -> Problem:
    """The visible part of a record.

    Raises:
        DomainError: a field is not what it must be.
    """
    entry = found.get("entry_point")
    if entry is not None and not (isinstance(entry, str) and entry.isidentifier()):
        raise DomainError(f"{where}, entry_point: {entry!r}; expected a function's name, or null for stdin and stdout")
    visible = _tests(found, "visible", where)
    texts = {field: _optional(found, field, where) for field in ("header", "setup", "stem", "starter")}
    return Problem(entry, visible, seconds=read_seconds(found, 3.0, where), **texts)


def read_hidden(found: Record, where: str) -> tuple[Test, ...]:
    """The hidden tests of a record.

    Raises:
        DomainError: one of them does not parse.
    """
    return _tests(found, "hidden", where)


def _tests(found: Record, field: str, where: str) -> tuple[Test, ...]:
    given = found.get(field) or []
    if not isinstance(given, list):
        raise DomainError(f"{where}, {field}: {str(given)[:60]!r}; expected a list of tests")
    names = (f"{field} {number}" for number in range(1, len(given) + 1))
    return tuple(read_test(test, name, f"{where}, test {name}") for test, name in zip(given, names, strict=True))


def _text(found: Record, field: str, where: str) -> str:
    value = found.get(field)
    if not isinstance(value, str) or not value.strip():
        raise DomainError(f"{where}, {field}: {value!r}; expected a text that is not empty")
    return value.rstrip()


def _optional(found: Record, field: str, where: str) -> str:
    value = found.get(field) or ""
    if not isinstance(value, str):
        raise DomainError(f"{where}, {field}: {value!r}; expected a text")
    return value
