"""Word problems: one line of reasoning an action, the last line states the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..protocol import BadProposal, DomainError, Format, Grade, Observation, Step, Task
from .answers import canonical_answer, exact_number, final_answer
from .verifier import NotVerified, Verifier

MAX_LINE = 1_000
MAX_TASK = 20_000

_INSTRUCTION = "Solve the problem in short steps, one a line. End with the line: The answer is N."


@dataclass(frozen=True, slots=True)
class Reasoning:
    """A state: the problem and the lines written so far; `answer` is what the last one states, if it does."""

    task: str
    lines: tuple[str, ...] = ()
    answer: str | None = None


class WordProblems:
    """Problems in words with a short answer, mostly a number.

    The domain cannot tell whether an answer is right: the reward of the last step is None, and only `grade` sees the
    gold answer, a text in the task's hidden part.

    Args:
        max_steps: lines after which a path without an answer is cut.
        verifier: compares answers that are no plain numbers; by default one of this domain's own.
    """

    name = "math"
    restore: Literal["fork", "replay", "snapshot"] = "fork"

    def __init__(self, max_steps: int = 16, verifier: Verifier | None = None) -> None:
        if max_steps < 1:
            raise ValueError(f"max_steps is a number of lines and at least 1, not {max_steps}")
        self.max_steps = max_steps
        self._verifier = Verifier() if verifier is None else verifier

    def reset(self, task: Task) -> Reasoning:
        """The problem, nothing written yet.

        Raises:
            DomainError: the text is empty, or longer than 20,000 characters.
        """
        text = task.text.strip()
        if not text:
            raise DomainError(f"task {task.id!r} has an empty text; expected a problem in words")
        if len(text) > MAX_TASK:
            raise DomainError(f"task {task.id!r} has {len(text)} characters; at most {MAX_TASK} are read")
        return Reasoning(text)

    def observe(self, state: Reasoning) -> Observation:
        """The problem and the lines so far; the question asks for the answer once there is one."""
        what = "Are these steps right so far?" if state.answer is None else f"Is the answer {state.answer} right?"
        return Observation(
            instruction=_INSTRUCTION,
            task=state.task,
            path="".join(f"{line}\n" for line in state.lines),
            question=what,
            step=Format(("\n",), 80),
            solution=Format(("\n\n\n",), 320),
        )

    def parse(self, state: Reasoning, proposal: str) -> tuple[str, ...]:
        """The lines of a text, to the first that states the answer; empty ones between them are passed over.

        Raises:
            BadProposal: "ended", "empty", "repeated" or "format" (a line of more than 1,000 characters).
        """
        lines: list[str] = []
        for line in map(str.strip, proposal.splitlines()):
            if not line:
                continue
            _check_line(line, state, lines)
            lines.append(line)
            if final_answer(line) is not None:
                break
        if not lines:
            raise BadProposal("empty", "an empty proposal; expected a line of reasoning")
        return tuple(lines)

    def step(self, state: Reasoning, action: str) -> Step:
        """Writes one line; it ends the task if it states the answer, and is cut off after `max_steps` lines.

        Raises:
            BadProposal: "ended", "empty", "repeated" or "format".
        """
        _check_line(action, state, ())
        answer = final_answer(action)
        after = Reasoning(state.task, (*state.lines, action), answer)
        ended = answer is not None
        return Step(
            after,
            key=after.lines,
            reward=None if ended else 0.0,
            terminated=ended,
            truncated=not ended and len(after.lines) >= self.max_steps,
            answer=answer,
        )

    def grade(self, task: Task, answer: str | None) -> Grade:
        """Compares with the gold answer: plain numbers exactly, anything else by math-verify.

        An answer that cannot be compared (too costly to work out) is not correct, and the detail says so; a task that
        has no gold answer is not graded.

        Raises:
            DomainError: the gold answer is no text, or math-verify does not start.
        """
        if task.hidden is None:
            return Grade(None, "the task has no gold answer")
        if not isinstance(task.hidden, str):
            raise DomainError(f"task {task.id!r}: the gold answer is {task.hidden!r}; expected a text such as '18'")
        if answer is None:
            return Grade(False, "no answer")
        detail = f"{canonical_answer(answer)} against {canonical_answer(task.hidden)}"
        given, gold = exact_number(answer), exact_number(task.hidden)
        if given is not None and gold is not None:
            return Grade(given.same(gold), detail)
        try:
            return Grade(self._verifier.equal(task.hidden, answer), detail)
        except NotVerified as error:
            return Grade(False, f"not verified: {error}")


def _check_line(line: str, state: Reasoning, before: tuple[str, ...] | list[str]) -> None:
    if state.answer is not None:
        raise BadProposal("ended", f"the answer {state.answer} is given already; no line can follow")
    if not line or line != line.strip():
        raise BadProposal("empty", f"{line[:60]!r}: expected a line of text without white space around it")
    if len(line) > MAX_LINE or "\n" in line:
        raise BadProposal("format", f"a step is one line of at most {MAX_LINE} characters, not {len(line)}")
    if line in state.lines or line in before:
        raise BadProposal("repeated", f"{line[:60]!r} was written before")
