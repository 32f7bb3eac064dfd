"""Returns: what a visit brings back to the nodes on its way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .tree import Node, Tree


@dataclass(frozen=True, slots=True)
class Returns:
    """What is backed up, and when.

    With "node" each node is a visit of its own as soon as it has a value. With the others nothing is backed up until a
    way is over (`treewright.search.simulation`), and then once, from its last node up:

    - "end": what the last node is worth.
    - "sum": the sum of what all nodes of its path below the root are worth (RAP's cumulative reward).
    - "best": (1 - share) v + share max(v'), v being the value of the way's second node, the first one that was made for
      it, and v' those of the nodes behind (ReST-MCTS*); backed up from that second node.

    Attributes:
        of: which of these.
        share: the weight of what was seen ahead, with "best", in [0, 1].
        failed: what an end of reward 0 brings, in place of 0.
        cut: what a way brings that stops before an end; None for what its last node is worth.
    """

    of: Literal["node", "end", "sum", "best"] = "node"
    share: float = 1.0
    failed: float | None = None
    cut: float | None = None

    def __post_init__(self) -> None:
        if self.of not in ("node", "end", "sum", "best"):
            raise ValueError(f"returns are of 'node', 'end', 'sum' or 'best', not {self.of!r}")
        if not 0 <= self.share <= 1:
            raise ValueError(f"share is a weight in [0, 1], not {self.share}")

    @property
    def at_once(self) -> bool:
        """Whether a node is visited as soon as it has a value."""
        return self.of == "node"

    def edge(self, node: Node) -> float:
        """The reward that the forest adds on the edge into a node."""
        if not self.at_once:
            return 0.0
        return self._paid(node) if node.terminated else node.reward or 0.0

    def way(self, tree: Tree, nodes: Sequence[int]) -> tuple[int, float]:
        """The node from which a way that is over is backed up, and what it brings.

        Args:
            nodes: from the leaf that was selected to where the way is over.
        """
        last = tree.nodes[nodes[-1]]
        if self.of == "sum":
            return last.id, sum(self._worth(node) for node in tree.path(last.id)[1:])
        if self.of == "best":
            first = tree.nodes[nodes[min(1, len(nodes) - 1)]]
            ahead = max((tree.nodes[node].worth for node in nodes[2:]), default=first.worth)
            return first.id, (1 - self.share) * first.worth + self.share * ahead
        return last.id, self._worth(last) if last.terminated or self.cut is None else self.cut

    def span(self, low: float, high: float, depth: int) -> tuple[float, float]:
        """The lowest and highest return, for values in [low, high] and paths of at most `depth` steps."""
        bounds = [low, high, *(bound for bound in (self.failed, self.cut) if bound is not None)]
        longest = depth if self.of == "sum" else 1
        return longest * min(bounds), longest * max(bounds)

    def _worth(self, node: Node) -> float:
        return self._paid(node) if node.terminated and node.reward is not None else node.worth

    def _paid(self, node: Node) -> float:
        return self.failed if node.reward == 0 and self.failed is not None else node.reward or 0.0
