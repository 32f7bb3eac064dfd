"""Simulation: a descent to a leaf, and on from there to an end, before anything is backed up."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from ..mcts import Forest
from .live import LiveTree
from .scored import Scored
from .selection import Descent, Leaf, Way, reserved
from .tree import Node


@dataclass(frozen=True, slots=True)
class Simulation:
    """One way after the other: down to a leaf, then from child to child; what the way brings is backed up once.

    The nodes that a way makes stay in the tree. A way is over at an end, where nothing can follow, or when `steps`
    nodes behind the leaf have been expanded and the next one is chosen.

    Attributes:
        down: finds the leaf.
        steps: nodes behind the leaf that are expanded at most; None goes on to an end.
        follow: the child to go on to: of the highest "value" (an end counts 0 among the leaf's own children), the
            highest "prior", or one "drawn" by how many proposals led to it.
        ends: where an end is among the children: "follow" treats it as any other child; "first" ends the way there,
            behind the leaf, with the best one (LATS); "skip" goes on to another child while there is one (Agent-R).
            With either of these, an end that a descent meets is passed over and brings nothing.
        n: proposals of an expansion behind the leaf; None draws as many as the operator says. With a number, such an
            expansion is a look ahead: the node is expanded in full when it is a leaf itself.
        times: ways that start at one leaf. Above 1, each draws its steps behind the leaf anew.
    """

    down: Descent | Scored = field(default_factory=Descent)
    steps: int | None = None
    follow: Literal["value", "prior", "drawn"] = "value"
    ends: Literal["follow", "first", "skip"] = "follow"
    n: int | None = None
    times: int = 1

    def __post_init__(self) -> None:
        for name, choices in (("follow", ("value", "prior", "drawn")), ("ends", ("follow", "first", "skip"))):
            if getattr(self, name) not in choices:
                raise ValueError(f"{name} is one of {', '.join(map(repr, choices))}, not {getattr(self, name)!r}")
        if self.steps is not None and self.steps < 0:
            raise ValueError(f"steps is a number of expansions and at least 0, not {self.steps}")
        if self.times < 1:
            raise ValueError(f"times is a number of ways and at least 1, not {self.times}")

    @property
    def widens(self) -> bool:
        """Whether a node may be expanded more than once."""
        return self.times > 1 or self.n is not None or self.down.widens

    def select(self, forest: Forest, trees: Sequence[LiveTree]) -> list[Leaf | Way]:
        """The next node of each tree's way, or the way where it is over; none while one of the tree is in work."""
        under_way = [live for live in trees if live.idle and live.way]
        fresh = [live for live in trees if live.idle and not live.way]
        chosen: list[Leaf | Way] = [self._on(forest, live) for live in under_way]
        for leaf in self.down.select(forest, fresh):
            if leaf.live.tree.nodes[leaf.node].ended:
                forest.cancel_batch([leaf.ticket])
                chosen.append(Way(leaf.live, (leaf.node,), counts=self.ends == "follow"))
            else:
                leaf.live.way, leaf.live.ways = [leaf.node], 1
                chosen.append(leaf)
        return chosen

    def _on(self, forest: Forest, live: LiveTree) -> Leaf | Way:
        """Goes one step on, or ends the way."""
        nodes, way = live.tree.nodes, live.way
        ahead = [nodes[child] for child in nodes[way[-1]].children]
        ahead = [child for child in ahead if child.acts and child.failure is None]
        if ahead:
            way.append(self._followed(live, ahead).id)
        last = nodes[way[-1]]
        if not ahead or last.ended or (self.steps is not None and len(way) > self.steps + 1):
            again = live.ways < self.times and any(not nodes[child].ended for child in nodes[way[0]].children)
            live.way, live.ways = [way[0]] if again else [], live.ways + 1
            return Way(live, tuple(way))
        live.ahead[last.id] += self.n is not None
        (leaf,) = reserved(forest, [(live, last.id)])
        return replace(leaf, n=self.n)

    def _followed(self, live: LiveTree, children: Sequence[Node]) -> Node:
        ends = [child for child in children if child.terminated]
        first = len(live.way) == 1
        if ends and self.ends == "first" and not first:
            return max(ends, key=lambda end: (end.worth, -end.id))
        if self.ends == "skip":
            children = [child for child in children if not child.ended] or children
        if self.follow == "drawn":
            rng = random.Random(live.seed + live.expansions.total() + live.ways)
            return rng.choices(children, [child.multiplicity for child in children])[0]
        if self.follow == "prior":
            return max(children, key=lambda child: (child.prior, -child.id))
        return max(children, key=lambda child: (0.0 if first and child.terminated else child.worth, -child.id))
