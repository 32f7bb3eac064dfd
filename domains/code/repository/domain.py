"""Repository tasks: look, edit, test and finish, each state a commit."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from ...protocol import BadProposal, DomainError, Format, Grade, Observation, Step, Task
from ..grading import Grader
from ..sandbox.protocol import Sandbox
from ..sandboxes import SharedSandbox, strength_of
from .actions import INSTRUCTION, Action, read_action
from .checkouts import Checkouts
from .edits import edited
from .looks import look, run_block
from .problem import RepositoryProblem, own_repository
from .testing import Change, TestResult, change, judged_files, run_tests

_STEP = Format(("\nRESULT",), 600)
_RESULT_CHARACTERS = 3_000
_NOTES_CHARACTERS = 10_000


@dataclass(frozen=True, slots=True)
class Workspace:
    """A state: a commit, and what was done and seen on the way.

    Attributes:
        commit: the files as they are now.
        transcript: (action, result) pairs.
        python: the code blocks run so far; each one goes on where the one before ended.
        last: what the latest edit did to the visible tests.
    """

    text: str
    problem: RepositoryProblem
    commit: str
    transcript: tuple[tuple[str, str], ...] = ()
    python: tuple[str, ...] = ()
    last: Change | None = None


@dataclass(frozen=True, slots=True)
class Features:
    """What a patch looks like, for whoever chooses among several.

    Attributes:
        added, removed: lines.
        files: files touched.
    """

    added: int
    removed: int
    files: int


class CodeRepository:
    """Repositories repaired by actions; see `actions.INSTRUCTION` for what a model may write.

    Every state is a commit of a private clone, so that going back costs nothing and nothing is left behind; tests and
    commands run in the sandbox on a copy of the commit's files, and what they write is dropped. After each edit the
    visible tests are run: the state is worth max(0, fixed - broken) / failing, its patch is an answer, and it ends the
    task with reward 1.0 where all that failed pass and all that passed still do. Test files are taken from the first
    commit for that, so that no patch is judged by tests that it changed. "finish" ends the task as it stands.
    Where no visible test failed at the start, only the grader can tell: the reward of "finish" is left open unless a
    test broke. Hidden tests are run by `grade` alone, in another process.

    Args:
        sandbox: runs tests and commands: one that is open, or the strength of one, by its name; by default the
            strongest is opened on first use.
        max_steps: actions after which a path is cut.
        unsafe_no_sandbox: run them without any wall; only for repositories and models that you would trust by hand.
    """

    name = "code_repository"
    restore: Literal["fork", "replay", "snapshot"] = "fork"

    def __init__(
        self, sandbox: Sandbox | str | None = None, *, max_steps: int = 30, unsafe_no_sandbox: bool = False
    ) -> None:
        if max_steps < 1:
            raise ValueError(f"max_steps is a number of actions and at least 1, not {max_steps}")
        self.max_steps = max_steps
        self._given = sandbox
        self._unsafe = unsafe_no_sandbox
        self._sandboxes: dict[tuple[str, ...], SharedSandbox] = {}
        self._checkouts = Checkouts()
        self._results = lru_cache(maxsize=512)(self._run_visible)
        self._lock = threading.Lock()
        self._grader = Grader(strength=strength_of(sandbox), unsafe=unsafe_no_sandbox)

    def reset(self, task: Task) -> Workspace:
        """The repository at its first commit; the sandbox is opened here at the latest.

        Raises:
            DomainError: the task gives no repository, and its text is no record of one either.
            NoSandbox: no wall stands on this machine.
        """
        text, problem = (task.text, task.given) if task.given is not None else own_repository(task.text, task.id)
        if not isinstance(problem, RepositoryProblem):
            raise DomainError(
                f"task {task.id!r}: given is a {type(problem).__name__}; expected a RepositoryProblem, or None"
            )
        self._sandbox(problem)  # a search asks for its first states before it asks a model anything
        return Workspace(text, problem, problem.commit)

    def observe(self, state: Workspace) -> Observation:
        """The issue, and what was done and seen so far; the oldest results give way first."""
        return Observation(
            instruction=INSTRUCTION,
            task=state.text,
            path="",
            question="Does this work lead to a right repair?",
            step=_STEP,
            solution=_STEP,
            notes=_notes(state.transcript),
            kind=state.transcript[-1][0].split()[0] if state.transcript else "",
        )

    def parse(self, state: Workspace, proposal: str) -> tuple[Action, ...]:  # noqa: ARG002
        """The first action of a text.

        Raises:
            BadProposal: "format" or "path".
        """
        return (read_action(proposal),)

    def step(self, state: Workspace, action: Action) -> Step:
        """Does one action; what an edit or a look could not do is its result, for the next one to do better.

        Raises:
            BadProposal: "run" of a command that is not on the task's list.
            DomainError: git or the sandbox failed.
        """
        if action.kind == "finish":
            return self._finished(state)
        if action.kind in ("edit", "diff"):
            return self._edited(state, action)
        sandbox, problem, files, python = self._sandbox(state.problem), state.problem, self._files(state), state.python
        if action.kind == "python":
            result, kept = run_block(sandbox, problem, files, action.text, python)
            python = (*python, action.text) if kept else python
        else:
            result = look(sandbox, problem, files, action, self._search(state))
        after = replace(state, transcript=(*state.transcript, (action.title, _cut(result))), python=python)
        return self._step(after, ("look", action.title, action.text, result))

    def grade(self, task: Task, answer: str | None) -> Grade:
        """Applies the patch and the hidden tests' own to the first commit and runs them, in another process.

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

    def features(self, state: Workspace) -> Features:
        """The size of a state's patch."""
        lines = self._patch(state).splitlines()
        return Features(
            added=sum(line.startswith("+") and not line.startswith("+++ ") for line in lines),
            removed=sum(line.startswith("-") and not line.startswith("--- ") for line in lines),
            files=sum(line.startswith("diff --git ") for line in lines),
        )

    def close(self) -> None:
        """Removes the clones, closes what sandboxes were opened here, and stops the grading process."""
        self._checkouts.close()
        self._grader.close()
        with self._lock:
            for shared in self._sandboxes.values():
                shared.close()

    def _edited(self, state: Workspace, action: Action) -> Step:
        try:
            commit = edited(self._checkouts.store(state.problem), state.commit, action)
        except BadProposal as error:
            said = f"not done: {error}"
            after = replace(state, transcript=(*state.transcript, (action.title, _cut(said))))
            return self._step(after, ("not done", said))
        moved = replace(state, commit=commit)
        found, results = self._compared(moved)
        said = _told(found, results)
        after = replace(moved, transcript=(*state.transcript, (action.title, _cut(said))), last=found)
        tree = self._checkouts.store(state.problem).tree(commit)
        if found.failing and len(found.fixed) == found.failing and not found.broken:
            answer = self._patch(after)
            return Step(after, ("tree", tree), 1.0, terminated=True, answer=answer, measures=_counts(found))
        return self._step(after, ("tree", tree), found.worth)

    def _finished(self, state: Workspace) -> Step:
        if state.commit == state.problem.commit:
            raise BadProposal("unchanged", "nothing was changed; there is no patch to finish with")
        worth = None if state.last is None else state.last.worth
        return Step(state, ("finish",), worth, terminated=True, answer=self._patch(state))

    def _step(self, after: Workspace, key: tuple[str, ...], worth: float | None = None) -> Step:
        changed = after.commit != after.problem.commit
        worth = after.last.worth if worth is None and after.last is not None else worth
        return Step(
            after,
            key,
            truncated=len(after.transcript) >= self.max_steps,
            answer=self._patch(after) if changed else None,
            checked=worth if changed else None,
            measures=_counts(after.last) if changed and after.last is not None else {},
        )

    def _compared(self, state: Workspace) -> tuple[Change, Mapping[str, TestResult]]:
        results = self._results(state.problem, state.commit)
        return change(self._results(state.problem, state.problem.commit), results), results

    def _run_visible(self, problem: RepositoryProblem, commit: str) -> dict[str, TestResult]:
        """The visible tests' verdicts at a commit, its test files being those of the first one."""
        files = judged_files(self._checkouts.files(problem, commit), self._checkouts.files(problem, problem.commit))
        return run_tests(self._sandbox(problem), problem, files, problem.visible)

    def _files(self, state: Workspace) -> Mapping[str, bytes]:
        return self._checkouts.files(state.problem, state.commit)

    def _search(self, state: Workspace) -> Checkouts.Search:
        return self._checkouts.searcher(state.problem, state.commit)

    def _patch(self, state: Workspace) -> str:
        return self._checkouts.store(state.problem).diff(state.problem.commit, state.commit)

    def _sandbox(self, problem: RepositoryProblem) -> Sandbox:
        with self._lock:
            shared = self._sandboxes.get(problem.packages)
            if shared is None:
                workers = os.cpu_count() or 1
                shared = SharedSandbox(self._given, workers=workers, packages=problem.packages, unsafe=self._unsafe)
                self._sandboxes[problem.packages] = shared
        return shared.open()


def _counts(found: Change) -> dict[str, float]:
    """Tests broken, and the share of the failing ones that was repaired."""
    repaired = {"repaired": len(found.fixed) / found.failing} if found.failing else {}
    return {"broken": len(found.broken), **repaired}


def _told(found: Change, results: Mapping[str, TestResult]) -> str:
    failing = [test for test, result in results.items() if not result.passed]
    lines = [f"done. Visible tests: {len(results) - len(failing)} of {len(results)} pass"]
    lines += [f"fixed: {', '.join(found.fixed)}"] if found.fixed else []
    lines += [f"broken: {', '.join(found.broken)}"] if found.broken else []
    lines += [f"{test}: {results[test].message.strip()[-400:]}" for test in failing[:2]]
    return "\n".join(lines)


def _notes(transcript: tuple[tuple[str, str], ...]) -> str:
    """The newest actions and results that fit, oldest first."""
    parts: list[str] = []
    left = _NOTES_CHARACTERS
    for title, result in reversed(transcript):
        part = f"ACTION {title}\nRESULT\n{result}"
        if len(part) > left:
            parts.append(f"ACTION {title}\nRESULT (left out)")
            break
        parts.append(part)
        left -= len(part)
    return "\n\n".join(reversed(parts))


def _cut(text: str) -> str:
    text = text.strip("\n").rstrip()
    if len(text) <= _RESULT_CHARACTERS:
        return text
    half = _RESULT_CHARACTERS // 2
    return f"{text[:half]}\n... ({len(text) - 2 * half} characters left out)\n{text[-half:]}"
