"""What selection may know of a tree at one moment: its nodes, their visits and their q."""

from __future__ import annotations

from dataclasses import dataclass

from ..mcts import Forest
from ..mcts.fields import EXHAUSTED
from .live import LiveTree
from .tree import NO_PARENT, Node, Tree


@dataclass(frozen=True, slots=True)
class Standing:
    """The statistics of a tree's nodes, by node.

    Attributes:
        visits: completed visits.
        q: as the forest has it; without meaning where `visits` is 0.
        exhausted: nothing below is left to visit.
        scale: what the values 0 and 1 stand for in the terms of a recipe, so that a paper's constants can be kept.
    """

    tree: Tree
    visits: list[int]
    q: list[float]
    exhausted: list[bool]
    scale: tuple[float, float] = (0.0, 1.0)

    @classmethod
    def of(cls, forest: Forest, live: LiveTree, scale: tuple[float, float] = (0.0, 1.0)) -> Standing:
        """A live tree's statistics as they are now."""
        shot, count = forest.snapshot(live.forest_tree), len(live.tree.nodes)
        visits, q, exhausted = [0] * count, [0.0] * count, [False] * count
        for forest_node, n, value, flags in zip(
            shot.node.tolist(), shot.visits.tolist(), shot.q.tolist(), shot.flags.tolist(), strict=True
        ):
            node = live.index_of[forest_node]
            visits[node], q[node], exhausted[node] = n, value, bool(flags & EXHAUSTED)
        return cls(live.tree, visits, q, exhausted, scale)

    def own(self, node: Node) -> float:
        """What a node itself is worth, on the scale; 0 where nobody has said."""
        worth = self.worth(node)
        return 0.0 if worth is None else worth

    def worth(self, node: Node) -> float | None:
        """What a node itself is worth, on the scale; None where nobody has said."""
        if node.value is None and not (node.terminated and node.reward is not None):
            return None
        return self.scaled(node.worth)

    def scaled(self, value: float) -> float:
        """A value in [0, 1] on the scale: low + (high - low) value."""
        low, high = self.scale
        return low + (high - low) * value

    def children(self, node: Node) -> list[Node]:
        """The children that stand for states of their own."""
        return [self.tree.nodes[child] for child in node.children if self.tree.nodes[child].acts]

    def parent(self, node: Node) -> Node | None:
        """The node above; None at the root."""
        return None if node.parent == NO_PARENT else self.tree.nodes[node.parent]

    def below(self, node: Node) -> list[Node]:
        """All nodes below a node."""
        found = list(self.children(node))
        for child in found:
            found += self.children(child)
        return found
