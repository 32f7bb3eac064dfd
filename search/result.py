"""What a search gives back for one task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape

from ..domains.protocol import Grade, Task
from .budget import Cost
from .picture import picture
from .tree import Node, Tree


@dataclass(frozen=True, slots=True)
class Result:
    """One finished task.

    Attributes:
        task: the task.
        answer: the chosen answer; None where no path came to one.
        value: the worth of the answer's node: the domain's reward, else the value model's estimate; else 0.
        cost: what the search cost.
        tree: the finished tree.
        node: the answer's node in the tree, or None.
        stopped: "solved", "accepted" (an end whose value reached the recipe's gate), "exhausted", "failed" (independent
            draws that failed three times in a row), or the limit of the budget that was met.
        grade: the hidden verdict, taken after the answer was chosen; None before.
        dropped: proposals dropped, by reason.
        failures: what failed, as (node, error).
    """

    task: Task
    answer: str | None
    value: float
    cost: Cost
    tree: Tree
    node: int | None
    stopped: str
    grade: Grade | None = None
    dropped: Mapping[str, int] = field(default_factory=dict)
    failures: tuple[tuple[int, str], ...] = ()

    @property
    def solved(self) -> bool:
        """Whether the hidden checks passed."""
        return self.grade is not None and self.grade.correct is True

    @property
    def verdict(self) -> str:
        """The grade in a word: "correct", "wrong" or "ungraded"."""
        if self.grade is None or self.grade.correct is None:
            return "ungraded"
        return "correct" if self.grade.correct else "wrong"

    @property
    def path(self) -> list[Node]:
        """The nodes from the root to the answer; empty without one."""
        return [] if self.node is None else self.tree.path(self.node)

    def _repr_html_(self) -> str:
        """How a notebook shows the result: its verdict, answer and cost above its tree."""
        return f"<div><p>{escape(str(self))}</p>{picture(self.tree, self.node)}</div>"

    def __str__(self) -> str:
        return f"{self.task.id}: {self.answer!r} ({self.verdict}, value {self.value:.3f}, {self.stopped}; {self.cost})"
