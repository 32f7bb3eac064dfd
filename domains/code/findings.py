"""What running a program against its visible tests found, and what that is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .problem import Problem, shown
from .programs import defines, parse
from .sandbox.protocol import Assertion, Limits, Program, Sandbox, Test, Verdict

PARSES = 0.05
LOADS = 0.1
WRONG = 0.1
OWN_WEIGHT = 0.5

_SHOWN_FAILURES = 3
_SHOWN_CHARACTERS = 400
_TOTAL_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Findings:
    """How far a program came.

    Attributes:
        stage: "parse" (it is no Python), "load" (it fails before any test, or lacks its function), "ready".
        worth: in [0, 1]; see `examine`.
        passed, total: tests, the model's own ones included.
        feedback: what a model is told of it.
    """

    stage: Literal["parse", "load", "ready"]
    worth: float
    passed: int
    total: int
    feedback: str

    @property
    def solved(self) -> bool:
        """Whether there were tests, and all of them passed."""
        return 0 < self.total == self.passed


def examine(sandbox: Sandbox, problem: Problem, code: str, own: Sequence[Assertion] = ()) -> Findings:
    """Runs a program against the visible tests and the model's own ones.

    worth = 0 where it does not parse, 0.05 where it parses and does not load, else 0.1 + 0.9 sum(w c) / sum(w) over the
    tests: c is 1 for a test that passed, 0.1 for a wrong result, 0 for an exception or no result in time; w is 1 for a
    test that was given and 0.5 for one that the model wrote. Without tests a program that loads is worth 0.1.

    Raises:
        SandboxError: the sandbox failed; never the program.
    """
    tests: list[Test] = [*problem.visible, *own]
    tree = parse(code)
    if tree is not None and problem.entry_point is not None and not defines(tree, problem.entry_point):
        return Findings("load", PARSES, 0, len(tests), f"The program defines no function {problem.entry_point}.")
    report = sandbox.check(program_of(problem, code), tests, problem.setup, limits(problem))
    if report.stage != "ready":
        worth = 0.0 if report.stage == "parse" else PARSES
        said = "does not parse" if report.stage == "parse" else "fails before any test"
        return Findings(report.stage, worth, 0, len(tests), f"The program {said}: {_cut(report.message)}")
    weights = [1.0] * len(problem.visible) + [OWN_WEIGHT] * len(own)
    earned = (weight * _credit(verdict) for weight, verdict in zip(weights, report.verdicts, strict=True))
    worth = LOADS + (1 - LOADS) * sum(earned) / sum(weights) if tests else LOADS
    return Findings("ready", worth, report.passed, len(tests), _told(tests, report.verdicts, report.passed))


def program_of(problem: Problem, code: str) -> Program:
    """Code with the problem's header before it; the line numbers in messages are those of the whole."""
    source = f"{problem.header}\n\n{code}\n" if problem.header else f"{code}\n"
    return Program(source, defines=() if problem.entry_point is None else (problem.entry_point,))


def limits(problem: Problem) -> Limits:
    """What one check of a program may use."""
    return Limits(seconds=problem.seconds, total_seconds=max(_TOTAL_SECONDS, 2 * problem.seconds))


def _credit(verdict: Verdict) -> float:
    return {"passed": 1.0, "failed": WRONG}.get(verdict.status, 0.0)


def _told(tests: Sequence[Test], verdicts: Sequence[Verdict], passed: int) -> str:
    lines = [f"{passed} of {len(tests)} tests passed."]
    failed = [(test, verdict) for test, verdict in zip(tests, verdicts, strict=True) if verdict.status != "passed"]
    for test, verdict in failed[:_SHOWN_FAILURES]:
        why = "took too long" if verdict.status == "timeout" else _cut(verdict.message) or verdict.status
        lines.append(f"{_cut(shown(test))}\n  {why}")
        if verdict.output.strip():
            lines.append(f"  it printed: {_cut(verdict.output)}")
    return "\n".join(lines)


def _cut(text: str) -> str:
    text = text.strip()
    return (
        text
        if len(text) <= _SHOWN_CHARACTERS
        else f"{text[: _SHOWN_CHARACTERS // 2]} ... {text[-_SHOWN_CHARACTERS // 2 :]}"
    )
