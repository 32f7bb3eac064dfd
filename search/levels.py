"""Credit over levels of roles: what a node is worth by what was made below it."""

from __future__ import annotations

import math
from collections.abc import Callable

from .tree import ROOT, Node, Tree


def expectation(tree: Tree, worth: Callable[[Node], float] = lambda node: node.worth) -> dict[int, float]:
    """V of each node: its worth where nothing was made below it, else the mean of its children's V.

    So V(review) = mean over its refined solutions, V(solution) = mean over its reviews (MALT, Motwani et al. 2024),
    whatever their numbers. Nodes that failed, or came to nothing at a level above others' leaves, count as 0.

    Args:
        tree: a finished tree.
        worth: of a leaf; by the grade, for training.
    """
    depth = max(node.depth for node in tree.nodes)
    values: dict[int, float] = {}
    for node in reversed(tree.nodes):
        below = [values[child] for child in node.children]
        if below:
            values[node.id] = math.fsum(below) / len(below)
        else:
            values[node.id] = worth(node) if node.depth == depth and node.id != ROOT else 0.0
    return values
