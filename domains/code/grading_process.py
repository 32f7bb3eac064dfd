"""The program of the grading process: told where hidden tests lie and an answer, a JSON line each, it gives counts.

An answer of null stands for the task's reference solution, which is run against the visible tests too.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from ..protocol import DomainError
from .findings import limits, program_of
from .records import HiddenTests, record_at
from .repository.hidden import repository_reply
from .sandbox import NoSandbox, open_sandbox
from .sandbox.protocol import Sandbox
from .tasks import read_hidden, read_problem

_STRENGTH = sys.argv[1]
_UNSAFE = "--unsafe-no-sandbox" in sys.argv[2:]


def main() -> None:
    """Answers until the input ends."""
    try:
        opened = open_sandbox(_STRENGTH, workers=1, unsafe_no_sandbox=_UNSAFE)
    except NoSandbox as error:
        _write({"failed": str(error)})
        return
    with opened as sandbox:
        _write({"ready": True})
        for line in sys.stdin:
            asked = json.loads(line)
            try:
                _write(reply(sandbox, HiddenTests(**asked["hidden"]), asked["answer"]))
            except DomainError as error:
                _write({"error": str(error)})


def reply(sandbox: Sandbox, place: HiddenTests, answer: str | None) -> dict[str, Any]:
    """The verdict on an answer, or on the reference solution.

    Raises:
        DomainError: the file has changed, or the sandbox failed.
    """
    found = record_at(place)
    where = f"{place.path}, byte {place.offset}"
    if "repository" in found:
        return repository_reply(
            sandbox, found, Path(place.path).parent, where, answer, strength=_STRENGTH, unsafe=_UNSAFE
        )
    problem, hidden = read_problem(found, where), read_hidden(found, where)
    if answer is not None:
        report = sandbox.check(program_of(problem, answer), hidden, problem.setup, limits(problem))
        return {"passed": report.passed, "total": len(hidden), "stage": report.stage}
    solution = found.get("solution")
    if not isinstance(solution, str) or not solution.strip():
        return {"wrong": f"{where} has no reference solution to check"}
    tests = [*problem.visible, *hidden]
    report = sandbox.check(program_of(problem, solution), tests, problem.setup, limits(problem))
    if report.stage != "ready":
        return {"wrong": f"{where}: the reference solution fails at stage {report.stage}: {report.message[:300]}"}
    for verdict in report.verdicts:
        if verdict.status != "passed":
            return {"wrong": f"{where}: the reference solution fails test {verdict.test!r} ({verdict.status})"}
    return {"wrong": None}


def _write(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
