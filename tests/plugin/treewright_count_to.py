"""A domain from another package, count up to a number by ones and twos, and a suite of its tasks."""

from typing import Literal

from treewright.domains import BadProposal, DomainError, Format, Grade, Observation, Step, Task
from treewright.runs import SuiteSource


class CountTo:
    """Tasks read "Count to 5."; a state is (target, reached), an action adds 1 or 2, going past the target loses."""

    name = "count_to"
    restore: Literal["fork", "replay", "snapshot"] = "replay"

    def reset(self, task: Task) -> tuple[int, int]:
        digits = task.text.removeprefix("Count to ").rstrip(".")
        if not digits.isdecimal():
            raise DomainError(f"{task.text!r}; expected a text like 'Count to 5.'")
        return int(digits), 0

    def observe(self, state: tuple[int, int]) -> Observation:
        target, reached = state
        line = Format(("\n",), 4)
        actions = ("+1", "+2") if reached < target else ()
        question = f"Is {reached} at most {target}?"
        return Observation("Add 1 or 2.", f"Count to {target}.", f"{reached} ", question, line, line, actions)

    def parse(self, state: tuple[int, int], proposal: str) -> list[int]:
        words = proposal.split()
        if not words or any(word not in ("+1", "+2") for word in words):
            raise BadProposal("format", f"{proposal!r} after {state[1]}; expected +1 or +2")
        return [int(word) for word in words]

    def step(self, state: tuple[int, int], action: int) -> Step:
        target, reached = state[0], state[1] + action
        after, ended = (target, reached), reached >= target
        return Step(after, after, float(reached == target), terminated=ended, answer=str(reached) if ended else None)

    def grade(self, task: Task, answer: str | None) -> Grade:
        target = self.reset(task)[0]
        return Grade(answer == str(target), f"{answer} against {target}")


def counting(count: int, seed: int) -> list[Task]:
    """Targets from `seed` on."""
    return [Task(f"count-{target}", f"Count to {target}.") for target in range(seed + 1, seed + 1 + count)]


COUNTING = SuiteSource("count_to", "count to a number", "CC0-1.0", "as many as asked for", generate=counting)
