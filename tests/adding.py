"""A small domain for the search's own tests: reach a total by adding 1, 2 or 3."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from treewright.domains.protocol import BadProposal, Format, Grade, Observation, Step, Task


@dataclass(frozen=True)
class Path:
    target: int
    added: tuple[int, ...] = ()


class Adding:
    """Adds numbers until a total is reached or passed; `listed` says whether the legal actions are shown."""

    name = "adding"

    def __init__(self, listed: bool = True, restore: Literal["fork", "replay"] = "fork", paid: bool = True) -> None:
        self.restore: Literal["fork", "replay", "snapshot"] = restore
        self.listed = listed
        self.paid = paid
        self.resets = 0

    def reset(self, task: Task) -> Path:
        assert task.hidden is None, "search must not see the hidden part of a task"
        self.resets += 1
        return Path(int(task.text))

    def observe(self, state: Path) -> Observation:
        path = "".join(f"{number} " for number in state.added)
        actions = ("1", "2", "3") if self.listed else ()
        step, solution = Format(("\n",), 4), Format((), 16)
        return Observation("Add up.", f"Reach {state.target}.", path, "Good?", step, solution, actions)

    def parse(self, state: Path, proposal: str) -> tuple[int, ...]:
        try:
            return tuple(int(word) for word in proposal.split())
        except ValueError:
            raise BadProposal("format", f"{proposal!r} is no list of numbers") from None

    def step(self, state: Path, action: int) -> Step:
        if action == 13:
            raise RuntimeError("the environment broke")
        if action not in (1, 2, 3):
            raise BadProposal("illegal", f"{action} is not 1, 2 or 3")
        after = Path(state.target, (*state.added, action))
        total = sum(after.added)
        over = total >= state.target
        reward = float(total == state.target) if self.paid or not over else None
        answer = str(total) if over else None
        return Step(after, after.added, reward, terminated=over, answer=answer)

    def grade(self, task: Task, answer: str | None) -> Grade:
        return Grade(answer == (task.hidden or task.text), f"{answer} against {task.hidden or task.text}")


def unpaid() -> Adding:
    """The same under another name than its own: only the grader tells a sum."""
    return Adding(paid=False)
