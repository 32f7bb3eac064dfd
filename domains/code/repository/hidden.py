"""Hidden tests of a repository task; for the grading process only."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

from ..sandbox import open_sandbox
from ..sandbox.protocol import Sandbox
from .checkouts import Checkouts
from .git import GitError
from .problem import names, read_repository
from .testing import judged_files, run_tests


def repository_reply(
    sandbox: Sandbox,
    found: dict[str, Any],
    folder: Path,
    where: str,
    answer: str | None,
    *,
    strength: str,
    unsafe: bool,
) -> dict[str, Any]:
    """The verdict on a patch, or on the reference patch where it is None, as counts.

    Tests that import installed packages get a sandbox of their own, of the given strength, opened with those, without a
    wall if `unsafe`.
    All test files are those of the first commit with the tests' own patch applied, whatever the answer made of them. A
    reference patch must pass the visible tests too, as search runs them: without that patch.

    Raises:
        DomainError: the record, git, the install command or the sandbox failed.
    """
    problem, hidden = read_repository(found, folder, where), names(found, "hidden", where)
    patch = (found.get("solution") or "") if answer is None else answer
    if answer is None and not patch.strip():
        return {"wrong": f"{where} has no reference solution to check"}
    checkouts = Checkouts()
    try:
        store = checkouts.store(problem)
        try:
            commit = store.applied(problem.commit, patch) if patch.strip() else problem.commit
        except GitError as error:
            if answer is None:
                return {"wrong": f"{where}: the reference patch does not apply: {error}"}
            return {"passed": 0, "total": len(hidden), "stage": "patch"}
        tests = found.get("hidden_patch") or ""
        with_tests = store.applied(problem.commit, tests) if tests.strip() else problem.commit
        asked = (
            [(with_tests, hidden)] if answer is not None else [(problem.commit, problem.visible), (with_tests, hidden)]
        )
        with ExitStack() as stack:
            if problem.packages:
                sandbox = stack.enter_context(
                    open_sandbox(strength, workers=1, packages=problem.packages, unsafe_no_sandbox=unsafe)
                )
            failed = [
                test
                for judged_by, tests_of_it in asked
                for test, result in run_tests(
                    sandbox,
                    problem,
                    judged_files(checkouts.files(problem, commit), checkouts.files(problem, judged_by)),
                    tests_of_it,
                ).items()
                if not result.passed
            ]
    finally:
        checkouts.close()
    if answer is not None:
        return {"passed": len(hidden) - len(failed), "total": len(hidden), "stage": "ready"}
    return {"wrong": f"{where}: the reference patch fails test {failed[0]!r}" if failed else None}
