"""Hidden tests of a repository task; for the grading process only."""

from __future__ import annotations

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
    All test files are those of the first commit with the tests' own patch applied, whatever the answer made of them.

    Raises:
        DomainError: the record, git, the install command or the sandbox failed.
    """
    problem, hidden = read_repository(found, folder, where), names(found, "hidden", where)
    checkouts = Checkouts()
    try:
        store = checkouts.store(problem)
        patch = found.get("solution", "") if answer is None else answer
        try:
            commit = store.applied(problem.commit, patch) if patch.strip() else problem.commit
        except GitError as error:
            if answer is None:
                return {"wrong": f"{where}: the reference patch does not apply: {error}"}
            return {"passed": 0, "total": len(hidden), "stage": "patch"}
        tests = found.get("hidden_patch") or ""
        with_tests = store.applied(problem.commit, tests) if tests.strip() else problem.commit
        files = judged_files(checkouts.files(problem, commit), checkouts.files(problem, with_tests))
        if not problem.packages:
            results = run_tests(sandbox, problem, files, hidden)
        else:
            with open_sandbox(
                strength, workers=1, packages=problem.packages, unsafe_no_sandbox=unsafe
            ) as with_packages:
                results = run_tests(with_packages, problem, files, hidden)
    finally:
        checkouts.close()
    failed = [test for test, result in results.items() if not result.passed]
    if answer is not None:
        return {"passed": len(hidden) - len(failed), "total": len(hidden), "stage": "ready"}
    if not patch.strip():
        return {"wrong": f"{where} has no reference solution to check"}
    return {"wrong": f"{where}: the reference patch fails test {failed[0]!r}" if failed else None}
