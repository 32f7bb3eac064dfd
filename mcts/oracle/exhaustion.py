"""What is left to visit, and what is known for certain (MCTS-Solver: Winands, Bjornsson & Saito 2008)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import numpy as np

from ..settings import Settings
from .backup import Returns
from .nodes import Node, Tree


class Exhaustion:
    """Keeps the flags EXHAUSTED, PROVEN and COMPLETE of the nodes of trees."""

    def __init__(self, settings: Settings, returns: Returns) -> None:
        self._solver = settings.solver
        self._widens = settings.widens
        self._high = np.float32(settings.value_range[1])
        self._returns = returns

    def finish(self, tree: Tree, node: Node, value: np.float32) -> None:
        """A terminal node has been visited."""
        node.exhausted = True
        if self._solver and not node.proven:
            self._prove(tree, node, value)
        self._look_at(tree, node.parents())

    def complete(self, tree: Tree, node: Node) -> None:
        """A node gets no further children."""
        node.complete = True
        if node.children:
            self._look_at(tree, [node])
        else:
            node.exhausted = True
            self._look_at(tree, node.parents())

    def reopen(self, tree: Tree, node: Node, made: list[Node]) -> None:
        """A node has new children: it has something left to visit, and so has everything above it."""
        node.complete = False
        above = deque([node])
        while above:
            opened = above.popleft()
            opened.exhausted = False
            if opened.proven:
                opened.proven = False
                if opened.visits > 0:
                    self._returns.show(opened)
            above.extend(opened.parents())
        if any(child.real.exhausted for child in made):  # links to what has been visited already
            self._look_at(tree, [node])

    def _look_at(self, tree: Tree, nodes: Iterable[Node]) -> None:
        """Flags nodes of which it has become true, and then looks at their parents."""
        waiting = deque(nodes)
        while waiting:
            node = waiting.popleft()
            if self._examine(tree, node):
                waiting.extend(node.parents())

    def _examine(self, tree: Tree, node: Node) -> bool:
        """Whether a node with children has changed."""
        proven = [child.q for child in node.children if child.real.proven]
        done = all(child.real.exhausted for child in node.children) and (node.complete or not self._widens)
        if self._solver and proven and (max(proven) >= self._high or (done and len(proven) == len(node.children))):
            return self._prove(tree, node, max(proven))
        changed = done and not node.exhausted
        node.exhausted |= done
        return changed

    def _prove(self, tree: Tree, node: Node, worth: np.float32) -> bool:
        q = self._returns.worth(node, worth)
        if node.proven and node.q == q:
            return False
        node.proven = node.exhausted = True
        node.q = q
        node.share_q()
        tree.take_in(q)
        return True
