"""PUCT as one would write it in plain Python: an object a node, a loop over its children."""

from __future__ import annotations

import math


class Node:
    """A node of a search tree."""

    __slots__ = ("children", "key", "parent", "prior", "value_sum", "visits")

    def __init__(self, parent: Node | None, prior: float, key: int) -> None:
        self.parent = parent
        self.prior = prior
        self.key = key
        self.children: list[Node] = []
        self.visits = 0
        self.value_sum = 0.0


def select(node: Node, c: float) -> Node:
    """The leaf that PUCT descends to; an unvisited child shows its parent's mean."""
    while node.children:
        weight = c * math.sqrt(max(node.visits, 1))
        urgency = node.value_sum / node.visits
        best, chosen = -math.inf, node
        for child in node.children:
            q = child.value_sum / child.visits if child.visits else urgency
            score = q + weight * child.prior / (1 + child.visits)
            if score > best:
                best, chosen = score, child
        node = chosen
    return node


def expand(node: Node, priors: list[float], keys: list[int]) -> None:
    """Gives a leaf its children."""
    node.children = [Node(node, prior, key) for prior, key in zip(priors, keys, strict=True)]


def back_up(leaf: Node, value: float) -> None:
    """Adds a value to the leaf and all above it."""
    node: Node | None = leaf
    while node is not None:
        node.visits += 1
        node.value_sum += value
        node = node.parent


def mean_depth(roots: list[Node]) -> float:
    """Mean depth of the nodes that have been given children."""
    nodes = depths = depth = 0
    level = [root for root in roots if root.children]
    while level:
        nodes += len(level)
        depths += depth * len(level)
        depth += 1
        level = [child for node in level for child in node.children if child.children]
    return depths / nodes
