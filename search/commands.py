"""Commands over the tree that the agent itself issues: branch and prune."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from ..domains.protocol import Domain, Observation, State, Step
from ..mcts import Forest
from .expansion import Child, Expansion, expand
from .live import LiveTree
from .operators import Propose, Request
from .selection import Leaf, reserved
from .shown import Source
from .tree import ROOT, Node, Tree

COMMAND = re.compile(r"^\s*(?P<what>branch|prune)\s*\[(?P<node>\d+)\]\s*\[?(?P<text>[^\]\n]*)\]?\s*$", re.IGNORECASE)

HELP = (
    "Instead of an action you may write one of these, alone:\n"
    "branch [ID] [INTENT]: work on a subgoal of plan ID from here on.\n"
    "prune [ID] [REASON]: give up what was done since plan ID, and go back to where it began."
)


@dataclass(frozen=True, slots=True)
class Act:
    """Asks for one step, or for a command over the tree; the numbers of the plans stand in the notes.

    A command becomes a child that changes nothing (AgentOccam, Yang et al. 2024).

    Attributes:
        n: proposals drawn in one request.
        temperature: of the draw; 0 is greedy.
    """

    name: ClassVar[str] = "act"
    kind: ClassVar[str] = "step"
    whole: ClassVar[bool] = False
    draws: ClassVar[bool] = True
    n: int = 1
    temperature: float = 0.5

    def request(self, observation: Observation, seed: int) -> Request:
        """The domain's instruction, and the commands."""
        told = replace(observation, instruction=f"{observation.instruction}\n{HELP}")
        return Propose(self.n, self.temperature, ranked=False).request(told, seed)

    def children(
        self, domain: Domain, state: State, texts: Sequence[str], logprobs: Sequence[float] | None
    ) -> Expansion:
        """Steps of the domain, and commands."""
        commands = list(dict.fromkeys(" ".join(text.split()) for text in texts if COMMAND.match(text)))
        steps = [i for i, text in enumerate(texts) if not COMMAND.match(text)]
        chances = None if logprobs is None else [logprobs[i] for i in steps]
        made = expand(domain, state, [texts[i] for i in steps], chances)
        share = len(commands) / (len(commands) + len(made.children)) if commands else 0.0
        for child in made.children:
            child.prior *= 1 - share
        given = [
            Child(text, (), Step(state, ("command", text)), {text: 0.0}, prior=share / len(commands), acts=False)
            for text in commands
        ]
        return Expansion((*made.children, *given), made.dropped)


@dataclass(frozen=True, slots=True)
class ToPlans:
    """The plans under which a node is worked on are shown with their numbers, and why the last one was given up."""

    judged: ClassVar[bool] = False

    def sources(self, tree: Tree, node: int) -> tuple[Source, ...]:
        """The branch commands above the node, and the prune command that led back there, where one did."""
        above = [step for step in tree.path(node) if _command(step) == "branch"]
        plans = [Source(step.id, feedback=f"this is plan {step.id}") for step in above]
        back = [step for step in tree.nodes if _command(step) == "prune" and _target(tree, step) == node]
        return (*plans, *(Source(step.id) for step in back[-1:]))


@dataclass(frozen=True, slots=True)
class Directed:
    """Goes where the agent says: on from the newest node, or back to a plan that it names.

    Attributes:
        judged: of several proposals the one that the value model likes best is followed; else the first.
        retries: times that a node is asked again when its proposals led nowhere.
    """

    widens: ClassVar[bool] = True
    judged: bool = False
    retries: int = 3

    def select(self, forest: Forest, trees: Sequence[LiveTree]) -> list[Leaf]:
        """The next node of each tree; none while one of the tree is in work."""
        found = [(live, self._next(live)) for live in trees if live.idle]
        return reserved(forest, [(live, node) for live, node in found if node is not None])

    def _next(self, live: LiveTree) -> int | None:
        tree, last = live.tree, live.frontier[0]
        made, live.seen = tree.nodes[live.seen :], len(tree.nodes)
        if made:
            chosen = max(made, key=lambda node: (node.worth if self.judged else 0.0, -node.id))
            if chosen.ended:
                return None
            target = _target(tree, chosen)
            live.frontier = [chosen.id if target is None else target]
            return live.frontier[0]
        again = live.expansions[last] <= self.retries + len(tree.nodes[last].children)
        return last if again and tree.nodes[last].failure is None else None


def _command(node: Node) -> str | None:
    """Which command a node is: "branch", "prune", or None for a step."""
    found = None if node.acts else COMMAND.match(node.text)
    return None if found is None else found["what"].lower()


def _target(tree: Tree, node: Node) -> int | None:
    """Where a prune command leads back to: a plan above it, or the root where it names none of them."""
    found = None if node.acts else COMMAND.match(node.text)
    if found is None or found["what"].lower() != "prune":
        return None
    plans = [above.id for above in tree.path(node.id) if _command(above) == "branch"]
    return int(found["node"]) if int(found["node"]) in plans else ROOT
