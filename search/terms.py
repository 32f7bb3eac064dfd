"""Score terms: what speaks for going on at a node; a selection adds them up.

N is a node's visits, N_p its parent's (1 at the root), d its depth, v what the node itself is worth on the recipe's
scale (0 where nobody has said), Q the backed-up mean or maximum on that scale.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Protocol

from .standing import Standing
from .tree import Node


class Term(Protocol):
    """One addend of a node's score."""

    def __call__(self, seen: Standing, node: Node) -> float:
        """What it adds for a node."""
        ...


@dataclass(frozen=True, slots=True)
class Own:
    """weight * v."""

    weight: float = 1.0

    def __call__(self, seen: Standing, node: Node) -> float:
        """What it adds for a node."""
        return self.weight * seen.own(node)


@dataclass(frozen=True, slots=True)
class Mean:
    """weight * Q, and weight * v where the node was not visited."""

    weight: float = 1.0

    def __call__(self, seen: Standing, node: Node) -> float:
        """What it adds for a node."""
        return self.weight * (seen.scaled(seen.q[node.id]) if seen.visits[node.id] else seen.own(node))


@dataclass(frozen=True, slots=True)
class Onward:
    """Q less the sum of v over the nodes above, the root left out, and v where the node was not visited.

    With returns of "sum", each the sum of v over a whole path, that is the mean of what the path brought from the node
    on: RAP's Q(s, a).
    """

    def __call__(self, seen: Standing, node: Node) -> float:
        """What it adds for a node."""
        if not seen.visits[node.id]:
            return seen.own(node)
        return seen.q[node.id] - sum(above.worth for above in seen.tree.path(node.id)[1:-1])


@dataclass(frozen=True, slots=True)
class BelowMean:
    """V, where V of a node is the sum of N_i V_i over its visited children by the sum of N_i (ReST-MCTS*), and what was
    brought back first, or v, where it has none.
    """

    def __call__(self, seen: Standing, node: Node) -> float:
        """What it adds for a node."""
        visited = [child for child in seen.children(node) if seen.visits[child.id]]
        if not visited:
            return seen.scaled(seen.q[node.id]) if seen.visits[node.id] else seen.own(node)
        total = sum(seen.visits[child.id] for child in visited)
        return sum(seen.visits[child.id] * self(seen, child) for child in visited) / total


@dataclass(frozen=True, slots=True)
class Explore:
    """c * sqrt(ln N_p / max(N, least)); `unvisited` where that divides by 0.

    Attributes:
        least: visits that a node counts as at least.
    """

    c: float = math.sqrt(2)
    least: int = 0
    unvisited: float = math.inf

    def __call__(self, seen: Standing, node: Node) -> float:
        """What it adds for a node."""
        parent = seen.parent(node)
        above = 1 if parent is None else max(seen.visits[parent.id], 1)
        visits = max(seen.visits[node.id], self.least)
        return self.c * math.sqrt(math.log(above) / visits) if visits else self.unvisited


@dataclass(frozen=True, slots=True)
class DepthBonus:
    """factor * exp(-rate * (d - 1)), for nodes at depth `most` at most.

    Attributes:
        expanded: only for nodes that have children.
    """

    factor: float
    rate: float
    most: int | None = None
    expanded: bool = False

    def __call__(self, seen: Standing, node: Node) -> float:
        """What it adds for a node."""
        if (self.most is not None and node.depth > self.most) or (self.expanded and not seen.children(node)):
            return 0.0
        return self.factor * math.exp(-self.rate * (node.depth - 1))


@dataclass(frozen=True, slots=True)
class DepthCost:
    """-weight * d^power."""

    weight: float
    power: float = 0.5

    def __call__(self, seen: Standing, node: Node) -> float:  # noqa: ARG002
        """What it adds for a node."""
        return float(-self.weight * node.depth**self.power)


@dataclass(frozen=True, slots=True)
class GoodLeaf:
    """bonus, for a node without children whose v is at least `good`."""

    bonus: float
    good: float

    def __call__(self, seen: Standing, node: Node) -> float:
        """What it adds for a node."""
        return self.bonus if not seen.children(node) and seen.own(node) >= self.good else 0.0


@dataclass(frozen=True, slots=True)
class BadChild:
    """factor * (v - v_c), for a node with v >= `good` whose only child, of one of `kinds`, has v_c <= `bad`.

    Attributes:
        kinds: first words of actions; none of them stands for all.
    """

    factor: float
    good: float
    bad: float
    kinds: tuple[str, ...] = ()

    def __call__(self, seen: Standing, node: Node) -> float:
        """What it adds for a node."""
        children = seen.children(node)
        if len(children) != 1 or (worth := seen.worth(children[0])) is None:
            return 0.0
        if seen.own(node) < self.good or worth > self.bad or (self.kinds and action(children[0]) not in self.kinds):
            return 0.0
        return self.factor * (seen.own(node) - worth)


@dataclass(frozen=True, slots=True)
class GoodChild:
    """-cost, for a node with a child whose v is at least `good`.

    Attributes:
        own: only where the node's own v is at least this; None asks nothing of it.
    """

    cost: float
    good: float
    own: float | None = None

    def __call__(self, seen: Standing, node: Node) -> float:
        """What it adds for a node."""
        if self.own is not None and seen.own(node) < self.own:
            return 0.0
        return -self.cost if any(seen.own(child) >= self.good for child in seen.children(node)) else 0.0


@dataclass(frozen=True, slots=True)
class GoodParent:
    """factor * (good - v), for a node without children with v <= `bad` whose parent's v is above `good`.

    Attributes:
        unvalued: whether a parent that nobody has valued does as well.
    """

    factor: float
    good: float
    bad: float
    unvalued: bool = False

    def __call__(self, seen: Standing, node: Node) -> float:
        """What it adds for a node."""
        parent = seen.parent(node)
        if parent is None or seen.children(node) or seen.own(node) > self.bad:
            return 0.0
        above = seen.worth(parent)
        good = self.unvalued if above is None else above > self.good
        return self.factor * (self.good - seen.own(node)) if good else 0.0


@dataclass(frozen=True, slots=True)
class Finished:
    """-cost, for a node above an end whose v is at least `good`.

    Attributes:
        answered: only for nodes that have an answer themselves: with a patch, where answers are patches.
    """

    cost: float
    good: float
    answered: bool = False

    def __call__(self, seen: Standing, node: Node) -> float:
        """What it adds for a node."""
        if self.answered and node.answer is None:
            return 0.0
        done = any(below.terminated and seen.own(below) >= self.good for below in seen.below(node))
        return -self.cost if done else 0.0


@dataclass(frozen=True, slots=True)
class Correction:
    """bonus / (1 + children^2), for a node whose visible checks fail where its parent's do not, or say nothing."""

    bonus: float

    def __call__(self, seen: Standing, node: Node) -> float:
        """What it adds for a node."""
        parent = seen.parent(node)
        if not _fails(node) or (parent is not None and _fails(parent)):
            return 0.0
        return self.bonus / (1 + len(seen.children(node)) ** 2)


@dataclass(frozen=True, slots=True)
class Repeats:
    """-duplicates * r^2 - alike * sum of (m - 1)^2, for a node of whose proposals r came again, the sum going over the
    first words of its children, with which m of them begin each.
    """

    duplicates: float
    alike: float

    def __call__(self, seen: Standing, node: Node) -> float:
        """What it adds for a node."""
        children = seen.children(node)
        again = sum(child.multiplicity - 1 for child in children)
        kinds = Counter(action(child) for child in children)
        return -self.duplicates * again**2 - self.alike * sum((count - 1) ** 2 for count in kinds.values())


@dataclass(frozen=True, slots=True)
class Diversity:
    """weight * (1 - s), s the mean likeness of a node's answer to the answers of all other expanded nodes; weight where
    there are none, 0 for a node without an answer.

    The likeness of two answers is 0.4 J + 0.6 R: J the Jaccard index of the files that they name in lines of a diff
    (+++ FILE), 0 where neither names one, R difflib's ratio of their texts (SWE-Search's code has 0.4 and 0.4, and 0.2
    for the spans of files that were looked at, which an answer does not tell).
    """

    weight: float

    def __call__(self, seen: Standing, node: Node) -> float:
        """What it adds for a node."""
        if node.answer is None:
            return 0.0
        others = [n for n in seen.tree.nodes if n.id != node.id and n.answer is not None and seen.children(n)]
        if not others:
            return self.weight
        mean = sum(likeness(*sorted((node.answer, other.answer or ""))) for other in others) / len(others)
        return self.weight * (1 - mean)


@lru_cache(maxsize=1 << 14)
def likeness(one: str, other: str) -> float:
    """How alike two answers are, in [0, 1]; see `Diversity`."""
    files = [{line[4:] for line in text.splitlines() if line.startswith("+++ ")} for text in (one, other)]
    either = files[0] | files[1]
    jaccard = len(files[0] & files[1]) / len(either) if either else 0.0
    return 0.4 * jaccard + 0.6 * SequenceMatcher(None, one, other).ratio()


@dataclass(frozen=True, slots=True)
class Prior:
    """weight * P * sqrt(N_p) / (1 + N): PUCT's exploration, P being the policy's probability among the siblings."""

    weight: float

    def __call__(self, seen: Standing, node: Node) -> float:
        """What it adds for a node."""
        parent = seen.parent(node)
        above = 1 if parent is None else seen.visits[parent.id]
        return self.weight * node.prior * math.sqrt(above) / (1 + seen.visits[node.id])


def action(node: Node) -> str:
    """The first word of an action: what kind of action it is."""
    return node.text.split(maxsplit=1)[0].lower() if node.text.strip() else ""


def _fails(node: Node) -> bool:
    return node.checked is not None and node.checked < 1
