"""Selection by a sum of terms: over the whole tree, or from the root down."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from ..mcts import Forest
from .live import LiveTree
from .selection import Leaf, reserved
from .standing import Standing
from .terms import Mean, Term, action
from .tree import Node


@dataclass(frozen=True, slots=True)
class Scored:
    """The node of the highest sum of terms; of equal ones the first that was made.

    Attributes:
        terms: the addends.
        scope: "children" goes from the root down, at each node to the best child, until one that may be expanded;
            "tree" takes the best of all that may be.
        most: expansions of one node; above 1 its children come one request after the other.
        again: first words of the actions whose nodes may be expanded more than once; none stands for all.
        scale: what the values 0 and 1 stand for in the terms.
        temperature: None takes the best; else one of the candidates is drawn, by exp(score / temperature).
        floor: with "tree", where no candidate's own value is above it, the root is next as long as it may be expanded.
        depth: steps below where the descent starts behind which nothing is expanded.
    """

    terms: tuple[Term, ...] = field(default_factory=lambda: (Mean(),))
    scope: Literal["children", "tree"] = "children"
    most: int = 1
    again: tuple[str, ...] = ()
    scale: tuple[float, float] = (0.0, 1.0)
    temperature: float | None = None
    floor: float | None = None
    depth: int | None = None

    def __post_init__(self) -> None:
        if self.scope not in ("children", "tree"):
            raise ValueError(f"scope is 'children' or 'tree', not {self.scope!r}")
        if self.most < 1:
            raise ValueError(f"most is a number of expansions and at least 1, not {self.most}")
        if self.temperature is not None and self.temperature <= 0:
            raise ValueError(f"temperature is above 0, or None for the best, not {self.temperature}")

    @property
    def widens(self) -> bool:
        """Whether a node may be expanded more than once."""
        return self.most > 1

    def select(self, forest: Forest, trees: Sequence[LiveTree]) -> list[Leaf]:
        """The next node of each tree; none while one of the tree is in work."""
        found = [(live, self.next(Standing.of(forest, live, self.scale), live)) for live in trees if live.idle]
        return reserved(forest, [(live, node) for live, node in found if node is not None])

    def score(self, seen: Standing, node: Node) -> float:
        """The sum of the terms."""
        return sum(term(seen, node) for term in self.terms)

    def next(self, seen: Standing, live: LiveTree) -> int | None:
        """The node that is next; None where none may be expanded."""
        start = seen.tree.nodes[live.start]
        if self.scope == "tree":
            return self._frontier(seen, live, start)
        return self._down(seen, live, start)

    def able(self, seen: Standing, live: LiveTree) -> list[Node]:
        """All nodes that may be expanded now."""
        start = seen.tree.nodes[live.start]
        return [node for node in [start, *seen.below(start)] if self._may(live, node, start)]

    def _frontier(self, seen: Standing, live: LiveTree, start: Node) -> int | None:
        able = self.able(seen, live)
        if not able:
            return None
        if self.floor is not None and start in able and all(seen.own(node) <= self.floor for node in able):
            return start.id
        return self._best(seen, live, able).id

    def _down(self, seen: Standing, live: LiveTree, start: Node) -> int | None:
        node = start
        while not self._may(live, node, start):
            able = [child for child in seen.children(node) if self._leads(seen, live, child, start)]
            if not able:
                return None
            node = self._best(seen, live, able)
            if node.ended:
                break
        return node.id

    def _leads(self, seen: Standing, live: LiveTree, node: Node, start: Node) -> bool:
        """Whether something is left to be done at a node or below it; an end counts until it was visited."""
        if node.failure is not None:
            return False
        below = [node, *seen.below(node)]
        return any(self._may(live, under, start) or (under.ended and not seen.exhausted[under.id]) for under in below)

    def _may(self, live: LiveTree, node: Node, start: Node) -> bool:
        """Whether a node may be expanded now."""
        deep = self.depth is not None and node.depth - start.depth >= self.depth
        most = self.most if not self.again or node.id == start.id or action(node) in self.again else 1
        return (
            not (node.ended or deep or node.failure is not None)
            and live.expansions[node.id] - live.ahead[node.id] < most
        )

    def _best(self, seen: Standing, live: LiveTree, nodes: Sequence[Node]) -> Node:
        scores = [self.score(seen, node) for node in nodes]
        highest = max(scores)
        if self.temperature is None or math.isinf(highest):
            return nodes[scores.index(highest)]
        weights = [math.exp((score - highest) / self.temperature) for score in scores]
        (drawn,) = random.Random(live.seed + live.expansions.total()).choices(nodes, weights)
        return drawn
