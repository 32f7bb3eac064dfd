"""Selection: which leaf of a tree is worked on next. Selection reads statistics and writes none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

import numpy as np

from ..mcts import PUCT, Forest, Rule
from .live import LiveTree


@dataclass(frozen=True, slots=True)
class Leaf:
    """A reserved visit: the tree, the node's index in it, and the forest's ticket."""

    live: LiveTree
    node: int
    ticket: int


class Selection(Protocol):
    """A way to select leaves.

    Attributes:
        widens: a node may be selected again after it has been expanded.
    """

    widens: ClassVar[bool]

    def select(self, forest: Forest, trees: Sequence[LiveTree]) -> list[Leaf]:
        """Reserves at most one leaf in each of `trees`; a tree without a leaf for now has none in the answer."""
        ...


@dataclass(frozen=True, slots=True)
class Descent:
    """From the root down by a rule until a leaf: Monte Carlo tree search."""

    widens: ClassVar[bool] = False
    rule: Rule = field(default_factory=PUCT)

    def select(self, forest: Forest, trees: Sequence[LiveTree]) -> list[Leaf]:
        """One descent a tree, all in one call of the forest."""
        by_id = {live.forest_tree: live for live in trees}
        rows = forest.select_batch(np.fromiter(by_id, np.int32, len(by_id)), 1)
        leaves = []
        for tree, node, ticket in zip(rows.tree.tolist(), rows.node.tolist(), rows.ticket.tolist(), strict=True):
            live = by_id[tree]
            leaves.append(Leaf(live, live.index_of[node], ticket))
        return leaves


@dataclass(frozen=True, slots=True)
class RootOnly:
    """Always the root: independent whole solutions."""

    widens: ClassVar[bool] = True

    def select(self, forest: Forest, trees: Sequence[LiveTree]) -> list[Leaf]:
        """One more expansion of each root."""
        return _reserve(forest, [(live, 0) for live in trees])


@dataclass(frozen=True, slots=True)
class Beam:
    """Level by level: the `width` best states of a level are expanded once the whole level above is scored."""

    widens: ClassVar[bool] = False
    width: int = 4

    def __post_init__(self) -> None:
        if self.width < 1:
            raise ValueError(f"width is the number of states kept a level and at least 1, not {self.width}")

    def select(self, forest: Forest, trees: Sequence[LiveTree]) -> list[Leaf]:
        """The next state of each tree's level; none while the level is unfinished."""
        chosen = []
        for live in trees:
            if not live.frontier and live.idle:
                self._next_level(live)
            if live.frontier:
                chosen.append((live, live.frontier.pop(0)))
        return _reserve(forest, chosen)

    def _next_level(self, live: LiveTree) -> None:
        nodes = live.tree.nodes
        live.level += 1
        level = [node for node in nodes if node.depth == live.level and not node.ended and node.failure is None]
        level.sort(key=lambda node: (-node.worth, node.id))
        live.frontier = [node.id for node in level[: self.width]]


def _reserve(forest: Forest, chosen: Sequence[tuple[LiveTree, int]]) -> list[Leaf]:
    tickets = forest.reserve_batch(np.array([live.forest_node[node] for live, node in chosen], np.int32))
    return [Leaf(live, node, ticket) for (live, node), ticket in zip(chosen, tickets.tolist(), strict=True)]
