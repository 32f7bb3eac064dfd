"""Selection: which leaf of a tree is worked on next. Selection reads statistics and writes none."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal, Protocol

import numpy as np

from ..mcts import PUCT, Forest, Rule
from .live import LiveTree
from .operators import Operator
from .shown import Source
from .tree import ROOT, Node, Tree


@dataclass(frozen=True, slots=True)
class Leaf:
    """A reserved visit: the tree, the node's index in it, and the forest's ticket.

    A schedule also says which operator works on the leaf (None: the recipe's for its kind), what else it is shown, and
    how many proposals `n` it draws (None: as many as the operator says).
    """

    live: LiveTree
    node: int
    ticket: int
    operator: Operator | None = None
    sources: tuple[Source, ...] = ()
    n: int | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """A way through a tree that is over, from the leaf that was selected to its last node: nothing is asked for it, and
    the recipe's `returns` say what it brings back, at once. One that does not count brings nothing: its last node, an
    end, is passed over from then on.
    """

    live: LiveTree
    nodes: tuple[int, ...]
    counts: bool = True


class Selection(Protocol):
    """A way to select leaves; one that goes on from others is a dataclass with these as fields (see `Recipe.rule`)."""

    @property
    def widens(self) -> bool:
        """Whether a node may be selected again after it has been expanded."""
        ...

    def select(self, forest: Forest, trees: Sequence[LiveTree]) -> Sequence[Leaf | Way]:
        """Reserves at most one leaf in each of `trees`; a tree without a leaf for now has none in the answer."""
        ...


@dataclass(frozen=True, slots=True)
class Descent:
    """From the root down by a rule until a leaf, or until a rule that widens wants another child: Monte Carlo tree
    search.
    """

    rule: Rule = field(default_factory=PUCT)

    @property
    def widens(self) -> bool:
        """Whether the rule adds children to nodes that have some."""
        return self.rule.widens

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
        return reserved(forest, [(live, 0) for live in trees])


@dataclass(frozen=True, slots=True)
class Beam:
    """Level by level: the `width` best states of a level are expanded once the whole level above is scored.

    Attributes:
        width: states of a level that are kept, in each subtree.
        subtrees: the root's children are parted, in their order, into so many groups of equal size (or one less), and
            what grows from a group competes with nothing outside it (DVTS, Beeching et al. 2024).
    """

    widens: ClassVar[bool] = False
    width: int = 4
    subtrees: int = 1

    def __post_init__(self) -> None:
        if self.width < 1:
            raise ValueError(f"width is the number of states kept a level and at least 1, not {self.width}")
        if self.subtrees < 1:
            raise ValueError(f"subtrees is a number of groups and at least 1, not {self.subtrees}")

    def select(self, forest: Forest, trees: Sequence[LiveTree]) -> list[Leaf]:
        """The next state of each tree's level; none while the level is unfinished."""
        chosen = []
        for live in trees:
            if not live.frontier and live.idle:
                self._next_level(live)
            if live.frontier:
                chosen.append((live, live.frontier.pop(0)))
        return reserved(forest, chosen)

    def _next_level(self, live: LiveTree) -> None:
        nodes = live.tree.nodes
        live.level += 1
        # Among many subtrees one whose best state is an end has come to its own.
        level = [n for n in nodes if n.depth == live.level and n.failure is None and (self.subtrees > 1 or not n.ended)]
        level.sort(key=lambda node: (-node.worth, node.id))
        kept: Counter[int] = Counter()
        for node in level:
            group = self._group(live.tree, node)
            if kept[group] < self.width:
                kept[group] += 1
                live.frontier += [] if node.ended else [node.id]

    def _group(self, tree: Tree, node: Node) -> int:
        """Which of the root's children's groups a node comes from."""
        if self.subtrees == 1:
            return 0
        roots = tree.nodes[ROOT].children
        return roots.index(tree.path(node.id)[1].id) * self.subtrees // len(roots)


@dataclass(frozen=True, slots=True)
class Frontier:
    """One leaf after the other from a stack, a queue or a heap of all that was made, hopeless ones left out.

    New nodes go on the frontier in their order, so that the first one made is the first one taken. A node that has
    been valued is left out when it comes `max_rounds` attempts or more below the root, when its value is below that of
    the attempt before it, or when both are equal and it is deeper than the value model has patience: more than
    5 s attempts, s being the model's score in [0, 1] (CodeTree's critic gives 0 to 5; Li et al. 2025).

    Attributes:
        order: "depth" takes the newest first (a stack), "breadth" the oldest (a queue), "best" the one of the highest
            value (a heap): its own, or its parent's as long as nobody has looked at it; then of the highest prior.
        width: children of a node that go on the frontier, the likeliest first; None takes all of them.
        max_rounds: attempts below each other; None leaves no node out for its attempts.
        trust: the recipe's weight of the model's score, from which s is had back; 0 where no model is asked, and equal
            values then end a branch.
        floor: a value that a node must exceed to be worked on; None asks for none (Tree of Thoughts' v_th).
        ranked: children go on the frontier by their value, so that the best one is the first taken, and not by their
            order.
        untried: with "best", the value of the root's children while nobody has looked at them; None takes the root's.
    """

    widens: ClassVar[bool] = False
    order: Literal["depth", "breadth", "best"] = "depth"
    max_rounds: int | None = 3
    trust: float = 0.0
    width: int | None = None
    floor: float | None = None
    ranked: bool = False
    untried: float | None = None

    def __post_init__(self) -> None:
        if self.order not in ("depth", "breadth", "best"):
            raise ValueError(f"order is 'depth', 'breadth' or 'best', not {self.order!r}")
        if self.width is not None and self.width < 1:
            raise ValueError(f"width is a number of children and at least 1, not {self.width}")
        if self.max_rounds is not None and self.max_rounds < 1:
            raise ValueError(f"max_rounds is a number of attempts and at least 1, not {self.max_rounds}")

    def select(self, forest: Forest, trees: Sequence[LiveTree]) -> list[Leaf]:
        """The next leaf of each tree; none while one of the tree is in work."""
        chosen = []
        for live in trees:
            if not live.idle:
                continue
            self._take_in(live)
            if live.frontier:
                chosen.append((live, live.frontier.pop(self._next(live))))
        return reserved(forest, chosen)

    def _next(self, live: LiveTree) -> int:
        """Which place of the frontier is next."""
        if self.order != "best":
            return -1 if self.order == "depth" else 0
        nodes = live.tree.nodes

        def promise(place: int) -> tuple[float, float, int]:
            node = nodes[live.frontier[place]]
            known = node if node.value is not None or node.id == ROOT else nodes[node.parent]
            value = self.untried if known.id == ROOT and node is not known else None
            return _value(known) if value is None else value, node.prior, -node.id

        return max(range(len(live.frontier)), key=promise)

    def _take_in(self, live: LiveTree) -> None:
        nodes = live.tree.nodes
        fresh = [
            n.id
            for n in nodes[live.seen :]
            if not n.ended and n.failure is None and self.keeps(live.tree, n) and self._likely(live.tree, n)
        ]
        if self.ranked:
            fresh.sort(key=lambda node: (-_value(nodes[node]), node))
        live.frontier += fresh[::-1] if self.order == "depth" else fresh
        live.seen = len(nodes)

    def _likely(self, tree: Tree, node: Node) -> bool:
        """Whether a node is among the likeliest `width` of its siblings; of equal ones the first made go before."""
        if self.width is None:
            return True
        siblings = [tree.nodes[child] for child in tree.nodes[node.parent].children]
        return sum((other.prior, -other.id) > (node.prior, -node.id) for other in siblings) < self.width

    def keeps(self, tree: Tree, node: Node) -> bool:
        """Whether a new node is worth work."""
        if self.floor is not None and _value(node) <= self.floor:
            return False
        if node.checked is None or self.max_rounds is None:
            return True
        attempts = [above for above in tree.path(node.id) if above.checked is not None]
        if len(attempts) >= self.max_rounds:
            return False
        if len(attempts) == 1 or _value(node) > _value(attempts[-2]):
            return True
        if _value(node) < _value(attempts[-2]) or self.trust == 0:
            return False
        score = (_value(node) - (1 - self.trust) * node.checked) / self.trust
        return len(attempts) <= 5 * score


@dataclass(frozen=True, slots=True)
class Chain:
    """Attempts that follow each other: the newest one is bettered until `length` of them stand below each other.

    Then, and where an attempt led nowhere, another chain starts at the root, or at the checks that were written there.

    Attributes:
        length: attempts in one chain.
    """

    widens: ClassVar[bool] = True
    length: int = 4

    def __post_init__(self) -> None:
        if self.length < 1:
            raise ValueError(f"length is a number of attempts and at least 1, not {self.length}")

    def select(self, forest: Forest, trees: Sequence[LiveTree]) -> list[Leaf]:
        """The end of each tree's chain, or where another starts; none while an attempt is in work."""
        return reserved(forest, [(live, self._next(live)) for live in trees if live.idle])

    def _next(self, live: LiveTree) -> int:
        nodes = live.tree.nodes
        newest = nodes[-1]
        fresh, live.seen = live.seen < len(nodes), len(nodes)
        attempts = sum(above.checked is not None for above in live.tree.path(newest.id))
        if fresh and not newest.ended and newest.failure is None and attempts < self.length:
            return newest.id
        return next((node.id for node in nodes if node.kind == "checks"), ROOT)


@dataclass(frozen=True, slots=True)
class Walk:
    """One way after the other, from the root to an end, each child drawn by its prior to the power of 1 / temperature.

    What was expanded on an earlier way is walked over without being asked for again.

    Attributes:
        temperature: 0 takes the likeliest child, and one way is all.
        tries: ways that may lead to known ends in a row before the tree is given up.
        retries: times that a node is asked again when none of its proposals was a step.
    """

    widens: ClassVar[bool] = False
    temperature: float = 1.0
    tries: int = 64
    retries: int = 0

    def __post_init__(self) -> None:
        if self.temperature < 0 or self.tries < 1:
            raise ValueError(f"temperature is at least 0 and tries at least 1, not {self.temperature} and {self.tries}")

    def select(self, forest: Forest, trees: Sequence[LiveTree]) -> list[Leaf]:
        """The end of each tree's way so far, or where another one leaves what is known; none while it is in work."""
        found = [(live, self._next(live)) for live in trees if live.idle]
        return reserved(forest, [(live, node) for live, node in found if node is not None])

    def _next(self, live: LiveTree) -> int | None:
        rng = random.Random(live.seed + live.expansions.total())
        node: int | None = live.frontier[0]
        for _ in range(self.tries):
            while node is not None and not self._open(live, node):
                node = self._child(live, node, rng)
            if node is not None:
                live.frontier = [node]
                return node
            if self.temperature == 0:
                return None
            node = ROOT
        return None

    def _open(self, live: LiveTree, node: int) -> bool:
        """Whether a node is to be expanded: it was not, or in vain."""
        nodes, asked = live.tree.nodes, live.expansions[node]
        return asked == 0 or (not nodes[node].children and nodes[node].failure is None and asked <= self.retries)

    def _child(self, live: LiveTree, node: int, rng: random.Random) -> int | None:
        """The child to go on to; None where the way ends."""
        nodes = live.tree.nodes
        children = [nodes[child] for child in nodes[node].children]
        if not children:
            return None
        if self.temperature == 0:
            drawn = max(children, key=lambda child: (child.prior, -child.id))
        else:
            (drawn,) = rng.choices(children, [max(child.prior, 1e-30) ** (1 / self.temperature) for child in children])
        return None if drawn.ended or drawn.failure is not None else drawn.id


def _value(node: Node) -> float:
    return 0.0 if node.value is None else node.value


def reserved(forest: Forest, chosen: Sequence[tuple[LiveTree, int]]) -> list[Leaf]:
    """Leaves at nodes of one's own choice, a visit reserved at each."""
    tickets = forest.reserve_batch(np.array([live.forest_node[node] for live, node in chosen], np.int32))
    return [Leaf(live, node, ticket) for (live, node), ticket in zip(chosen, tickets.tolist(), strict=True)]
