"""Plans: subgoals that a model writes, work under the first of them, and nested searches with limits of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from ..domains.protocol import Domain, Format, Observation, State, Step
from ..mcts import Forest
from ..value_models.protocols import Prompt
from .expansion import Child, Expansion
from .live import LiveTree
from .operators import Operator, Request, sampling_of, user_text
from .scored import Scored
from .selection import Leaf, reserved
from .standing import Standing
from .tree import ROOT, Node

PLAN = "plan"

_FORMAT = Format(("\n\n",), 240)


@dataclass(frozen=True, slots=True)
class Plan:
    """Asks for what is left to do, as a list of subgoals; the list becomes a node that changes nothing.

    Below a node that has a plan already the model is asked to look at it again: to strike what is done, and to change
    what does not fit any more. What the whole list says is shown to all that is made below it (`FromAbove("plan")`).

    Attributes:
        most: subgoals.
        temperature: of the draw; 0 is greedy.
    """

    name: ClassVar[str] = "plan"
    kind: ClassVar[str] = PLAN
    whole: ClassVar[bool] = False
    draws: ClassVar[bool] = True
    most: int = 5
    temperature: float = 0.0

    def __post_init__(self) -> None:
        if self.most < 1:
            raise ValueError(f"most is a number of subgoals and at least 1, not {self.most}")

    def request(self, observation: Observation, seed: int) -> Request:
        """Asks for one list; what was done so far stands at the end of what the user says."""
        system = (
            f"Plan what is left to do, as at most {self.most} subgoals, one a line, the next one first. Leave out what "
            "is done, and change what does not fit what came of it. Write no solution."
        )
        done = f"{user_text(observation)}\n\nDone so far:\n{observation.path.strip() or 'nothing'}"
        sampling = sampling_of(_FORMAT, self.temperature, seed)
        return Request(Prompt(done, system, "1. ", sampling), 1)

    def children(
        self,
        domain: Domain,  # noqa: ARG002
        state: State,
        texts: Sequence[str],
        logprobs: Sequence[float] | None,  # noqa: ARG002
    ) -> Expansion:
        """One child with the list as its text, numbered from 1."""
        lines = [line.strip().lstrip("0123456789.)-*• ").strip() for line in "\n".join(texts).splitlines()]
        goals = [line for line in lines if line][: self.most]
        if not goals:
            return Expansion(())
        text = "\n".join(f"{number}. {goal}" for number, goal in enumerate(goals, 1))
        return Expansion((Child(text, (), Step(state, (PLAN, text)), {text: 0.0}, prior=1.0, acts=False),))


@dataclass(frozen=True, slots=True)
class Subgoals:
    """One nested search after the other, each under a plan and with limits of its own.

    The search under a plan goes from the plan's node. It is over when a state's value reaches `done`, when it has made
    `nodes` states, or when nothing is left to expand; its best state is then where the rest of the plan is planned
    anew, and the next search starts there. An end that is among the best is the end of the whole search.

    With a `simulator`, what would come of a state is written down once, before anything is tried there: a request that
    counts as an expansion of the budget, and not of the state. States where a nested search starts are left out.

    Attributes:
        inner: the nested search; it starts at `LiveTree.start`.
        planner: makes the plans.
        simulator: writes what would come of a state; None lets nobody do so.
        nodes: states that one nested search makes at most.
        done: a value from which a subgoal counts as reached.
    """

    widens: ClassVar[bool] = True
    inner: Scored = field(default_factory=Scored)
    planner: Plan = field(default_factory=Plan)
    simulator: Operator | None = None
    nodes: int = 10
    done: float = 0.9

    def __post_init__(self) -> None:
        if self.nodes < 1:
            raise ValueError(f"nodes is a number of states and at least 1, not {self.nodes}")

    def select(self, forest: Forest, trees: Sequence[LiveTree]) -> list[Leaf]:
        """The next node of each tree's nested search, or where a plan is due; none while one of the tree is in work."""
        chosen = []
        for live in trees:
            if live.idle and (found := self._next(forest, live)) is not None:
                node, operator = found
                live.ahead[node] += operator is not None and operator is self.simulator
                (leaf,) = reserved(forest, [(live, node)])
                chosen.append(Leaf(live, node, leaf.ticket, operator))
        return chosen

    def _next(self, forest: Forest, live: LiveTree) -> tuple[int, Operator | None] | None:
        """The next node, and who works on it where that is not the recipe's operator."""
        newest = live.tree.nodes[-1]
        if newest.kind == PLAN:
            live.start = newest.id
        elif live.start == ROOT:
            return None if live.expansions[ROOT] else (ROOT, self.planner)
        seen = Standing.of(forest, live, self.inner.scale)
        made = seen.below(live.tree.nodes[live.start])
        inner = None if self._is_over(made) else self.inner.next(seen, live)
        if inner is not None:
            return inner, None if inner == live.start or live.ahead[inner] else self.simulator
        best = max(made, key=lambda node: (node.worth, -node.id), default=None)
        if best is None or best.ended or live.expansions[best.id] - live.ahead[best.id] > self.inner.most:
            return None
        return best.id, self.planner

    def _is_over(self, made: Sequence[Node]) -> bool:
        return len(made) >= self.nodes or any(node.worth >= self.done for node in made)
