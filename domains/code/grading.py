"""Hidden tests, asked of a process of its own, which is told where they lie and answers with counts and no contents."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict
from typing import Any

from ..child import Child
from ..protocol import DomainError, Grade, Task
from .records import HiddenTests
from .sandboxes import AUTO

_START_SECONDS = 60.0
_SECONDS = 1_200.0


class Grader:
    """Runs hidden tests in another process, which has a sandbox of its own; started on first use.

    Args:
        strength: of the sandbox there, by its name.
        unsafe: run programs there without any wall.
    """

    def __init__(self, *, strength: str = AUTO, unsafe: bool = False) -> None:
        command = [sys.executable, "-P", "-m", "treewright.domains.code.grading_process", strength]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(part for part in sys.path if part)}
        self._process = Child(
            [*command, "--unsafe-no-sandbox"] if unsafe else command,
            start_seconds=_START_SECONDS,
            environment=environment,
        )

    def grade(self, task: Task, answer: str | None) -> Grade:
        """Whether an answer passes a task's hidden tests.

        Raises:
            DomainError: the hidden part is no place of hidden tests; or the process, its sandbox or the file failed, so
                there is no verdict.
        """
        if task.hidden is None:
            return Grade(None, "the task has no hidden tests")
        if answer is None:
            return Grade(False, "no answer")
        reply = self._ask(_place(task), answer)
        if "error" in reply:
            raise DomainError(reply["error"])
        total, passed = reply["total"], reply["passed"]
        if total == 0:
            return Grade(None, "the task has no hidden tests")
        detail = f"{passed} of {total} hidden tests passed"
        return Grade(passed == total, detail if reply["stage"] == "ready" else f"{detail}; stage {reply['stage']}")

    def wrong_with(self, task: Task) -> str | None:
        """Why a task's reference solution fails its visible or hidden tests; None where it passes them.

        Raises:
            DomainError: as for `grade`.
        """
        reply = self._ask(_place(task), None)
        found: str | None = reply.get("error") or reply["wrong"]
        return found

    def close(self) -> None:
        """Stops the process; the next question starts another."""
        self._process.close()

    def _ask(self, hidden: HiddenTests, answer: str | None) -> dict[str, Any]:
        try:
            return self._process.ask({"hidden": asdict(hidden), "answer": answer}, _SECONDS)
        except ChildProcessError as error:
            raise DomainError(f"the grading process does not start: {error}") from None
        except (TimeoutError, EOFError) as error:
            raise DomainError(f"the grading process gave no verdict: {error}") from None


def _place(task: Task) -> HiddenTests:
    if not isinstance(task.hidden, HiddenTests):
        raise DomainError(f"task {task.id!r}: hidden is a {type(task.hidden).__name__}; expected HiddenTests")
    return task.hidden
