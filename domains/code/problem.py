"""A programming problem as search sees it: what is asked, and the tests that everyone may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..protocol import DomainError
from .programs import syntax
from .sandbox.protocol import Assertion, Exchange, Test

_MOST_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Problem:
    """What a task gives beside its text (`Task.given`).

    Attributes:
        entry_point: the function that must be there; None for a program that reads its input and prints.
        visible: the tests that search may run and show.
        header: put before every program: what the task's own text imports and defines.
        setup: run before the tests, in their process.
        stem: what a program that is written step by step begins with: the function's head.
        starter: a program to mend, shown at the root.
        seconds: limit for one test.
    """

    entry_point: str | None = None
    visible: tuple[Test, ...] = ()
    header: str = ""
    setup: str = ""
    stem: str = ""
    starter: str = ""
    seconds: float = 3.0


def read_test(given: object, name: str, where: str) -> Test:
    """A test of the documented form: a text of Python statements, or {"input": ..., "output": ...}.

    Raises:
        DomainError: it is neither, or the statements do not parse; `where` names it in the message.
    """
    if isinstance(given, dict) and isinstance(given.get("input"), str) and isinstance(given.get("output"), str):
        return Exchange(name, given["input"], given["output"])
    if not isinstance(given, str) or not given.strip():
        raise DomainError(
            f'{where}: {str(given)[:60]!r}; expected Python statements, or an object {{"input": ..., "output": ...}}'
        )
    try:
        syntax(given)
    except SyntaxError as error:
        raise DomainError(f"{where} does not parse: {error}: {given.strip()[:80]!r}") from None
    return Assertion(name, given.strip())


def read_seconds(found: Mapping[str, Any], default: float, where: str) -> float:
    """A record's limit for one test, or for one run of a repository's tests.

    Raises:
        DomainError: it is no number of seconds.
    """
    seconds = found.get("seconds", default)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds <= _MOST_SECONDS:
        raise DomainError(f"{where}, seconds: {seconds!r}; expected a number above 0, at most {_MOST_SECONDS}")
    return float(seconds)


def shown(test: Test) -> str:
    """A test as a model reads it."""
    if isinstance(test, Assertion):
        return test.code
    return f"Input:\n{test.stdin.rstrip()}\nOutput:\n{test.stdout.rstrip()}"
