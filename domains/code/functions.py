"""Function tasks: programs written against visible tests, run in a sandbox, judged by hidden tests."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache, partial
from typing import Literal, get_args

from ..protocol import BadProposal, DomainError, Format, Grade, Observation, Step, Task
from .drafts import Action, Draft, Granularity, OwnTests, Part, is_finished, read_parts, read_whole
from .findings import Findings, examine
from .grading import Grader
from .own_file import problem_of
from .problem import Problem, shown
from .programs import canonical
from .sandbox.protocol import Assertion, Sandbox
from .sandboxes import SharedSandbox, strength_of

_FENCE = "```python\n"
_INSTRUCTION = "You write correct Python. Answer with the whole program in one code block and nothing else."
_CHECKS = (
    "You test Python programs. Write at most 5 assert statements, one a line, that a correct program passes: "
    "ordinary and edge cases whose results you are sure of. Answer with one code block of assert statements alone."
)
_PROGRAM = Format(("```",), 512)
# What follows a function that tests call is of no use, and some models write it to their limit.
_FUNCTION = Format(("```", "\nif __name__", "\nprint(", "\nassert "), 512)
_PARTS: dict[Granularity, Format] = {"block": Format(("\n\n",), 200), "line": Format(("\n",), 100)}
_SHOWN_TESTS = 3
_SHOWN_CHARACTERS = 1_200


class CodeFunctions:
    """Functions, or programs that read and print, written against tests.

    An action is a whole program, which the next one may better after execution feedback; or a line or block of one.
    Each program is run against the visible tests: it ends the task with reward 1.0 when it passes them all (the model's
    own tests too, where it wrote some), else its state is worth a part (`Findings.worth`), and it is an answer all the
    same. Without any test the end's reward is left open. Hidden tests are run by `grade` alone, in another process.
    Two states are one when their programs are equal in canonical form and the same tests were run.

    Args:
        granularity: what a step is: "program", "block" (up to an empty line) or "line".
        sandbox: runs the programs: one that is open, or the strength of one, by its name (`STRENGTHS`), which then
            grades too. By default the strongest is opened on first use, with a worker for each core, and closed with
            this object or at exit.
        unsafe_no_sandbox: run programs without any wall; only for programs that you would run by hand.
    """

    name = "code"
    restore: Literal["fork", "replay", "snapshot"] = "fork"

    def __init__(
        self,
        granularity: Granularity = "program",
        sandbox: Sandbox | str | None = None,
        *,
        unsafe_no_sandbox: bool = False,
    ) -> None:
        if granularity not in get_args(Granularity):
            names = ", ".join(map(repr, get_args(Granularity)))
            raise ValueError(f"granularity is one of {names}, not {granularity!r}")
        self.granularity = granularity
        self._grader = Grader(strength=strength_of(sandbox), unsafe=unsafe_no_sandbox)
        self._shared = SharedSandbox(sandbox, workers=os.cpu_count() or 1, unsafe=unsafe_no_sandbox)
        # Models repeat themselves: the same program in the same task is run once.
        self._examined = lru_cache(maxsize=4096)(partial(_examined, self._shared))

    def reset(self, task: Task) -> Draft:
        """The problem with nothing written, or with the program to mend; the sandbox is opened here at the latest.

        Raises:
            DomainError: the text is empty, or a Python file that does not parse.
            NoSandbox: no wall stands on this machine.
        """
        if not task.text.strip():
            raise DomainError(f"task {task.id!r} has an empty text; expected a problem, or a Python file")
        problem = problem_of(task.text, task.id) if task.given is None else task.given
        if not isinstance(problem, Problem):
            raise DomainError(f"task {task.id!r}: given is a {type(problem).__name__}; expected a Problem, or None")
        self._shared.open()  # a search asks for its first states before it asks a model anything
        return Draft(task.text, problem, program=problem.starter or None)

    def observe(self, state: Draft) -> Observation:
        """The problem with its visible tests; the last program and what came of it as notes."""
        stepwise = self.granularity != "program"
        whole = _PROGRAM if state.problem.entry_point is None else _FUNCTION
        return Observation(
            instruction=_INSTRUCTION,
            task=_asked(state),
            path=_FENCE + (state.unfinished(self._separator) if stepwise else ""),
            question="Is this program right?" if state.program else "Is this program right so far?",
            step=_PARTS.get(self.granularity, whole),
            solution=whole,
            notes=_notes(state),
            checks=_CHECKS,
        )

    def parse(self, state: Draft, proposal: str) -> tuple[Action, ...]:
        """A program, its next part, or tests of the model's own where the text is nothing but assertions.

        Raises:
            BadProposal: "empty" or "format".
        """
        fenced = proposal.lstrip().startswith("```") and proposal.strip("`\n ") != ""
        if self.granularity == "program" or fenced:
            return (read_whole(state, proposal),)
        return read_parts(state, proposal, self.granularity)

    def step(self, state: Draft, action: Action) -> Step:
        """Runs a whole program against the visible tests; adds a part, or tests, without running anything.

        Raises:
            BadProposal: "repeated": the program equals the one that it is to better.
            SandboxError: the sandbox failed.
        """
        if isinstance(action, OwnTests):
            own = tuple(Assertion(f"own {number}", code) for number, code in enumerate(action.tests, 1))
            after = replace(state, own=own)
            key = ("tests", action.tests, state.steps, state.program)
            return Step(after, key, measures={"checks": len(own)})
        if isinstance(action, Part):
            steps = (*state.steps, action.code) if action.code else state.steps
            after = replace(state, steps=steps)
            code = after.unfinished(self._separator).rstrip()
            if not action.ends and not is_finished(code, state.problem.entry_point):
                return Step(after, ("part", steps, state.program))
            return self._ran(replace(after, steps=()), code)
        return self._ran(replace(state, steps=()), action.code)

    def grade(self, task: Task, answer: str | None) -> Grade:
        """Runs the hidden tests in another process.

        Raises:
            DomainError: the hidden part is no place of hidden tests, or the process gave no verdict.
        """
        return self._grader.grade(task, answer)

    def wrong_with(self, task: Task) -> str | None:
        """Why a task's reference solution fails its own tests, judged as an answer is; see `ChecksReferences`.

        Raises:
            DomainError: as for `grade`.
        """
        return self._grader.wrong_with(task)

    def close(self) -> None:
        """Closes the sandbox, if this object opened it, and stops the grading process."""
        self._shared.close()
        self._grader.close()

    @property
    def _separator(self) -> str:
        return "\n\n" if self.granularity == "block" else "\n"

    def _ran(self, state: Draft, code: str) -> Step:
        form = canonical(code)
        if state.program is not None and canonical(state.program) == form:
            raise BadProposal("repeated", "the program equals the one that it is to better")
        found = self._examined(state.problem, code, state.own)
        after = replace(state, program=code, findings=found)
        key = ("program", form, state.own)
        if found.solved:
            return Step(after, key, 1.0, terminated=True, answer=code, measures=_counts(found))
        if found.total == 0 and found.stage == "ready":
            return Step(after, key, None, terminated=True, answer=code)
        return Step(after, key, answer=code, checked=found.worth, measures=_counts(found))


def code_blocks(*, sandbox: Sandbox | str | None = None, unsafe_no_sandbox: bool = False) -> CodeFunctions:
    """Programs written block by block."""
    return CodeFunctions("block", sandbox, unsafe_no_sandbox=unsafe_no_sandbox)


def code_lines(*, sandbox: Sandbox | str | None = None, unsafe_no_sandbox: bool = False) -> CodeFunctions:
    """Programs written line by line."""
    return CodeFunctions("line", sandbox, unsafe_no_sandbox=unsafe_no_sandbox)


def _examined(shared: SharedSandbox, problem: Problem, code: str, own: tuple[Assertion, ...]) -> Findings:
    return examine(shared.open(), problem, code, own)


def _asked(state: Draft) -> str:
    """The text, with the visible tests that it does not show already."""
    missing = [text for text in map(shown, state.problem.visible) if text not in state.text]
    if not missing or state.problem.stem:
        return state.text
    return f"{state.text}\n\nIt must pass:\n{_joined(missing[:_SHOWN_TESTS])}"


def _notes(state: Draft) -> str:
    if state.program is None:
        return ""
    if state.findings is None:
        return f"The program to mend:\n{_FENCE}{state.program}\n```"
    return (
        f"Your last program:\n{_FENCE}{state.program}\n```\n{_result(state.findings)}\n"
        "Write the whole program again, with the mistake mended."
    )


def _counts(found: Findings) -> dict[str, float]:
    return {"passed": found.passed, "tests": found.total}


def _result(found: Findings) -> str:
    return f"What came of it: {found.feedback}"


def _joined(texts: Sequence[str]) -> str:
    joined = "\n".join(texts)
    return joined if len(joined) <= _SHOWN_CHARACTERS else f"{joined[:_SHOWN_CHARACTERS]} ..."
