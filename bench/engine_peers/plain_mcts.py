"""MCTS as one would write it first: a node object, UCT, one request after the other."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from engine_peers.asking import Asking, Blocking, Lines

N = 4


@dataclass
class _Node:
    lines: Lines
    parent: _Node | None = None
    children: list[_Node] = field(default_factory=list)
    visits: int = 0
    total: float = 0.0

    def uct(self) -> float:
        """UCT: mean + sqrt(2 ln(parent's visits) / visits)."""
        assert self.parent is not None
        return self.total / self.visits + math.sqrt(2.0 * math.log(self.parent.visits) / self.visits)


async def _search(asking: Asking, proposals: int) -> None:
    root = _Node(())
    while asking.proposals < proposals:
        node = root
        while node.children:
            node = max(node.children, key=_Node.uct)
        drawn = await asking.lines(node.lines, min(N, proposals - asking.proposals))
        node.children = [_Node((*node.lines, line), node) for line in drawn]
        values = await asking.values([child.lines for child in node.children])
        for child, value in zip(node.children, values, strict=True):
            at: _Node | None = child
            while at is not None:
                at.visits += 1
                at.total += value
                at = at.parent


def sequential(askings: list[Asking], proposals: int, blocking: Blocking) -> None:
    """Four proposals a node, task after task."""
    for asking in askings:
        blocking.wait(_search(asking, proposals))
