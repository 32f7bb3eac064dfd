"""Best first: one frontier for the whole tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..fields import MAX_CHILDREN, MAX_MAGNITUDE
from .base import Rule


@dataclass(frozen=True, slots=True)
class BestFirst(Rule):
    """Best-first search (Koh et al. 2024) with additive terms in the manner of SWE-Search (Antoniades et al. 2024).

    score(x) = v + depth * d(x) + siblings * b(x) + duplicates * h(x), where v is the value last given at the node, its
    Q if none was; d its depth; b how many of its siblings have children; h how many nodes of the tree with its state
    hash were made before it. float32, in the order written.

    There is no descent: the highest score among all nodes that may get children is next. These are the nodes that are
    not exhausted or complete, no terminal ones that have been visited, childless ones without a ticket out, and others
    while children + tickets out on them < `children`. Of equal scores the one that has waited longest wins: since it
    was made, or since a ticket on it was last consumed.

    Attributes:
        depth: per edge to the root, at most 1e9 in magnitude like the next two.
        siblings: per sibling that has children.
        duplicates: per earlier node with the same state hash.
        children: children that a node may get, in [1, 65535], in one expansion or several.

    Raises:
        InvalidInput: a number out of range.
    """

    KIND: ClassVar[str] = "best_first"
    depth: float = 0.0
    siblings: float = 0.0
    duplicates: float = 0.0
    children: int = 1

    def __post_init__(self) -> None:
        for name in ("depth", "siblings", "duplicates"):
            self._check_number(name, -MAX_MAGNITUDE, MAX_MAGNITUDE)
        self._check_integer("children", 1, MAX_CHILDREN)

    @property
    def widens(self) -> bool:
        """A node gets further children if it may have more than one."""
        return self.children > 1

    def score(self, value: np.float32, depth: int, siblings: int, duplicates: int) -> np.float32:
        """The score of a node, with so many siblings that have children and so many earlier duplicates."""
        score = value + np.float32(self.depth) * np.float32(depth)
        score = score + np.float32(self.siblings) * np.float32(siblings)
        return score + np.float32(self.duplicates) * np.float32(duplicates)
