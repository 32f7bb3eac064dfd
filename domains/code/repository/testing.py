"""A repository's tests, run in the sandbox: one verdict each, and what they say against those of the base commit."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..sandbox.protocol import Limits, Outcome, Program, Sandbox
from .problem import RepositoryProblem

_RUNNER = Path(__file__).with_name("runner.py")
_DISK = 256 << 20


@dataclass(frozen=True, slots=True)
class TestResult:
    """One test's verdict: "passed", "failed", "error"; with the end of its trace where it did not pass."""

    __test__ = False

    status: str
    message: str = ""

    @property
    def passed(self) -> bool:
        """Whether it passed."""
        return self.status == "passed"


def run_tests(
    sandbox: Sandbox, problem: RepositoryProblem, files: Mapping[str, bytes], tests: Sequence[str]
) -> dict[str, TestResult]:
    """Runs tests by name; one that gave no verdict (the run ended or took too long before) is an error.

    Raises:
        SandboxError: the sandbox failed; never the tests.
    """
    if not tests:
        return {}
    word = secrets.token_hex(16)
    asked = json.dumps({"word": word, "runner": problem.runner, "tests": list(tests)}).encode()
    program = Program(_RUNNER.read_text(encoding="utf-8"), stdin=asked, files=files)
    outcome = sandbox.run(program, limits(problem))
    found = _results(outcome, word)
    missing = TestResult("error", _why_missing(outcome))
    return {test: found.get(test, missing) for test in tests}


def judged_files(files: Mapping[str, bytes], reference: Mapping[str, bytes]) -> dict[str, bytes]:
    """A commit's files with the test files of another in place of its own, so that no patch is judged by its own tests.

    A test file is one below a folder `tests` or `*_testcases`, or one named `conftest.py`, `test_*` or `*_test.py`.
    """
    kept = {path: content for path, content in files.items() if not _is_test_file(path)}
    return kept | {path: content for path, content in reference.items() if _is_test_file(path)}


def _is_test_file(path: str) -> bool:
    *folders, name = path.split("/")
    named = name == "conftest.py" or name.startswith("test_") or name.endswith("_test.py")
    return named or any(folder == "tests" or folder.endswith("_testcases") for folder in folders)


def limits(problem: RepositoryProblem) -> Limits:
    """What one run of tests or of a command may use."""
    return Limits(seconds=problem.seconds, total_seconds=problem.seconds, disk=_DISK, output=1 << 20)


@dataclass(frozen=True, slots=True)
class Change:
    """What a commit did to the visible tests.

    Attributes:
        fixed, broken: tests that passed only after, and only before.
        failing: how many failed before.
    """

    fixed: tuple[str, ...]
    broken: tuple[str, ...]
    failing: int

    @property
    def worth(self) -> float | None:
        """max(0, fixed - broken) / failing, in [0, 1]; without failing tests 0 where any is broken, else unknown."""
        if self.failing == 0:
            return 0.0 if self.broken else None
        return max(0, len(self.fixed) - len(self.broken)) / self.failing


def change(before: Mapping[str, TestResult], after: Mapping[str, TestResult]) -> Change:
    """Compares two runs of the same tests."""
    fixed = tuple(test for test in before if after[test].passed and not before[test].passed)
    broken = tuple(test for test in before if before[test].passed and not after[test].passed)
    return Change(fixed, broken, sum(not result.passed for result in before.values()))


def _results(outcome: Outcome, word: str) -> dict[str, TestResult]:
    line = next((line for line in reversed(outcome.stdout.splitlines()) if line.startswith(word)), None)
    if line is None:
        return {}
    return {test: TestResult(status, message) for test, (status, message) in json.loads(line[len(word) :]).items()}


def _why_missing(outcome: Outcome) -> str:
    if outcome.ending == "timeout":
        return "the tests took too long"
    said = outcome.stderr.strip().splitlines()[-1:] or [""]
    return f"the run gave no verdict: {outcome.ending} {outcome.code} {said[0]}".strip()
