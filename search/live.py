"""A task while it is being searched: its tree, its ledger, and how the tree's nodes are known to the forest."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..domains.protocol import Task
from .ledger import Ledger
from .operators import Operator
from .shown import Source
from .tree import ROOT, Node, Tree


@dataclass(frozen=True, slots=True)
class Due:
    """A piece of a stage's work: the node, who works on it, and what else is shown."""

    node: int
    operator: Operator
    sources: tuple[Source, ...]


@dataclass(slots=True, eq=False)
class LiveTree:
    """One task in work.

    Attributes:
        forest_tree: the tree's id in the forest.
        forest_node: the forest's node id by index in `tree.nodes`; `index_of` is its inverse.
        unscored: new children that wait for the value model, as (node, ticket).
        keys: of nodes that may be widened: the child that stands for each state key.
        expansions: how often a node was handed out for expansion; it varies the request's seed.
        frontier, level: what level-by-level selection still has to expand; where a thread is, and by which transition.
        way: the nodes of the way that a simulation is on.
        ways: ways from the present leaf, this one included.
        ahead: how often a node was expanded only to look ahead, which is no expansion of its own.
        places: where a population stands: a node as often as it has members there.
        reflected: ends that a reflection was asked for.
        start: the node from which descents of a nested search go.
        seen: nodes that a frontier or chain has looked at, which is how it knows the new ones.
        stage: how many stages of a schedule have begun.
        since: the first node that the current stage made.
        due: what is left to do of it.
        closing: why the search had stopped when its closing stages began; None before.
        dropped: proposals dropped, by reason; and trials given up past a deadline, as "late".
        late: how often a node's trial was given up past a deadline.
        failed_in_a_row: trials that failed since the last one that did not.
        stopped: why no more leaves are selected; None while the search goes on.
    """

    task: Task
    tree: Tree
    ledger: Ledger
    forest_tree: int
    forest_node: list[int]
    index_of: dict[int, int]
    seed: int
    unscored: deque[tuple[int, int]] = field(default_factory=deque)
    keys: dict[int, dict[str, int]] = field(default_factory=dict)
    expansions: Counter[int] = field(default_factory=Counter)
    frontier: list[int] = field(default_factory=lambda: [ROOT])
    level: int = 0
    way: list[int] = field(default_factory=list)
    ways: int = 0
    ahead: Counter[int] = field(default_factory=Counter)
    places: list[int] = field(default_factory=lambda: [ROOT])
    reflected: set[int] = field(default_factory=set)
    start: int = ROOT
    seen: int = 1
    stage: int = 0
    since: int = 1
    due: deque[Due] = field(default_factory=deque)
    closing: str | None = None
    dropped: Counter[str] = field(default_factory=Counter)
    late: Counter[int] = field(default_factory=Counter)
    failed_in_a_row: int = 0
    stopped: str | None = None

    @property
    def idle(self) -> bool:
        """Whether nothing is in flight and nothing waits to be scored."""
        return self.ledger.in_flight == 0 and not self.unscored

    def know(self, nodes: Sequence[Node], forest_nodes: Sequence[int]) -> None:
        """Notes the forest's ids of the tree's newest nodes."""
        for node, forest_node in zip(nodes, forest_nodes, strict=True):
            self.forest_node.append(forest_node)
            self.index_of[forest_node] = node.id
