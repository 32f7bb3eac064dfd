"""Transitions: one thread of work, in which what was made last says who goes on from where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..mcts import Forest
from .legality import compiled
from .live import LiveTree
from .operators import Operator
from .selection import Leaf
from .shown import Source
from .tree import ROOT, Node, Tree


@dataclass(frozen=True, slots=True)
class Transition:
    """One transition of a state machine over kinds.

    Attributes:
        after: the kind of the node made last ("root" at the start).
        operator: who goes on.
        says: a regular expression that must be found in the node's text, upper and lower case alike.
        every: only where so many nodes of this kind were made since the last one that does not act.
        at: the kind of the nearest node above where it goes on; "" goes on at the node itself.
        shows: kinds of the nodes on the way that the operator is shown.
        nearest: show at most so many of these, the nearest.
        folds: kinds among them that stand for the path up to them.
    """

    after: str
    operator: Operator
    says: str = ""
    every: int = 1
    at: str = ""
    shows: tuple[str, ...] = ()
    nearest: int | None = None
    folds: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        compiled(self.says)
        if self.every < 1:
            raise ValueError(f"every is a number of nodes and at least 1, not {self.every}")

    def fits(self, tree: Tree, node: Node) -> bool:
        """Whether this transition follows a node."""
        if node.kind != self.after or compiled(f"(?i:{self.says})").search(node.text) is None:
            return False
        return self.every == 1 or _since_text(tree, node) % self.every == 0

    def place(self, tree: Tree, node: Node) -> int:
        """Where the operator works."""
        way = tree.path(node.id)
        return next((above.id for above in reversed(way) if above.kind == self.at), ROOT) if self.at else node.id

    def sources(self, tree: Tree, node: Node) -> tuple[Source, ...]:
        """What it is shown."""
        way = [above for above in tree.path(node.id) if above.kind in self.shows][-(self.nearest or 0) :]
        return tuple(Source(above.id, folds=above.kind in self.folds) for above in way)


@dataclass(frozen=True, slots=True)
class Transitions:
    """One thread: of what was made last, the child of the highest value, then prior, decides by the first
    fitting transition.

    Where nothing fits, the search ends as "settled". Where a thread came to an end or to nothing, another starts at the
    root, until the budget ends.

    Attributes:
        transitions: tried in this order.
    """

    widens: ClassVar[bool] = True
    transitions: tuple[Transition, ...]

    @property
    def operators(self) -> tuple[Operator, ...]:
        """All operators that may go on."""
        return tuple(transition.operator for transition in self.transitions)

    def select(self, forest: Forest, trees: Sequence[LiveTree]) -> list[Leaf]:
        """The next leaf of each tree; none while one of the tree is in work."""
        chosen: list[tuple[LiveTree, int, Transition, tuple[Source, ...]]] = []
        for live in trees:
            if not live.idle:
                continue
            node = self._newest(live)
            fitting = (number for number, one in enumerate(self.transitions) if one.fits(live.tree, node))
            number = next(fitting, None)
            if number is None:
                live.stopped = "settled"
                continue
            live.level, transition = number, self.transitions[number]
            at = transition.place(live.tree, node)
            live.frontier, live.seen = [at], len(live.tree.nodes)
            chosen.append((live, at, transition, transition.sources(live.tree, node)))
        tickets = forest.reserve_batch(np.array([live.forest_node[at] for live, at, _, _ in chosen], np.int32)).tolist()
        return [
            Leaf(live, at, ticket, transition.operator, sources)
            for (live, at, transition, sources), ticket in zip(chosen, tickets, strict=True)
        ]

    def _newest(self, live: LiveTree) -> Node:
        """The node that decides: the most promising of what was made last.

        Where nothing new was made, what is known goes on that was gone through least, so that another thread does not
        repeat the one before it.
        """
        root, children = live.tree.nodes[ROOT], _children(live)
        made = [node for node in children if node.id >= live.seen]
        if made:
            newest = max(made, key=lambda node: (node.worth, node.prior, -node.id))
        else:
            kind = self.transitions[live.level].operator.kind
            known = [node for node in children if node.kind == kind and not node.ended and node.failure is None]
            newest = min(known, key=lambda node: (live.expansions[node.id], -node.worth, -node.prior), default=root)
        return root if newest.ended or newest.failure is not None else newest


def _children(live: LiveTree) -> list[Node]:
    """The children of the node where the last operator worked."""
    return [live.tree.nodes[child] for child in live.tree.nodes[live.frontier[0]].children]


def _since_text(tree: Tree, node: Node) -> int:
    """Nodes of this node's kind on the way since the last one that does not act, itself counted."""
    count = 0
    for above in reversed(tree.path(node.id)):
        if not above.acts:
            break
        count += above.kind == node.kind
    return count
